"""One module a stream of ClickUp data: what is read, believed and written in one run."""
