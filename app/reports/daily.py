"""Questions about the daily snapshots."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.core.day import day_of, whole_day
from app.supabase_db import Database, Row


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Tasks of one snapshot: of which day, and when it was taken; None where none was taken yet."""

    date: date | None
    taken_at: datetime | None
    tasks: list[Row]


class DailyQuestions:
    """The last snapshot, and the last one of each day; `day` None is the last one of all."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def count(self, workspace_id: str, day: date | None) -> int:
        """How many tasks the snapshot has."""
        rows = await self._ask("count", workspace_id, day)
        return int(rows[0]["total"])

    async def get(self, workspace_id: str, day: date | None, zone: ZoneInfo, most: int) -> Snapshot | None:
        """The snapshot, whole if it has no more tasks than `most`; None for a day that has none.

        One in which no task was is known by its run, as long as that is kept.
        """
        rows = await self._list(workspace_id, day, limit=most)
        if rows:
            return _snapshot(rows)
        run = await self._last_run(workspace_id, day, zone)
        if run:
            return Snapshot(day_of(run["started_at"], zone).date, run["ended_at"], [])
        return None if day else Snapshot(None, None, [])

    async def more(self, workspace_id: str, day: date | None, so_far: Snapshot, most: int) -> list[Row]:
        """The tasks that follow. Raises LookupError where the snapshot has been replaced by another one."""
        place = {"after_id": so_far.tasks[-1]["clickup_task_id"], "taken_at": so_far.taken_at}
        rows = await self._list(workspace_id, day, limit=most, **place)
        if not rows and not await self._list(workspace_id, day, limit=1, taken_at=so_far.taken_at):
            raise LookupError("the snapshot was replaced by another one meanwhile")
        return _snapshot(rows).tasks if rows else []

    async def dates(self, workspace_id: str, before: date | None, limit: int) -> list[Row]:
        """The days of which one is kept, latest first."""
        return await self._database.ask(
            "list_snapshot_dates", workspace_id=workspace_id, before=before, limit=limit
        )

    async def _list(
        self, workspace_id: str, day: date | None, *, limit: int, after_id: str | None = None,
        taken_at: datetime | None = None,
    ) -> list[Row]:  # fmt: skip
        return await self._ask("list", workspace_id, day, limit=limit, after_id=after_id, taken_at=taken_at)

    async def _ask(self, what: str, workspace_id: str, day: date | None, **params: Any) -> list[Row]:
        query = f"{what}_daily_snapshot" if day else f"{what}_daily_sync"
        return await self._database.ask(query, workspace_id=workspace_id, day=day, **params)

    async def _last_run(self, workspace_id: str, day: date | None, zone: ZoneInfo) -> Row | None:
        within = whole_day(day, zone) if day else None
        rows = await self._database.ask(
            "get_last_daily_run",
            workspace_id=workspace_id,
            start=within.start if within else None,
            end=within.end if within else None,
        )
        return rows[0] if rows else None


def _snapshot(rows: list[Row]) -> Snapshot:
    """The rows without what they all have in common."""
    common = [(row.pop("snapshot_date"), row.pop("taken_at")) for row in rows]
    return Snapshot(*common[0], rows)
