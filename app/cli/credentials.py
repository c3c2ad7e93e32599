"""What `clickup-sync keys`, `sessions` and `links` do. They need the database alone."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from rich.table import Table
from rich.text import Text

from app.cli.outcome import run_command, with_logging
from app.cli.output import console, errors, print_json
from app.config import Settings, load_offline_settings
from app.context import open_database
from app.core.answers.access import CredentialKind, read_lifetime, read_link_path
from app.core.answers.api_keys import KeyScope, read_key_name
from app.core.answers.formats import Formats
from app.core.errors import SettingsError, SyncError
from app.http.credentials import create_credential, end_credentials
from app.jobs.connections import list_connections, not_connected
from app.supabase_db import Database, Row

_KINDS: dict[CredentialKind, str] = {"api_key": "key", "report_link": "link", "page_session": "session"}
_RIGHTS: dict[KeyScope, str] = {
    "read": "read", "write": "read and write", "admin": "read, write, and connect and remove workspaces",
}  # fmt: skip
_SOON = "A running service refuses it within a few seconds."


def make_key(
    name: str, scope: KeyScope, expires: str | None, owner: str | None, workspace_ids: Sequence[str]
) -> None:
    """Prints the secret on standard output, and nothing else there."""
    run_command(_make_key(name, scope, expires, owner, workspace_ids))


async def _make_key(
    name: str, scope: KeyScope, expires: str | None, owner: str | None, workspace_ids: Sequence[str]
) -> None:
    lifetime, known = _lifetime(expires), _checked(read_key_name, name)
    async with _opened() as (database, settings):
        if known.casefold() in {key.name.casefold() for key in _set_keys(settings)}:
            raise SyncError(f"API_KEYS already has a key {known!r}; choose another name")
        person = await _find_owner(database, owner) if owner else None
        await _refuse_unknown_workspaces(database, settings, workspace_ids)
        secret, row = await create_credential(
            database,
            "api_key",
            known,
            scope=scope,
            lifetime=lifetime,
            owner_user_id=person["clickup_user_id"] if person else None,
            workspace_ids=workspace_ids,
        )
    console.print(secret, soft_wrap=True)
    told = f"Key {known!r} may {_RIGHTS[scope]}"
    told += f", limited to workspace {', '.join(workspace_ids)}" if workspace_ids else ""
    told += f", belongs to {person['name']}" if person else ""
    told += (
        f", and ends {_instant(row['expires_at'], settings.formats)}"
        if row["expires_at"]
        else ", and does not expire"
    )
    errors.print(
        f"{told}. Its secret is shown only now. From now on every request needs a key.",
        soft_wrap=True,
    )


def show_keys(json: bool) -> None:
    """Those of the database and those of API_KEYS."""
    run_command(_show_keys(json))


async def _show_keys(json: bool) -> None:
    async with _opened() as (database, settings):
        rows = await database.ask("list_credentials", kind="api_key")
    stored = [
        _plain(row, "scope", "owner_user_id", "owner_name", "workspace_ids") | {"from": "keys create"}
        for row in rows
    ]
    of_setting = [
        {"name": key.name, "scope": key.scope, "status": "live", "from": "API_KEYS"}
        for key in _set_keys(settings)
    ]
    if json:
        print_json([*of_setting, *stored])
    elif of_setting or stored:
        console.print(
            _table(
                ("name", "scope", "workspace_ids", "status", "from", "owner_name", *_TIMES),
                of_setting + stored,
                settings.formats,
            )
        )
    else:
        console.print(
            "There are no keys: only requests from this machine are allowed. To create one: clickup-sync "
            "keys create NAME"
        )


def show_sessions(json: bool) -> None:
    """Those that are open."""
    run_command(_show_sessions(json))


async def _show_sessions(json: bool) -> None:
    async with _opened() as (database, settings):
        rows = await database.ask("list_credentials", kind="page_session")
    found = [_plain(row, "scope", "opened_by") for row in rows if row["status"] == "live"]
    if json:
        print_json(found)
    elif found:
        console.print(_table(("name", "scope", "opened_by", *_TIMES), found, settings.formats))
    else:
        console.print("No browser is signed in to the page.")


def end_sessions(session: str | None, all_: bool) -> None:
    """One, or all of them."""
    run_command(_end_sessions(session, all_))


async def _end_sessions(session: str | None, all_: bool) -> None:
    if all_ == bool(session):
        raise SettingsError("give the id of a session, or --all")
    async with _opened() as (database, _):
        ended = await database.fetch(
            "end_sessions", credential_id=session, key_digest=None, secret_digest=None
        )
    if session and not ended:
        raise SyncError(f"session {session} not found; `clickup-sync sessions list` lists all")
    console.print(f"Ended: {len(ended)}. {_SOON if ended else ''}".strip(), soft_wrap=True)


def make_link(path: str, name: str | None, expires: str | None) -> None:
    """Prints the link's address on standard output, and nothing else there."""
    run_command(_make_link(path, name, expires))


