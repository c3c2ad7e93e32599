"""What a task shows of its work sessions."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.time_tracking import Session, summarize, summarize_tasks, tracked_minutes

KOLKATA, BERLIN = ZoneInfo("Asia/Kolkata"), ZoneInfo("Europe/Berlin")
MORNING = datetime(2026, 1, 13, 4, tzinfo=UTC)


def session(
    entry_id: str = "1", *, start: datetime | None = MORNING, seconds: float | None = 60, task: str = "a"
) -> Session:
    """Work of so many seconds; None while it runs."""
    end = start + timedelta(seconds=seconds) if start and seconds is not None else None
    return Session(task, entry_id, start, end, None if seconds is None else int(seconds * 1000))


def test_the_latest_comes_first() -> None:
    """Both lists are ordered by start, and one index of both is one session."""
    hours = {"1": 2, "2": 5, "3": 0}
    found = summarize(
        "a", [session(key, start=MORNING + timedelta(hours=late)) for key, late in hours.items()], KOLKATA
    )
    assert [text and text[11:16] for text in found.start_times] == ["14:30", "11:30", "09:30"]
    assert [text and text[11:16] for text in found.end_times] == ["14:31", "11:31", "09:31"]


def test_a_running_timer_has_no_end_yet() -> None:
    """It stands in both lists and counts no minute."""
    found = summarize("a", [session("1"), session("2", seconds=None)], KOLKATA)
    assert found.start_times == ["2026-01-13T09:30:00+05:30"] * 2
    assert found.end_times == [None, "2026-01-13T09:31:00+05:30"]
    assert found.tracked_minutes == 1


def test_time_without_a_start_comes_last() -> None:
    """A mere amount has no times, and its minutes count."""
    found = summarize("a", [session("1", start=None, seconds=600), session("2")], KOLKATA)
    assert found.start_times == ["2026-01-13T09:30:00+05:30", None]
    assert found.end_times == ["2026-01-13T09:31:00+05:30", None]
    assert found.tracked_minutes == 11


def test_sessions_across_a_clock_change() -> None:
    """Two hours that the clock repeats stay in their order, each with its offset."""
    hour = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    sessions = [session("1", start=hour), session("2", start=hour + timedelta(hours=1))]
    assert summarize("a", sessions, BERLIN).start_times == [
        "2026-10-25T02:30:00+01:00",
        "2026-10-25T02:30:00+02:00",
    ]


@pytest.mark.parametrize(
    ("durations", "minutes"),
    [
        ([], 0),
        ([None], 0),
        ([59_999], 0),
        ([60_000], 1),
        ([30_000, 30_000], 1),
        ([59_999, 59_999, 59_999], 2),
        ([90_000, None, 90_000], 3),
    ],
)
def test_the_sum_is_rounded_and_not_the_parts(durations: list[int | None], minutes: int) -> None:
    """Seconds of several sessions add up to minutes."""
    assert tracked_minutes(durations) == minutes


@given(st.lists(st.integers(0, 10**10) | st.none()))
def test_minutes_are_the_floor_of_the_sum(durations: list[int | None]) -> None:
    """Whole minutes of all finished sessions together, never one more."""
    total = sum(duration for duration in durations if duration is not None)
    assert tracked_minutes(durations) * 60_000 <= total < (tracked_minutes(durations) + 1) * 60_000


@given(st.permutations([session(str(number), start=MORNING) for number in range(5)]))
def test_the_order_of_reading_does_not_show(sessions: list[Session]) -> None:
    """However entries arrive, also when they begin together, the task shows the same."""
    varied = [
        Session(one.clickup_task_id, one.clickup_entry_id, one.started_at, None, None)
        if one.clickup_entry_id == "3"
        else one
        for one in sessions
    ]
    assert summarize("a", varied, KOLKATA).end_times.index(None) == 1


def test_every_task_asked_for_has_a_summary() -> None:
    """A task without a session has empty lists and no minutes."""
    found = summarize_tasks(["a", "b"], [session(seconds=120)], KOLKATA)
    assert found["a"].tracked_minutes == 2
    assert (found["b"].start_times, found["b"].end_times, found["b"].tracked_minutes) == ([], [], 0)
