"""What workers do: jobs of the queue, webhook events, connected workspaces."""
