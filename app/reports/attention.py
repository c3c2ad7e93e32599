"""Questions about tasks that somebody should look at."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, get_args

from app.reports.places import Within
from app.supabase_db import Database, Row

Condition = Literal["overdue", "at_risk", "stale", "blocked", "untracked"]
CONDITIONS: tuple[Condition, ...] = get_args(Condition)
USUAL_DAYS: dict[Condition, int] = {"overdue": 0, "at_risk": 3, "stale": 14, "blocked": 0, "untracked": 30}


@dataclass(frozen=True, slots=True)
class AttentionFilter:
    """What should be looked at, whose (ClickUp's ids), and where; None lets everything pass.

    `days`: at risk: due today or within so many days after it; stale: not touched for so many times 24
    hours; untracked: done within the last so many times 24 hours. None: as usual. Others do not ask for it.
    """

    condition: Condition
    assignees: Sequence[str] | None = None
    within: Within = field(default_factory=Within)
    days: int | None = None

    def params(self, workspace_id: str, today: date, now: datetime) -> dict[str, Any]:
        """As the queries take them."""
        return self.within.params() | {
            "workspace_id": workspace_id,
            "condition": self.condition,
            "people": self.assignees or None,
            "days": USUAL_DAYS[self.condition] if self.days is None else self.days,
            "today": today,
            "now": now,
        }


class AttentionReports:
    """Tasks that are overdue, at risk, stale, blocked, or done without time: `docs/reports.md` says when."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def count(self, workspace_id: str, wanted: AttentionFilter, today: date, now: datetime) -> int:
        """How many there are."""
        rows = await self._database.ask("count_attention", **wanted.params(workspace_id, today, now))
        return int(rows[0]["total"])

    async def page(
        self, workspace_id: str, wanted: AttentionFilter, *, today: date, now: datetime, limit: int,
        offset: int = 0,
    ) -> list[Row]:  # fmt: skip
        """Those from an offset on, worst first; the same order as long as nothing changes.

        `reasons`: of open tasks all that speaks against them (`overdue`, `unassigned`, `not_started`,
        `over_estimate`, `blocked`), whatever was asked for. `waiting_on`: the open ones.
        """
        known = wanted.params(workspace_id, today, now)
        return await self._database.ask("list_attention", **known, limit=limit, offset=offset)
