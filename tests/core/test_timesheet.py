"""Days as instants that join, and sums of milliseconds as people read them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any, get_args
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.answers.formats import WeekStart, week_of
from app.core.answers.timesheet import (
    Per,
    TimeSum,
    count_parts,
    list_lines,
    part_bounds,
    part_dates,
    read_sheets,
)

HOUR = timedelta(hours=1)


def lengths(first: str, last: str, zone: str) -> list[float]:
    """How many hours each day has."""
    bounds = part_bounds(date.fromisoformat(first), date.fromisoformat(last), ZoneInfo(zone), "day")
    return [(end - start) / HOUR for start, end in pairwise(bounds)]


@pytest.mark.parametrize(
    ("first", "last", "zone", "hours"),
    [
        ("2026-01-05", "2026-01-05", "Europe/Berlin", [24]),
        ("2026-03-28", "2026-03-30", "Europe/Berlin", [24, 23, 24]),
        ("2026-10-24", "2026-10-26", "Europe/Berlin", [24, 25, 24]),
        ("2026-04-04", "2026-04-06", "Australia/Lord_Howe", [24, 24.5, 24]),
        ("2026-10-03", "2026-10-05", "Australia/Lord_Howe", [24, 23.5, 24]),
        ("2011-12-29", "2011-12-31", "Pacific/Apia", [24, 0, 24]),
        ("2026-01-01", "2026-01-02", "Asia/Kolkata", [24, 24]),
    ],
)
def test_days_are_as_long_as_the_clocks_say(first: str, last: str, zone: str, hours: list[float]) -> None:
    """23 or 25 hours where they change, half an hour where that is all, none of a day that was left out."""
    assert lengths(first, last, zone) == hours


def test_a_half_hour_zone_begins_its_day_at_half_past() -> None:
    """Kolkata's midnight is 18:30 of the day before, UTC."""
    bounds = part_bounds(date(2026, 1, 1), date(2026, 1, 1), ZoneInfo("Asia/Kolkata"), "day")
    assert bounds == [datetime(2025, 12, 31, 18, 30, tzinfo=UTC), datetime(2026, 1, 1, 18, 30, tzinfo=UTC)]


@given(
    zone=st.sampled_from(sorted(available_timezones())),
    first=st.dates(date(1900, 1, 1), date(2199, 12, 1)),
    days=st.integers(0, 40),
)
def test_days_join_and_go_on(zone: str, first: date, days: int) -> None:
    """In whatever zone: as many bounds as days and one more, none before the one before it."""
    last = min(first + timedelta(days=days), date(2199, 12, 31))
    bounds = part_bounds(first, last, ZoneInfo(zone), "day")
    assert len(bounds) == (last - first).days + 2
    assert bounds == sorted(bounds)


@pytest.mark.parametrize(
    ("per", "first", "last", "dates"),
    [
        ("day", "2026-02-28", "2026-03-02", ["2026-02-28", "2026-03-01", "2026-03-02"]),
        ("week", "2026-01-01", "2026-01-13", ["2026-01-01", "2026-01-05", "2026-01-12"]),
        ("week", "2026-01-05", "2026-01-11", ["2026-01-05"]),
        ("month", "2025-11-30", "2026-01-01", ["2025-11-30", "2025-12-01", "2026-01-01"]),
        ("month", "2026-01-31", "2026-03-31", ["2026-01-31", "2026-02-01", "2026-03-01"]),
        ("month", "2026-02-01", "2026-02-28", ["2026-02-01"]),
        ("total", "2026-01-01", "2026-12-31", ["2026-01-01"]),
    ],
)
def test_parts_begin_where_calendars_say(per: Per, first: str, last: str, dates: list[str]) -> None:
    """On Mondays and firsts of months, but for the first one, which begins with the first day."""
    found = part_dates(date.fromisoformat(first), date.fromisoformat(last), per)
    assert found == [date.fromisoformat(day) for day in dates]


