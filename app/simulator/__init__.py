"""A ClickUp to play with: an HTTP server over a workspace in memory, which changes and fails on demand."""
