"""Which instant of the past a question over HTTP is about."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from app.core.answers.day import FIRST_DAY, WRITTEN_DAY, day_of, whole_day
from app.core.answers.paging import past_instant
from app.http.params import fault, read_since

_BEGINNING = datetime.combine(FIRST_DAY, time(), UTC)
# What ClickUp counts in.
_MOMENT = timedelta(milliseconds=1)
_FORM = "write a day such as 2026-11-20, or an instant with its offset such as 2026-11-20T17:00:00Z"


def asked_instant(params: Mapping[str, str], zone: ZoneInfo, now: datetime) -> datetime | None:
    """The instant that a request is about: that of its cursor, whose walk stays at its instant, or `as_of`;
    None for the present. Raises the 422.
    """
    asked, cursor = params.get("as_of"), params.get("cursor")
    carried = _carried(cursor, now)
    if asked is None:
        return carried
    wanted = _read(asked)
    if not isinstance(wanted, datetime):
        instant, is_same = _end_of(wanted, zone, now), carried and day_of(carried, zone).date == wanted
    else:
        instant, is_same = wanted, carried == wanted
    if instant > now:
        raise fault("as_of", f"it is in the future: the latest is now, {now:%Y-%m-%dT%H:%M:%SZ}")
    if cursor is None:
        return instant
    if not is_same:
        raise fault("cursor", "invalid cursor: it belongs to another query: one with another `as_of`")
    return carried


def _read(text: str) -> date | datetime:
    try:
        if WRITTEN_DAY.fullmatch(text) or datetime.fromisoformat(text).tzinfo:
            return read_since(text)
    except (ValueError, ValidationError):
        pass
    raise fault("as_of", _FORM)


def _end_of(day: date, zone: ZoneInfo, now: datetime) -> datetime:
    """The last instant of the day; of today, which has not ended, the present one."""
    whole = whole_day(day, zone)
    return now if whole.start <= now < whole.end else whole.end - _MOMENT


def _carried(cursor: str | None, now: datetime) -> datetime | None:
    try:
        carried = past_instant(cursor) if cursor else None
    except ValueError:
        # Whoever reads the whole cursor says what is wrong with it.
        return None
    if carried is not None and not _BEGINNING <= carried <= now:
        raise fault("cursor", "invalid cursor: it was changed, or is from another query")
    return carried
