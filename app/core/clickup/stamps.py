"""Instants on the wire (epoch milliseconds), inside (aware, UTC) and at the faces (the zone)."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


def from_millis(millis: int) -> datetime:
    """The instant, in UTC, of ClickUp's epoch milliseconds; exact, without a float on the way."""
    return EPOCH + millis * MILLISECOND


def to_millis(instant: datetime) -> int:
    """ClickUp's epoch milliseconds of an aware instant; what is finer is cut off."""
    return (instant - EPOCH) // MILLISECOND


def local_date(instant: datetime | None, zone: ZoneInfo) -> date | None:
    """The calendar day on which the instant falls in `zone`."""
    return instant.astimezone(zone).date() if instant else None


def local_iso(instant: datetime | None, zone: ZoneInfo) -> str | None:
    """ISO 8601 with the zone's offset, to the second: `2026-01-13T09:30:00+05:30`."""
    return instant.astimezone(zone).isoformat(timespec="seconds") if instant else None
