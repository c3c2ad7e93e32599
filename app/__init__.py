"""clickup-sync: a company's ClickUp, mirrored into its own PostgreSQL."""
