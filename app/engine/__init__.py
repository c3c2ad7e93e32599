"""One sync of one workspace: a module for each kind of data, the run that records it, and the lease."""
