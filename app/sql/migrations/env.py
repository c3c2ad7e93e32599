"""Alembic's entry: one transaction around all pending migrations and their record."""

from alembic import context
from sqlalchemy import text

# Any number, the same for every process that migrates a mirror.
_MIGRATION_LOCK = 7_260_114

with context.config.attributes["engine"].connect() as connection:
    context.configure(connection=connection, transactional_ddl=True)
    with context.begin_transaction():
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})"))
        context.run_migrations()
    connection.commit()
