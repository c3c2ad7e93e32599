"""What the interfaces compute: paging, timesheets, days, SQL rewriting, rate limits, API keys."""
