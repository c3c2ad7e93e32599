"""What a tool asks: the mirror of one workspace, opened once for the whole server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from importlib import import_module
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastmcp import Context, FastMCP
from fastmcp.dependencies import CurrentContext, Depends
from fastmcp.exceptions import ToolError
from fastmcp.server.lifespan import Lifespan
from starlette.datastructures import State

from app.config import Settings
from app.context import open_database
from app.core.answers.day import day_of
from app.core.errors import SyncError
from app.engine.lookup_names import find_zone
from app.http.authenticator import Authenticator
from app.http.credentials import CredentialStore
from app.mcp.query_turns import QueryTurns
from app.reports import Reports
from app.reports.structure import MirroredWorkspace
from app.reports.sync_status import Standing
from app.supabase_db import Database

NOTHING_MIRRORED = "nothing is mirrored yet: run `clickup-sync sync` or `clickup-sync serve`"


@dataclass(frozen=True, slots=True)
class Opened:
    """What the server's lifespan opened."""

    settings: Settings
    database: Database
    reports: Reports
    query_turns: QueryTurns = field(default_factory=QueryTurns)


@dataclass(frozen=True, slots=True)
class Mirror:
    """The mirror of one workspace, for one call; `zone` is that of days and of the faces."""

    reports: Reports
    settings: Settings
    workspace_id: str
    name: str
    zone: ZoneInfo
    now: datetime
    standing: Standing

    @property
    def today(self) -> date:
        """The day that it is in the zone."""
        return day_of(self.now, self.zone).date


class Opening(Lifespan):
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
                yield {"opened": Opened(self._settings, database, Reports(database))}
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


def opened(context: Annotated[Context, CurrentContext()]) -> Opened:
    """What was opened, for tools that ask of no single workspace."""
    found: Opened = context.lifespan_context["opened"]
    return found


async def asked(known: Annotated[Opened, Depends(opened)]) -> Mirror:
    """The mirror of the default workspace. Raises the ToolError for none, and for several."""
    return await mirror_of(known, known.settings.clickup_team_id)


async def mirror_of(known: Opened, workspace_id: str | None) -> Mirror:
    """The mirror of this workspace, or of the only one. Raises the ToolError that names those there are."""
    workspace = _chosen(await known.reports.structure.mirrored(), workspace_id)
    found = workspace.workspace_id
    standing = await known.reports.standing.get(found, known.settings)
    zone = find_zone(known.settings, asdict(workspace))
    return Mirror(known.reports, known.settings, found, workspace.name, zone, datetime.now(UTC), standing)


def _chosen(mirrored: list[MirroredWorkspace], workspace_id: str | None) -> MirroredWorkspace:
    for row in mirrored:
        if row.workspace_id == workspace_id or (workspace_id is None and len(mirrored) == 1):
            return row
    if not mirrored:
        raise ToolError(NOTHING_MIRRORED)
    named = ", ".join(f"{row.workspace_id} ({row.name})" for row in mirrored)
    if workspace_id is None:
        raise ToolError(f"several workspaces are mirrored: {named}. Set CLICKUP_TEAM_ID to one of them")
    raise ToolError(f"workspace {workspace_id[:100]} is not mirrored; mirrored: {named}")


# The parameter by which a tool asks; no caller sees or gives it.
Asked = Annotated[Mirror, Depends(asked)]
Known = Annotated[Opened, Depends(opened)]
