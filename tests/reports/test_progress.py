"""What came, what was done, how well it was estimated: each figure as plain loops over the facts find it."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.reports import Reports
from app.reports.places import Within
from app.reports.progress import Of
from tests.reports.facts import Facts, midnight
from tests.reports.ground import BERLIN, DAY, NOW, TODAY, Ground, columns

Row = dict[str, Any]
EVERYWHERE = Within()
SPANS = {
    "a day": (midnight(TODAY - DAY, BERLIN), midnight(TODAY, BERLIN)),
    "a week in a half-hour zone": (
        midnight(TODAY - 7 * DAY, ZoneInfo("Asia/Kolkata")),
        midnight(TODAY, ZoneInfo("Asia/Kolkata")),
    ),
    "a quarter": (NOW - 90 * DAY, NOW + DAY),
    "nothing": (NOW, NOW),
}
FILTERS: list[tuple[Within, list[str] | None]] = [
    (EVERYWHERE, None),
    (Within(spaces=["w-s0"]), None),
    (Within(lists=["w-l0"], folders=None), ["w-p1", "w-p6"]),
    (Within(tasks=[f"w-t{number}" for number in range(150)]), ["w-p2"]),
    (EVERYWHERE, ["nobody"]),
    (EVERYWHERE, []),
]
ALL: list[Of] = ["all", "space", "list", "person"]
KEYS = {"list": "list_id", "space": "space_id"}


def owners(facts: Facts, task: Row, by: str, people: list[str] | None) -> list[str | None]:
    """In whose or what's rows the task is counted."""
    if by != "person":
        return [task[KEYS[by]] if by in KEYS else None]
    users = facts.assigned[task["clickup_task_id"]] or [None]
    return [user for user in users if not people or user in people]


def name_of(facts: Facts, by: str, ident: str | None) -> str | None:
    if ident is None or by == "all":
        return None
    if by == "person":
        return facts.people[ident]["name"] if ident in facts.people else ident
    return ident.removeprefix("w-")


def by_name(row: Row) -> tuple[Any, ...]:
    return row["name"] is None, (row["name"] or "").lower(), row["id"] is None, row["id"] or ""


def happened(facts: Facts, task: Row, start: datetime, end: datetime) -> list[str]:
    """What of the task is counted."""

    def then(moment: datetime | None) -> bool:
        return moment is not None and start <= moment < end

    alive = not task["is_deleted"]
    known = {
        "created": alive and then(task["date_created"]),
        "done": then(facts.done_at(task)),
        "deleted": not alive and then(task["deleted_at"]),
        "changed": alive and then(task["date_updated"]),
        "open_now": facts.is_open(task),
    }
    return [name for name, is_so in known.items() if is_so]


FIGURES = ("created", "done", "deleted", "changed", "open_now")


def time_of(
    facts: Facts, start: datetime, end: datetime, by: str, within: Within, people: list[str] | None
) -> Iterator[tuple[str | None, int]]:
    """Whose or what's time, and how much."""
    for entry, ms in facts.spent(start, end, within):
        if ms and (not people or entry["clickup_user_id"] in people):
            task = facts.tasks.get(entry["clickup_task_id"], {})
            yield entry["clickup_user_id"] if by == "person" else task.get(KEYS.get(by, "")), ms


def progress(
    facts: Facts, start: datetime, end: datetime, by: str, within: Within, people: list[str] | None
) -> list[Row]:
    found: dict[str | None, Row] = defaultdict(lambda: dict.fromkeys((*FIGURES, "tracked_milliseconds"), 0))
    for task in facts.tasks.values():
        if facts.stands_in(task, within) and facts.is_of(task, people):
            for what in happened(facts, task, start, end):
                for owner in owners(facts, task, by, people):
                    found[owner][what] += 1
    for owner, ms in time_of(facts, start, end, by, within, people):
        found[owner]["tracked_milliseconds"] += ms
    if by == "all":
        found[None]["created"] += 0
    rows = [
        row
        | {
            "id": ident,
            "employee_id": facts.people[ident]["id"] if by == "person" and ident in facts.people else None,
            "name": name_of(facts, by, ident),
            "tracked_minutes": row["tracked_milliseconds"] // 60_000,
        }
        for ident, row in found.items()
    ]
    return sorted(rows, key=by_name)


def called_alike(rows: list[Row]) -> list[Row]:
    """People who only have entries are called as those say."""
    alike = [row | {"name": row["name"] and row["name"].removeprefix("name of ")} for row in rows]
    return sorted(alike, key=by_name)


