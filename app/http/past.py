"""Which instant of the past a question over HTTP is about."""

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from app.core.answers.day import WRITTEN_DAY, Day, whole_day
from app.core.answers.past import AS_OF_FORM, carried_instant, last_instant, means
from app.http.params import fault, read_since


def asked_instant(params: Mapping[str, str], zone: ZoneInfo, now: datetime) -> datetime | None:
    """The instant that a request is about: that of its cursor, whose walk stays at its instant, or `as_of`;
    None for the present. Raises the 422.
    """
    asked, cursor = params.get("as_of"), params.get("cursor")
    try:
        carried = carried_instant(cursor, now)
    except ValueError as error:
        raise fault("cursor", str(error)) from None
    if asked is None:
        return carried
    wanted = _read(asked, zone)
    instant = last_instant(wanted, now)
    if instant > now:
        raise fault("as_of", f"it is in the future: the latest is now, {now:%Y-%m-%dT%H:%M:%SZ}")
    if cursor is None:
        return instant
    if carried is None or not means(wanted, carried):
        raise fault("cursor", "invalid cursor: it belongs to another query: one with another `as_of`")
    return carried


def _read(text: str, zone: ZoneInfo) -> Day | datetime:
    try:
        if WRITTEN_DAY.fullmatch(text) or datetime.fromisoformat(text).tzinfo:
            read: date | datetime = read_since(text)
            return read if isinstance(read, datetime) else whole_day(read, zone)
    except (ValueError, ValidationError):
        pass
    raise fault("as_of", AS_OF_FORM)
