"""Brings a database to the schema this version needs, by Alembic.

All pending migrations and their record stand in one transaction, guarded by a transaction-level
advisory lock: it works through a transaction pooler, and of two processes one waits.
"""

from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import NullPool

_FOLDER = Path(__file__).parent / "sql" / "migrations"


def migrate(database_url: str) -> list[str]:
    """Applies what is pending and returns the revisions that were. Blocks; run it in a thread."""
    before = applied_revisions(database_url)
    if before == known_revisions():
        return []
    config = _config()
    config.attributes["engine"] = _engine(database_url)
    command.upgrade(config, "head")
    return [revision for revision in known_revisions() if revision not in before]


def known_revisions() -> list[str]:
    """Every revision this version carries, oldest first."""
    scripts = ScriptDirectory.from_config(_config()).walk_revisions()
    return [script.revision for script in scripts][::-1]


def applied_revisions(database_url: str) -> list[str]:
    """The revisions the database has, oldest first; empty for a database that is new."""
    with psycopg.connect(database_url, prepare_threshold=None, connect_timeout=10) as connection:
        if connection.execute("SELECT to_regclass('alembic_version')").fetchone() == (None,):
            return []
        heads = {row[0] for row in connection.execute("SELECT version_num FROM alembic_version")}
    known = known_revisions()
    newest = max((known.index(head) for head in heads if head in known), default=-1)
    return known[: newest + 1]


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    return config


def _engine(database_url: str) -> Engine:
    return create_engine(
        "postgresql+psycopg://",
        creator=lambda: psycopg.connect(database_url, prepare_threshold=None, connect_timeout=10),
        poolclass=NullPool,
    )
