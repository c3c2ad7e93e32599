"""What a sync costs: requests, seconds, memory and rows written."""
