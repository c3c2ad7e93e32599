"""The mirror of one workspace, for a tool; its database is opened once for the whole server."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib import import_module
from typing import Annotated, Any

import fastmcp
from fastmcp import FastMCP
from fastmcp.dependencies import CurrentContext, Depends
from fastmcp.exceptions import ToolError
from fastmcp.server.lifespan import Lifespan
from starlette.datastructures import State

from app.config import Settings
from app.context import open_database
from app.core.answers.access import Limits
from app.core.answers.sql_text import RowBounds
from app.core.errors import SyncError
from app.engine.lookup_names import find_zone
from app.http.authenticator import Authenticator
from app.http.credentials import CredentialStore
from app.http.request_context import RequestContext
from app.mcp.caller import caller_limits
from app.mcp.query_turns import QueryTurns
from app.mcp.written import line
from app.reports import Reports
from app.reports.structure import MirroredWorkspace
from app.reports.sync_status import SyncStatus
from app.supabase_db import Database

NOTHING_MIRRORED = "nothing is mirrored yet: run `clickup-sync sync` or `clickup-sync serve`"
_MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class Opened:
    """What the server's lifespan opened. `is_local`: a client started the server, and may see everything."""

    settings: Settings
    database: Database
    reports: Reports
    is_local: bool
    query_turns: QueryTurns = field(default_factory=QueryTurns)


@dataclass(frozen=True, slots=True)
class ToolContext(RequestContext):
    """`query_bounds`: which rows a caller's own SQL may read; None where all rows are of this workspace.

    `as_of`: the instant that is asked about, which is `now` then; None for the present.
    """

    name: str
    sync_status: SyncStatus
    query_bounds: RowBounds | None = None
    as_of: datetime | None = None


class ServerLifespan(Lifespan):
    """The server's lifespan: the database is opened when it starts and closed when it ends.

    `state`: of the application over HTTP, which gets its authenticator, and in `blocked_by` why the server
    did not start. None over standard input and output, where nobody is asked for a key.
    """

    def __init__(self, settings: Settings) -> None:
        super().__init__(self._open)
        self.state: State | None = None
        self._settings = settings

    async def _open(self, _: FastMCP[Any]) -> AsyncIterator[dict[str, Any]]:
        loading = asyncio.create_task(asyncio.to_thread(_load_what_the_first_call_needs))
        try:
            async with open_database(self._settings) as database, self._authentication(database):
                await loading
                yield {"opened": Opened(self._settings, database, Reports(database), self.state is None)}
        except SyncError as error:
            if self.state is not None:
                self.state.blocked_by = str(error)
            raise

    @asynccontextmanager
    async def _authentication(self, database: Database) -> AsyncIterator[None]:
        if self.state is None:
            yield
            return
        async with CredentialStore.open(database, self._settings.api_keys) as credentials:
            self.state.authenticator = Authenticator(self._settings, credentials)
            yield


def _load_what_the_first_call_needs() -> None:
    """The library loads it at the first request, which takes a second in which nobody is answered."""
    for module in ("key_value.aio.adapters.pydantic", "key_value.aio.stores.memory"):
        with suppress(ImportError):
            import_module(module)


def opened(context: Annotated[fastmcp.Context, CurrentContext()]) -> Opened:
    """What was opened, for tools that ask of no single workspace."""
    found: Opened = context.lifespan_context["opened"]
    return found


async def tool_context(known: Annotated[Opened, Depends(opened)]) -> ToolContext:
    """Of the workspace that is meant where none is named. Raises the ToolError where none is."""
    return await context_of(known)


async def context_of(known: Opened, workspace_id: str | None = None) -> ToolContext:
    """The mirror of this workspace, or of the one that is meant where none is named: that of the settings,
    or the only one that the caller may see. Raises the ToolError that names those the caller may see.
    """
    limits = caller_limits(is_local=known.is_local)
    mirrored = await known.reports.structure.mirrored()
    workspace = _chosen(mirrored, workspace_id, limits, known.settings.clickup_team_id)
    found = workspace.workspace_id
    sync_status = await known.reports.sync_status.get(found, known.settings)
    zone = find_zone(known.settings, asdict(workspace))
    bounds = RowBounds(found, hides_others=limits.is_set) if limits.is_set or len(mirrored) > 1 else None
    return ToolContext(
        known.reports, known.settings, found, zone, datetime.now(UTC), workspace.name, sync_status, bounds
    )


def _chosen(
    mirrored: Sequence[MirroredWorkspace], named: str | None, limits: Limits, default: str | None
) -> MirroredWorkspace:
    if not mirrored:
        raise ToolError(NOTHING_MIRRORED)
    visible = [row for row in mirrored if limits.allows_workspace(row.workspace_id)]
    if not visible:
        raise ToolError("this key may see no workspace that is mirrored: use another key")
    wanted = named or (default if default and limits.allows_workspace(default) else None)
    for row in visible:
        if row.workspace_id == wanted or (wanted is None and len(visible) == 1):
            return row
    if wanted is None:
        raise ToolError(
            f"there are several workspaces: {_named(visible)}. Pass the id of one of them as `workspace_id` "
            "(for every call: set CLICKUP_TEAM_ID where the server runs)"
        )
    raise ToolError(f"workspace {wanted[:100]} is not mirrored; mirrored: {_named(visible)}")


def _named(workspaces: Sequence[MirroredWorkspace]) -> str:
    named = ", ".join(f"{row.workspace_id} ({line(row.name)})" for row in workspaces[:_MOST_NAMED])
    more = len(workspaces) - _MOST_NAMED
    return f"{named} and {more:,} more, which get_workspaces lists" if more > 0 else named


# Parameters by which a tool or a resource asks; no caller sees or gives them.
Context = Annotated[ToolContext, Depends(tool_context)]
Known = Annotated[Opened, Depends(opened)]
