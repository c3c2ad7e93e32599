"""Tasks that somebody should look at: exactly those that the facts say, worst first."""

from datetime import timedelta
from typing import Any

import pytest

from app.reports import Reports
from app.reports.attention import CONDITIONS, USUAL_DAYS, AttentionFilter, Condition
from app.reports.places import Within
from tests.reports.facts import Facts
from tests.reports.ground import BERLIN, DAY, NOW, TODAY, Ground, columns

Row = dict[str, Any]
PLACES = {
    "everywhere": Within(),
    "a list": Within(lists=["w-l0"]),
    "a folder": Within(folders=["w-f00", "w-f10"]),
    "a space": Within(spaces=["w-s0"]),
    "tasks": Within(tasks=[f"w-t{number}" for number in range(0, 200, 2)]),
    "elsewhere": Within(spaces=["other-s0"]),
}
PEOPLE = {
    "everybody": None,
    "somebody": ["w-p1"],
    "two": ["w-p2", "w-p3"],
    "who left": ["w-p6"],
    "a stranger": ["nobody"],
}


async def page(reports: Reports, wanted: AttentionFilter, limit: int = 1000, offset: int = 0) -> list[Row]:
    return columns(
        await reports.attention.page("w", wanted, today=TODAY, now=NOW, limit=limit, offset=offset)
    )


async def found(asked: Reports, condition: Condition, days: int | None = None) -> list[str]:
    """Ids alone, and the count says as many."""
    wanted = AttentionFilter(condition, days=days)
    ids = [row["clickup_task_id"] for row in await page(asked, wanted)]
    assert await asked.attention.count("w", wanted, TODAY, NOW) == len(ids)
    return ids


@pytest.mark.parametrize("condition", CONDITIONS)
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("whose", PEOPLE)
async def test_those_are_found_that_the_facts_say(
    reports: Reports, facts: Facts, condition: Condition, place: str, whose: str
) -> None:
    """Of each condition, wherever and whose they are; in the order of the worst, and counted alike."""
    people = PEOPLE[whose]
    wanted = AttentionFilter(condition, people, PLACES[place])
    truth = [
        task["clickup_task_id"]
        for task in facts.needing(condition, USUAL_DAYS[condition])
        if facts.stands_in(task, PLACES[place]) and facts.is_of(task, people)
    ]
    if (place, whose) == ("everywhere", "everybody"):
        assert truth
    assert [row["clickup_task_id"] for row in await page(reports, wanted)] == truth
    assert await reports.attention.count("w", wanted, TODAY, NOW) == len(truth)


@pytest.mark.parametrize(
    ("condition", "days"),
    [("at_risk", 0), ("at_risk", 9), ("stale", 0), ("stale", 30), ("untracked", 1), ("untracked", 90)],
)
async def test_days_move_the_bound(reports: Reports, facts: Facts, condition: Condition, days: int) -> None:
    """Of what is at risk, stale or without time, other days may be asked for."""
    truth = [task["clickup_task_id"] for task in facts.needing(condition, days)]
    assert await found(reports, condition, days) == truth


@pytest.mark.parametrize("condition", CONDITIONS)
async def test_pages_join(reports: Reports, condition: Condition) -> None:
    """Small pages, one after the other, are the whole list."""
    wanted = AttentionFilter(condition)
    whole = [row["clickup_task_id"] for row in await page(reports, wanted)]
    parts = [await page(reports, wanted, limit=7, offset=offset) for offset in range(0, len(whole) + 7, 7)]
    assert [row["clickup_task_id"] for part in parts for row in part] == whole


