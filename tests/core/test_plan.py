"""What a sync decides: absence only nominates, and a reading that is doubted deletes nothing."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.clickup.models import TaskRow
from app.core.clickup.stamps import EPOCH
from app.core.clickup.task_row import Names, read_task
from app.core.sync.plan import (
    KnownEntry,
    StoredTask,
    TaskTime,
    plan_missing,
    plan_prune,
    plan_task_prune,
    plan_tasks,
)
from tests.core.test_task_row import KOLKATA

NOON = EPOCH + timedelta(days=20_000)
ROW = read_task({"id": "a"}, Names(KOLKATA)).row


def row(date_updated: datetime | None = NOON, fingerprint: str = "new") -> TaskRow:
    return replace(ROW, date_updated=date_updated, fingerprint=fingerprint)


def stored(
    date_updated: datetime | None = NOON, fingerprint: str = "old", *, is_deleted: bool = False
) -> dict[str, StoredTask]:
    return {"a": StoredTask("a", fingerprint, date_updated, is_deleted)}


LATER, EARLIER = NOON + timedelta(milliseconds=1), NOON - timedelta(milliseconds=1)
WRITE = {"write": 1}


@pytest.mark.parametrize(
    ("known", "read", "decided"),
    [
        ({}, row(), WRITE),
        (stored(), row(LATER), WRITE),
        (stored(), row(NOON), WRITE),
        (stored(None), row(), WRITE),
        (stored(), row(None), WRITE),
        (stored(fingerprint="new"), row(), {"unchanged": 1}),
        (stored(fingerprint="new"), row(EARLIER), {"unchanged": 1}),
        (stored(), row(EARLIER), {"stale": 1}),
        (stored(is_deleted=True), row(LATER), {"prove": 1}),
        (stored(fingerprint="new", is_deleted=True), row(), {"prove": 1}),
    ],
)
def test_each_row_has_one_fate(known: dict[str, StoredTask], read: TaskRow, decided: dict[str, int]) -> None:
    """New and changed rows are written, older ones never, and a tombstone is lifted only by proof."""
    plan = plan_tasks(known, [read])
    counts = {
        "write": len(plan.write),
        "prove": len(plan.prove),
        "unchanged": plan.unchanged,
        "stale": plan.stale,
    }
    assert {name: count for name, count in counts.items() if count} == decided


def test_other_rows_are_not_touched() -> None:
    """A stored task that the page does not show is no part of the plan."""
    plan = plan_tasks(stored() | {"b": StoredTask("b", "x", NOON, False)}, [])
    assert (plan.write, plan.prove, plan.unchanged, plan.stale) == ([], [], 0, 0)


def test_missing_tasks_are_asked_for() -> None:
    """After a whole pass each missing task is asked for by itself."""
    plan = plan_missing(["a", "b"], 100, unread=[], max_deleted_percent=20)
    assert plan.ask == ["a", "b"]
    assert plan.withheld is None


def test_an_unread_scope_proves_nothing() -> None:
    """One scope that was not read to its end, and none is asked for; the reason names it."""
    plan = plan_missing(["a"], 100, unread=["archived tasks", "list Q3"], max_deleted_percent=100)
    assert plan.ask == []
    assert "archived tasks, list Q3" in str(plan.withheld)


@pytest.mark.parametrize(
    ("missing", "known", "percent", "asked"),
    [
        (20, 100, 20, True),
        (21, 100, 20, False),
        (1, 4, 20, False),
        (1, 5, 20, True),
        (1, 100, 0, False),
        (100, 100, 100, True),
        (1, 0, 20, False),
    ],
)
def test_too_many_missing_cast_doubt_on_the_reading(
    missing: int, known: int, percent: int, asked: bool
) -> None:
    """Up to the share that is allowed they are asked for; beyond it a sentence says why not."""
    names = [str(number) for number in range(missing)]
    plan = plan_missing(names, known, unread=[], max_deleted_percent=percent)
    assert plan.ask == (names if asked else [])
    assert (plan.withheld is None) == asked
    assert asked or f"{missing} of {known} tasks" in str(plan.withheld)


def test_nothing_missing_is_no_news() -> None:
    """Without a missing task there is nothing to say, even of an unread scope."""
    plan = plan_missing([], 100, unread=["tasks"], max_deleted_percent=0)
    assert (plan.ask, plan.withheld) == ([], None)


HOUR = 3_600_000
GONE = [KnownEntry("e1", "a", HOUR), KnownEntry("e2", "a", HOUR)]


@pytest.mark.parametrize(
    ("absent", "totals", "decided"),
    [
        ([], {}, {}),
        (GONE, {"a": TaskTime(HOUR, 3 * HOUR, is_leaf=True)}, {"delete": ["e1", "e2"]}),
        (GONE, {"a": TaskTime(3 * HOUR, 3 * HOUR, is_leaf=True)}, {"reread": {"a"}}),
        (GONE, {"a": TaskTime(2 * HOUR, 3 * HOUR, is_leaf=True)}, {"reread": {"a"}}),
        (GONE, {"a": TaskTime(0, 3 * HOUR, is_leaf=True)}, {"reread": {"a"}}),
        (GONE, {"a": TaskTime(HOUR, 3 * HOUR, is_leaf=False)}, {"reread": {"a"}}),
        (GONE, {"a": TaskTime(3 * HOUR, 3 * HOUR, is_leaf=True, is_deleted=True)}, {}),
        (GONE, {}, {"unverifiable": ["e1", "e2"]}),
        ([KnownEntry("e3", None, HOUR)], {}, {"unverifiable": ["e3"]}),
        ([KnownEntry("e4", "a", 0)], {"a": TaskTime(HOUR, HOUR, is_leaf=True)}, {"unverifiable": ["e4"]}),
        (
            [*GONE, KnownEntry("e5", "b", HOUR)],
            {"a": TaskTime(2 * HOUR, 2 * HOUR, is_leaf=True), "b": TaskTime(0, HOUR, is_leaf=True)},
            {"delete": ["e5"], "reread": {"a"}},
        ),
    ],
    ids=[
        "none absent",
        "totals match without them",
        "totals match with them",
        "totals match with one of them",
        "totals match with neither",
        "a parent's time may be rolled up",
        "a deleted task keeps its entries",
        "a task without a total",
        "no task",
        "a timer that ran",
        "each task by itself",
    ],
)
def test_the_totals_confirm_what_is_gone(
    absent: list[KnownEntry], totals: dict[str, TaskTime], decided: dict[str, object]
) -> None:
    """Entries go when the leaf task's total balances without them; otherwise the task is read itself."""
    plan = plan_prune(absent, totals)
    found = {"delete": plan.delete, "reread": plan.reread, "unverifiable": plan.unverifiable}
    assert {name: what for name, what in found.items() if what} == decided


