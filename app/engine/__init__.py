"""One sync of one workspace: a module for each kind of data, and the run that records it."""
