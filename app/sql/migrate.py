"""Brings a database to the schema this version needs, by Alembic.

All pending migrations and their record are one transaction, guarded by a transaction-level advisory lock: it
works through a transaction pooler, and of two processes one waits. The record is in a table of our own,
`clickup_sync_version`: `alembic_version` may be another program's.
"""

from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from threading import Lock
from typing import Any

import psycopg
import structlog

from app.core.encryption import SecretKeys, encrypt_webhook_secret
from app.core.errors import DatabaseRefused, SettingsError
from app.core.installation import (
    Installation,
    Obstacle,
    created_names,
    mirror_left_behind,
    objects_in_the_way,
    recorded_revision,
    unknown_version,
    views_elsewhere,
    views_taken,
)
from app.core.schemas import Schemas
from app.sql.blocking_queries import BlockingQueries
from app.sql.connection import connect, to_sync_error, translate_errors
from app.sql.job_schema import is_job_schema_current, migrate_job_schema
from app.sql.loader import load_comments
from app.sql.rights import Granted, read_granted, settle_rights

log = structlog.get_logger()

# Alembic keeps the migration at hand in a variable of its module: of two threads one waits.
_ALEMBIC = Lock()
_FOLDER = Path(__file__).parent / "migrations"
_DEFAULT = Schemas()


def migrate(
    database_url: str, schemas: Schemas = _DEFAULT, keys: Callable[[], SecretKeys] = SecretKeys
) -> list[str]:
    """Applies what is pending and returns the revisions that were. Blocks; run it in a thread.

    `keys` encrypt secrets that an earlier version left plain, and are asked for only where there are some.

    Raises DatabaseRefused where the database's user may not, or other programs' tables stand in the way;
    DatabaseDown where it does not answer.
    """
    found = inspect(database_url, schemas)
    if found.obstacle:
        raise DatabaseRefused(str(found.obstacle))
    if found.revision == known_revisions()[-1] and not found.is_old and found.has_current_jobs:
        return []
    if found.revision is None and found.elsewhere:
        log.warning("migration.second_mirror", schema=schemas.tables, other_mirrors=list(found.elsewhere))
    with _ALEMBIC:
        _upgrade(database_url, schemas, keys)
    return _pending(found.revision)


def _upgrade(database_url: str, schemas: Schemas, keys: Callable[[], SecretKeys]) -> None:
    # Loaded where there is something to do: every other start would wait for it a fifth of a second.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from sqlalchemy import create_engine  # noqa: PLC0415
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415
    from sqlalchemy.pool import NullPool  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["schemas"] = schemas
    config.attributes["prepare"] = _prepare
    config.attributes["encrypt_webhook_secrets"] = partial(_encrypt, keys)
    config.attributes["complete"] = _complete
    config.attributes["engine"] = create_engine(
        "postgresql+psycopg://", creator=lambda: connect(database_url), poolclass=NullPool
    )
    try:
        with translate_errors():
            command.upgrade(config, "head")
    except DBAPIError as error:
        cause = error.orig
        known = to_sync_error(cause) if isinstance(cause, psycopg.Error) else DatabaseRefused(str(cause))
        raise known from error


def _encrypt(keys: Callable[[], SecretKeys], secrets: Mapping[str, str]) -> dict[str, str]:
    """Secrets of webhooks, encrypted; none where there is no key: the service makes these webhooks anew."""
    if not secrets:
        return {}
    try:
        found = keys()
    except SettingsError as error:
        log.warning("migration.secrets_not_encrypted", error=str(error))
        return {}
    return {one: encrypt_webhook_secret(one, secret, found) for one, secret in secrets.items() if found.keys}


def _prepare(connection: psycopg.Connection[Any], schemas: Schemas) -> Granted:
    """Within the transaction of the migrations: their lock, the schemas, and the table of their record.

    Who was granted what before, for `_complete`.
    """
    ask = BlockingQueries(connection, schemas)
    ask.run("lock_migrations")
    found = _inspect(ask, schemas)
    if found.obstacle:
        raise DatabaseRefused(str(found.obstacle))
    granted = read_granted(ask)
    ask.run("create_schemas")
    ask.run("use_schema")
    ask.run("create_version_table")
    ask.run("secure_version_table")
    if found.is_old:
        ask.run("set_revision", revision=found.revision)
    if found.leaves_nothing:
        ask.run("drop_old_version_table")
    return granted


