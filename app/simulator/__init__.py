"""A simulated ClickUp: an HTTP server with a workspace in memory, changes and faults on demand."""
