"""What answers about days, weeks and progress look like."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from app.mcp.answer_schemas import Hours, Minutes, Page, Shape, Spent, TextAnswer, maybe, said, several
from app.mcp.attention_schemas import TeamLoad
from app.mcp.task_schemas import TaskRef
from app.mcp.time_schemas import First, Last
from app.reports.progress import Of

More = Annotated[int | None, maybe("How many more there are")]


class DayTask(Shape):
    """A task of somebody's day."""

    task_id: Annotated[str | None, maybe("ClickUp's id; left out for time of no task", "86abc1")] = None
    title: Annotated[str | None, said("Its name, cut at 100 characters; null for time of no task")]
    status: Annotated[str | None, maybe("Its status as named in ClickUp")] = None
    list_name: Annotated[str | None, maybe("The list it stands in")] = None
    minutes: Annotated[int | None, maybe("Whole minutes of the person's time that day", 125)] = None
    time: Annotated[str | None, maybe("The same as hours:minutes", "2:05 h")] = None


class PersonDay(Shape):
    """One person's day."""

    employee_id: Annotated[UUID | None, maybe("The mirror's own id of the person")] = None
    name: Annotated[str | None, said("The person; null for who has no name here", "Ada Lovelace")]
    sum: Annotated[Spent, said("All finished time of that day")]
    done: Annotated[list[DayTask], several("Tasks of theirs that were done that day")]
    done_left_out: More = None
    worked: Annotated[list[DayTask], several("Where their finished time of that day went, most first")]
    worked_left_out: More = None
    running: Annotated[list[DayTask], several("Timers of theirs that run, with their time up to now")]
    due: Annotated[list[DayTask], several("Open tasks of theirs that are due that day")]
    due_left_out: More = None
    waiting_comments: Annotated[int, said("Comments that wait for their answer now", 2)]


class Standup(Page):
    """A day of everybody."""

    day: Annotated[date, said("The day, in `zone`", "2026-11-27")]
    day_said: Annotated[str, said("The same as people say it", "yesterday, Thu 26 Nov")]
    people: Annotated[list[PersonDay], said("By name; who has nothing that day is left out")]
    teams: Annotated[
        list[TeamLoad], several("Teams that comments wait for now; only where all people are asked for")
    ]


class WeekFigures(Shape):
    """What happened in one week."""

    from_day: First
    to_day: Last
    created: Annotated[int, said("Tasks that were created", 40)]
    done: Annotated[int, said("Tasks that were done", 35)]
    tracked: Annotated[Spent, said("Finished time, without that of deleted tasks")]


class Share(Shape):
    """Somebody's or something's time in the week."""

    id: Annotated[str | None, maybe("ClickUp's id of the person, space or task", "183")] = None
    name: Annotated[str | None, said("Its name; null for time that has none", "Ada Lovelace")]
    minutes: Minutes
    time: Hours


class Digest(TextAnswer):
    """A week in a few words."""

    week: Annotated[WeekFigures, said("The week")]
    previous: Annotated[WeekFigures, said("The week before it")]
    by_person: Annotated[list[Share], said("Time by person, most first")]
    by_person_left_out: More = None
    by_space: Annotated[list[Share], said("Time by space, most first")]
    by_space_left_out: More = None
    most_time: Annotated[list[Share], said("The ten tasks with the most time")]
    overdue: Annotated[int, said("Open tasks that are overdue now", 12)]
    blocked: Annotated[int, said("Open tasks that wait on an open task now", 3)]
    waiting_comments: Annotated[int, said("Comments that wait for an answer now", 8)]


class Whose(Shape):
    """Of whom or what a row is."""

    id: Annotated[str | None, maybe("ClickUp's id of the person, list or space", "183")] = None
    name: Annotated[str | None, said("Name; null for everything, and for tasks of nobody", "Ada Lovelace")]


class ProgressRow(Whose):
    """What happened to somebody's or some place's tasks."""

    created: Annotated[int, said("Tasks that were created then", 40)]
    done: Annotated[int, said("Tasks that were done then", 35)]
    deleted: Annotated[int, said("Tasks that were found deleted then", 1)]
    changed: Annotated[int, said("Tasks whose last change lies then", 80)]
    open_now: Annotated[int, said("Tasks that are open now", 120)]
    tracked_minutes: Annotated[int, said("Finished time of then, whole minutes", 125)]
    tracked: Annotated[str, said("The same as hours:minutes", "2:05 h")]


class DoneTask(TaskRef):
    """A task that was done."""

    done_at: Annotated[datetime | None, said("When, in `zone`")]
    done: Annotated[str | None, said("The same as people say it", "yesterday 14:05")]


class Progress(Page):
    """What happened since a day."""

    from_day: First
    to_day: Last
    by: Annotated[Of, said("What each row is of")]
    rows: Annotated[list[ProgressRow], said("By name; whoever or whatever has nothing is left out")]
    done_total: Annotated[int, said("How many tasks were done then", 35)]
    done: Annotated[list[DoneTask], several("The latest ten of them; on the first page only")]


class AccuracyRow(Whose):
    """How well somebody's or some place's tasks were estimated."""

    tasks: Annotated[int, said("Tasks that were done then", 35)]
    estimated_minutes: Annotated[int, said("Estimates of those with estimate and time, whole minutes", 600)]
    estimated: Annotated[str, said("The same as hours:minutes", "10:00 h")]
    tracked_minutes: Annotated[int, said("Time of the same tasks, whole minutes, whoever spent it", 720)]
    tracked: Annotated[str, said("The same as hours:minutes", "12:00 h")]
    percent: Annotated[
        int | None,
        said("Tracked of estimated, whole percent, cut off; null where nothing can be compared", 120),
    ]
    over: Annotated[int, said("Tasks that took over 120 % of their estimate", 5)]
    under: Annotated[int, said("Tasks that took less than 80 % of it", 4)]
    close: Annotated[int, said("Tasks within 20 % of it", 6)]
    without_estimate: Annotated[int, said("Tasks without an estimate", 10)]
    without_time: Annotated[int, said("Tasks with an estimate and no time", 3)]


class Accuracy(Page):
    """Estimates beside what it took."""

    from_day: First
    to_day: Last
    by: Annotated[Of, said("What each row is of")]
    rows: Annotated[list[AccuracyRow], said("By name")]