@pytest.mark.parametrize("condition", CONDITIONS)
async def test_a_row_says_why_and_how_bad(reports: Reports, facts: Facts, condition: Condition) -> None:
    """All that speaks against the task, days overdue and untouched, and the open tasks that it waits on."""
    for row in await page(reports, AttentionFilter(condition)):
        task = facts.tasks[row["clickup_task_id"]]
        is_open = facts.is_open(task)
        assert row["reasons"] == (facts.reasons(task) if is_open else [])
        late = (TODAY - task["due_date"]).days if task["due_date"] else 0
        assert row["days_overdue"] == (late if is_open and late > 0 else None)
        touched = facts.touched_at(task)
        assert row["days_untouched"] == (max((NOW - touched) // DAY, 0) if touched else None)
        waits_on = [{"clickup_task_id": other, **described(facts, other)} for other in facts.open_waits(task)]
        assert row["waiting_on"] == waits_on
        assert {name: row[name] for name in COLUMNS} == {name: task[name] for name in COLUMNS}
        assert row["done_at"] == (task["date_done"] or task["date_closed"])


COLUMNS = (
    "title", "status", "status_type", "priority", "assignee_name", "employee_ids", "space_id", "space_name",
    "folder_id", "folder_name", "list_id", "list_name", "url", "due_date", "date_updated",
    "last_status_change", "time_estimate_minutes", "tracked_minutes",
)  # fmt: skip


def described(facts: Facts, task_id: str) -> Row:
    task = facts.tasks[task_id]
    return {name: task[name] for name in ("title", "status", "assignee_name")}


async def test_an_empty_workspace_needs_no_attention(asked: Reports) -> None:
    """Nor does one that nobody mirrored."""
    for condition in CONDITIONS:
        assert await found(asked, condition) == []
        assert await asked.attention.count("nobody's", AttentionFilter(condition), TODAY, NOW) == 0


async def test_a_task_due_today_is_not_overdue(ground: Ground, asked: Reports) -> None:
    """The day's end is its limit: today is the day of the zone, which the asker says."""
    ground.task(due_date=TODAY)
    late = ground.task(due_date=TODAY - DAY)
    assert await found(asked, "overdue") == [late]
    tomorrow = AttentionFilter("overdue")
    assert await asked.attention.count("w", tomorrow, TODAY + DAY, NOW) == 2


async def test_what_is_put_away_or_ended_is_not_open(ground: Ground, asked: Reports) -> None:
    """Archived itself or with its list, folder or space; deleted, done, closed. An unknown type is open."""
    space, away = ground.space("s"), ground.space("away", archived=True)
    folder = ground.folder("f", space_id=space, archived=True)
    known = {"due_date": TODAY - DAY}
    for place in (
        ground.list("archived", space_id=space, archived=True),
        ground.list("in folder", space_id=space, folder_id=folder),
        ground.list("in space", space_id=away),
    ):
        ground.task(list_id=place, **known)
    ground.task(archived=True, **known)
    ground.task(is_deleted=True, **known)
    ground.task(status_type="done", **known)
    ground.task(status_type="closed", **known)
    odd = ground.task(status_type=None, list_id=ground.list("l", space_id=space), **known)
    assert await found(asked, "overdue") == [odd]


async def test_each_reason_is_a_risk_by_itself(ground: Ground, asked: Reports) -> None:
    """Nobody at all is assigned, it was not begun, its time is used up, or it waits; else it is fine."""
    here, gone = ground.person("here"), ground.person("gone", is_here=False)
    soon = {"due_date": TODAY + 3 * DAY, "status_type": "custom"}
    ground.task(people=[here], **soon)
    nobodys = ground.task(**soon)
    ground.task(people=[gone, "stranger"], **soon)
    ground.task(group_assignees=["Team"], **soon)
    fresh = ground.task(people=[here], **soon | {"status_type": "open"})
    spent = ground.task(people=[here], time_estimate_minutes=60, **soon)
    ground.entry(spent, here, NOW - DAY, 3_600_000)
    waits = ground.task(people=[here], waits_on=[fresh], **soon)
    ground.task(people=[gone, here], **soon)
    ground.task(people=[here], time_estimate_minutes=0, **soon)
    reasons = {
        row["clickup_task_id"]: row["reasons"] for row in await page(asked, AttentionFilter("at_risk"))
    }
    assert reasons == {
        nobodys: ["unassigned"],
        fresh: ["not_started"],
        spent: ["over_estimate"],
        waits: ["blocked"],
    }


async def test_a_task_with_a_timer_or_unknown_time_is_not_taken_for_not_started(
    ground: Ground, asked: Reports
) -> None:
    """A timer that runs has begun it, as have seconds; of time that is not known nothing is said."""
    here = ground.person("here")
    soon = {"due_date": TODAY, "people": [here]}
    ground.entry(ground.task(**soon), here, NOW - DAY, None)
    ground.entry(ground.task(**soon), here, NOW - DAY, 30_000)
    ground.task(tracked_minutes=None, **soon)
    begun = ground.task(**soon)
    assert await found(asked, "at_risk") == [begun]


async def test_risk_ends_with_the_last_of_the_days(ground: Ground, asked: Reports) -> None:
    """Due today is within none, due on the third day within three; the day after is not, nor yesterday."""
    tasks = [ground.task(due_date=TODAY + days * DAY) for days in (-1, 0, 3, 4)]
    assert await found(asked, "at_risk") == tasks[1:3]
    assert await found(asked, "at_risk", 0) == tasks[1:2]


async def test_a_task_is_stale_to_the_second(ground: Ground, asked: Reports) -> None:
    """Fourteen times 24 hours, whatever the clocks did meanwhile; one second less is not."""
    span = 14 * timedelta(hours=24)
    assert (NOW - span).astimezone(BERLIN).utcoffset() != NOW.astimezone(BERLIN).utcoffset()
    stale = ground.task(date_updated=NOW - span)
    ground.task(date_updated=NOW - span + timedelta(seconds=1))
    assert await found(asked, "stale") == [stale]


async def test_work_touches_a_task(ground: Ground, asked: Reports) -> None:
    """A session by its end, a timer for as long as it runs, an amount when it was logged."""
    old, recently = NOW - 30 * DAY, NOW - 10 * DAY
    tasks = [ground.task(date_updated=old) for _ in range(5)]
    ground.entry(tasks[0], "p", NOW - 20 * DAY, 7 * 86_400_000)
    ground.entry(tasks[1], "p", NOW - 20 * DAY, None)
    ground.entry(tasks[2], "p", None, 60_000, entry_updated_at=recently)
    ground.entry(tasks[3], "p", NOW - 20 * DAY, 60_000, entry_updated_at=recently)
    assert await found(asked, "stale") == [tasks[4], tasks[3]]
    assert [row["days_untouched"] for row in await page(asked, AttentionFilter("stale"))] == [30, 19]


async def test_a_task_that_clickup_never_dated_goes_by_its_creation(ground: Ground, asked: Reports) -> None:
    """And one of which no date is known is never called stale."""
    created = ground.task(date_updated=None, date_created=NOW - 20 * DAY)
    ground.task(date_updated=None, date_created=None)
    assert await found(asked, "stale") == [created]


async def test_only_open_tasks_block(ground: Ground, asked: Reports) -> None:
    """Not those that are done, deleted, archived or unknown; and being blocked is not to block."""
    blocked_by = ground.task()
    blocked = ground.task(waits_on=[blocked_by])
    others = [ground.task(status_type="closed"), ground.task(is_deleted=True), ground.task(archived=True)]
    ground.task(waits_on=[*others, "unknown"])
    ground.depend(blocked_by, blocked, "blocking")
    ground.depend(blocked_by, others[0], "linked")
    assert await found(asked, "blocked") == [blocked]
    rows = await page(asked, AttentionFilter("blocked"))
    assert [other["clickup_task_id"] for other in rows[0]["waiting_on"]] == [blocked_by]


async def test_done_without_time_is_what_is_known_to_have_none(ground: Ground, asked: Reports) -> None:
    """Archived or not; seconds are time, and a timer, and a subtask's time; what is not known is no zero."""
    done = {"status_type": "done", "date_done": NOW - DAY}
    bare = ground.task(**done, time_estimate_minutes=60)
    archived = ground.task(**done, archived=True)
    ground.task(**done, tracked_minutes=None)
    ground.task(**done, is_deleted=True)
    ground.task(status_type="open", date_done=NOW - DAY)
    ground.task(status_type="done", date_done=NOW - 30 * DAY)
    ground.task(status_type="done", date_done=NOW + DAY)
    ground.task(status_type="done")
    closed = ground.task(status_type="closed", date_closed=NOW - 2 * DAY)
    ground.entry(ground.task(**done), "p", NOW - DAY, 30_000)
    ground.entry(ground.task(**done), "p", NOW - DAY, None)
    grandchild = ground.task(parent=(child := ground.task(parent=(parent := ground.task(**done)))))
    ground.entry(grandchild, "p", NOW - DAY, 30_000)
    ground.task(parent=ground.task(**done), tracked_minutes=None)
    ground.entry(ground.task(parent=bare, is_deleted=True), "p", NOW - DAY, 60_000)
    assert {parent, child}.isdisjoint(await found(asked, "untracked"))
    assert await found(asked, "untracked") == [bare, archived, closed]


async def test_subtasks_that_go_in_a_circle_do_no_harm(ground: Ground, asked: Reports) -> None:
    """A task that is its own grandparent is looked at once."""
    done = {"status_type": "done", "date_done": NOW - DAY}
    one = ground.task(**done, parent="w-two")
    two = ground.task(**done, clickup_task_id="w-two", parent=one)
    assert sorted(await found(asked, "untracked")) == sorted([one, two])
