"""What stands between a caller and every face over HTTP: who is let in, and how an error is told."""
