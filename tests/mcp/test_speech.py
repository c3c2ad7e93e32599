"""What people say, beside what is exact."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.core.answers.formats import Formats
from app.mcp.humanize import age_said, day_said, duration, moment_said, plain_day

TODAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
USUAL = Formats()


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(0, "0:00 h"), (125, "2:05 h"), (59, "0:59 h"), (89_206, "1,486:46 h"), (-5, "-0:05 h")],
)
def test_durations(minutes: int, said: str) -> None:
    """Hours and minutes."""
    assert duration(minutes, USUAL) == said


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
    assert day_said(day, TODAY, USUAL) == said
    assert plain_day(day, TODAY, USUAL) == said.partition(", ")[2]


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
    assert age_said(seconds, USUAL) == said


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
    assert moment_said(NOW - ago, NOW, BERLIN, USUAL) == said


def test_words_are_written_as_the_installation_has_it() -> None:
    """DATE_FORMAT and NUMBER_FORMAT; the weekday stays, so that nobody takes a day for a month."""
    german = Formats("30.11.2026", "1.234,5")
    assert duration(89_206, german) == "1.486:46 h"
    assert day_said(date(2026, 11, 27), TODAY, german) == "in 3 days, Fri 27.11."
    assert day_said(date(2022, 2, 28), TODAY, german) == "1.730 days ago, Mon 28.02.2022"
    assert moment_said(NOW - timedelta(days=4), NOW, BERLIN, german) == "Fri 20.11., 15:00"
