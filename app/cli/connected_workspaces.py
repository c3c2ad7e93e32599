"""What `clickup-sync workspaces` does."""

import dataclasses
import getpass
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal

import typer
from pydantic import SecretStr
from rich.table import Table
from rich.text import Text

from app.cli.outcome import run_command, with_logging
from app.cli.output import console, errors, print_json
from app.cli.progress import ProgressBars
from app.config import Settings, load_offline_settings
from app.context import open_database
from app.core.errors import InvalidRequest
from app.core.visible_text import visible
from app.jobs.connection_changes import NewConnection, add_connection, change_connection, replace_token
from app.jobs.connections import Connection, list_connections
from app.jobs.oauth import AuthorizationRequest, begin_authorization
from app.jobs.workspace_removal import Data, remove_workspace
from app.supabase_db import Database

_LONGEST_INPUT = 10_000


def connect_workspace(token_stdin: bool, team_id: str | None, name: str | None) -> None:
    """Connects the workspace that a token sees."""
    run_command(_connect(token_stdin, team_id, name))


async def _connect(token_stdin: bool, team_id: str | None, name: str | None) -> None:
    token = _read_token(token_stdin)
    async with _opened() as (database, settings):
        new = NewConnection(token, team_id, name, added_by=f"{getpass.getuser()} (command line)")
        added = await add_connection(database, settings, new)
    _say(f"Connected: {_title(added)}. A running service syncs it in a moment.")


def begin_connecting(public_url: str | None, team_id: str | None, name: str | None) -> None:
    """Prints the address at ClickUp; the service connects the workspace when the browser comes back."""
    run_command(_begin_connecting(public_url, team_id, name))


async def _begin_connecting(public_url: str | None, team_id: str | None, name: str | None) -> None:
    overrides = {"public_url": public_url} if public_url else {}
    settings = with_logging(load_offline_settings(**overrides))
    async with open_database(settings) as database:
        wanted = AuthorizationRequest(team_id, name, f"{getpass.getuser()} (command line)")
        begun = await begin_authorization(database, settings, wanted)
    _say(begun.url)
    errors.print(
        f"Open it in a browser before {begun.expires_at.astimezone():%H:%M}, while the service runs.",
        soft_wrap=True,
    )


def show_workspaces(json: bool) -> None:
    """All that are connected."""
    run_command(_show(json))


async def _show(json: bool) -> None:
    async with _opened() as (database, settings):
        connections = await list_connections(database, settings)
    if json:
        print_json([_plain(one) for one in connections])
    elif connections:
        console.print(_table(connections))
    else:
        _say("No workspace is connected. Set CLICKUP_API_TOKEN, or run `clickup-sync workspaces add`.")


def set_state(workspace_id: str, state: Literal["active", "paused"]) -> None:
    """Pauses or resumes a workspace."""
    run_command(_set_state(workspace_id, state))


async def _set_state(workspace_id: str, state: Literal["active", "paused"]) -> None:
    async with _opened() as (database, settings):
        changed = await change_connection(database, settings, workspace_id, state=state)
    _say(f"{'Paused' if state == 'paused' else 'Resumed'}: {_title(changed)}.")


def set_workspace_token(workspace_id: str, token_stdin: bool) -> None:
    """Replaces the token of a workspace."""
    run_command(_set_token(workspace_id, token_stdin))


async def _set_token(workspace_id: str, token_stdin: bool) -> None:
    token = _read_token(token_stdin)
    async with _opened() as (database, settings):
        changed = await replace_token(database, settings, workspace_id, token)
    _say(f"The token of {_title(changed)} is replaced.")


def disconnect_workspace(workspace_id: str, keep_data: bool, erase_data: bool) -> None:
    """Removes a workspace; what happens to its data must be said."""
    run_command(_disconnect(workspace_id, keep_data, erase_data))


async def _disconnect(workspace_id: str, keep_data: bool, erase_data: bool) -> None:
    erases = _choose_erasing(keep_data, erase_data)
    data: Data = "erase" if erases else "keep"
    async with _opened() as (database, settings):
        with ProgressBars(errors, settings.formats) as progress:
            removal = await remove_workspace(database, settings, workspace_id, data=data, progress=progress)
    rows = settings.formats.pluralize(removal.rows_deleted, "row")
    told = f"{rows} deleted" if erases else "its data is kept"
    _say(f"Removed: workspace {visible(workspace_id)}; {told}.")
    for left in removal.webhooks_left:
        errors.print(f"ClickUp still has webhook {left}. Remove it there by hand.", soft_wrap=True)


def _choose_erasing(keep_data: bool, erase_data: bool) -> bool:
    """Raises InvalidRequest where it is not said, or both are, and nobody can be asked."""
    if keep_data != erase_data:
        return erase_data
    if keep_data or not sys.stdin.isatty():
        raise InvalidRequest("say what becomes of the data: either --keep-data or --erase-data")
    answer = str(typer.prompt("Keep or erase the mirrored data? [keep/erase]")).strip().lower()
    if answer not in ("keep", "erase"):
        raise InvalidRequest("answer keep or erase")
    return answer == "erase"


def _read_token(token_stdin: bool) -> SecretStr:
    """From standard input, or typed unseen. Raises InvalidRequest where neither is possible."""
    if token_stdin:
        return SecretStr(sys.stdin.read(_LONGEST_INPUT).strip())
    if not sys.stdin.isatty():
        raise InvalidRequest("give the token on standard input, with --token-stdin")
    return SecretStr(getpass.getpass("Token (ClickUp, Settings, Apps): ").strip())


@asynccontextmanager
async def _opened() -> AsyncIterator[tuple[Database, Settings]]:
    settings = with_logging(load_offline_settings())
    async with open_database(settings) as database:
        yield database, settings


def _title(connection: Connection) -> str:
    return f"{visible(connection.name)} ({connection.workspace_id})"


def _plain(connection: Connection) -> dict[str, Any]:
    plain = dataclasses.asdict(connection)
    del plain["token"]
    return plain


def _table(connections: list[Connection]) -> Table:
    table = Table(show_edge=False)
    for title in ("ID", "Name", "State", "Token", "Added by", "Problem"):
        table.add_column(title, overflow="fold")
    for one in connections:
        cells = (one.workspace_id, one.name, one.state, one.token_kind, one.added_by or "", one.error or "")
        table.add_row(*(Text(visible(cell)) for cell in cells))
    return table


def _say(sentence: str) -> None:
    console.print(sentence, soft_wrap=True)
