"""Questions about runs."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.core.answers.paging import Cursor, digest
from app.reports.keyset import Page, beginning, newest_first, place_params
from app.supabase_db import Database, Row

_SILENT_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs; what is None lets everything pass. `since`: those that began then or later."""

    run_ids: Sequence[UUID] | None = None
    kinds: Sequence[str] | None = None
    statuses: Sequence[str] | None = None
    triggers: Sequence[str] | None = None
    since: datetime | None = None

    def params(self, workspace_id: str) -> dict[str, Any]:
        """As the queries take them."""
        return asdict(self) | {"workspace_id": workspace_id}

    @property
    def question(self) -> str:
        """What a cursor is good for."""
        return digest(asdict(self) | {"list": "runs"})


class RunReports:
    """What was done, and what is under way."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, workspace_id: str, run_id: UUID) -> Row | None:
        """One run as it stands; None where it is not known, or forgotten."""
        page = await self.page(workspace_id, RunFilter(run_ids=[run_id]), None, 1)
        return page.rows[0] if page.rows else None

    async def has_worker(self) -> bool:
        """Whether any worker process was heard of lately, so that what is asked for is done sometime."""
        return bool(await self._database.ask("list_live_workers", seconds=_SILENT_SECONDS))

    async def count(self, workspace_id: str, wanted: RunFilter) -> int:
        """How many runs pass the filter."""
        rows = await self._database.ask("count_runs", **wanted.params(workspace_id))
        return int(rows[0]["total"])

    async def page(self, workspace_id: str, wanted: RunFilter, cursor: Cursor | None, limit: int) -> Page:
        """Runs, newest first: the first page, or the one at the cursor."""

        async def list_rows(place: Cursor, most: int) -> list[Row]:
            known = wanted.params(workspace_id) | place_params(place, most)
            return await self._database.ask("list_runs", **known)

        walk = newest_first("run_id", "started_at", "started_at", list_rows)
        begin = cursor or await beginning(self._database, "get_last_run_start", workspace_id, wanted.question)
        return await walk.page(begin, limit)