@pytest.mark.parametrize("by", ALL)
@pytest.mark.parametrize("span", SPANS)
@pytest.mark.parametrize("filters", range(len(FILTERS)))
async def test_progress_is_what_the_facts_say(
    reports: Reports, facts: Facts, by: Of, span: str, filters: int
) -> None:
    """Created, done, deleted, changed, open, and time: by whatever, wherever, whenever, whoever."""
    (start, end), (within, people) = SPANS[span], FILTERS[filters]
    rows = columns(await reports.progress.since("w", start, end, by=by, within=within, people=people))
    wanted = progress(facts, start, end, by, within, people)
    assert called_alike(rows) == wanted
    if (span, filters) == ("a quarter", 0):
        assert all(any(row[name] for row in rows) for name in (*FIGURES, "tracked_minutes"))
        assert by == "all" or len(rows) > 3


@pytest.mark.parametrize("filters", range(len(FILTERS)))
@pytest.mark.parametrize("span", SPANS)
async def test_what_was_done_is_listed_latest_first(
    reports: Reports, facts: Facts, span: str, filters: int
) -> None:
    """Archived or not; pages join, and the count says how many there are."""
    (start, end), (within, people) = SPANS[span], FILTERS[filters]
    known: Row = {"within": within, "people": people}
    truth = [
        task
        for task in facts.tasks.values()
        if (done_at := facts.done_at(task))
        and start <= done_at < end
        and facts.stands_in(task, within)
        and facts.is_of(task, people)
    ]
    truth.sort(key=lambda task: (facts.done_at(task), task["clickup_task_id"]), reverse=True)
    rows = columns(await reports.progress.completed("w", start, end, limit=500, **known))
    assert [(row["clickup_task_id"], row["done_at"]) for row in rows] == [
        (task["clickup_task_id"], facts.done_at(task)) for task in truth
    ]
    assert await reports.progress.count_completed("w", start, end, **known) == len(truth)
    some = columns(await reports.progress.completed("w", start, end, limit=3, offset=2, **known))
    assert some == rows[2:5]


def accuracy(
    facts: Facts, start: datetime, end: datetime, by: str, within: Within, people: list[str] | None
) -> list[Row]:
    groups: dict[str | None, list[tuple[int, int]]] = defaultdict(list)
    for task in facts.tasks.values():
        done_at = facts.done_at(task)
        if done_at and start <= done_at < end and facts.stands_in(task, within) and facts.is_of(task, people):
            for owner in owners(facts, task, by, people):
                minutes = task["time_estimate_minutes"] or 0, task["tracked_minutes"] or 0
                groups[owner].append(minutes)
    rows = []
    for ident, minutes in groups.items():
        both = [(estimated, spent) for estimated, spent in minutes if estimated and spent]
        planned, spent_in_all = sum(pair[0] for pair in both), sum(pair[1] for pair in both)
        rows.append(
            {
                "id": ident,
                "employee_id": facts.people[ident]["id"]
                if by == "person" and ident in facts.people
                else None,
                "name": name_of(facts, by, ident),
                "tasks": len(minutes),
                "estimated_minutes": planned,
                "tracked_minutes": spent_in_all,
                "percent": 100 * spent_in_all // planned if planned else None,
                "over": sum(spent / estimated > 1.2 for estimated, spent in both),
                "under": sum(spent / estimated < 0.8 for estimated, spent in both),
                "close": sum(0.8 <= spent / estimated <= 1.2 for estimated, spent in both),
                "without_estimate": sum(not estimated for estimated, _ in minutes),
                "without_time": sum(bool(estimated) and not spent for estimated, spent in minutes),
            }
        )
    return sorted(rows, key=by_name)


@pytest.mark.parametrize("by", ALL)
@pytest.mark.parametrize("span", SPANS)
@pytest.mark.parametrize("filters", range(len(FILTERS)))
async def test_accuracy_is_what_the_facts_say(
    reports: Reports, facts: Facts, by: Of, span: str, filters: int
) -> None:
    """Minutes of tasks that have both; each task is over, under, close, or without one of them."""
    (start, end), (within, people) = SPANS[span], FILTERS[filters]
    rows = columns(await reports.progress.accuracy("w", start, end, by=by, within=within, people=people))
    assert rows == accuracy(facts, start, end, by, within, people)
    kinds = ("over", "under", "close", "without_estimate", "without_time")
    assert all(sum(row[kind] for kind in kinds) == row["tasks"] for row in rows)


