"""Time entries mean the same, whichever call shows them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.clickup.models import TimeEntry
from app.core.clickup.stamps import from_millis
from app.core.clickup.time_entry import read_entry, read_intervals
from app.core.errors import MalformedObject

START, END = 1_700_000_000_000, 1_700_000_090_500
WIRE: dict[str, Any] = {
    "id": 77,
    "task": {"id": "abc", "name": "Paint"},
    "user": {"id": 5, "username": "Ada"},
    "start": str(START),
    "end": END,
    "duration": "90500",
    "billable": True,
    "description": "",
    "tags": [{"name": "site"}, {"name": ""}],
    "at": str(END),
}


def test_an_entry_is_read() -> None:
    """Numbers come as text or number; an empty description is none."""
    assert read_entry(WIRE) == TimeEntry(
        clickup_entry_id="77",
        clickup_task_id="abc",
        clickup_user_id="5",
        user_name="Ada",
        started_at=from_millis(START),
        ended_at=from_millis(END),
        duration_ms=90_500,
        is_running=False,
        billable=True,
        description=None,
        tags=["site"],
        entry_updated_at=from_millis(END),
    )


@pytest.mark.parametrize("task", [None, "0", [], {}, {"id": None}, 0])
def test_entries_without_a_task_exist(task: object) -> None:
    """Whatever stands in the task's place, the entry is kept."""
    assert read_entry(WIRE | {"task": task}).clickup_task_id is None


@pytest.mark.parametrize(
    "timer",
    [
        {"duration": -1_700_000_000, "end": None},
        {"duration": "-5", "end": ""},
        {"duration": -5, "end": END},
        {"duration": None, "end": None},
    ],
)
def test_a_running_timer_has_neither_end_nor_duration(timer: dict[str, Any]) -> None:
    """A negative duration says that the timer runs, and so does the lack of any end."""
    entry = read_entry(WIRE | timer)
    assert entry.is_running
    assert (entry.ended_at, entry.duration_ms) == (None, None)


@pytest.mark.parametrize(
    ("wrong", "field", "attribute", "left"),
    [
        ({"start": "soon"}, "start", "started_at", None),
        ({"start": None}, "start", "started_at", None),
        ({"end": {}}, "end", "ended_at", None),
        ({"duration": "long"}, "duration", "duration_ms", 90_500),
        ({"duration": 10**15}, "duration", "duration_ms", 90_500),
        ({"description": []}, "description", "description", None),
        ({"tags": [{"name": "site"}, "?"]}, "tags", "tags", ["site"]),
        ({"user": {"username": "Ada"}}, "user", "clickup_user_id", None),
        ({"billable": "perhaps"}, "billable", "billable", False),
        ({"at": "lately"}, "at", "entry_updated_at", None),
    ],
)
def test_one_bad_field_costs_one_field(
    wrong: dict[str, Any], field: str, attribute: str, left: object
) -> None:
    """It is empty and named, and the entry is kept; start and end give a duration that cannot be read."""
    entry = read_entry(WIRE | wrong)
    assert getattr(entry, attribute) == left
    assert list(entry.unreadable_fields) == [field]
    assert not entry.is_running
    assert entry.duration_ms == 90_500


@pytest.mark.parametrize(
    "wrong",
    [
        {"duration": "long", "end": None},
        {"duration": "long", "start": "soon"},
        {"duration": 10**15, "end": "late"},
        {"duration": None, "end": "late"},
        {"duration": "long", "end": START - 1},
    ],
)
def test_a_duration_that_nobody_knows_is_none(wrong: dict[str, Any]) -> None:
    """A wrong hour is worse than no hour: there is no duration, it is named, and no timer runs."""
    entry = read_entry(WIRE | wrong)
    assert (entry.duration_ms, entry.is_running) == (None, False)
    assert "duration" in entry.unreadable_fields


def test_without_an_id_there_is_no_entry() -> None:
    """Nothing can be said of an entry that has no id."""
    with pytest.raises(MalformedObject, match="it has no id") as caught:
        read_entry(WIRE | {"id": ""})
    assert caught.value.kind == "time entry"


def interval(**fields: Any) -> TimeEntry | MalformedObject:
    """The only interval of a task's only person."""
    wire = {"id": 77, "start": str(START), "end": str(END), "time": "90500", "date_added": str(END)} | fields
    [found] = read_intervals("abc", {"data": [{"user": {"id": 5, "username": "Ada"}, "intervals": [wire]}]})
    return found


def test_an_interval_is_an_entry_with_less_to_say() -> None:
    """Both calls agree; what the task's own call leaves out is None, so that it blanks nothing."""
    entry, found = read_entry(WIRE), interval()
    entry.billable = entry.tags = None
    assert found == entry


@pytest.mark.parametrize("time", [None, 0, "-1700000000"])
def test_a_running_interval(time: object) -> None:
    """A start without an end or an amount is a timer that runs."""
    found = interval(end=None, time=time)
    assert isinstance(found, TimeEntry)
    assert found.is_running
    assert (found.ended_at, found.duration_ms) == (None, None)


def test_time_logged_as_an_amount() -> None:
    """Time may have neither start nor end; its amount counts."""
    found = interval(start=None, end=None)
    assert isinstance(found, TimeEntry)
    assert not found.is_running
    assert (found.started_at, found.duration_ms) == (None, 90_500)


def test_an_interval_without_an_amount_is_measured() -> None:
    """Start and end alone give the duration."""
    found = interval(time=None)
    assert isinstance(found, TimeEntry)
    assert found.duration_ms == 90_500


def test_a_bad_interval_stands_among_good_ones() -> None:
    """One without an id is handed over as what it is, and the reading goes on."""
    good = {"id": 78, "start": START, "end": END, "time": 90_500}
    answer = {"data": [None, {"intervals": [good | {"id": None}, good]}, {"user": {"id": 1}}]}
    bad, entry = read_intervals("abc", answer)
    assert isinstance(bad, MalformedObject)
    assert isinstance(entry, TimeEntry)
    assert entry.clickup_user_id is None


@pytest.mark.parametrize(
    ("wrong", "duration", "named"),
    [
        ({"time": "x"}, 90_500, ["duration"]),
        ({"start": None, "end": None, "time": None}, None, ["duration"]),
        ({"start": None, "time": -5}, None, ["duration"]),
        ({"end": "late", "time": None}, None, ["end", "duration"]),
        ({"start": "soon"}, 90_500, ["start"]),
        ({"date_added": "lately"}, 90_500, ["at"]),
    ],
)
def test_one_bad_field_of_an_interval_costs_one_field(
    wrong: dict[str, Any], duration: int | None, named: list[str]
) -> None:
    """The interval is kept with what is known of it, and no timer runs."""
    found = interval(**wrong)
    assert isinstance(found, TimeEntry)
    assert (found.duration_ms, found.is_running) == (duration, False)
    assert list(found.unreadable_fields) == named


@pytest.mark.parametrize("answer", [None, [], {}, {"data": None}, {"data": [{"intervals": None}]}])
def test_an_answer_without_intervals(answer: object) -> None:
    """No data is no interval."""
    assert list(read_intervals("abc", answer)) == []


@given(st.integers(0, 10**9))
def test_a_measured_duration_is_exact(millis: int) -> None:
    """Without an amount the duration is the end minus the start, to the millisecond."""
    assert read_entry(WIRE | {"end": START + millis, "duration": None}).duration_ms == millis
