"""clickup-sync: mirrors a ClickUp workspace into PostgreSQL."""