@pytest.mark.parametrize("filters", range(len(FILTERS)))
async def test_statuses_are_counted_where_people_look(reports: Reports, facts: Facts, filters: int) -> None:
    """Not what is deleted or archived; in the order of work, the fullest first."""
    within, people = FILTERS[filters]
    found: dict[tuple[str | None, str | None], list[bool]] = defaultdict(list)
    for task in facts.tasks.values():
        if task["is_deleted"] or facts.is_put_away(task):
            continue
        if facts.stands_in(task, within) and facts.is_of(task, people):
            late = facts.is_open(task) and task["due_date"] is not None and task["due_date"] < TODAY
            found[task["status"], task["status_type"]].append(late)
    order = ["open", "custom", "done", "closed", None]
    truth = sorted(found.items(), key=lambda item: (order.index(item[0][1]), -len(item[1]), item[0][0] or ""))
    rows = columns(await reports.progress.count_statuses("w", today=TODAY, within=within, people=people))
    assert rows == [
        {"status": status, "status_type": kind, "tasks": len(late), "overdue": sum(late)}
        for (status, kind), late in truth
    ]
    assert filters or any(row["overdue"] for row in rows)


async def test_an_empty_workspace_made_no_progress(asked: Reports) -> None:
    """By `all` one row of zeros, by anything else none."""
    start, end = NOW - DAY, NOW
    zeros = dict.fromkeys((*FIGURES, "tracked_minutes", "tracked_milliseconds"), 0)
    nobody = {"id": None, "employee_id": None, "name": None}
    assert columns(await asked.progress.since("w", start, end, by="all")) == [nobody | zeros]
    for by in ALL:
        assert by == "all" or await asked.progress.since("w", start, end, by=by) == []
        assert await asked.progress.accuracy("w", start, end, by=by) == []
    assert await asked.progress.count_statuses("w", today=TODAY) == []
    assert await asked.progress.completed("w", start, end, limit=9) == []


async def test_a_stretch_ends_before_its_end(ground: Ground, asked: Reports) -> None:
    """What happens at its beginning is in it, what happens at its end is in the next one."""
    start, end = midnight(TODAY - DAY, BERLIN), midnight(TODAY, BERLIN)
    assert end - start == timedelta(hours=23)
    for moment in (start, end - timedelta(milliseconds=1), end):
        ground.task(date_created=moment, date_updated=moment, status_type="done", date_done=moment)
        ground.task(is_deleted=True, deleted_at=moment)
    row = columns(await asked.progress.since("w", start, end, by="all"))[0]
    assert [row[name] for name in FIGURES] == [2, 2, 2, 2, 0]
    assert await asked.progress.count_completed("w", start, end) == 2


async def test_a_task_that_was_reopened_is_not_done(ground: Ground, asked: Reports) -> None:
    """Whatever date it still has."""
    ground.task(status_type="open", date_done=NOW - DAY)
    row = columns(await asked.progress.since("w", NOW - 2 * DAY, NOW, by="all"))[0]
    assert (row["done"], row["open_now"]) == (0, 1)


@pytest.mark.parametrize(
    ("spent", "kind"),
    [(47, "under"), (48, "close"), (60, "close"), (72, "close"), (73, "over"), (0, "without_time")],
)
async def test_within_a_fifth_is_close(ground: Ground, asked: Reports, spent: int, kind: str) -> None:
    """Of an hour: 48 to 72 minutes."""
    task = ground.task(status_type="done", date_done=NOW - DAY, time_estimate_minutes=60)
    if spent:
        ground.entry(task, "p", NOW - DAY, spent * 60_000)
    row = columns(await asked.progress.accuracy("w", NOW - 2 * DAY, NOW, by="all"))[0]
    kinds = ("over", "under", "close", "without_estimate", "without_time")
    assert [name for name in kinds if row[name]] == [kind]
    assert row["percent"] == (spent * 100 // 60 if spent else None)


async def test_a_place_without_a_row_is_called_as_its_tasks_call_it(ground: Ground, asked: Reports) -> None:
    """As is a person who is in no table of people."""
    ground.task(list_id=None, people=["stranger"])
    ground.rows("UPDATE tasks SET list_id = 'unseen', list_name = 'Unseen list'")
    by_list = columns(await asked.progress.since("w", NOW, NOW, by="list"))
    by_person = columns(await asked.progress.since("w", NOW, NOW, by="person"))
    assert [(row["id"], row["name"]) for row in by_list] == [("unseen", "Unseen list")]
    assert [(row["id"], row["employee_id"], row["name"]) for row in by_person] == [
        ("stranger", None, "stranger")
    ]
