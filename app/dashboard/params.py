"""What the page's addresses may say. Forms send empty fields too: they count as not said."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi.exceptions import RequestValidationError
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from app.core.paging import Cursor, read_cursor
from app.reports.walks import check_place

_FIRST_DAY, _LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOST_VALUES = 100


class Said(BaseModel):
    """Parameters of a page; unknown ones are no error, for addresses get about."""

    @model_validator(mode="before")
    @classmethod
    def _filled(cls, given: dict[str, Any]) -> dict[str, Any]:
        filled = {name: _without_blanks(value) for name, value in given.items()}
        return {name: value for name, value in filled.items() if value not in ("", [], None)}


def _without_blanks(value: Any) -> Any:
    if isinstance(value, list):
        return [item for item in value if item != ""]
    return value.strip() if isinstance(value, str) else value


def _begins_with_date(value: Any) -> Any:
    """A mere number would be taken for seconds since 1970."""
    if isinstance(value, str) and not _DAY.match(value):
        raise PydanticCustomError("day", "it does not begin with a day; write it as 2026-01-31")
    return value


def _is_date(value: Any) -> Any:
    if isinstance(value, str) and not _DAY.fullmatch(value):
        raise PydanticCustomError("day", "it is no day; write it as 2026-01-31")
    return value


def _near(day: date) -> date:
    if not _FIRST_DAY <= day <= _LAST_DAY:
        raise PydanticCustomError("day", f"it is not between {_FIRST_DAY} and {_LAST_DAY}")
    return day


def _instant(instant: datetime) -> datetime:
    _near(instant.date())
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant


Day = Annotated[date, BeforeValidator(_is_date), AfterValidator(_near)]
Moment = Annotated[datetime, BeforeValidator(_begins_with_date), AfterValidator(_instant)]
# ClickUp's ids, and names: any text that PostgreSQL can hold.
Id = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00]+$")]
Ids = Annotated[tuple[Id, ...], Field(max_length=_MOST_VALUES)]
CursorText = Annotated[str, Field(max_length=2_000)]


def fault(field: str, reason: str) -> RequestValidationError:
    """The 422 for a parameter that is wrong only together with others."""
    return RequestValidationError(
        [{"type": "value_error", "loc": ("query", field), "msg": reason, "input": None}]
    )


def given_cursor(
    text: str | None, question: str, check: Callable[[Cursor], Cursor] = check_place
) -> Cursor | None:
    """The place at which a walk goes on. Raises the 422 for what was not handed out for this question."""
    try:
        return check(read_cursor(text, question)) if text is not None else None
    except ValueError as error:
        raise fault("cursor", str(error)) from None