def test_a_discarded_timer_goes_without_a_book() -> None:
    """On a task with subtasks, too: a window that was read completely is its only proof."""
    plan = plan_prune([KnownEntry("timer", "t", 0)], {"t": TaskTime(5, 0, is_leaf=False)})
    assert (plan.unverifiable, plan.reread) == (["timer"], set())


@given(
    st.lists(st.tuples(st.sampled_from(["a", "b", "c", None]), st.integers(0, 5)), max_size=12),
    st.dictionaries(
        st.sampled_from("abc"), st.builds(TaskTime, st.integers(0, 9), st.integers(0, 9), st.booleans())
    ),
)
def test_every_absent_entry_is_settled(
    absent: list[tuple[str | None, int]], totals: dict[str, TaskTime]
) -> None:
    """Each absent entry has one fate: deleted, left to its task's own time, or without proof."""
    entries = [KnownEntry(str(number), task, ms) for number, (task, ms) in enumerate(absent)]
    plan = plan_prune(entries, totals)
    kept = {
        entry.clickup_entry_id
        for entry in entries
        if entry.clickup_task_id in plan.reread and entry.duration_ms
    }
    settled = [*plan.delete, *plan.unverifiable, *kept]
    assert sorted(settled) == sorted(entry.clickup_entry_id for entry in entries)


@pytest.mark.parametrize(
    ("total", "deleted"),
    [
        (TaskTime(HOUR, 3 * HOUR, is_leaf=True), ["e1", "e2"]),
        (TaskTime(0, 3 * HOUR, is_leaf=True), ["e1", "e2"]),
        (TaskTime(3 * HOUR, 3 * HOUR, is_leaf=True), []),
        (TaskTime(3 * HOUR, 3 * HOUR, is_leaf=False), ["e1", "e2"]),
        (None, ["e1", "e2"]),
    ],
)
def test_a_tasks_own_time_is_doubted_when_the_totals_match(
    total: TaskTime | None, deleted: list[str]
) -> None:
    """Entries that an answer leaves out stay as long as ClickUp's own total still counts them."""
    assert plan_task_prune(GONE, total) == deleted


def test_a_stopped_timer_needs_no_totals() -> None:
    """An entry without time goes: no total can speak for it."""
    assert plan_task_prune([KnownEntry("e", "a", 0)], TaskTime(HOUR, HOUR, is_leaf=True)) == ["e"]
