"""Questions about time that was changed after its period had ended."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Literal

from app.core.answers.fields import ForAssistants, InWords, Written, said
from app.core.answers.timesheet import Milliseconds
from app.reports.flow import ChangedBy, ChangedByEmployee, ChangedByName
from app.reports.places import Within
from app.sql.typed_rows import Query
from app.supabase_db import Database

MinutesBefore = Annotated[int, InWords.MINUTES, said("Whole minutes on these days, as it was", 60)]
MinutesAfter = Annotated[int, InWords.MINUTES, said("Whole minutes on these days, as it is", 90)]


@dataclass(frozen=True, slots=True)
class TimeEditFilter:
    """Entries that began in [start, end), before or after the edit, as they were at `edited_since` and as
    they are. `people`: whose time it was or is.
    """

    start: datetime
    end: datetime
    edited_since: datetime
    people: Sequence[str] | None = None
    within: Within = field(default_factory=Within)

    def params(self, workspace_id: str) -> dict[str, Any]:
        """As the queries take them."""
        own = {"start": self.start, "end": self.end, "edited_since": self.edited_since}
        return own | self.within.params() | {"workspace_id": workspace_id, "people": self.people or None}


@dataclass(frozen=True, slots=True)
class TimeEditSums:
    """How many entries were edited, and what that did to the time of these days."""

    entries: Annotated[int, said("Entries that were edited", 5)]
    created: Annotated[int, said("Of them: created", 1)]
    changed: Annotated[int, said("Changed", 3)]
    deleted: Annotated[int, said("Deleted", 1)]
    minutes_before: MinutesBefore
    minutes_after: MinutesAfter
    milliseconds_before: Milliseconds
    milliseconds_after: Milliseconds


@dataclass(frozen=True, slots=True)
class TimeEdit:
    """An entry that was created, changed or deleted; what was not there before, or is gone, is null."""

    clickup_entry_id: Annotated[str, said("ClickUp's id", "3872123456789012345")]
    change: Annotated[Literal["created", "changed", "deleted"], said("What happened to it", "changed")]
    user_before: Annotated[str | None, said("ClickUp's id of whose it was", "183")]
    user_after: Annotated[str | None, said("ClickUp's id of whose it is", "183")]
    name_before: Annotated[str | None, Written.LINE, said("Their name", "Ada Lovelace")]
    name_after: Annotated[str | None, Written.LINE, said("Their name", "Ada Lovelace")]
    task_before: Annotated[str | None, said("ClickUp's id of the task that it was of", "86abc1")]
    task_after: Annotated[str | None, said("ClickUp's id of the task that it is of", "86abc2")]
    task_title: Annotated[str | None, Written.LINE, said("Name of the task, as it is", "Write the offer")]
    started_before: Annotated[datetime | None, said("The start, as it was")]
    started_after: Annotated[datetime | None, said("The start, as it is")]
    ended_before: Annotated[datetime | None, said("The end, as it was")]
    ended_after: Annotated[datetime | None, said("The end, as it is")]
    billable_before: Annotated[bool | None, said("Billable, as it was")]
    billable_after: Annotated[bool | None, said("Billable, as it is")]
    minutes_before: MinutesBefore
    minutes_after: MinutesAfter
    milliseconds_before: Milliseconds
    milliseconds_after: Milliseconds
    edits: Annotated[int | None, ForAssistants.NONZERO, said("How often it was edited", 1)]
    changed_at: Annotated[
        datetime | None, InWords.INSTANT, said("The last edit, as an instant between the next two")
    ]
    earliest: Annotated[datetime | None, said("The last edit happened then or later")]
    latest: Annotated[datetime | None, said("The last edit happened then or earlier")]
    user_id: ChangedBy
    employee_id: ChangedByEmployee
    user_name: ChangedByName


SUM_TIME_EDITS = Query("sum_time_edits", TimeEditSums)
LIST_TIME_EDITS = Query("list_time_edits", TimeEdit)


class TimeEditReports:
    """Time that was edited later. An edit that was undone is none."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def edits(
        self, workspace_id: str, wanted: TimeEditFilter, *, limit: int, offset: int = 0
    ) -> tuple[TimeEditSums, list[TimeEdit]]:
        """What the edits did in all, and the entries, the latest edit first."""
        known = wanted.params(workspace_id)
        return await asyncio.gather(
            self._database.one(SUM_TIME_EDITS, **known),
            self._database.rows(LIST_TIME_EDITS, **known, limit=limit, offset=offset),
        )
