"""What runs while the service does: who leads, what waits to run, and what webhooks report."""
