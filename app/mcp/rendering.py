"""Typed answers as assistants read them.

The same rows as everywhere, by a few rules: what is empty is left out, what people wrote is cut or fenced,
instants are in the zone of the answer to the second, and figures are told in words too, as `NAME_text`. The
marks on the fields (`app/core/answers/fields.py`) say which rule is for which field; no tool has its own.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter
from pydantic.fields import FieldInfo

from app.core.answers.day import day_of
from app.core.answers.fields import ForAssistants, InWords, Written
from app.core.answers.formats import Formats
from app.mcp.humanize import day_said, duration, moment_said
from app.mcp.written import fenced, line

_MOST_ITEMS = 20
_TEXT = 500


@dataclass(frozen=True, slots=True)
class TextLimit:
    """A mark: texts below this field are cut at so many characters, and not at the usual 500."""

    characters: int


@dataclass(frozen=True, slots=True)
class View:
    """Where and when an answer is read, how its words are written, and how much of a text is shown."""

    zone: ZoneInfo
    now: datetime
    formats: Formats
    text_limit: int = _TEXT

    @property
    def today(self) -> date:
        """The day that it is in the zone."""
        return day_of(self.now, self.zone).date


def render(value: Any, view: View, *, is_answer: bool = False) -> dict[str, Any]:
    """A dataclass as JSON. `is_answer`: it is no row: only what is None is left out."""
    kind: Any = type(value)
    shown: dict[str, Any] = {}
    for field in _fields_of(kind):
        content = getattr(value, field.attribute)
        if field.is_left_out(content, is_answer=is_answer):
            continue
        own = replace(view, text_limit=field.text_limit) if field.text_limit else view
        shown[field.name] = _value(content, field.written, own)
        if field.in_words and content is not None:
            shown[f"{field.name}_text"] = _words(content, field.in_words, own)
    return shown


def schema_of(answer: Any) -> dict[str, Any]:
    """The JSON schema of what `render` makes of an answer; it refers to nothing, and is open for new keys."""
    return _object_schema(answer, is_answer=True)


@dataclass(frozen=True, slots=True)
class _Field:
    """A field of a dataclass, and what its marks say."""

    attribute: str
    name: str
    hint: Any
    plain: Any
    info: FieldInfo
    for_assistants: ForAssistants | None
    written: Written | None
    in_words: InWords | None
    text_limit: int | None

    @property
    def is_nullable(self) -> bool:
        """Whether it may be None."""
        return self.plain is Any or type(None) in get_args(self.plain)

    def is_left_out(self, content: Any, *, is_answer: bool) -> bool:
        """Whether nothing is told of it."""
        if self.for_assistants is ForAssistants.ALWAYS:
            return False
        if self.for_assistants is ForAssistants.NONZERO and content == 0:
            return True
        if is_answer:
            return content is None
        return content is None or content in ("", [], {}) or (content is False and not self.is_nullable)

    def is_required(self, *, is_answer: bool) -> bool:
        """Whether it is in every answer."""
        if self.for_assistants is not None:
            return self.for_assistants is ForAssistants.ALWAYS
        if is_answer:
            return not self.is_nullable
        return self.plain in (int, float, datetime, date, UUID)


@cache
def _fields_of(kind: Any) -> tuple[_Field, ...]:
    return tuple(field for field in _read_fields(kind) if field.for_assistants is not ForAssistants.NEVER)


def _read_fields(kind: Any) -> Iterator[_Field]:
    hints, plain = get_type_hints(kind, include_extras=True), get_type_hints(kind)
    for field in fields(kind):
        marks = getattr(hints[field.name], "__metadata__", ())
        info = _first(marks, FieldInfo) or FieldInfo()
        limit = _first(marks, TextLimit)
        yield _Field(
            attribute=field.name,
            name=info.alias or field.name,
            hint=hints[field.name],
            plain=plain[field.name],
            info=info,
            for_assistants=_first(marks, ForAssistants),
            written=_first(marks, Written),
            in_words=_first(marks, InWords),
            text_limit=limit.characters if limit else None,
        )


def _first(marks: tuple[Any, ...], kind: type[Any]) -> Any:
    return next((mark for mark in marks if isinstance(mark, kind)), None)


def _value(value: Any, written: Written | None, view: View) -> Any:
    if (write := _SINGLE_VALUES.get(type(value))) is not None:
        return write(value, view)
    if written is Written.JSON:
        return _json(value, view)
    if isinstance(value, str):
        return _text(value, written, view)
    if isinstance(value, list):
        return _list(value, written, view)
    if isinstance(value, dict):
        return _dictionary(value, written, view)
    return render(value, view) if _is_row(value) else value


_SINGLE_VALUES: dict[type[Any], Callable[[Any, View], Any]] = {
    datetime: lambda value, view: value.astimezone(view.zone).replace(microsecond=0).isoformat(),
    date: lambda value, _: value.isoformat(),
    UUID: lambda value, _: str(value),
    Decimal: lambda value, _: int(value) if value == value.to_integral_value() else float(value),
}


def _is_row(value: Any) -> bool:
    return hasattr(value, "__dataclass_fields__")


def _text(text: str, written: Written | None, view: View) -> str | None:
    if written is Written.TEXT:
        return fenced(text, view.text_limit)
    return line(text) if written is Written.LINE else text


def _list(values: Any, written: Written | None, view: View) -> list[Any]:
    """Of a field's texts the first ones; rows are as many as the tool asked for."""
    shown = values[:_MOST_ITEMS] if written else values
    return [_value(value, written, view) for value in shown]


