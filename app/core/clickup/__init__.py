"""What ClickUp's answers mean: HTTP answers become typed objects and rows."""
