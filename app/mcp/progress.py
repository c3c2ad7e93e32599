"""Tools: a day, a week, and what happened since."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Annotated, Any

from app.core.answers.day import whole_day
from app.core.answers.paging import digest
from app.core.answers.timesheet import Figures
from app.mcp.answer_schemas import instant, instant_said, maybe_line, spent, time_said
from app.mcp.attention import team_loads
from app.mcp.humanize import day_said
from app.mcp.params import (
    CursorText,
    DayText,
    From,
    Limit,
    People,
    Places,
    To,
    of,
    read_day,
    read_days,
    read_week,
    take_page,
)
from app.mcp.progress_schemas import (
    Accuracy,
    AccuracyRow,
    DayTask,
    Digest,
    DoneTask,
    PersonDay,
    Progress,
    ProgressRow,
    Share,
    Standup,
    WeekFigures,
)
from app.mcp.request_context import Asked, Mirror
from app.mcp.task_rows import task_ref
from app.reports.progress import Of
from app.supabase_db import Row

_USUAL_DAYS, _MOST_DAYS = 30, 3_660
_MOST_OF_A_DAY, _MOST_SHARES, _MOST_DONE = 8, 20, 10
_TITLE = 100
By = Annotated[Of, of("What each row is of; all: one row")]


async def get_standup(
    mirror: Asked,
    day: Annotated[
        DayText, of("The day: 2026-11-27, `today` or `yesterday`, in the mirror's zone")
    ] = "today",
    people: People = None,
    limit: Limit = 20,
    cursor: CursorText = None,
) -> Standup:
    """What each person did on a day: tasks done, where the time went, timers that run, what was due that day.

    For a stand-up ask for yesterday and for today. Of each list the first eight are told. Hours of several
    days are in get_timesheet, a week of everybody in get_weekly_digest.
    """
    on = read_day(day, mirror)
    user_ids = await mirror.reports.lookup.user_ids(mirror.workspace_id, people)
    rows = await mirror.reports.digest.standup(
        mirror.workspace_id, whole_day(on, mirror.zone), now=mirror.now, people=user_ids
    )
    by_team = mirror.reports.comments.count_by_team
    teams = await by_team(mirror.workspace_id) if user_ids is None else []
    question = digest({"list": "standup", "day": on, "people": user_ids})
    shown, paged = take_page(rows, question, limit, cursor)
    return Standup.of(
        mirror,
        **paged,
        day=on,
        day_said=day_said(on, mirror.today),
        people=[_person_day(row) for row in shown],
        teams=team_loads(teams),
    )


async def get_weekly_digest(
    mirror: Asked,
    week: Annotated[
        DayText, of("`this week`, `last week`, or any day of the week: 2026-11-27; weeks start on Monday")
    ] = "last week",
) -> Digest:
    """A week beside the week before: tasks created and done, time by person and space, tasks with most time.

    Also how many tasks are overdue and blocked, and how many comments wait, now. For other stretches of time
    ask get_progress and get_time_report.
    """
    monday = read_week(week, mirror)
    found = await mirror.reports.digest.week(mirror.workspace_id, monday, zone=mirror.zone, now=mirror.now)
    people, spaces = _with_time(found["by_person"]), _with_time(found["by_space"])
    return Digest.of(
        mirror,
        week=_week_figures(found),
        previous=_week_figures(found["previous"]),
        by_person=_shares(people),
        by_person_left_out=_left_out(len(people) - _MOST_SHARES),
        by_space=_shares(spaces),
        by_space_left_out=_left_out(len(spaces) - _MOST_SHARES),
        most_time=_shares(found["most_time"]),
        overdue=found["overdue"],
        blocked=found["blocked"],
        waiting_comments=found["waiting_comments"],
    )


async def get_progress(
    mirror: Asked,
    since: Annotated[DayText, of("The first day: 2026-11-01, `today` or `yesterday`, in the mirror's zone")],
    to_day: To = None,
    by: By = "all",
    people: People = None,
    places: Places = None,
    limit: Limit = 20,
    cursor: CursorText = None,
) -> Progress:
    """What happened since a day: tasks created, done, deleted, changed; time tracked; what is open now.

    In all, or by space, list or person; and the tasks that were done last. How many tasks are in which status
    is in count_tasks_by_status.
    """
    first, last = read_days(since, to_day, mirror, usual=1, most=_MOST_DAYS)
    start, end = _bounds(first, last, mirror)
    whose = await _asked_for(mirror, people, places)
    rows = await mirror.reports.progress.since(mirror.workspace_id, start, end, by=by, **whose)
    question = digest({"list": "progress", "days": [first, last], "by": by, **_plain(whose)})
    shown, paged = take_page(rows, question, limit, cursor)
    completed = [] if cursor else await mirror.reports.progress.completed(
        mirror.workspace_id, start, end, **whose, limit=_MOST_DONE
    )  # fmt: skip
    return Progress.of(
        mirror,
        **paged,
        from_day=first,
        to_day=last,
        by=by,
        rows=[_progress_row(row) for row in shown],
        done_total=await mirror.reports.progress.count_completed(mirror.workspace_id, start, end, **whose),
        done=[_done_task(row, mirror) for row in completed],
    )


async def get_estimate_accuracy(
    mirror: Asked,
    by: By = "all",
    from_day: From = None,
    to_day: To = None,
    people: People = None,
    places: Places = None,
    limit: Limit = 20,
    cursor: CursorText = None,
) -> Accuracy:
    """How the time that finished tasks took compares with their estimates; the last 30 days by default.

    In all, or by person, list or space.
    """
    first, last = read_days(from_day, to_day, mirror, usual=_USUAL_DAYS, most=_MOST_DAYS)
    start, end = _bounds(first, last, mirror)
    whose = await _asked_for(mirror, people, places)
    rows = await mirror.reports.progress.accuracy(mirror.workspace_id, start, end, by=by, **whose)
    question = digest({"list": "accuracy", "days": [first, last], "by": by, **_plain(whose)})
    shown, paged = take_page(rows, question, limit, cursor)
    return Accuracy.of(
        mirror,
        **paged,
        from_day=first,
        to_day=last,
        by=by,
        rows=[_accuracy_row(row) for row in shown],
    )


async def _asked_for(
    mirror: Mirror, people: Sequence[str] | None, places: Sequence[str] | None
) -> dict[str, Any]:
    """Whose tasks, and where, as the questions take them."""
    lookup, workspace_id = mirror.reports.lookup, mirror.workspace_id
    return {
        "people": await lookup.user_ids(workspace_id, people),
        "within": await lookup.places(workspace_id, places),
    }


def _plain(whose: dict[str, Any]) -> dict[str, Any]:
    """The same, as a cursor remembers it."""
    return {"of": whose["people"], **whose["within"].params()}


def _bounds(first: date, last: date, mirror: Mirror) -> tuple[datetime, datetime]:
    return whole_day(first, mirror.zone).start, whole_day(last, mirror.zone).end


def _person_day(row: Row) -> PersonDay:
    return PersonDay(
        employee_id=row["employee_id"],
        name=maybe_line(row["name"]),
        sum=spent(row["minutes"]),
        done=[_day_task(task) for task in row["done"][:_MOST_OF_A_DAY]],
        done_left_out=_left_out(len(row["done"]) - _MOST_OF_A_DAY),
        worked=[_work(work) for work in row["worked"][:_MOST_OF_A_DAY]],
        worked_left_out=_left_out(len(row["worked"]) - _MOST_OF_A_DAY),
        running=[_work(work) for work in row["running"][:_MOST_OF_A_DAY]],
        due=[_day_task(task) for task in row["due"][:_MOST_OF_A_DAY]],
        due_left_out=_left_out(len(row["due"]) - _MOST_OF_A_DAY),
        waiting_comments=row["waiting_comments"],
    )


def _work(work: Figures) -> DayTask:
    return _day_task(work["task"], minutes=work["minutes"], time=time_said(work["minutes"]))


def _day_task(task: Figures | None, **work: Any) -> DayTask:
    if task is None:
        return DayTask(title=None, **work)
    return DayTask(
        task_id=task["clickup_task_id"],
        title=maybe_line(task["title"], _TITLE),
        status=task["status"],
        list_name=maybe_line(task["list_name"], _TITLE),
        **work,
    )


def _week_figures(found: Figures) -> WeekFigures:
    return WeekFigures(
        from_day=found["from"],
        to_day=found["to"],
        created=found["created"],
        done=found["done"],
        tracked=spent(found["tracked"]["minutes"]),
    )


def _with_time(sheets: Iterable[Figures]) -> list[Figures]:
    """Those with finished time, most first."""
    kept = [sheet for sheet in sheets if sheet["milliseconds"]]
    return sorted(kept, key=lambda sheet: (-sheet["milliseconds"], sheet["id"] or ""))


def _shares(sheets: Sequence[Figures]) -> list[Share]:
    return [
        Share(
            id=sheet["id"],
            name=maybe_line(sheet["name"]),
            **spent(sheet["minutes"]).model_dump(),
        )
        for sheet in sheets[:_MOST_SHARES]
    ]


def _progress_row(row: Row) -> ProgressRow:
    counted = ("created", "done", "deleted", "changed", "open_now", "tracked_minutes")
    return ProgressRow(**_whose(row), **{name: row[name] for name in counted}, tracked=_said(row, "tracked"))


def _done_task(row: Row, mirror: Mirror) -> DoneTask:
    done_at = row["done_at"]
    return DoneTask(
        **task_ref(row, mirror).model_dump(),
        done_at=instant(done_at, mirror),
        done=instant_said(done_at, mirror),
    )


def _accuracy_row(row: Row) -> AccuracyRow:
    counted = (
        "tasks", "estimated_minutes", "tracked_minutes", "percent", "over", "under", "close",
        "without_estimate", "without_time",
    )  # fmt: skip
    return AccuracyRow(
        **_whose(row),
        **{name: row[name] for name in counted},
        estimated=_said(row, "estimated"),
        tracked=_said(row, "tracked"),
    )


def _whose(row: Row) -> dict[str, Any]:
    return {"id": row["id"], "name": maybe_line(row["name"])}


def _said(row: Row, kind: str) -> Any:
    return time_said(row[f"{kind}_minutes"])


def _left_out(number: int) -> int | None:
    return number if number > 0 else None
