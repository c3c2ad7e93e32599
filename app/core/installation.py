"""What of clickup-sync a database holds, and what hinders a migration of it. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.core.schemas import Schemas, plain

# The migration that makes the views.
_VIEWS_MADE = "0009"
_RELATION = re.compile(
    r"^CREATE (?:(?:UNLOGGED )?TABLE|(?:UNIQUE )?INDEX) (?:IF NOT EXISTS )?(\w+)", re.MULTILINE
)
_FUNCTION = re.compile(r"^CREATE (?:OR REPLACE )?FUNCTION (\w+)\(", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Names:
    """Names that migrations give to objects beside the tables; `views`: they also make the views."""

    relations: list[str]
    functions: list[str]
    views: bool


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What hinders a migration, and what to do about it."""

    found: str
    advice: str

    def __str__(self) -> str:
        return f"{self.found}. {self.advice}"


@dataclass(frozen=True, slots=True)
class Installation:
    """The mirror in the schemas of the settings.

    `revision`: the last migration that was applied; None for a new database. `is_old`: it is recorded in
    `alembic_version`, as by versions before they had a table of their own; `leaves_nothing`: that table
    holds nothing else. `has_current_jobs`: the job queue's tables are as its library needs them. `elsewhere`:
    other schemas of the database that hold a mirror.
    """

    revision: str | None = None
    is_old: bool = False
    leaves_nothing: bool = False
    has_current_jobs: bool = False
    elsewhere: Sequence[str] = ()
    obstacle: Obstacle | None = None


def created_names(migrations: Mapping[str, str], revision: str | None) -> Names:
    """What the migrations behind `revision` create and earlier ones do not; SQL by revision."""
    applied = [sql for number, sql in migrations.items() if revision and number <= revision]
    pending = [sql for number, sql in migrations.items() if not revision or number > revision]
    return Names(
        relations=sorted(_found(_RELATION, pending) - _found(_RELATION, applied)),
        functions=sorted(_found(_FUNCTION, pending) - _found(_FUNCTION, applied)),
        views=revision is None or revision < _VIEWS_MADE,
    )


def _found(pattern: re.Pattern[str], texts: Iterable[str]) -> set[str]:
    return {name for text in texts for name in pattern.findall(text)}


def recorded_revision(rows: Sequence[str], known: Sequence[str]) -> str | None:
    """The revision of ours among the rows of `alembic_version`; None where it cannot be told."""
    ours = [row for row in rows if row in known]
    return ours[0] if len(ours) == 1 else None


def objects_in_the_way(of_tables: Sequence[str], of_views: Sequence[str]) -> Obstacle:
    """Another program has taken names that the migrations need for tables, or the schema of the views."""
    wanted = []
    if of_tables:
        wanted.append("DATABASE_SCHEMA=clickup")
    if of_views:
        wanted.append("DATABASE_VIEWS_SCHEMA=clickup_views")
    return Obstacle(
        f"the database has objects of other programs with names that clickup-sync needs: "
        f"{', '.join([*of_tables, *of_views])}",
        f"Set {' and '.join(wanted)}, or another schema of that kind that is free; nothing was changed",
    )


def views_taken(schema: str, schemas: Schemas) -> Obstacle:
    """Another mirror has its views where those of this one are to be."""
    return Obstacle(
        f"schema {schemas.views} holds the views of the mirror in schema {schema}",
        f"Set DATABASE_SCHEMA={schema} to use that mirror, or, for a second one, DATABASE_VIEWS_SCHEMA to "
        f"another schema, such as DATABASE_VIEWS_SCHEMA=clickup_views; nothing was changed",
    )


def unknown_version(schemas: Schemas, known: Sequence[str]) -> Obstacle:
    """The tables are ours, and no table says which version made them."""
    version = f"{plain(schemas.tables)}.clickup_sync_version"
    return Obstacle(
        f"schema {schemas.tables} has clickup-sync's tables, and nothing says at which revision they are",
        "Restore the database, or, if the version that created them is known (this one creates "
        f"{known[-1]}), "
        f"run CREATE TABLE {version} (version_num varchar(32) PRIMARY KEY); "
        f"INSERT INTO {version} VALUES ('REVISION')",
    )


def mirror_left_behind(schema: str, schemas: Schemas) -> Obstacle:
    """An earlier version followed the user's search path to another schema."""
    return Obstacle(
        f"an earlier version created the mirror in schema {schema}, by the search_path of this user, and "
        f"DATABASE_SCHEMA is {schemas.tables}",
        f"Set DATABASE_SCHEMA={schema}",
    )


def views_elsewhere(schema: str, schemas: Schemas) -> Obstacle:
    """The setting was changed after the views were made."""
    old, new = plain(schema), plain(schemas.views)
    return Obstacle(
        f"the views of this mirror are in schema {schema}, and DATABASE_VIEWS_SCHEMA is {schemas.views}",
        f"Set DATABASE_VIEWS_SCHEMA={schema}, or move them: ALTER FUNCTION {old}.answer(text, integer) SET "
        f"search_path = pg_catalog, {new}, pg_temp; ALTER SCHEMA {old} RENAME TO {new}",
    )
