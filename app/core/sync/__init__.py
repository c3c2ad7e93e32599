"""What to request from ClickUp next, and what to write: pagination, windows, plans, rate limit."""
