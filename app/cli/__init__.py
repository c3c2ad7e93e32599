"""The command `clickup-sync`."""
