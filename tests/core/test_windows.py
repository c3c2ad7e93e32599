"""Windows cover the past without a gap, and end."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.sync.windows import Window, newest_window, next_window

NOW = datetime(2026, 7, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def walk(rows: list[int], oldest: datetime | None) -> list[Window]:
    """The windows of a walk that brought so many rows each time, and none after that."""
    window: Window | None = newest_window(NOW)
    found = []
    while window:
        found.append(window)
        window = next_window(window, rows.pop(0) if rows else 0, oldest=oldest)
    return found


@given(st.lists(st.integers(0, 20_000), max_size=20), st.integers(0, 9_000) | st.none())
def test_windows_join_and_end(rows: list[int], days_ago: int | None) -> None:
    """Each window begins a day to a year long where the later one began, back to the first event."""
    oldest = None if days_ago is None else NOW - days_ago * DAY
    windows = walk(list(rows), oldest)
    assert windows[0].end > NOW + 30 * DAY
    for later, earlier in pairwise(windows):
        assert earlier.end == later.start
        assert DAY <= earlier.end - earlier.start <= 365 * DAY
    if oldest:
        assert windows[-1].end <= oldest


def test_a_walk_goes_on_where_there_are_rows() -> None:
    """Rows before the first known event keep the walk going until a window is empty."""
    windows = walk([10, 10, 10, 10, 0], oldest=NOW)
    assert len(windows) == 5


@pytest.mark.parametrize(("rows", "factor"), [(0, 2), (999, 2), (1_000, 1), (3_000, 1), (3_001, 0.5)])
def test_windows_grow_and_shrink(rows: int, factor: float) -> None:
    """Few rows double the next window, many halve it."""
    window = Window(NOW - 100 * DAY, NOW)
    following = next_window(window, rows, oldest=NOW - 9_000 * DAY)
    assert following == Window(NOW - 100 * DAY - factor * 100 * DAY, NOW - 100 * DAY)


@pytest.mark.parametrize(("days", "rows", "following_days"), [(300, 0, 365), (1, 9_000, 1), (1.5, 9_000, 1)])
def test_windows_have_bounds(days: float, rows: int, following_days: int) -> None:
    """None is longer than a year or shorter than a day."""
    following = next_window(Window(NOW - days * DAY, NOW), rows, oldest=NOW - 9_000 * DAY)
    assert following is not None
    assert following.end - following.start == following_days * DAY


def test_an_empty_workspace_is_one_window() -> None:
    """Where nothing is known to have happened, the first empty window is the last."""
    assert walk([], oldest=None) == [newest_window(NOW)]


@pytest.mark.parametrize(
    ("known", "years", "days"),
    [(0, 3, 90), (4_108, 2.5, 365), (100_000, 3, 21.9), (10_000_000, 1, 1), (3, 0, 365)],
)
def test_the_first_window_follows_what_is_known(known: int, years: float, days: float) -> None:
    """It is as long as some thousand rows take, at most a year and at least a day."""
    window = newest_window(NOW, known=known, oldest=NOW - timedelta(days=365 * years))
    assert (NOW - window.start) / timedelta(days=1) == pytest.approx(days)
