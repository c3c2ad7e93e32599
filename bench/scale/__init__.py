"""Many workspaces on several worker processes: what holds, and what it costs (`make scale`)."""