def _dictionary(values: dict[str, Any], written: Written | None, view: View) -> dict[str, Any]:
    shown = list(values.items())[:_MOST_ITEMS]
    if written is Written.LINE:
        return {line(name): line(str(value)) for name, value in shown if value is not None}
    return {line(name): _value(value, None, view) for name, value in shown}


def _json(value: Any, view: View) -> Any:
    """What ClickUp sent; a text as texts are, and of anything else that is long the beginning of its JSON."""
    if isinstance(value, str):
        is_line = len(value) <= view.text_limit and "\n" not in value
        return value if is_line else fenced(value, view.text_limit)
    text = json.dumps(value, ensure_ascii=False)
    return value if len(text) <= view.text_limit else line(text, view.text_limit)


def _words(value: Any, kind: InWords, view: View) -> str:
    match kind:
        case InWords.MINUTES:
            return duration(value, view.formats)
        case InWords.DAY:
            return day_said(value, view.today, view.formats)
        case InWords.INSTANT:
            return moment_said(value, view.now, view.zone, view.formats)


def _object_schema(kind: Any, *, is_answer: bool) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for field in _fields_of(kind):
        properties[field.name] = _schema(field) | _meaning(field)
        if field.in_words:
            properties[f"{field.name}_text"] = {"type": "string", "description": f"`{field.name}` in words"}
    required = [field.name for field in _fields_of(kind) if field.is_required(is_answer=is_answer)]
    schema = {"type": "object", "properties": properties, "description": _first_paragraph(kind)}
    return schema | ({"required": required} if required else {})


def _schema(field: _Field) -> dict[str, Any]:
    if field.written is Written.JSON:
        return {}
    if (rows := _rows_schema(field.plain)) is not None:
        return rows
    # Without the outermost marks, whose meaning is told beside it.
    schema = TypeAdapter(
        field.hint.__origin__ if hasattr(field.hint, "__metadata__") else field.hint
    ).json_schema(mode="serialization")
    return {name: value for name, value in schema.items() if name != "title"}


def _rows_schema(kind: Any) -> dict[str, Any] | None:
    """Of a row, of lists of rows, and of what may be one or the other; None for anything else."""
    if _is_row(kind):
        return _object_schema(kind, is_answer=False)
    parts = list(filter(None, map(_rows_schema, get_args(kind))))
    if not parts:
        return None
    own = parts[0] if len(parts) == 1 else {"anyOf": parts}
    return {"type": "array", "items": own} if get_origin(kind) is list else own


def _meaning(field: _Field) -> dict[str, Any]:
    """What a field means; of days and instants also whose they are, which REST says once for all."""
    description = field.info.description
    is_in_zone = not {date, datetime}.isdisjoint((field.plain, *get_args(field.plain)))
    if description and is_in_zone and "`zone`" not in description:
        description = f"{description}. In `zone`"
    known = {"description": description, "examples": field.info.examples}
    return {name: value for name, value in known.items() if value}


def _first_paragraph(kind: Any) -> str:
    return " ".join((kind.__doc__ or "").split("\n\n")[0].split())
