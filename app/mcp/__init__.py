"""Tools for AI assistants over MCP. They read the mirror, compute no figures, and never call ClickUp."""
