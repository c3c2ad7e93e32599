"""The simulated ClickUp does what the real one was seen to do."""
