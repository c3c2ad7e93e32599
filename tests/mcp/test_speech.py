"""What people say, beside what is exact."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.mcp.humanize import age_said, day_said, duration, elapsed_said, moment_said, plain_day

TODAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(0, "0:00 h"), (125, "2:05 h"), (59, "0:59 h"), (89_206, "1,486:46 h"), (-5, "-0:05 h")],
)
def test_durations(minutes: int, said: str) -> None:
    """Hours and minutes."""
    assert duration(minutes) == said


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (TODAY, "today, Tue 24 Nov"),
        (date(2026, 11, 25), "tomorrow, Wed 25 Nov"),
        (date(2026, 11, 23), "yesterday, Mon 23 Nov"),
        (date(2026, 11, 27), "in 3 days, Fri 27 Nov"),
        (date(2026, 11, 4), "20 days ago, Wed 4 Nov"),
        (date(2027, 1, 1), "in 38 days, Fri 1 Jan 2027"),
        (date(2022, 2, 28), "1,730 days ago, Mon 28 Feb 2022"),
    ],
)
def test_days(day: date, said: str) -> None:
    """How far away, and which; the year where it is another one."""
    assert day_said(day, TODAY) == said
    assert plain_day(day, TODAY) == said.partition(", ")[2]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, "never"),
        (0, "just now"),
        (1, "1 second ago"),
        (59, "59 seconds ago"),
        (120, "2 minutes ago"),
        (3_600, "1 hour ago"),
        (86_399, "23 hours ago"),
        (90 * 86_400, "90 days ago"),
    ],
)
def test_ages(seconds: int | None, said: str) -> None:
    """In one unit, cut off."""
    assert age_said(seconds) == said


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        (timedelta(minutes=2), "2 minutes ago"),
        (timedelta(hours=2), "today 13:00"),
        (timedelta(hours=20), "yesterday 19:00"),
        (timedelta(days=4), "Fri 20 Nov, 15:00"),
        (timedelta(days=400), "Mon 20 Oct 2025, 16:00"),
        (timedelta(hours=-3), "today 18:00"),
        (timedelta(hours=-12), "tomorrow 03:00"),
    ],
)
def test_moments(ago: timedelta, said: str) -> None:
    """By the clocks of the zone, in summer and in winter; what is to come too."""
    assert moment_said(NOW - ago, NOW, BERLIN) == said


def test_how_long_something_runs() -> None:
    """Up to now; what begins later has not run yet."""
    assert elapsed_said(NOW - timedelta(hours=2, minutes=5, seconds=59), NOW) == "2:05 h"
    assert elapsed_said(NOW + timedelta(hours=1), NOW) == "0:00 h"
