"""PostgreSQL: connections, named queries, migrations, the bundled server."""
