"""Which roles of the database may be readers of the mirror, and which can do more than they should. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.core.schemas import Schemas, plain

# PostgreSQL cuts longer names off.
_LONGEST_NAME_BYTES = 63
_RESERVED = ("public", "none", "current_user", "current_role", "session_user")
_OF_SUPABASE = {
    "anon": "everybody who knows the address of the Supabase project",
    "authenticated": "everybody who can sign in to the Supabase project",
}


@dataclass(frozen=True, slots=True)
class RolePower:
    """A role whose rights another one has, or that one itself: what it may do anywhere on the server."""

    name: str
    is_superuser: bool
    bypasses_row_security: bool
    makes_roles: bool
    replicates: bool
    is_owner: bool
    is_predefined: bool


@dataclass(frozen=True, slots=True)
class RoleRights:
    """What a role was granted on the mirror.

    `is_stranger`: it stands for everybody, or for users of Supabase's web API. `readable`: how many of the
    tables and views for readers it may read. `internal`: tables that it may read and readers may not.
    `beyond_rows`: those on which it may do more than read and write rows. `may_be_assistant`: it is a member
    of the role that answers `query`. `may_create`: it may make objects beside those of the mirror.
    """

    role: str
    is_stranger: bool
    readable: int
    internal: Sequence[str]
    beyond_rows: Sequence[str]
    may_be_assistant: bool
    may_create: bool


def why_no_reader(role: str, powers: Sequence[RolePower], schemas: Schemas) -> str | None:
    """Why a role cannot be made a reader; None where it can. `powers`: of the role itself first."""
    if not role or len(role.encode()) > _LONGEST_NAME_BYTES:
        return f"a role's name has 1 to {_LONGEST_NAME_BYTES} bytes"
    if role.startswith("pg_") or role in _RESERVED:
        return f"PostgreSQL reserves the name {role}"
    if role in _OF_SUPABASE:
        return (
            f"{role} is {_OF_SUPABASE[role]}, and would read all tasks, comments and hours. Open single "
            f"tables instead (docs/operations.md, row-level security), or use a role of its own"
        )
    if role == schemas.reader:
        return f"{plain(role)} is the role that runs `query`: use another one"
    for power in powers:
        if can := _more_than_a_reader(power):
            through = "" if power.name == role else f" has the rights of {plain(power.name)}, which"
            return f"{plain(role)}{through} {can}: its rights could not be limited"
    return None


def _more_than_a_reader(power: RolePower) -> str | None:
    if power.is_superuser:
        return "is a superuser"
    if power.is_owner:
        return "owns tables of the mirror, a schema of it, or the database"
    if power.bypasses_row_security:
        return "bypasses row-level security"
    if power.makes_roles:
        return "may create and change roles"
    if power.replicates:
        return "may copy the whole server, by replication"
    if power.is_predefined:
        return "reaches data of the whole server"
    return None


def list_excesses(rights: RoleRights, schemas: Schemas) -> Iterator[tuple[str, str]]:
    """What a role can do that it should not be able to, each with what to do about it."""
    role = rights.role if rights.is_stranger else plain(rights.role)
    if rights.internal and rights.is_stranger:
        tables = ", ".join(rights.internal)
        yield f"{role} was granted internal tables: {tables}", f"REVOKE ALL ON {tables} FROM {role}"
    elif rights.internal:
        yield (
            f"{role} may read internal tables: {', '.join(rights.internal)}",
            f"run {_as_reader(rights.role)}: it takes back all but what readers may read",
        )
    if rights.beyond_rows:
        tables = ", ".join(rights.beyond_rows)
        yield (
            f"{role} may empty or lock tables, or point to them, which no reader needs: {tables}",
            f"REVOKE TRUNCATE, REFERENCES, TRIGGER ON {tables} FROM {role}",
        )
    if rights.may_be_assistant:
        reader = plain(schemas.reader)
        yield (
            f"{role} is a member of {reader}, and so can drop the function that answers `query`",
            f"run {_as_reader(rights.role)} for the views and tables, or REVOKE {reader} FROM {role}",
        )
    if rights.may_create:
        yield (
            f"{role} may create objects in a schema of the mirror, which its owner may then call",
            f"REVOKE CREATE ON SCHEMA {plain(schemas.tables)}, {plain(schemas.views)} FROM {role}",
        )


def _as_reader(role: str) -> str:
    return f"`clickup-sync grant-reader {plain(role)}`"
