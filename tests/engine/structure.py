"""What a database is made of, as text that can be compared."""

import subprocess

from app.core.schemas import Schemas
from app.sql.embedded.account import installed_programs


def structure(url: str, schemas: Schemas | None = None) -> list[str]:
    """The lines of a dump without data, in alphabetical order; with other names, as if they were the default.

    The names must be none that a comment or a column has too.
    """
    done = subprocess.run(
        [installed_programs() / "pg_dump", "--schema-only", url], capture_output=True, text=True, check=True
    )
    text = done.stdout
    if schemas:
        for name, default in (
            (schemas.reader, "clickup_sync_reader"),
            (schemas.views, "mirror"),
            (schemas.jobs, "clickup_jobs"),
            (schemas.tables, "public"),
        ):
            text = text.replace(name, default)
    lines = [line for line in text.splitlines() if line and not line.startswith(("--", "\\"))]
    # That schema is in every database, and in no dump.
    own = [
        line for line in lines if line != "CREATE SCHEMA public;" and "ALTER SCHEMA public OWNER" not in line
    ]
    return sorted(own)
