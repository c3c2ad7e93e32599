"""Nobody gets more than a minute's worth at once and an even flow after it, and nobody gets less."""

from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from app.core.answers.rate_limit import RateLimiter

pauses = st.lists(st.floats(0, 30, allow_nan=False), min_size=1, max_size=200)


@given(a_minute=st.integers(1, 100), pauses=pauses)
def test_in_no_span_more_comes_through_than_a_bucket_and_its_flow(a_minute: int, pauses: list[float]) -> None:
    """From any instant to any other: at most a minute's worth and what flowed in meanwhile."""
    allowances = RateLimiter(a_minute)
    came = [now for now in accumulate(pauses) if allowances.take("a", now).granted]
    for first in range(len(came)):
        for last in range(first, len(came)):
            flowed = (came[last] - came[first]) * a_minute / 60
            assert last - first + 1 <= a_minute + flowed + 1e-3


@given(a_minute=st.integers(1, 100), pauses=pauses)
def test_who_waits_as_long_as_is_said_comes_through(a_minute: int, pauses: list[float]) -> None:
    """And who is not asked to wait need not; `look` says what `take` will."""
    allowances = RateLimiter(a_minute)
    for now in accumulate(pauses):
        looked = allowances.look("a", now)
        taken = allowances.take("a", now)
        assert looked.granted == taken.granted
        assert (looked.wait == 0) == looked.granted
        if not taken.granted:
            assert allowances.look("a", now + taken.wait).granted
            assert not allowances.look("a", now + taken.wait * 0.99 - 1e-3).granted


@given(a_minute=st.integers(1, 2_000))
def test_a_rested_bucket_gives_a_minutes_worth(a_minute: int) -> None:
    """Exactly so many at once, counted down; then a pause; after a minute all of it again."""
    allowances = RateLimiter(a_minute)
    for start in (1e6, 1e6 + 60.001):
        assert [allowances.take("a", start).left for _ in range(a_minute)] == list(range(a_minute))[::-1]
        refused = allowances.take("a", start)
        assert not refused.granted
        assert abs(refused.wait - 60 / a_minute) < 1e-3
        assert abs(refused.full_in - 60) < 0.01


def test_what_is_refused_costs_nothing() -> None:
    """Who hammers at the door is let in as soon as who waits."""
    allowances = RateLimiter(60)
    for _ in range(60):
        allowances.take("a", 0.0)
    assert not any(allowances.take("a", 0.5).granted for _ in range(1000))
    assert allowances.take("a", 1.0).granted


def test_each_has_a_bucket_of_its_own() -> None:
    """One who spends all takes nothing from another."""
    allowances = RateLimiter(1)
    assert allowances.take("a", 0).granted and not allowances.take("a", 0).granted
    assert allowances.take("b", 0).granted


def test_many_who_ask_once_do_not_fill_the_memory() -> None:
    """Full buckets are forgotten; of too many the longest silent."""
    allowances = RateLimiter(60, most=100)
    for number in range(10_000):
        allowances.take(number, number / 10)
    assert len(allowances) <= 11
    for number in range(10_000):
        allowances.take(number, 2_000.0)
    assert len(allowances) == 100
