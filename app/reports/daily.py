"""Questions about the daily snapshots."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from app.core.answers.day import day_of, whole_day
from app.supabase_db import Database, Row, Transaction


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Tasks of one snapshot: of which day, and when it was taken; None where none was taken yet."""

    date: date | None
    taken_at: datetime | None
    tasks: list[Row]


class DailyReports:
    """The last snapshot, and the last one of each day; `day` None is the last one of all."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def count(self, workspace_id: str, day: date | None) -> int:
        """How many tasks the snapshot has."""
        rows = await self._database.ask(_query("count", day), workspace_id=workspace_id, day=day)
        return int(rows[0]["total"])

    async def parts(
        self, workspace_id: str, day: date | None, zone: ZoneInfo, at_once: int
    ) -> AsyncGenerator[Snapshot, None]:
        """The snapshot, so many tasks at once, whole though another one replaces it meanwhile.

        One part at least, and none for a day that has no snapshot. One in which no task was is known by its
        run, as long as that is kept.
        """
        async with self._database.reading() as tx:
            await tx.note("see_one_state")
            known = {"workspace_id": workspace_id, "day": day, "limit": at_once}
            rows = await tx.fetch(_query("list", day), **known, after_id=None)
            if not rows and (empty := await _without_tasks(tx, workspace_id, day, zone)):
                yield empty
            while rows:
                yield _snapshot(rows)
                rows = await tx.fetch(_query("list", day), **known, after_id=rows[-1]["clickup_task_id"])

    async def dates(self, workspace_id: str, before: date | None, limit: int) -> list[Row]:
        """The days of which one is kept, latest first."""
        return await self._database.ask(
            "list_snapshot_dates", workspace_id=workspace_id, before=before, limit=limit
        )


def _query(what: str, day: date | None) -> str:
    return f"{what}_daily_snapshot" if day else f"{what}_daily_sync"


async def _without_tasks(
    tx: Transaction, workspace_id: str, day: date | None, zone: ZoneInfo
) -> Snapshot | None:
    """The snapshot that left no row; None for a day that has none."""
    within = whole_day(day, zone) if day else None
    runs = await tx.fetch(
        "get_last_daily_run",
        workspace_id=workspace_id,
        start=within.start if within else None,
        end=within.end if within else None,
    )
    if runs:
        return Snapshot(day_of(runs[0]["started_at"], zone).date, runs[0]["ended_at"], [])
    return None if day else Snapshot(None, None, [])


def _snapshot(rows: list[Row]) -> Snapshot:
    """The rows without what they all have in common."""
    common = [(row.pop("snapshot_date"), row.pop("taken_at")) for row in rows]
    return Snapshot(*common[0], rows)
