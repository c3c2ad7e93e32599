"""Answers about the past: the parameter `as_of`, and what an answer says of its precision."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import Depends, Query
from pydantic import ValidationError

from app.core.answers.day import FIRST_DAY, WRITTEN_DAY, day_of, whole_day
from app.core.answers.fields import WhereNone, said
from app.core.answers.paging import past_instant
from app.http.params import fault, read_since
from app.reports.history import Precision

_BEGINNING = datetime.combine(FIRST_DAY, time(), UTC)
# What ClickUp counts in.
_MOMENT = timedelta(milliseconds=1)
_FORM = "write a day such as 2026-11-20, or an instant with its offset such as 2026-11-20T17:00:00Z"


async def _as_of(
    as_of: Annotated[
        str | None,
        Query(
            description="Answers as it was at this instant, or at the end of this day of the mirror's zone; "
            "the answer then has `precision`",
            max_length=40,
            examples=["2026-11-20", "2026-11-20T17:00:00Z"],
        ),
    ] = None,
) -> None:
    """Declares the parameter of routes that answer about the past too; the context reads it."""


AS_OF: Any = Depends(_as_of)
AnswerPrecision = Annotated[
    Precision | None, WhereNone.LEFT_OUT, said("How exactly the past is known; only with `as_of`")
]


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
