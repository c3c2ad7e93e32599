"""Tables for spreadsheets: RFC 4180, in UTF-8, and no cell that a spreadsheet would take for a formula.

What a terminal would obey is shown instead, for whoever prints such a file there.
"""

import csv
import re
from collections.abc import AsyncIterator, Iterable
from datetime import date, datetime
from io import StringIO
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from fastapi import Depends, Query, Request

from app.api.json_encoding import RowShape, shape_of, to_json
from app.core.visible_text import visible_lines
from app.http.long_answers import LongResponse
from app.reports.history import Precision

CSV = "text/csv; charset=utf-8"
# For the `responses` of a route that answers in both ways.
AS_CSV: dict[str, Any] = {"content": {"text/csv": {"schema": {"type": "string"}}}}
# Excel, LibreOffice and Google take these for the beginning of a formula, also in wide letters.
_SIGNS = "=+@＝＋＠\\-－"
# A cell begins where the text begins. Where a spreadsheet separates cells by semicolons or tabs, as in many
# countries, one begins behind those too, and behind a line end. There a dash and a blank begin a list's item.
_FORMULA = re.compile(
    rf"^(?=[{_SIGNS}\t\r\n])|(?<=[;\t])(?=\x20*[{_SIGNS}])|(?<=[\r\n])(?=\x20*[{_SIGNS}])(?!\x20*- )"
)
Format = Annotated[
    Literal["json", "csv"] | None,
    Query(description="Without it the Accept header decides: `text/csv`, else JSON"),
]


def wants_csv(request: Request, format: Format = None) -> bool:
    """Whether CSV is asked for, and preferred to JSON."""
    if format is not None:
        return format == "csv"
    accepted = request.headers.get("accept", "")
    return _preference(accepted, "text/csv") > _preference(accepted, "application/json")


WantsCsv = Annotated[bool, Depends(wants_csv)]


def csv_response(
    name: str,
    row: Any,
    tables: AsyncIterator[Iterable[Any]],
    zone: ZoneInfo,
    precision: Precision | None = None,
) -> LongResponse:
    """Rows of this dataclass as a file of that name, sent piece by piece; instants in this zone.

    `precision`: how exactly the past is known, which a header tells.
    """
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"', "Vary": "Accept"}
    if precision:
        headers["X-Precision"] = to_json(precision, zone).decode()
    return LongResponse(_lines(shape_of(row), tables, zone), media_type=CSV, headers=headers)


async def begun(pages: AsyncIterator[Iterable[Any]]) -> AsyncIterator[Iterable[Any]]:
    """The same; the first page is there, so that what hinders it is told before an answer begins."""
    first = await anext(pages)

    async def all_of_them() -> AsyncIterator[Iterable[Any]]:
        yield first
        async for page in pages:
            yield page

    return all_of_them()


async def _lines(
    shape: RowShape, tables: AsyncIterator[Iterable[Any]], zone: ZoneInfo
) -> AsyncIterator[bytes]:
    yield _written([shape.names])
    async for rows in tables:
        yield _written([_cell(value, zone) for value in shape.read(row)] for row in rows)


def _written(rows: Iterable[Iterable[str]]) -> bytes:
    buffer = StringIO(newline="")
    csv.writer(buffer).writerows(rows)
    return buffer.getvalue().encode()


def _cell(value: Any, zone: ZoneInfo) -> str:
    """The value as a spreadsheet reads it: nothing for null, lists joined by commas."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat()
    if isinstance(value, date | int):
        return str(value)
    if isinstance(value, dict):
        value = [f"{name}: {what}" for name, what in value.items()]
    return _harmless(", ".join(map(str, value)) if isinstance(value, list) else str(value))


def _harmless(text: str) -> str:
    """With an apostrophe before what would be a formula: it is shown, and nothing is computed."""
    return _FORMULA.sub("'", visible_lines(text))


def _preference(accepted: str, media_type: str) -> float:
    """The quality that an Accept header gives a type: the most specific entry's, 0 where none fits."""
    wide = f"{media_type.partition('/')[0]}/*"
    given = dict(map(_quality, accepted.lower().split(",")))
    return next((given[entry] for entry in (media_type, wide, "*/*") if entry in given), 0.0)


def _quality(entry: str) -> tuple[str, float]:
    name, *parameters = (part.strip() for part in entry.split(";"))
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return name, float(parameter[2:])
            except ValueError:
                return name, 0.0
    return name, 1.0
