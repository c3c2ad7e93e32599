"""What a question over HTTP may look like, whatever the face: types of values, and how to refuse one."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi.exceptions import RequestValidationError
from pydantic import (
    AfterValidator,
    BeforeValidator,
    PlainValidator,
    StringConstraints,
    TypeAdapter,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from app.core.answers.day import FIRST_DAY, LAST_DAY, WRITTEN_DAY
from app.core.answers.filters import LONGEST_VALUE
from app.core.answers.paging import Cursor, read_cursor
from app.reports.keyset import check_place

# ClickUp's ids, and names: any text that PostgreSQL can hold.
Id = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_VALUE, pattern=r"^[^\x00]+$")]


def fault(field: str, reason: str) -> RequestValidationError:
    """The 422 for a parameter that is wrong only together with others."""
    return RequestValidationError(
        [{"type": "value_error", "loc": ("query", field), "msg": reason, "input": None}]
    )


def given_cursor(
    text: str | None, question: str, workspace_id: str, check: Callable[[Cursor], Cursor] = check_place
) -> Cursor | None:
    """The place at which a walk goes on. Raises the 422 for what was not handed out for this question and
    workspace.

    `check` raises ValueError for a place that is none of its order.
    """
    try:
        return check(read_cursor(text, question, workspace_id)) if text is not None else None
    except ValueError as error:
        raise fault("cursor", str(error)) from None


def _begins_with_date(value: Any) -> Any:
    """A mere number would be taken for seconds since 1970."""
    if isinstance(value, str) and not WRITTEN_DAY.match(value):
        raise PydanticCustomError("day", "it is not a date; use YYYY-MM-DD")
    return value


def _is_date(value: Any) -> Any:
    if isinstance(value, str) and not WRITTEN_DAY.fullmatch(value):
        raise PydanticCustomError("day", "it is not a date; use YYYY-MM-DD")
    return value


def _near(day: date) -> date:
    if not FIRST_DAY <= day <= LAST_DAY:
        raise PydanticCustomError("day", f"it is not between {FIRST_DAY} and {LAST_DAY}")
    return day


def _instant(instant: datetime) -> datetime:
    _near(instant.date())
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant


Day = Annotated[date, BeforeValidator(_is_date), AfterValidator(_near)]
Moment = Annotated[datetime, BeforeValidator(_begins_with_date), AfterValidator(_instant)]
_DAY, _MOMENT = TypeAdapter[date](Day), TypeAdapter[datetime](Moment)


def read_since(value: Any) -> date:
    """An instant, or a day as it is: in which zone it begins is known to whoever asks."""
    is_day = isinstance(value, str) and WRITTEN_DAY.fullmatch(value)
    return _DAY.validate_python(value) if is_day else _MOMENT.validate_python(value)


Since = Annotated[
    date,
    PlainValidator(read_since),
    WithJsonSchema({"anyOf": [{"type": "string", "format": one} for one in ("date-time", "date")]}),
]
