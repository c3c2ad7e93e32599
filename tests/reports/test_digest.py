"""A day of each person and a week of all: put together of what the facts say."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.core.answers.day import whole_day
from app.reports import Reports
from tests.reports.facts import RANKS, Facts, midnight
from tests.reports.ground import BERLIN, DAY, NOW, TODAY, Ground, columns

Row = dict[str, Any]
ZONES = ["Europe/Berlin", "Asia/Kolkata", "America/St_Johns"]


def standup(facts: Facts, day: date, zone: ZoneInfo, people: list[str] | None) -> dict[str | None, Row]:
    """By person; ids alone, and milliseconds."""
    found: dict[str | None, Row] = defaultdict(
        lambda: {"done": [], "due": [], "worked": {}, "running": {}, "waiting_comments": 0}
    )
    start, end = midnight(day, zone), midnight(day + DAY, zone)
    for task_id, task in facts.tasks.items():
        done_at = facts.done_at(task)
        for user in facts.assigned[task_id]:
            if done_at and start <= done_at < end:
                found[user]["done"].append((done_at, task_id))
            if facts.is_open(task) and task["due_date"] == day:
                found[user]["due"].append((RANKS.get(task["priority"], 5), task_id))
    for user, name, key, ms in sessions(facts, start, end):
        spent = found[user][name]
        spent[key] = spent.get(key, 0) + ms
    for comment in facts.waiting():
        found[comment["assignee_id"]]["waiting_comments"] += 1
    return {user: row for user, row in found.items() if people is None or user in people}


def sessions(facts: Facts, start: datetime, end: datetime) -> Iterator[tuple[str | None, str, Any, int]]:
    """Whose session it is, finished or running, of which task, and how much of it is of the day."""
    for is_running, name in ((False, "worked"), (True, "running")):
        for entry, ms in facts.spent(start, end, running=is_running):
            begin, task_id = entry["started_at"], entry["clickup_task_id"]
            task_id = task_id if task_id in facts.tasks else None
            if begin < end and (is_running or ms or begin >= start):
                yield entry["clickup_user_id"], name, (task_id, begin) if is_running else task_id, ms


def shown(row: Row) -> Row:
    """An answered row in the same terms."""
    worked: dict[str | None, int] = defaultdict(int)
    for work in row["worked"]:
        worked[work["task"] and work["task"]["clickup_task_id"]] += work["milliseconds"]
    return {
        "done": [(task["done_at"], task["clickup_task_id"]) for task in row["done"]],
        "due": [(RANKS.get(task["priority"], 5), task["clickup_task_id"]) for task in row["due"]],
        "worked": dict(worked),
        "running": {
            (timer["task"] and timer["task"]["clickup_task_id"], timer["started_at"]): timer["milliseconds"]
            for timer in row["running"]
        },
        "waiting_comments": row["waiting_comments"],
    }


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("days_ago", [0, 1, 2, 20])
@pytest.mark.parametrize("people", [None, ["w-p1", "w-p5"]])
async def test_a_standup_is_what_the_facts_say(
    reports: Reports, facts: Facts, zone: str, days_ago: int, people: list[str] | None
) -> None:
    """Each person's tasks done and due that day, their own time cut at its midnights, and what waits."""
    day = TODAY - days_ago * DAY
    bounds = whole_day(day, ZoneInfo(zone))
    rows = columns(await reports.digest.standup("w", bounds, now=NOW, people=people))
    truth = standup(facts, day, ZoneInfo(zone), people)
    for row in truth.values():
        row["done"].sort()
        row["due"].sort()
    assert {row["clickup_user_id"]: shown(row) for row in rows} == truth
    assert [row["clickup_user_id"] for row in rows] == sorted(
        truth, key=lambda user: (user is None, called(facts, user, rows), user or "")
    )
    for row in rows:
        spent = sum(work["milliseconds"] for work in row["worked"])
        assert (row["minutes"], row["milliseconds"]) == (spent // 60_000, spent)
        assert row["employee_id"] == facts.people.get(row["clickup_user_id"], {"id": None})["id"]
        each = [work["milliseconds"] for work in row["worked"]]
        assert each == sorted(each, reverse=True)


def called(facts: Facts, user: str | None, rows: list[Row]) -> str:
    if user in facts.people:
        return str(facts.people[user]["name"]).lower()
    return next((row["name"] or "").lower() for row in rows if row["clickup_user_id"] == user)


async def test_who_has_nothing_to_tell_is_left_out(ground: Ground, asked: Reports) -> None:
    """An open task that is due on another day is nothing to tell."""
    ada, bob = ground.person("ada"), ground.person("bob")
    ground.task(people=[ada, bob], due_date=TODAY + DAY)
    ground.comment(ground.task(), bob)
    rows = columns(await asked.digest.standup("w", whole_day(TODAY, BERLIN), now=NOW))
    assert [(row["name"], row["waiting_comments"]) for row in rows] == [("bob", 1)]
    assert await asked.digest.standup("nobody's", whole_day(TODAY, BERLIN), now=NOW) == []


async def test_a_day_on_which_the_clocks_change_is_as_long_as_it_is(ground: Ground, asked: Reports) -> None:
    """Who works through the night of the 29th of March works 23 hours that day, in Berlin."""
    ada = ground.person("ada")
    task = ground.task(people=[ada])
    ground.entry(task, ada, NOW - 3 * DAY, 3 * 86_400_000)
    for zone, hours in ((BERLIN, 23), (ZoneInfo("Asia/Kolkata"), 24)):
        rows = columns(await asked.digest.standup("w", whole_day(date(2026, 3, 29), zone), now=NOW))
        assert [row["minutes"] for row in rows] == [hours * 60]


async def test_a_duration_that_nobody_knows_counts_nothing(ground: Ground, asked: Reports) -> None:
    """Not up to the end of the day either; that somebody worked is told."""
    ada = ground.person("ada")
    ground.entry(ground.task(people=[ada]), ada, NOW - timedelta(hours=3), 60_000)
    ground.rows(
        "UPDATE time_entries SET duration_ms = NULL, ended_at = NULL, is_running = false,"
        " unreadable_fields = jsonb_build_object('duration', 'odd')"
    )
    [row] = columns(await asked.digest.standup("w", whole_day(TODAY, BERLIN), now=NOW))
    assert (row["minutes"], row["running"]) == (0, [])
    assert [work["milliseconds"] for work in row["worked"]] == [0]


async def test_a_timer_runs_up_to_now(ground: Ground, asked: Reports) -> None:
    """On each day that it reaches into, apart from finished time; it does not reach into tomorrow."""
    ada = ground.person("ada")
    begin = NOW - timedelta(hours=30)
    task = ground.task(people=[ada])
    ground.entry(task, ada, begin, None)
    found = {}
    for days in (-2, -1, 0, 1):
        rows = columns(await asked.digest.standup("w", whole_day(TODAY + days * DAY, BERLIN), now=NOW))
        found[days] = [timer["minutes"] for row in rows for timer in row["running"]]
        assert all(row["minutes"] == 0 and row["worked"] == [] for row in rows)
    # 30 hours before Monday noon it was Sunday morning, five o'clock, winter time not counted.
    assert found == {-2: [], -1: [18 * 60], 0: [12 * 60], 1: []}
    row = columns(await asked.digest.standup("w", whole_day(TODAY, BERLIN), now=NOW))[0]
    assert [(timer["started_at"], timer["task"]["clickup_task_id"]) for timer in row["running"]] == [
        (begin, task)
    ]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("weeks_ago", [0, 1, 3])
async def test_a_week_is_what_the_facts_say(
    reports: Reports, facts: Facts, zone: str, weeks_ago: int
) -> None:
    """Created and done tasks and time, beside the week before; what is overdue, blocked and waiting now."""
    clock, monday = ZoneInfo(zone), TODAY - weeks_ago * 7 * DAY
    [week] = columns([await reports.digest.week("w", monday, zone=clock, now=NOW)])
    assert week_figures(week) == figures(facts, monday, clock)
    assert week_figures(week["previous"]) == figures(facts, monday - 7 * DAY, clock)
    assert week["overdue"] == len(facts.needing("overdue", 0))
    assert week["blocked"] == len(facts.needing("blocked", 0))
    assert week["waiting_comments"] == len(facts.waiting())
    by_person, by_space, by_task = spent_by(facts, monday, clock)
    assert {sheet["id"]: days_of(sheet) for sheet in week["by_person"] if sheet["milliseconds"]} == by_person
    assert {sheet["id"]: days_of(sheet) for sheet in week["by_space"] if sheet["milliseconds"]} == by_space
    most = sorted(by_task.items(), key=lambda item: (-item[1], item[0]))[:10]
    assert [(sheet["id"], sheet["milliseconds"]) for sheet in week["most_time"]] == most
    assert all(
        sheet["name"] == facts.tasks[sheet["id"]]["title"]
        for sheet in week["most_time"]
        if sheet["id"] in facts.tasks
    )
    assert weeks_ago == 0 or len(most) == 10


def week_figures(week: Row) -> Row:
    return {name: week[name] for name in ("first", "last", "created", "done", "tracked")}


def figures(facts: Facts, monday: date, zone: ZoneInfo) -> Row:
    start, end = midnight(monday, zone), midnight(monday + 7 * DAY, zone)
    alive = [task["date_created"] for task in facts.tasks.values() if not task["is_deleted"]]
    done = [facts.done_at(task) for task in facts.tasks.values()]
    spent = sum(ms for _, ms in facts.spent(start, end))
    return {
        "first": monday,
        "last": monday + 6 * DAY,
        "created": sum(start <= moment < end for moment in alive if moment),
        "done": sum(start <= moment < end for moment in done if moment),
        "tracked": {"minutes": spent // 60_000, "milliseconds": spent},
    }


def spent_by(facts: Facts, monday: date, zone: ZoneInfo) -> tuple[Row, Row, Row]:
    """Milliseconds by person and day, by space and day, and by task."""
    by_person: Row = defaultdict(dict)
    by_space: Row = defaultdict(dict)
    by_task: Row = defaultdict(int)
    for day in (monday + number * DAY for number in range(7)):
        for entry, ms in facts.spent(midnight(day, zone), midnight(day + DAY, zone)):
            if ms:
                space = facts.tasks.get(entry["clickup_task_id"], {}).get("space_id")
                for sheet in (by_person[entry["clickup_user_id"]], by_space[space]):
                    sheet[day] = sheet.get(day, 0) + ms
                by_task[entry["clickup_task_id"]] += ms
    by_task.pop(None, None)
    return dict(by_person), dict(by_space), dict(by_task)


def days_of(sheet: Row) -> Row:
    return {day["day"]: day["milliseconds"] for day in sheet["days"] if day["milliseconds"]}


async def test_an_empty_workspace_has_a_week_of_nothing(asked: Reports) -> None:
    """Zeros, and no sheets."""
    [week] = columns([await asked.digest.week("w", TODAY, zone=BERLIN, now=NOW)])
    assert (week["created"], week["done"], week["tracked"]["milliseconds"]) == (0, 0, 0)
    assert (week["by_person"], week["by_space"], week["most_time"]) == ([], [], [])
    assert (week["overdue"], week["blocked"], week["waiting_comments"]) == (0, 0, 0)
