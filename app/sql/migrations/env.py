"""Alembic's entry: one transaction around all pending migrations and their record."""

from typing import Any

from alembic import context
from sqlalchemy import event

from app.sql.loader import name_schemas

attributes = context.config.attributes
schemas = attributes["schemas"]


def put_names(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> tuple[str, Any]:
    """`{schema}`, `{views}`, `{jobs}` and `{reader}` in a migration are the names of the settings."""
    return name_schemas(statement, schemas), parameters


with attributes["engine"].connect() as connection:
    event.listen(connection, "before_cursor_execute", put_names, retval=True)
    context.configure(
        connection=connection,
        transactional_ddl=True,
        version_table="clickup_sync_version",
        version_table_schema=schemas.tables,
    )
    with context.begin_transaction():
        granted = attributes["prepare"](connection.connection.driver_connection, schemas)
        # What a migration writes is no change by somebody else.
        connection.exec_driver_sql("SELECT set_config('clickup_sync.writer', 'on', true)")
        context.run_migrations()
        attributes["complete"](connection.connection.driver_connection, schemas, granted)
    connection.commit()
