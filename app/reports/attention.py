"""Questions about tasks that somebody should look at."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, Any, Literal, get_args

from app.core.answers.fields import (
    Assignees,
    DueDate,
    EmployeeIds,
    Estimate,
    FolderId,
    FolderName,
    InWords,
    ListId,
    ListName,
    OptionalTitle,
    Priority,
    SpaceId,
    SpaceName,
    Status,
    StatusChanged,
    StatusType,
    TaskId,
    TaskUrl,
    Title,
    Tracked,
    Updated,
    said,
)
from app.reports.places import Within
from app.sql.typed_rows import Query
from app.supabase_db import AskedDatabase

Condition = Literal["overdue", "at_risk", "stale", "blocked", "untracked"]
CONDITIONS: tuple[Condition, ...] = get_args(Condition)
USUAL_DAYS: dict[Condition, int] = {"overdue": 0, "at_risk": 3, "stale": 14, "blocked": 0, "untracked": 30}
Reason = Literal["overdue", "unassigned", "not_started", "over_estimate", "blocked"]


@dataclass(frozen=True, slots=True)
class Blocker:
    """An open task that another one waits on."""

    clickup_task_id: TaskId
    title: OptionalTitle
    status: Status
    assignee_name: Assignees


@dataclass(frozen=True, slots=True)
class AttentionTask:
    """A task that somebody should look at, and why."""

    clickup_task_id: TaskId
    title: Title
    status: Status
    status_type: StatusType
    priority: Priority
    assignee_name: Assignees
    employee_ids: EmployeeIds
    space_id: SpaceId
    space_name: SpaceName
    folder_id: FolderId
    folder_name: FolderName
    list_id: ListId
    list_name: ListName
    url: TaskUrl
    due_date: DueDate
    date_updated: Updated
    last_status_change: StatusChanged
    time_estimate_minutes: Estimate
    tracked_minutes: Tracked
    done_at: Annotated[
        datetime | None,
        InWords.INSTANT,
        said("When it was done; null while it is not, or where nobody knows"),
    ]
    days_overdue: Annotated[int | None, said("Days since its due day; null where it is not overdue", 3)]
    days_untouched: Annotated[
        int | None, said("Whole days of 24 hours since it was changed or worked on", 20)
    ]
    reasons: Annotated[
        list[Reason],
        said(
            "All that speaks against it while it is open: overdue, unassigned, not_started (nobody worked on "
            "it), over_estimate (tracked at least its estimate), blocked (waits on an open task)",
            ["unassigned"],
        ),
    ]
    waiting_on: Annotated[list[Blocker], said("The open tasks that it waits on")]


def check_days(condition: Condition, days: int | None) -> int | None:
    """With how many days to ask; None for a condition without days. Raises ValueError if it is given some."""
    if USUAL_DAYS[condition]:
        return USUAL_DAYS[condition] if days is None else days
    if days is not None:
        raise ValueError(f"{condition} takes no days")
    return None


COUNT_ATTENTION = Query("count_attention", int)
LIST_ATTENTION = Query("list_attention", AttentionTask)


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

    def __init__(self, database: AskedDatabase) -> None:
        self._database = database

    async def count(self, workspace_id: str, wanted: AttentionFilter, today: date, now: datetime) -> int:
        """How many there are."""
        return await self._database.one(COUNT_ATTENTION, **wanted.params(workspace_id, today, now))

    async def page(
        self, workspace_id: str, wanted: AttentionFilter, *, today: date, now: datetime, limit: int,
        offset: int = 0,
    ) -> list[AttentionTask]:  # fmt: skip
        """Those from an offset on, worst first; the same order as long as nothing changes."""
        known = wanted.params(workspace_id, today, now)
        return await self._database.rows(LIST_ATTENTION, **known, limit=limit, offset=offset)