async def _make_link(path: str, name: str | None, expires: str | None) -> None:
    lifetime, opens = _lifetime(expires), _checked(read_link_path, path)
    known = _checked(read_key_name, name if name is not None else opens[:60])
    async with _opened() as (database, settings):
        secret, row = await create_credential(database, "report_link", known, lifetime=lifetime, path=opens)
    base = settings.public_url or ""
    console.print(f"{base}/links/{secret}", soft_wrap=True)
    ends = (
        f"until {_instant(row['expires_at'], settings.formats)}"
        if row["expires_at"]
        else "until it is revoked"
    )
    before = "" if base else " Prefix it with the address of the service, or set PUBLIC_URL."
    errors.print(f"Anybody who has it can read {opens} {ends}. It is shown only now.{before}", soft_wrap=True)


def show_links(json: bool) -> None:
    """All that are known still."""
    run_command(_show_links(json))


async def _show_links(json: bool) -> None:
    async with _opened() as (database, settings):
        rows = await database.ask("list_credentials", kind="report_link")
    found = [_plain(row, "path") for row in rows]
    if json:
        print_json(found)
    elif found:
        console.print(_table(("name", "path", "status", *_TIMES), found, settings.formats))
    else:
        console.print("There is none.")


def revoke(kind: CredentialKind, which: str) -> None:
    """By its id or its name."""
    run_command(_revoke(kind, which))


async def _revoke(kind: CredentialKind, which: str) -> None:
    async with _opened() as (database, settings):
        ended = await end_credentials(database, kind, which)
    what = _KINDS[kind]
    if not ended and kind == "api_key" and which in {key.name for key in _set_keys(settings)}:
        raise SyncError(f"the key {which!r} is set in API_KEYS: remove it there, and restart the service")
    if not ended:
        raise SyncError(f"{what} {which} not found, or ended; `clickup-sync {what}s list` lists all")
    names = ", ".join(row["name"] for row in ended)
    console.print(f"Revoked: {names}. {_SOON}", soft_wrap=True)


@asynccontextmanager
async def _opened() -> AsyncIterator[tuple[Database, Settings]]:
    settings = with_logging(load_offline_settings())
    async with open_database(settings) as database:
        yield database, settings


def _set_keys(settings: Settings) -> Sequence[Any]:
    return settings.api_keys.keys if settings.api_keys else ()


async def _refuse_unknown_workspaces(
    database: Database, settings: Settings, workspace_ids: Sequence[str]
) -> None:
    """Raises SyncError for a workspace that is not connected: the key would see nothing."""
    if not workspace_ids:
        return
    known = {one.workspace_id for one in await list_connections(database, settings)}
    for workspace_id in workspace_ids:
        if workspace_id not in known:
            raise not_connected(workspace_id)


async def _find_owner(database: Database, who: str) -> Row:
    """Raises SyncError where nobody has this id or address, or several have."""
    found = await database.ask("find_owners", who=who)
    if len(found) == 1:
        return found[0]
    if not found:
        raise SyncError(f"no person has the e-mail address or ClickUp id {who}")
    ids = ", ".join(row["clickup_user_id"] for row in found)
    raise SyncError(f"several people have the e-mail address {who}: give one of their ClickUp ids, {ids}")


def _lifetime(text: str | None) -> timedelta | None:
    return _checked(read_lifetime, text) if text else None


def _checked(read: Any, text: str) -> Any:
    """What it reads of the text; a text that it refuses is wrong usage."""
    try:
        return read(text)
    except ValueError as error:
        raise SettingsError(str(error)) from None


_TIMES = ("created_at", "expires_at", "last_used_at", "credential_id")
_TITLES = {
    "name": "Name", "scope": "May", "status": "Is", "from": "From", "owner_name": "Stands for",
    "opened_by": "Browser", "workspace_ids": "Workspaces", "path": "Opens", "created_at": "Made",
    "expires_at": "Ends", "last_used_at": "Used last", "credential_id": "ID",
}  # fmt: skip


def _plain(row: Row, *more: str) -> dict[str, Any]:
    return {name: row[name] for name in ("credential_id", "name", "status", *more, *_TIMES[:-1])}


def _table(columns: Sequence[str], rows: Sequence[dict[str, Any]], formats: Formats) -> Table:
    table = Table(show_edge=False)
    for name in columns:
        table.add_column(_TITLES[name], overflow="fold")
    for row in rows:
        table.add_row(*(Text(_shown(row.get(name), formats)) for name in columns))
    return table


def _shown(value: Any, formats: Formats) -> str:
    if isinstance(value, datetime):
        return _instant(value, formats)
    if isinstance(value, list):
        return ", ".join(value)
    return "" if value is None else str(value)


def _instant(instant: datetime, formats: Formats) -> str:
    shown = instant.astimezone()
    return f"{formats.day(shown)}, {shown:%H:%M}"
