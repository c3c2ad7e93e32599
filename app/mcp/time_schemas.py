"""What answers about time look like. Minutes are whole ones, cut off; hours are written hours:minutes."""

from datetime import date, datetime
from typing import Annotated

from app.mcp.answer_schemas import Hours, Minutes, Page, Shape, Spent, TextAnswer, maybe, said, several
from app.mcp.task_schemas import Unreadable
from app.reports.time import By

First = Annotated[date, said("The first day, in `zone`", "2026-11-02")]
Last = Annotated[date, said("The last day, included, in `zone`", "2026-11-08")]
DaySaid = Annotated[str, said("The same as people say it", "Fri 27 Nov")]
Running = Annotated[
    int | None,
    maybe("Whole minutes of timers that still run, up to now; not in `minutes`. Left out where 0", 12),
]
RunningSaid = Annotated[str | None, maybe("The same as hours:minutes", "0:12 h")]


class Entry(Shape):
    """One session of work as ClickUp keeps it."""

    entry_id: Annotated[str, said("ClickUp's id of the time entry")]
    person: Annotated[str | None, said("Whose; null where ClickUp sent nobody", "Ada Lovelace")]
    task_id: Annotated[
        str | None, maybe("ClickUp's id of the task; left out for time of no task", "86abc1")
    ] = None
    task: Annotated[str | None, maybe("The task's name, cut at 200 characters")] = None
    where: Annotated[str | None, maybe("Space, folder and list of the task", "Agency / Sprint 12")] = None
    started_at: Annotated[
        datetime | None, said("Its start in `zone`; null where time was logged as an amount")
    ]
    started: Annotated[str | None, maybe("The same as people say it", "yesterday 14:05")] = None
    ended_at: Annotated[datetime | None, maybe("Its end in `zone`; left out while it runs")] = None
    minutes: Annotated[int | None, maybe("Whole minutes, cut off; left out while it runs", 90)] = None
    time: Annotated[str | None, maybe("The same as hours:minutes", "1:30 h")] = None
    is_running: Annotated[bool, maybe("The timer runs; left out where it does not")] = False
    billable: Annotated[bool | None, said("Billable; null where ClickUp did not tell")] = None
    description: Annotated[str | None, maybe("What was written beside it, cut at 200 characters")] = None
    tags: Annotated[list[str], several("Its tags")]
    unreadable_fields: Unreadable = None
    is_task_deleted: Annotated[bool, maybe("Its task was deleted in ClickUp; left out where it was not")] = (
        False
    )


class FoundEntries(Page):
    """Time entries that pass the filters."""

    entries: Annotated[list[Entry], said("Newest start first, those without a start last")]


class Timer(Shape):
    """A timer that runs."""

    person: Annotated[str | None, said("Whose", "Ada Lovelace")]
    task_id: Annotated[
        str | None, maybe("ClickUp's id of the task; left out for time of no task", "86abc1")
    ] = None
    task: Annotated[str | None, maybe("The task's name, cut at 200 characters")] = None
    where: Annotated[str | None, maybe("Space, folder and list of the task", "Agency / Sprint 12")] = None
    started_at: Annotated[datetime | None, said("Since when it runs, in `zone`")]
    running_for: Annotated[str | None, said("How long it has run until now, hours:minutes", "2:05 h")]
    description: Annotated[str | None, maybe("What was written beside it, cut at 200 characters")] = None


class Timers(Page):
    """Timers that run."""

    timers: Annotated[list[Timer], said("Latest start first")]


class Part(Shape):
    """The time of one day, week or month."""

    date: Annotated[
        date, said("The day; of a week or month its first one that was asked for, in `zone`", "2026-11-27")
    ]
    day: DaySaid
    minutes: Minutes
    time: Hours
    running_minutes: Running = None
    running: RunningSaid = None


class Sheet(Shape):
    """The time of one person, task, list or space, or of all."""

    id: Annotated[
        str | None,
        maybe("ClickUp's id of the person, task, list or space; left out for time that has none", "183"),
    ] = None
    name: Annotated[str | None, said("Its name; null for time that has none, and for all", "Ada Lovelace")]
    minutes: Minutes
    time: Hours
    entries: Annotated[int, said("How many finished entries have a part in it", 3)]
    running_minutes: Running = None
    running: RunningSaid = None
    undated_minutes: Annotated[
        int | None,
        maybe("Whole minutes without a start: on no day, whatever days are asked for; not in `minutes`"),
    ] = None
    undated: Annotated[str | None, maybe("The same as hours:minutes")] = None
    days: Annotated[list[Part], several("By day, days without time left out; with per=day")]
    weeks: Annotated[list[Part], several("By week from Monday, weeks without time left out; with per=week")]
    months: Annotated[list[Part], several("By month, months without time left out; with per=month")]


class TimeReport(Page):
    """Tracked time, summed."""

    from_day: First
    to_day: Last
    by: Annotated[By, said("What each row is of")]
    sum: Annotated[Sheet, said("Everything together, on every page")]
    rows: Annotated[list[Sheet], said("Most time first")]


class TaskTime(Shape):
    """Time on one task."""

    task_id: Annotated[
        str | None, maybe("ClickUp's id of the task; left out for time of no task", "86abc1")
    ] = None
    task: Annotated[str | None, said("Its name, cut at 200 characters; null for time of no task")]
    minutes: Minutes
    time: Hours
    running_minutes: Running = None
    running: RunningSaid = None


class TimesheetDay(Part):
    """One day of a timesheet."""

    tasks: Annotated[list[TaskTime], said("Where the time went, most first")]
    left_out: Annotated[int | None, maybe("How many more tasks the day has")] = None


class Timesheet(TextAnswer):
    """One person's time, day by day."""

    person: Annotated[str, said("Whose time", "Ada Lovelace")]
    clickup_user_id: Annotated[str, said("ClickUp's id of the person", "183")]
    from_day: First
    to_day: Last
    sum: Annotated[Spent, said("Finished time of all days together")]
    running_minutes: Running = None
    running: RunningSaid = None
    undated_minutes: Annotated[
        int | None,
        maybe("Whole minutes without a start: on no day, whatever days are asked for; not in `sum`"),
    ] = None
    undated: Annotated[str | None, maybe("The same as hours:minutes")] = None
    days: Annotated[list[TimesheetDay], said("Days with time, in order; the others have none")]
