"""The bundled PostgreSQL: a real server under the data folder, for those who have none.

It listens on a socket in its data folder, which only the account that started it can enter, and keeps
running after a command ends, so that the data can be looked at; `clickup-sync database --stop` stops it.
"""

from app.sql.embedded.server import (
    EmbeddedServer,
    fresh_database,
    start_embedded_server,
    stop_embedded_server,
)

__all__ = ["EmbeddedServer", "fresh_database", "start_embedded_server", "stop_embedded_server"]
