"""Tools for AI assistants over MCP. They read the context, compute no figures, and never call ClickUp."""
