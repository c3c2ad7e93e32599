"""What to ask ClickUp, and what to believe of its answers."""