def _complete(connection: psycopg.Connection[Any], schemas: Schemas, before: Granted) -> None:
    """Within the same transaction, at its end: the job queue, and rights and comments of what was created."""
    migrate_job_schema(connection, schemas)
    settle_rights(BlockingQueries(connection, schemas), before)
    connection.execute(load_comments(schemas).encode())


def known_revisions() -> list[str]:
    """Every revision this version carries, oldest first: the numbers that their files' names begin with."""
    return sorted(file.name.partition("_")[0] for file in (_FOLDER / "versions").glob("[0-9]*_*.py"))


def applied_revisions(database_url: str, schemas: Schemas = _DEFAULT) -> list[str]:
    """The revisions the database has, oldest first; empty for a database that is new.

    Raises DatabaseRefused for a database that a newer version of this program migrated.
    """
    revision = inspect(database_url, schemas).revision
    return [known for known in known_revisions() if revision and known <= revision]


def _pending(revision: str | None) -> list[str]:
    return [known for known in known_revisions() if not revision or known > revision]


def inspect(database_url: str, schemas: Schemas = _DEFAULT) -> Installation:
    """What of clickup-sync the database holds. Blocks; run it in a thread. Changes nothing.

    Raises DatabaseRefused for a database that a newer version of this program migrated.
    """
    with translate_errors(), connect(database_url) as connection:
        return _inspect(BlockingQueries(connection, schemas), schemas)


def _inspect(ask: BlockingQueries, schemas: Schemas) -> Installation:
    found, known = ask.run("find_installation")[0], known_revisions()
    if found["has_version"]:
        return _with_obstacles(ask, schemas, found, _own_revision(ask, known))
    if found["has_tables"]:
        old = (
            [row["revision"] for row in ask.run("list_old_revisions")] if found["old_version_is_ours"] else []
        )
        revision = recorded_revision(old, known)
        if revision is None:
            return Installation(elsewhere=found["elsewhere"], obstacle=unknown_version(schemas, known))
        return _with_obstacles(ask, schemas, found, revision, is_old=True, leaves_nothing=len(old) == 1)
    if found["left_behind"] and schemas.tables == _DEFAULT.tables:
        obstacle = mirror_left_behind(found["left_behind"], schemas)
        return Installation(elsewhere=found["elsewhere"], obstacle=obstacle)
    return _with_obstacles(ask, schemas, found, None)


def _own_revision(ask: BlockingQueries, known: list[str]) -> str | None:
    revisions = [str(row["revision"]) for row in ask.run("list_revisions")]
    for revision in revisions:
        if revision not in known:
            raise DatabaseRefused(
                f"the database schema is at revision {revision}, which is newer than this version of "
                "clickup-sync: update clickup-sync"
            )
    return max(revisions, default=None)


def _with_obstacles(
    ask: BlockingQueries, schemas: Schemas, found: dict[str, Any], revision: str | None, **old: bool
) -> Installation:
    if found["views_in"] not in (None, schemas.views):
        obstacle: Obstacle | None = views_elsewhere(found["views_in"], schemas)
    elif found["views_of"]:
        obstacle = views_taken(found["views_of"], schemas)
    else:
        obstacle = _in_the_way(ask, revision)
    return Installation(
        revision,
        **old,
        has_current_jobs=is_job_schema_current(ask),
        elsewhere=found["elsewhere"],
        obstacle=obstacle,
    )


def _in_the_way(ask: BlockingQueries, revision: str | None) -> Obstacle | None:
    if revision == known_revisions()[-1]:
        return None
    names = created_names(_migration_texts(), revision)
    rows = ask.run(
        "list_objects_in_the_way", relations=names.relations, functions=names.functions, views=names.views
    )
    of_tables = [row["object"] for row in rows if not row["of_views"]]
    of_views = [row["object"] for row in rows if row["of_views"]]
    return objects_in_the_way(of_tables, of_views) if rows else None


@cache
def _migration_texts() -> dict[str, str]:
    files = sorted((_FOLDER / "versions").glob("[0-9]*_*.sql"))
    return {file.name.partition("_")[0]: file.read_text(encoding="utf-8") for file in files}
