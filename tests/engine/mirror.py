"""A mirror and its source, side by side: the handle by which the engine's tests hold both."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from zoneinfo import ZoneInfo

from psycopg import sql
from psycopg.rows import dict_row

from app.config import Settings
from app.context import open_context
from app.core.errors import SyncError
from app.core.sync.progress import Progress
from app.core.sync.run_kind import RequestableKind
from app.jobs.requests import SyncRequest
from app.jobs.runner import sync_workspace
from app.simulator.faults import Faults
from app.simulator.server import RunningSimulator
from app.simulator.world import World
from app.sync import RunReport, find_workspace_id
from tests.database import connect
from tests.engine.truth import differences
from tests.threads import in_own_thread

Row = dict[str, Any]
SECRET_KEY = "5c2e1f08b7d94a63" * 3


class Mirror:
    """One simulated ClickUp, one database, and the engine between them."""

    def __init__(self, sim: RunningSimulator, database_url: str, **overrides: Any) -> None:
        self.sim = sim
        self.database_url = database_url
        self.overrides = overrides

    @property
    def world(self) -> World:
        return self.sim.world

    @property
    def faults(self) -> Faults:
        return self.sim.faults

    def settings(self, **overrides: Any) -> Settings:
        wanted = {
            "clickup_api_token": self.sim.token,
            "clickup_base_url": self.sim.base_url,
            "clickup_team_id": self.sim.team_id,
            "database_url": self.database_url,
            "request_attempts": 3,
            "secret_key": SECRET_KEY,
            **self.overrides,
            **overrides,
        }
        return Settings(_env_file=None, **wanted)

    async def sync(
        self,
        kind: RequestableKind = "incremental",
        *,
        progress: Progress | None = None,
        max_deleted: int | None = None,
        **overrides: Any,
    ) -> RunReport:
        """One sync; `overrides` are settings for it alone. Raises what ended it."""

        async def sync() -> RunReport:
            async with open_context(self.settings(**overrides)) as context:
                workspace_id = await find_workspace_id(context)
                request = SyncRequest(workspace_id, kind, "test", max_deleted)
                return await sync_workspace(context, request, progress)

        return await in_own_thread(sync())

    async def sync_until_done(self, kind: RequestableKind = "incremental", most: int = 4) -> RunReport:
        """As an operator's timer does it: a run that fails is followed by another."""
        for _ in range(most - 1):
            try:
                return await self.sync(kind)
            except SyncError:
                assert self.falsely_deleted() == []
        return await self.sync(kind)

    def differences(self) -> list[str]:
        """Every way in which the mirror is not the source."""
        return differences(self.database_url, self.world.truth(), self.zone)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.world.owner().timezone)

    def falsely_deleted(self) -> list[str]:
        """Tasks that are alive in the source and deleted in the mirror."""
        alive = self.world.truth()["tasks"]
        gone = self.rows("SELECT clickup_task_id AS id FROM tasks WHERE is_deleted")
        return [row["id"] for row in gone if row["id"] in alive]

    def rows(self, query: str, *params: Any) -> list[Row]:
        """What the query answers; what it writes counts as written by a sync."""
        return self._run(query, params, "SET clickup_sync.writer = 'on'")

    def edit(self, statement: str, *params: Any, session: str = "") -> list[Row]:
        """As somebody who edits the tables; `session` is run first."""
        return self._run(statement, params, session)

    def _run(self, query: str, params: tuple[Any, ...], session: str) -> list[Row]:
        with connect(self.database_url, row_factory=dict_row, autocommit=True) as connection:
            if session:
                connection.execute(session.encode())
            cursor = connection.execute(query.encode(), params or None)
            return cursor.fetchall() if cursor.description else []

    def value(self, query: str, *params: Any) -> Any:
        """The one value that the query answers with; None for no row."""
        found = self.rows(query, *params)
        return next(iter(found[0].values())) if found else None

    def task(self, task_id: str) -> Row:
        return self.rows("SELECT * FROM tasks WHERE clickup_task_id = %s", task_id)[0]

    def last_run(self) -> Row:
        return self.rows("SELECT * FROM runs ORDER BY started_at DESC LIMIT 1")[0]

    @contextmanager
    def locked(self, table: str) -> Iterator[None]:
        """Within, nobody else can read or write the table."""
        with connect(self.database_url) as connection:
            connection.execute(sql.SQL("LOCK TABLE {}").format(sql.Identifier(table)))
            yield

    @contextmanager
    def counting(self) -> Iterator[Row]:
        """How many requests the source saw meanwhile: `total`, and by route."""
        self.sim.requests.reset()
        seen: Row = {}
        yield seen
        seen.update(self.sim.requests.by_route)
        seen["total"] = self.sim.requests.total


# Tables of mirrored data; internal tables (runs, streams, schedules, task_reads) may move.
DATA_TABLES = (
    "workspaces",
    "employees",
    "memberships",
    "spaces",
    "folders",
    "lists",
    "tasks",
    "task_people",
    "task_tags",
    "task_dependencies",
    "custom_fields",
    "task_custom_fields",
    "time_entries",
    "comments",
)


def fingerprint_of(mirror: Mirror) -> dict[str, list[Any]]:
    """Where every row of data physically is: any write at all moves a row or its `xmin`."""
    return {
        table: [
            tuple(row.values())
            for row in mirror.rows(f"SELECT ctid::text, xmin::text, t::text FROM {table} AS t ORDER BY 1")
        ]
        for table in DATA_TABLES
    }
