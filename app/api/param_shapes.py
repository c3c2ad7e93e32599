"""What a question may look like: types of parameters, each bounded, and how to refuse one."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

from fastapi import Depends, HTTPException, Query
from fastapi.exceptions import RequestValidationError
from pydantic import AfterValidator, BeforeValidator, StringConstraints
from pydantic_core import PydanticCustomError

from app.api.state import Asked, asked
from app.core.paging import Cursor, read_cursor
from app.entrance.problems import problem_responses
from app.reports.walks import check_place

LARGEST_PAGE = 1_000
_MOST_VALUES = 100
# Beyond these no work is logged, and every zone can show what is between them.
_FIRST_DAY, _LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

Mirror = Annotated[Asked, Depends(asked)]
UNCHANGED: dict[int | str, dict[str, Any]] = {304: {"description": "Nothing changed since the ETag sent."}}
UNKNOWN = problem_responses(404)

# ClickUp's ids: any text that PostgreSQL can hold.
Id = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00]+$")]


def ids(description: str) -> Any:
    """The parameter of a filter that takes several ids."""
    return Query(description=f"{description}; several mean any of them", max_length=_MOST_VALUES)


def fault(field: str, reason: str) -> RequestValidationError:
    """The 422 for a parameter that is wrong only together with others."""
    return RequestValidationError(
        [{"type": "value_error", "loc": ("query", field), "msg": reason, "input": None}]
    )


def unknown(kind: str, name: str) -> HTTPException:
    """The 404 for what is asked for by its id, and is in no table."""
    return HTTPException(404, f"the mirror knows no {kind} {name[:100]}")


def _begins_with_date(value: Any) -> Any:
    """A mere number would be taken for seconds since 1970."""
    if isinstance(value, str) and not _DAY.match(value):
        raise PydanticCustomError("day", "it does not begin with a day; write it as 2026-01-31")
    return value


def _is_date(value: Any) -> Any:
    if isinstance(value, str) and not _DAY.fullmatch(value):
        raise PydanticCustomError("day", "it is no day; write it as 2026-01-31")
    return value


def _near(day: date) -> None:
    if not _FIRST_DAY <= day <= _LAST_DAY:
        raise PydanticCustomError("day", f"it is not between {_FIRST_DAY} and {_LAST_DAY}")


def _day(day: date) -> date:
    _near(day)
    return day


def _instant(instant: datetime) -> datetime:
    _near(instant.date())
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant


@cache
def zone_names() -> frozenset[str]:
    """Every zone that this machine knows, but for its own clock's."""
    return frozenset(available_timezones() - {"localtime"})


def _known_zone(name: str | None) -> str | None:
    if name is not None and name not in zone_names():
        raise PydanticCustomError(
            "zone", "it is no time zone; use a name such as Europe/Berlin or Asia/Kolkata"
        )
    return name


Day = Annotated[date, BeforeValidator(_is_date), AfterValidator(_day)]
Moment = Annotated[datetime, BeforeValidator(_begins_with_date), AfterValidator(_instant)]
_ZoneName = Annotated[
    str | None,
    AfterValidator(_known_zone),
    Query(
        description="IANA name of the zone of days and instants; the mirror's where none is given",
        max_length=64,
        examples=["Europe/Berlin"],
    ),
]


def chosen_zone(mirror: Mirror, zone: _ZoneName = None) -> ZoneInfo:
    """The zone that is asked for, or the mirror's."""
    return ZoneInfo(zone) if zone else mirror.zone


Zone = Annotated[ZoneInfo, Depends(chosen_zone)]
Limit = Annotated[int, Query(ge=1, le=LARGEST_PAGE, description="Rows on a page")]
Offset = Annotated[int, Query(ge=0, le=10_000_000, description="Passes over so many rows")]
CursorText = Annotated[
    str | None, Query(description="`next_cursor` of the page before, with the same filters", max_length=2_000)
]


def given_cursor(
    text: str | None, question: str, check: Callable[[Cursor], Cursor] = check_place
) -> Cursor | None:
    """The place at which a walk goes on. Raises the 422 for what was not handed out for this question.

    `check` raises ValueError for a place that is none of its order.
    """
    try:
        return check(read_cursor(text, question)) if text is not None else None
    except ValueError as error:
        raise fault("cursor", str(error)) from None
