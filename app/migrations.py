"""Brings a database to the schema this version needs, by Alembic.

All pending migrations and their record stand in one transaction, guarded by a transaction-level
advisory lock: it works through a transaction pooler, and of two processes one waits.
"""

from pathlib import Path
from threading import Lock

import psycopg

from app.core.errors import DatabaseRefused
from app.supabase_db import meaning, understood

# Alembic keeps the migration at hand in a variable of its module: of two threads one waits.
_ALEMBIC = Lock()
_FOLDER = Path(__file__).parent / "sql" / "migrations"


def migrate(database_url: str) -> list[str]:
    """Applies what is pending and returns the revisions that were. Blocks; run it in a thread.

    Raises DatabaseRefused where the database's user may not, DatabaseDown where it does not answer.
    """
    before = applied_revisions(database_url)
    if before == known_revisions():
        return []
    with _ALEMBIC:
        _upgrade(database_url)
    return [revision for revision in known_revisions() if revision not in before]


def _upgrade(database_url: str) -> None:
    # Loaded where there is something to do: every other start would wait for it a fifth of a second.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from sqlalchemy import create_engine  # noqa: PLC0415
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415
    from sqlalchemy.pool import NullPool  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["engine"] = create_engine(
        "postgresql+psycopg://",
        creator=lambda: psycopg.connect(database_url, prepare_threshold=None, connect_timeout=10),
        poolclass=NullPool,
    )
    try:
        command.upgrade(config, "head")
    except DBAPIError as error:
        cause = error.orig
        known = meaning(cause) if isinstance(cause, psycopg.Error) else DatabaseRefused(str(cause))
        raise known from error


def known_revisions() -> list[str]:
    """Every revision this version carries, oldest first: the numbers that their files' names begin with."""
    return sorted(file.name.partition("_")[0] for file in (_FOLDER / "versions").glob("[0-9]*_*.py"))


def applied_revisions(database_url: str) -> list[str]:
    """The revisions the database has, oldest first; empty for a database that is new.

    Raises DatabaseRefused for a database that a newer version of this program migrated.
    """
    head, known = _applied_head(database_url), known_revisions()
    if head is None:
        return []
    if head not in known:
        raise DatabaseRefused(
            f"the schema is at revision {head}, which is newer than this clickup-sync: update it"
        )
    return known[: known.index(head) + 1]


def _applied_head(database_url: str) -> str | None:
    with (
        understood(),
        psycopg.connect(database_url, prepare_threshold=None, connect_timeout=10) as connection,
    ):
        if connection.execute("SELECT to_regclass('alembic_version')").fetchone() == (None,):
            return None
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else None
