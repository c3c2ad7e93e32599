"""A day is what a zone's clocks say it is, in whatever zone, also where they change."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.answers.day import at_time, day_of, whole_day

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
ZONES = [ZoneInfo(name) for name in sorted(available_timezones())]
zones = st.sampled_from(ZONES)
instants = st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


def offset(day: date, zone: ZoneInfo) -> timedelta:
    """What the zone's clocks are ahead of UTC at noon."""
    return datetime.combine(day, time(12), zone).utcoffset() or timedelta()


def changing_days(zone: ZoneInfo, year: int) -> list[date]:
    """The days of a year between whose noons the zone's clocks change, and those beside them."""
    days = [date(year, 1, 1) + number * DAY for number in range(365)]
    changed = [day for day in days if offset(day, zone) != offset(day + DAY, zone)]
    return [day + shift * DAY for day in changed for shift in (-1, 0, 1, 2)]


@st.composite
def days_in_zones(draw: st.DrawFn) -> tuple[date, ZoneInfo]:
    """Any day in any zone, days around a change of the clocks as often as the others together."""
    zone, day = draw(zones), draw(st.dates(date(1900, 1, 2), date(2100, 1, 1)))
    return draw(st.sampled_from(changing_days(zone, day.year) or [day]) | st.just(day)), zone


@settings(max_examples=400)
@given(days_in_zones())
def test_days_join(given_day: tuple[date, ZoneInfo]) -> None:
    """One begins where the other ends, none longer than two days; each instant has one, and only one."""
    shown, zone = given_day
    day = whole_day(shown, zone)
    assert whole_day(shown - DAY, zone).end == day.start <= day.end == whole_day(shown + DAY, zone).start
    assert day.end - day.start <= 2 * DAY
    if day.start < day.end:
        last = day.end - timedelta(microseconds=1)
        assert day_of(day.start, zone) == day_of(last, zone) == day
    assert day_of(day.end, zone).date > shown


@settings(max_examples=400)
@given(instants, zones)
def test_an_instant_lies_in_its_day(instant: datetime, zone: ZoneInfo) -> None:
    """The day has it between its bounds, and is the date that the zone's clocks show."""
    day = day_of(instant, zone)
    assert day.start <= instant < day.end
    if offset(day.date - DAY, zone) == offset(day.date + DAY, zone):
        assert day.date == instant.astimezone(zone).date()


@settings(max_examples=400)
@given(days_in_zones())
def test_the_clocks_show_the_day(given_day: tuple[date, ZoneInfo]) -> None:
    """From the first minute to the last, but for an hour where they go back over midnight."""
    shown, zone = given_day
    day = whole_day(shown, zone)
    moments = [day.start + 5 * number * MINUTE for number in range((day.end - day.start) // MINUTE // 5)]
    others = [one for one in moments if one.astimezone(zone).date() != shown]
    went_back = offset(shown - DAY, zone) > offset(shown + DAY, zone)
    assert len(others) <= (12 if went_back else 0)


@pytest.mark.parametrize(
    ("zone", "day", "start", "end"),
    [
        ("UTC", "2026-01-13", "2026-01-13T00:00", "2026-01-14T00:00"),
        ("Asia/Kolkata", "2026-01-13", "2026-01-12T18:30", "2026-01-13T18:30"),
        ("Asia/Kathmandu", "2026-01-13", "2026-01-12T18:15", "2026-01-13T18:15"),
        ("Pacific/Kiritimati", "2026-01-13", "2026-01-12T10:00", "2026-01-13T10:00"),
        ("Europe/Berlin", "2026-03-29", "2026-03-28T23:00", "2026-03-29T22:00"),
        ("Europe/Berlin", "2026-10-25", "2026-10-24T22:00", "2026-10-25T23:00"),
        ("Australia/Lord_Howe", "2026-04-05", "2026-04-04T13:00", "2026-04-05T13:30"),
        ("America/Nuuk", "2026-03-28", "2026-03-28T02:00", "2026-03-29T01:00"),
    ],
)
def test_a_day_has_its_hours(zone: str, day: str, start: str, end: str) -> None:
    """Half-hour zones, days of 23, 24.5 and 25 hours, and the one that ends before its last hour."""
    found = whole_day(date.fromisoformat(day), ZoneInfo(zone))
    assert (found.start, found.end) == (utc(start), utc(end))


@pytest.mark.parametrize(
    ("zone", "day", "start"),
    [
        ("Africa/Cairo", "2026-04-24", "2026-04-23T22:00"),
        ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00"),
        ("America/Toronto", "1919-03-31", "1919-03-31T04:30"),
        ("America/Havana", "2026-11-01", "2026-11-01T04:00"),
        ("America/St_Johns", "2006-10-29", "2006-10-29T03:30"),
    ],
)
def test_a_day_begins_where_there_is_no_midnight_or_there_are_two(zone: str, day: str, start: str) -> None:
    """At 01:00 or 00:30 where the clocks skip it; at the first of two, or where they stay past it."""
    assert whole_day(date.fromisoformat(day), ZoneInfo(zone)).start == utc(start)


@pytest.mark.parametrize(
    ("zone", "day"), [("Pacific/Apia", "2011-12-30"), ("Pacific/Kwajalein", "1993-08-21")]
)
def test_a_day_that_a_zone_left_out_has_no_instant(zone: str, day: str) -> None:
    """The day before it joins the day after it."""
    left_out = whole_day(date.fromisoformat(day), ZoneInfo(zone))
    assert left_out.start == left_out.end
    assert day_of(left_out.start, ZoneInfo(zone)).date == left_out.date + DAY


@pytest.mark.parametrize(
    ("zone", "day", "at", "instant"),
    [
        ("Asia/Kolkata", "2026-01-13", "23:55", "2026-01-13T18:25"),
        ("Europe/Berlin", "2026-10-25", "23:55", "2026-10-25T22:55"),
        ("Europe/Berlin", "2026-10-25", "02:30", "2026-10-25T01:30"),
        ("America/Sao_Paulo", "2018-02-17", "23:55", "2018-02-18T02:55"),
        ("America/Nuuk", "2026-03-28", "23:55", "2026-03-29T00:55"),
        ("Africa/Cairo", "2026-04-24", "00:30", "2026-04-23T22:00"),
    ],
)
def test_a_time_comes_once_a_day(zone: str, day: str, at: str, instant: str) -> None:
    """The later of two; where the clocks skip it, five minutes before the end are five minutes before it."""
    where = ZoneInfo(zone)
    found = at_time(whole_day(date.fromisoformat(day), where), time.fromisoformat(at), where)
    assert found == utc(instant)


@settings(max_examples=400)
@given(days_in_zones(), st.times())
def test_a_time_lies_in_its_day(given_day: tuple[date, ZoneInfo], at: time) -> None:
    """Between the bounds, to the second; and the clocks show it, where they do not change."""
    shown, zone = given_day
    at = at.replace(microsecond=0)
    day = whole_day(shown, zone)
    if day.start < day.end:
        found = at_time(day, at, zone)
        assert day.start <= found < day.end
        if len({offset(shown + shift * DAY, zone) for shift in (-1, 0, 1)}) == 1:
            assert found.astimezone(zone).replace(tzinfo=None) == datetime.combine(shown, at)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
