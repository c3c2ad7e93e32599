"""What an answer about time looks like."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.api.task_schemas import UNREADABLE, Text, said
from app.core.answers.timesheet import Per
from app.reports.time import By

_STRICT = ConfigDict(extra="forbid")
Zone = Annotated[str, said("The zone of days and instants", "Europe/Berlin")]


class TimeEntry(BaseModel):
    """A session of work as ClickUp keeps it. Instants are ISO 8601 in the chosen zone, with the offset."""

    model_config = _STRICT

    clickup_entry_id: Annotated[str, said("ClickUp's id", "3872123456789012345")]
    clickup_user_id: Annotated[Text, said("ClickUp's id of the person; null where it sent nobody", "183")]
    employee_id: Annotated[UUID | None, said("The person in `/employees`; null for who is not there")]
    user_name: Annotated[Text, said("The person's name", "Ada Lovelace")]
    clickup_task_id: Annotated[Text, said("ClickUp's id of the task; null for time without one", "86abc1")]
    task_title: Annotated[Text, said("The task's name; null where the mirror does not know it")]
    task_url: Annotated[Text, said("Where the task is in ClickUp")]
    is_task_deleted: Annotated[
        bool | None, said("The task was deleted in ClickUp; null where the mirror knows none")
    ]
    list_id: Annotated[Text, said("ClickUp's id of the task's list", "124")]
    list_name: Annotated[Text, said("The task's list", "Sprint 12")]
    folder_id: Annotated[Text, said("ClickUp's id of the task's folder")]
    folder_name: Annotated[Text, said("The task's folder; null for a list that stands in a space itself")]
    space_id: Annotated[Text, said("ClickUp's id of the task's space", "790")]
    space_name: Annotated[Text, said("The task's space", "Agency")]
    started_at: Annotated[datetime | None, said("The start; null where time was logged as an amount")]
    ended_at: Annotated[datetime | None, said("The end; null while it runs, or logged as an amount")]
    duration_ms: Annotated[int | None, said("Milliseconds; null while it runs or if unreadable", 5_400_123)]
    minutes: Annotated[
        int | None, said("Whole minutes of it, cut off; null while it runs or if unreadable", 90)
    ]
    is_running: Annotated[bool, said("The timer runs")]
    billable: Annotated[bool | None, said("Billable; null where ClickUp did not tell")]
    description: Annotated[Text, said("What was written beside it")]
    tags: Annotated[list[str] | None, said("Its tags; null where ClickUp did not tell", ["meeting"])]
    entry_updated_at: Annotated[datetime | None, said("When it last changed in ClickUp")]
    unreadable_fields: Annotated[dict[str, str], said(UNREADABLE)]
    updated_at: Annotated[datetime, said("When the row was last written")]


ENTRY_COLUMNS = tuple(TimeEntry.model_fields)


class EntryPage(BaseModel):
    """One page of time entries, newest start first."""

    model_config = _STRICT

    count: Annotated[int, said("How many are in this answer", 100)]
    limit: Annotated[int, said("How many were asked for", 100)]
    total: Annotated[int, said("How many pass the filters in all", 3000)]
    next_cursor: Annotated[Text, said("`cursor` of the next page; null at the end")]
    zone: Zone
    time_entries: list[TimeEntry]


class OnDays(BaseModel):
    """Time on one day or several; whole minutes, cut off, of the milliseconds beside them."""

    model_config = _STRICT

    entries: Annotated[int, said("Finished entries that have a part here", 3)]
    minutes: Annotated[int, said("Whole minutes of what is finished", 125)]
    milliseconds: Annotated[int, said("The same, exact", 7_512_345)]
    running: Annotated[int, said("Timers that run and have a part here", 0)]
    running_minutes: Annotated[int, said("Whole minutes of timers that run, up to `as_of`", 0)]
    running_milliseconds: Annotated[int, said("The same, exact", 0)]


class SheetPart(OnDays):
    """One day, week or month of a sheet; those without time are left out."""

    date: Annotated[
        date, said("The day; the first one of a week or month, within the days asked for", "2026-01-05")
    ]


class Summed(OnDays):
    """Time on the days that were asked for, and apart from it time that is on no day."""

    undated: Annotated[int, said("Entries without a start, whatever days are asked for", 0)]
    undated_minutes: Annotated[int, said("Their whole minutes", 0)]
    undated_milliseconds: Annotated[int, said("The same, exact", 0)]


class Sheet(Summed):
    """The time of one person, task, list or space, or of all."""

    id: Annotated[
        Text, said("ClickUp's id of whose or what it is; null for time of none, and for all", "183")
    ]
    employee_id: Annotated[UUID | None, said("The person in `/employees`; null for all but people")]
    name: Annotated[Text, said("Name of the person, task, list or space", "Ada Lovelace")]


class DailySheet(Sheet):
    """The same, day by day."""

    days: list[SheetPart]


class WeeklySheet(Sheet):
    """The same, week by week."""

    weeks: list[SheetPart]


class MonthlySheet(Sheet):
    """The same, month by month."""

    months: list[SheetPart]


class TimesheetAnswer(BaseModel):
    """A sheet for each person, task, list or space with time on these days or on none, by name; or one."""

    model_config = _STRICT

    first: Annotated[date, Field(alias="from", description="The first day", examples=["2026-01-05"])]
    last: Annotated[date, Field(alias="to", description="The last day, included", examples=["2026-01-11"])]
    zone: Zone
    group: Annotated[By, said("What each sheet is of", "person")]
    per: Annotated[Per, said("How each timesheet is divided; total: not at all", "day")]
    as_of: Annotated[datetime, said("Up to when timers that run are counted")]
    count: Annotated[int, said("How many sheets there are", 12)]
    total: Summed
    timesheets: Annotated[
        list[DailySheet] | list[WeeklySheet] | list[MonthlySheet] | list[Sheet],
        said("With `days`, `weeks` or `months`, or with none of them"),
    ]


SHEET_COLUMNS = (
    "date", "id", "employee_id", "name", *OnDays.model_fields, "undated", "undated_minutes",
    "undated_milliseconds",
)  # fmt: skip
