"""What the interfaces compute: pages, days, timesheets, SQL, limits."""
