"""What a question may look like: types of parameters, each bounded, and how to refuse one."""

from functools import cache
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

from fastapi import Depends, HTTPException, Query
from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from app.api.request_context import Context
from app.core.answers.filters import MOST_VALUES, describe
from app.http.problems import problem_responses

LARGEST_PAGE = 1_000

UNCHANGED: dict[int | str, dict[str, Any]] = {304: {"description": "Nothing changed since the ETag sent."}}
UNKNOWN = problem_responses(404)


def ids(name: str) -> Any:
    """The parameter of a filter that takes several values."""
    return Query(description=describe(name), max_length=MOST_VALUES)


def unknown(kind: str, name: str) -> HTTPException:
    """The 404 for what is asked for by its id, and is in no table."""
    return HTTPException(404, f"there is no {kind} {name[:100]}")


@cache
def zone_names() -> frozenset[str]:
    """Every zone that this machine knows, but for its own clock's."""
    return frozenset(available_timezones() - {"localtime"})


def _known_zone(name: str | None) -> str | None:
    if name is not None and name not in zone_names():
        raise PydanticCustomError(
            "zone", "it is not a time zone; use a name such as Europe/Berlin or Asia/Kolkata"
        )
    return name


_ZoneName = Annotated[
    str | None,
    AfterValidator(_known_zone),
    Query(
        description=describe("zone"),
        max_length=64,
        examples=["Europe/Berlin"],
    ),
]


def chosen_zone(context: Context, zone: _ZoneName = None) -> ZoneInfo:
    """The zone that is asked for, or the mirror's."""
    return ZoneInfo(zone) if zone else context.zone


Zone = Annotated[ZoneInfo, Depends(chosen_zone)]
Limit = Annotated[int, Query(ge=1, le=LARGEST_PAGE, description=describe("limit"))]
Offset = Annotated[int, Query(ge=0, le=10_000_000, description=describe("offset"))]
CursorText = Annotated[str | None, Query(description=describe("cursor"), max_length=2_000)]
