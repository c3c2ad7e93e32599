"""Instants keep their millisecond, and faces see them in the zone."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.clickup.stamps import from_millis, local_date, local_iso, to_millis

KOLKATA, BERLIN = ZoneInfo("Asia/Kolkata"), ZoneInfo("Europe/Berlin")


@given(st.integers(-62_135_596_800_000, 253_402_300_799_999))
def test_no_millisecond_is_lost(millis: int) -> None:
    """There and back gives the same number, over the whole calendar."""
    assert to_millis(from_millis(millis)) == millis


@given(st.datetimes(min_value=datetime(1900, 1, 1), timezones=st.just(UTC)))
def test_what_is_finer_is_cut_off(instant: datetime) -> None:
    """Microseconds go, downwards, also before 1970."""
    assert timedelta() <= instant - from_millis(to_millis(instant)) < timedelta(milliseconds=1)


def test_any_offset_is_one_instant() -> None:
    """The zone an instant comes in does not matter."""
    noon = datetime(2026, 1, 13, 12, tzinfo=UTC)
    assert to_millis(noon.astimezone(timezone(timedelta(hours=-7, minutes=-30)))) == to_millis(noon)


@pytest.mark.parametrize(
    ("instant", "zone", "shown"),
    [
        (datetime(2026, 1, 13, 4, 0, 0, 999_000, tzinfo=UTC), KOLKATA, "2026-01-13T09:30:00+05:30"),
        (datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC), BERLIN, "2026-03-29T01:59:59+01:00"),
        (datetime(2026, 3, 29, 1, 0, 0, tzinfo=UTC), BERLIN, "2026-03-29T03:00:00+02:00"),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), BERLIN, "2026-10-25T02:30:00+02:00"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), BERLIN, "2026-10-25T02:30:00+01:00"),
    ],
)
def test_texts_carry_the_offset(instant: datetime, zone: ZoneInfo, shown: str) -> None:
    """Half-hour zones and both sides of a clock change are told apart, to the second."""
    assert local_iso(instant, zone) == shown


def test_the_day_is_the_zones_day() -> None:
    """Late in the evening UTC it is tomorrow in Kolkata."""
    assert local_date(datetime(2026, 1, 13, 18, 29, tzinfo=UTC), KOLKATA) == date(2026, 1, 13)
    assert local_date(datetime(2026, 1, 13, 18, 30, tzinfo=UTC), KOLKATA) == date(2026, 1, 14)


def test_no_instant_stays_none() -> None:
    """What never happened has no day and no text."""
    assert local_date(None, KOLKATA) is None
    assert local_iso(None, KOLKATA) is None
