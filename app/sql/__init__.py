"""PostgreSQL: connections, the named queries, migrations, the embedded server."""
