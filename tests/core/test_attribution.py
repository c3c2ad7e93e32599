"""Items of deliveries make the changes that reads found exact."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.sync.attribution import Attribution, Change, Item, Version, attribute, split

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def found(before: Any, after: Any, field: str | None = "status", **more: Any) -> Change:
    known: dict[str, Any] = {"change_id": 1, "earliest": at(0), "changed_at": at(60), "latest": at(60)}
    known["source"] = "polling"
    operation = "changed" if field else "created"
    return Change(
        operation=operation, field=field, before=before, after=after, user_id=None, user_name=None,
        **known | more,
    )  # fmt: skip


def told(seconds: float, before: Any = None, after: Any = None, field: str = "status", **more: Any) -> Item:
    known: dict[str, Any] = {"item_id": int(seconds * 10), "tells_before": True, "tells_after": True}
    return Item(
        field=field, changed_at=at(seconds), user_id="7", user_name="Ada", before=before, after=after,
        **{"added": None, "removed": None} | known | more,
    )  # fmt: skip


def steps(attributions: list[Attribution]) -> list[tuple[Any, ...]]:
    return [
        (
            one.before,
            one.after,
            (one.earliest - NOON).total_seconds(),
            (one.latest - NOON).total_seconds(),
            one.user_id,
        )
        for attribution in attributions
        for one in attribution.changes
    ]


def test_an_item_tells_when_and_who() -> None:
    """The change that was found gives way to it."""
    (attribution,) = attribute([found("a", "b")], [told(30, "a", "b")])
    assert steps([attribution]) == [("a", "b", 30, 30, "7")]
    assert (attribution.replaced, attribution.used) == ((1,), {300})
    assert {one.source for one in attribution.changes} == {"webhook"}


def test_steps_between_two_reads_are_told_in_their_order() -> None:
    """In whatever order the deliveries came."""
    items = [told(50, "b", "c"), told(10, "a", "b")]
    assert steps(attribute([found("a", "c")], items)) == [("a", "b", 10, 10, "7"), ("b", "c", 50, 50, "7")]


def test_what_a_lost_delivery_told_stays_an_interval_of_nobody() -> None:
    """Before the item that came, and behind it."""
    assert steps(attribute([found("a", "c")], [told(40, "b", "c")])) == [
        ("a", "b", 0, 40, None),
        ("b", "c", 40, 40, "7"),
    ]
    assert steps(attribute([found("a", "c")], [told(40, "a", "b")])) == [
        ("a", "b", 40, 40, "7"),
        ("b", "c", 40, 60, None),
    ]


@pytest.mark.parametrize(
    ("item", "change"),
    [
        (told(-30, "a", "b"), found("a", "b")),
        (told(90, "a", "b"), found("a", "b")),
        (told(30, "a", "b", "priority"), found("a", "b")),
        (told(30, "a", "b"), found("a", "b", source="webhook")),
        (told(30, field="deleted"), found(None, None, None)),
    ],
    ids=["before it", "after it", "another field", "told already", "another operation"],
)
def test_an_item_of_something_else_changes_nothing(item: Item, change: Change) -> None:
    """What was found stays, and the item waits."""
    assert attribute([change], [item]) == []


def test_values_that_an_item_does_not_tell_are_those_that_were_read() -> None:
    """As of a description."""
    item = told(30, field="description", tells_before=False, tells_after=False)
    assert steps(attribute([found("a", "b", "description")], [item])) == [("a", "b", 30, 30, "7")]


def test_members_come_and_go_one_by_one() -> None:
    """Ids in a text, or names in a list; the last step ends with what was read, in its order."""
    items = [told(10, field="assignee_ids", added=["2"]), told(20, field="assignee_ids", removed=["1"])]
    assert steps(attribute([found("1", "2", "assignee_ids")], items)) == [
        ("1", "1,2", 10, 10, "7"),
        ("1,2", "2", 20, 20, "7"),
    ]
    tags = [told(10, field="tags", added=["x"])]
    assert steps(attribute([found(["a"], ["x", "a"], "tags")], tags)) == [(["a"], ["x", "a"], 10, 10, "7")]


def test_one_edit_of_an_object_tells_of_all_that_changed_then_but_of_two_nobody_knows_which() -> None:
    """ClickUp does not tell in what a comment or a time entry changed."""
    changes = [found(1, 2, "duration_ms"), found(False, True, "billable", change_id=2)]
    one, other = told(30, field="updated"), told(40, field="updated")
    assert steps(attribute(changes, [one])) == [(1, 2, 30, 30, "7"), (False, True, 30, 30, "7")]
    assert attribute(changes, [one, other]) == []


@given(
    st.lists(st.tuples(st.integers(0, 60), st.sampled_from("abcd"), st.sampled_from("abcd")), max_size=6),
    st.sampled_from("abcd"),
    st.sampled_from("abcd"),
)
def test_whatever_is_told_the_steps_lead_from_what_was_read_to_what_was_read(
    tellings: list[tuple[int, str, str]], before: str, after: str
) -> None:
    """Each begins where the one before it ended, in the order of time, and within what is possible."""
    items = [
        replace(told(second, one, two), item_id=number) for number, (second, one, two) in enumerate(tellings)
    ]
    for attribution in attribute([found(before, after)], items):
        made = attribution.changes
        values = [before] + [one.after for one in made]
        assert [one.before for one in made] == values[:-1]
        assert values[-1] == after
        times = [one.changed_at for one in made]
        assert times == sorted(times)
        assert all(one.earliest <= one.changed_at <= one.latest for one in made)
        assert all(one.before != one.after for one in made)


def test_versions_are_split_where_the_steps_were() -> None:
    """What is derived from a value that was never read is not known; the last version is what was read."""
    before = Version({"status": "a", "status_type": "open", "due_at": None}, at(-100), at(-100))
    after = Version({"status": "c", "status_type": "done", "due_at": "2026-12-01"}, at(0), at(60))
    (attribution,) = attribute([found("a", "c")], [told(10, "a", "b"), told(50, "b", "c")])
    due = found(None, "2026-12-01", "due_at", change_id=2)
    first, second, last = split(before, after, [*attribution.changes, due])
    assert (first.columns, first.valid_from) == (
        {"status": "b", "status_type": None, "due_at": None},
        at(10),
    )
    assert (second.columns["status"], second.columns["status_type"], second.valid_from) == (
        "c",
        "done",
        at(50),
    )
    assert last == Version(after.columns, at(0), at(60))