@pytest.mark.parametrize(
    ("week_start", "dates"),
    [
        ("monday", ["2026-11-25", "2026-11-30", "2026-12-07"]),
        ("sunday", ["2026-11-25", "2026-11-29", "2026-12-06"]),
        ("saturday", ["2026-11-25", "2026-11-28", "2026-12-05"]),
    ],
)
def test_weeks_begin_on_the_day_of_the_setting(week_start: WeekStart, dates: list[str]) -> None:
    """But for the first one, which begins with the first day."""
    first, last = date(2026, 11, 25), date(2026, 12, 7)
    assert part_dates(first, last, "week", week_start) == [date.fromisoformat(day) for day in dates]
    assert len(part_bounds(first, last, ZoneInfo("Asia/Kolkata"), "week", week_start)) == len(dates) + 1


@given(
    st.dates(date(1900, 1, 1), date(2199, 12, 31)), st.sampled_from(get_args(WeekStart)), st.integers(0, 60)
)
def test_a_week_has_seven_days(day: date, week_start: WeekStart, days: int) -> None:
    """It begins on the day of the setting, and as many weeks are counted as there are."""
    first = week_of(day, week_start)
    assert first.strftime("%A").lower() == week_start
    assert [week_of(first + timedelta(days=number), week_start) for number in (0, 6, 7)] == [
        first, first, first + timedelta(days=7),
    ]  # fmt: skip
    last = day + timedelta(days=days)
    assert count_parts(day, last, "week", week_start) == len(part_dates(day, last, "week", week_start))


@given(
    per=st.sampled_from(["day", "week", "month", "total"]),
    first=st.dates(date(1900, 1, 1), date(2199, 12, 31)),
    days=st.integers(0, 900),
)
def test_every_day_is_in_one_part(per: Per, first: date, days: int) -> None:
    """Days of one part are of one week or one month, and those of two are not."""
    last = min(first + timedelta(days=days), date(2199, 12, 31))
    dates = part_dates(first, last, per)
    assert count_parts(first, last, per) == len(dates)
    assert dates[0] == first and dates == sorted(set(dates)) and dates[-1] <= last
    whole = {"day": date.toordinal, "week": lambda day: day.isocalendar()[:2], "total": lambda day: 0,
             "month": lambda day: (day.year, day.month)}[per]  # fmt: skip
    every = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    assert len({whole(day) for day in every}) == len(dates) == len({whole(day) for day in dates})


def row(day: int | None, ms: int, **more: Any) -> TimeSum:
    return replace(TimeSum("7", None, "Ada", day, 1, ms, 0, 0, 0, 0), **more)


def test_minutes_are_cut_off_of_each_figures_own_milliseconds() -> None:
    """Two days of half a minute more than one: the days show one each, their sum shows three."""
    rows = [row(None, 180_000, id=None), row(None, 180_000, entries=2), row(1, 90_000), row(3, 90_000)]
    total, sheets = read_sheets(rows, part_dates(date(2026, 1, 5), date(2026, 1, 7), "day"))
    assert (total.minutes, total.milliseconds) == (3, 180_000)
    assert [(sheet.minutes, sheet.entries) for sheet in sheets] == [(3, 2)]
    assert [(part.day, part.minutes, part.milliseconds) for part in sheets[0].parts] == [
        (date(2026, 1, 5), 1, 90_000),
        (date(2026, 1, 7), 1, 90_000),
    ]


def test_without_time_there_is_a_total_of_nothing() -> None:
    """And no sheet."""
    total, sheets = read_sheets([row(None, 0, id=None, entries=0)], [date(2026, 1, 5)])
    assert (total.minutes, total.entries, sheets) == (0, 0, [])


def test_time_that_is_on_no_day_is_apart() -> None:
    """In the sums, and in the table as a row without a day whose minutes are in columns of their own."""
    apart = {"undated": 2, "undated_milliseconds": 61_000}
    rows = [row(None, 60_000, **apart), row(None, 60_000, **apart), row(1, 60_000)]
    total, sheets = read_sheets(rows, [date(2026, 1, 5)])
    assert (total.minutes, total.undated_minutes, total.undated) == (1, 1, 2)
    day, undated = list_lines(sheets)
    assert (day.day, day.minutes, day.undated_minutes) == (date(2026, 1, 5), 1, None)
    assert (undated.day, undated.minutes, undated.undated_minutes) == (None, None, 1)
