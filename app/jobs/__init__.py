"""What the service runs: the leader of a workspace, queued runs, webhook events."""
