"""How often is what was asked for, or what the budget bears."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.sync.cadence import full_pass_cadence, is_daily_due, is_due, round_minutes

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(("requests", "a_minute"), [(None, 80), (100, None), (0, 80), (100, 80)])
def test_what_is_affordable_is_as_often_as_asked(requests: int | None, a_minute: int | None) -> None:
    """Nothing is stretched, and nothing explained, where the budget suffices or is not known yet."""
    cadence = full_pass_cadence(timedelta(minutes=7), requests, a_minute)
    assert (cadence.every, cadence.reason) == (timedelta(minutes=7), None)


def test_what_is_too_dear_is_rarer_and_says_why() -> None:
    """1,100 requests at 80 a minute: a pass every 27 minutes takes half of the budget."""
    cadence = full_pass_cadence(timedelta(minutes=7), 1_100, 80)
    assert cadence.every == timedelta(minutes=27.5)
    assert cadence.reason is not None
    assert "1,100 requests" in cadence.reason and "instead of every 7 minutes" in cadence.reason


@given(st.integers(1, 10**6), st.integers(1, 10**5), st.integers(1, 10**5))
def test_full_passes_never_take_more_than_half(requests: int, a_minute: int, asked: int) -> None:
    """Whatever they cost and whatever is asked for."""
    every = full_pass_cadence(timedelta(seconds=asked), requests, a_minute).every
    assert requests <= a_minute * 0.5 * every.total_seconds() / 60 * 1.001
    assert every >= timedelta(seconds=asked)


def test_what_never_happened_is_due() -> None:
    """And what happened long enough ago, and nothing else."""
    assert is_due(NOW, None, timedelta(days=1))
    assert is_due(NOW, NOW - timedelta(hours=1), timedelta(hours=1))
    assert not is_due(NOW, NOW - timedelta(minutes=59), timedelta(hours=1))


def test_a_daily_thing_is_due_once_after_its_hour() -> None:
    """Also after a late start, and not again that day."""
    at = NOW - timedelta(minutes=5)
    assert not is_daily_due(at - timedelta(seconds=1), at, None)
    assert is_daily_due(at, at, None)
    assert is_daily_due(NOW, at, at - timedelta(hours=24))
    assert not is_daily_due(NOW, at, at + timedelta(seconds=3))


def test_a_round_takes_as_long_as_its_rows_at_the_pace() -> None:
    """Nobody knows how long where nothing is read."""
    assert round_minutes(3_000, 50) == 60
    assert round_minutes(3_000, 0) is None
