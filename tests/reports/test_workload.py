"""Who has how much to do: each figure as plain loops over the facts find it."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.reports import Reports
from app.reports.places import Within
from tests.reports.facts import Facts, midnight
from tests.reports.ground import BERLIN, DAY, NOW, TODAY, Ground, columns

Row = dict[str, Any]
KOLKATA = ZoneInfo("Asia/Kolkata")
EVERYWHERE = Within()


async def people(
    asked: Reports, *, days: int = 7, zone: ZoneInfo = BERLIN, whose: list[str] | None = None,
    within: Within = EVERYWHERE,
) -> list[Row]:  # fmt: skip
    rows = await asked.workload.people(
        "w", today=TODAY, now=NOW, zone=zone, days=days, people=whose, within=within
    )
    return columns(rows)


def load(facts: Facts, user: str | None, days: int, zone: ZoneInfo, within: Within) -> Row:
    """One person's row, or that of nobody (None)."""
    tasks = [
        task
        for task_id, task in facts.tasks.items()
        if facts.is_open(task)
        and facts.stands_in(task, within)
        and (user in facts.assigned[task_id] if user else facts.is_unassigned(task))
    ]
    due = [(task["due_date"] - TODAY).days for task in tasks if task["due_date"]]
    estimates = [(task["time_estimate_minutes"] or 0, task["tracked_minutes"] or 0) for task in tasks]
    start, end = midnight(TODAY - timedelta(days=days - 1), zone), midnight(TODAY + DAY, zone)
    mine = [ms for entry, ms in facts.spent(start, end, within) if user and entry["clickup_user_id"] == user]
    timers = [entry for entry, _ in facts.spent(start, end, within, running=True)]
    return {
        "employee_id": facts.people[user]["id"] if user in facts.people else None,
        "clickup_user_id": user,
        "name": facts.people[user]["name"] if user in facts.people else user,
        "open_tasks": len(tasks),
        "overdue": sum(day < 0 for day in due),
        "due_soon": sum(0 <= day <= days for day in due),
        "urgent": sum(task["priority"] in ("urgent", "high") for task in tasks),
        "unestimated": sum(not estimate for estimate, _ in estimates),
        "estimate_minutes": sum(estimate for estimate, _ in estimates),
        "remaining_minutes": sum(max(estimate - spent, 0) for estimate, spent in estimates),
        "waiting_comments": sum(bool(user) and one["assignee_id"] == user for one in facts.waiting(within)),
        "running_timers": sum(bool(user) and timer["clickup_user_id"] == user for timer in timers),
        "tracked_minutes": sum(mine) // 60_000,
    }


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Kolkata", "America/St_Johns"])
@pytest.mark.parametrize(
    ("days", "within"),
    [
        (7, EVERYWHERE), (1, EVERYWHERE), (30, Within(spaces=["w-s0"])), (7, Within(lists=["w-l0", "w-l10"])),
        (7, Within(folders=["w-f00"])), (7, Within(tasks=[f"w-t{number}" for number in range(0, 200, 3)])),
    ],
)  # fmt: skip
async def test_each_row_is_what_the_facts_say(
    reports: Reports, facts: Facts, zone: str, days: int, within: Within
) -> None:
    """Everybody who is here or assigned to an open task, by name, and nobody at the end: wherever."""
    users = {*facts.people, *(user for users in facts.assigned.values() for user in users)}
    loads = [load(facts, user, days, ZoneInfo(zone), within) for user in users]
    here = {user for user, one in facts.people.items() if one["is_active"]}
    shown = [row for row in loads if row["clickup_user_id"] in here or row["open_tasks"]]
    shown.sort(key=lambda row: (row["name"].lower(), row["clickup_user_id"]))
    wanted = [*shown, load(facts, None, days, ZoneInfo(zone), within)]
    rows = await people(reports, days=days, zone=ZoneInfo(zone), within=within)
    assert rows == wanted
    if (days, within) == (7, EVERYWHERE):
        figures = [name for name, value in rows[0].items() if isinstance(value, int)]
        assert all(any(row[name] for row in rows) for name in figures)
        assert rows[-1]["open_tasks"]


async def test_some_people_alone(reports: Reports, facts: Facts) -> None:
    """The rows of those who are asked for, also of who left, and none of nobody."""
    wanted = [load(facts, user, 7, BERLIN, EVERYWHERE) for user in ("w-p1", "w-p3", "w-p6")]
    asked_for = ["w-p3", "w-p1", "w-p6", "nobody"]
    assert await people(reports, whose=asked_for) == wanted


async def test_an_empty_workspace_has_one_row(asked: Reports) -> None:
    """Of nobody, with nothing to do."""
    rows = await people(asked)
    assert [row["employee_id"] for row in rows] == [None]
    assert {value for row in rows for value in row.values()} == {None, 0}


async def test_a_task_of_several_counts_for_each(ground: Ground, asked: Reports) -> None:
    """Also for who left, and for a stranger; for nobody only where no person and no team is assigned."""
    ada, bob = ground.person("ada"), ground.person("bob")
    gone = ground.person("gone", is_here=False)
    ground.task(people=[ada, bob, gone], time_estimate_minutes=90)
    ground.task(people=[gone], time_estimate_minutes=5)
    ground.task(people=["stranger"])
    ground.task(group_assignees=["Team"])
    ground.task()
    rows = await people(asked)
    assert [(row["name"], row["open_tasks"], row["estimate_minutes"]) for row in rows] == [
        ("ada", 1, 90),
        ("bob", 1, 90),
        ("gone", 2, 95),
        ("stranger", 1, 0),
        (None, 1, 0),
    ]


async def test_what_is_left_of_an_estimate_is_never_less_than_nothing(ground: Ground, asked: Reports) -> None:
    """Task by task; of time that is not known, nothing was spent."""
    ada = ground.person("ada")
    for spent in (30, 90):
        task = ground.task(people=[ada], time_estimate_minutes=60)
        ground.entry(task, ada, NOW - 40 * DAY, spent * 60_000)
    ground.task(people=[ada], time_estimate_minutes=20, tracked_minutes=None)
    row = (await people(asked))[0]
    assert (row["estimate_minutes"], row["remaining_minutes"], row["tracked_minutes"]) == (140, 50, 0)


@pytest.mark.parametrize(("zone", "minutes"), [(BERLIN, 30), (KOLKATA, 150)])
async def test_the_last_days_begin_at_the_zones_midnight(
    ground: Ground, asked: Reports, zone: ZoneInfo, minutes: int
) -> None:
    """Of an entry from 20:00 to 22:30 UTC, two days ago, as much as lies in three days of the zone."""
    ada = ground.person("ada")
    ground.entry(None, ada, NOW.replace(day=27, hour=20), 150 * 60_000)
    assert midnight(TODAY - 2 * DAY, BERLIN).hour == 23
    rows = await people(asked, days=3, zone=zone)
    # In Berlin, still in winter time, the 28th begins at 23:00 UTC, which is after its end.
    assert rows[0]["tracked_minutes"] == (0 if zone is BERLIN else minutes)
    ground.entry(None, ada, NOW.replace(day=27, hour=22), 90 * 60_000)
    assert (await people(asked, days=3, zone=BERLIN))[0]["tracked_minutes"] == 30
