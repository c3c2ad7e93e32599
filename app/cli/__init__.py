"""The command `clickup-sync`: a module for each command, loaded when it is called."""
