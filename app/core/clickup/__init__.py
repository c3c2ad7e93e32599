"""What ClickUp's bytes mean."""
