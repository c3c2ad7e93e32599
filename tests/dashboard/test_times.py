"""Instants and lengths of time read well, and each stands where it should on a line of time and in a map."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.answers.formats import Formats
from app.core.answers.timesheet import DailySheet, SheetPart
from app.dashboard import timeline
from app.dashboard.clock import Clock, span
from app.dashboard.heat import map_sheets
from app.dashboard.links import address, local_path, web_link
from app.reports.time import TimeEntry

NOW = datetime(2026, 3, 29, 10, 0, tzinfo=UTC)
CLOCK = Clock(ZoneInfo("Europe/Berlin"), NOW, Formats())


@pytest.mark.parametrize(
    ("instant", "short", "ago"),
    [
        (NOW, "12:00:00", "0 s ago"),
        (NOW - timedelta(seconds=119), "11:58:01", "119 s ago"),
        (NOW - timedelta(minutes=2), "11:58:00", "2 min ago"),
        (NOW - timedelta(hours=26), "28 Mar, 09:00", "26 h ago"),
        (NOW - timedelta(days=100), "19 Dec 2025", "100 d ago"),
        (NOW + timedelta(minutes=3), "12:03:00", "in 3 min"),
    ],
)
def test_an_instant_is_told_as_shortly_as_it_can(instant: datetime, short: str, ago: str) -> None:
    """Today by the time, this year by day and time, else with the year; and how far from now."""
    assert (CLOCK.short(instant), CLOCK.ago(instant)) == (short, ago)
    assert datetime.fromisoformat(CLOCK.iso(instant)) == instant


def test_the_whole_of_an_instant_names_the_zone() -> None:
    """On both sides of the change of clocks."""
    assert CLOCK.full(NOW - timedelta(hours=9, minutes=1)) == "Sun 29 Mar 2026, 01:59:00 CET"
    assert CLOCK.full(NOW - timedelta(hours=9)) == "Sun 29 Mar 2026, 03:00:00 CEST"


def test_an_instant_to_the_minute() -> None:
    """With the year where it is another one."""
    assert CLOCK.minute(NOW) == "29 Mar, 12:00"
    assert CLOCK.minute(NOW - timedelta(days=100)) == "19 Dec 2025, 11:00"


def test_instants_are_told_as_the_installation_has_it() -> None:
    """DATE_FORMAT holds for each of their looks; months keep their names."""
    clock = replace(CLOCK, formats=Formats("30.11.2026"))
    assert clock.full(NOW) == "Sun 29.03.2026, 12:00:00 CEST"
    assert clock.short(NOW - timedelta(hours=26)) == "28.03., 09:00"
    assert clock.minute(NOW - timedelta(days=100)) == "19.12.2025, 11:00"
    assert [clock.part(date(2026, 1, day), "month") for day in (1, 11)] == ["Jan", "11.01."]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (90, "90 s"), (120, "2 min"), (7_199, "119 min"), (7_200, "2 h"), (172_800, "2 d")],
)
def test_a_span_is_told_in_its_largest_unit(seconds: int, text: str) -> None:
    """Of which there are two."""
    assert span(timedelta(seconds=seconds)) == text


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "javascript:alert(1)",
        "JAVASCRIPT:alert(1)",
        "data:text/html,x",
        " javascript:x",
        "//evil",
        "http:",
        "https://[",
        "ftp://a/b",
    ],
)
def test_what_is_no_web_address_is_no_link(url: str | None) -> None:
    """Only http and https, with a host."""
    assert web_link(url) is None


def test_web_addresses_are_links() -> None:
    """As they are."""
    for url in ("https://app.clickup.com/t/86abc", "http://127.0.0.1:1/x?a=<b>"):
        assert web_link(url) == url


@given(st.text(max_size=30))
def test_signing_in_leads_to_the_page(text: str) -> None:
    """Whatever was asked for: a path of the page, never another host."""
    for wanted in (text, f"/{text}", f"/ui/{text}"):
        found = local_path(wanted)
        assert found == "/" or found.startswith(("/?", "/ui/"))
        assert not found.startswith("//") and found.isprintable()


def test_an_address_leaves_out_what_says_nothing() -> None:
    """And escapes what it says."""
    state = {"a": None, "b": "", "c": [], "d": ["x&y", "z"], "e": False, "f": date(2026, 1, 2)}
    assert address("/p", state) == "/p?d=x%26y&d=z&e=false&f=2026-01-02"
    assert address("/p", {"a": 1}, a=None) == "/p"


def row(kind: type[Any], **known: Any) -> Any:
    """A row that has only these values."""
    return kind(**dict.fromkeys((one.name for one in fields(kind)), None) | known)


def entry(start: datetime, minutes: float | None, name: str | None = "Ada") -> TimeEntry:
    end = None if minutes is None else start + timedelta(minutes=minutes)
    return row(TimeEntry, started_at=start, ended_at=end, is_running=minutes is None, user_name=name)


def test_a_line_of_time_has_a_lane_for_each_person() -> None:
    """From the first day's beginning to the last one's end; a timer that runs reaches up to now."""
    day = datetime(2026, 3, 27, 23, 0, tzinfo=UTC)
    drawn = timeline.draw([entry(NOW - timedelta(hours=1), None, "Bob"), entry(day, 24 * 60)], CLOCK)
    assert drawn is not None
    assert [lane.name for lane in drawn.lanes] == ["Bob", "Ada"]
    (running,), (finished,) = (lane.bars for lane in drawn.lanes)
    # Two days, the second of 23 hours.
    assert (finished.x, finished.width) == (0, pytest.approx(24 / 47 * 100, abs=0.001))
    assert running.is_running and running.x + running.width == pytest.approx(35 / 47 * 100, abs=0.001)
    assert running.text.endswith("to now") and running.text.startswith("Bob: ")
    assert [tick.label for tick in drawn.ticks] == ["28 Mar", "29 Mar"]


sessions = st.builds(
    entry,
    st.datetimes(datetime(1990, 1, 1), datetime(2026, 3, 29), timezones=st.just(UTC)),
    st.one_of(st.none(), st.floats(0, 10_000)),
    st.sampled_from(["Ada", "Bob", None]),
)


@given(st.lists(sessions, max_size=20))
def test_every_session_is_on_the_line(rows: list[TimeEntry]) -> None:
    """Within the picture, with few marks of days, whatever the sessions are."""
    drawn = timeline.draw(rows, CLOCK)
    if not rows:
        assert drawn is None
        return
    assert drawn is not None
    bars = [bar for lane in drawn.lanes for bar in lane.bars]
    assert len(bars) == len(rows)
    assert all(0 <= bar.x <= 100 and bar.width >= 0 and bar.x + bar.width <= 100.01 for bar in bars)
    assert 1 <= len(drawn.ticks) <= 7


def test_sessions_without_a_start_are_on_no_line() -> None:
    """There is nowhere to put them."""
    assert timeline.draw([row(TimeEntry, is_running=False, user_name="Ada")], CLOCK) is None


def test_a_whole_month_goes_by_its_name() -> None:
    """One that is cut goes by the day with which it begins; the year is said where it is another one."""
    days = [date(2026, 1, 1), date(2025, 12, 1), date(2026, 1, 11), date(2025, 12, 31)]
    assert [CLOCK.part(day, "month") for day in days] == ["Jan", "Dec 2025", "11 Jan", "31 Dec 2025"]
    assert [CLOCK.part(days[0], per) for per in ("day", "week")] == ["1 Jan", "1 Jan"]


@given(st.lists(st.integers(1, 100_000), min_size=1, max_size=10))
def test_shades_follow_the_time(minutes: list[int]) -> None:
    """More time is never lighter; the most is the darkest, and none has no shade."""
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(len(minutes) + 1)]
    parts = [
        row(SheetPart, day=day, minutes=spent, running_minutes=0)
        for day, spent in zip(days[1:], minutes, strict=True)
    ]
    sheet = row(
        DailySheet, id="1", name="Ada", minutes=sum(minutes), running_minutes=0, undated_minutes=0, days=parts
    )
    (line,) = map_sheets([sheet], days)
    assert line.cells[0].shade == 0
    shades = sorted((cell.minutes, cell.shade) for cell in line.cells)
    assert [shade for _, shade in shades] == sorted(shade for _, shade in shades)
    assert shades[-1][1] == 5
