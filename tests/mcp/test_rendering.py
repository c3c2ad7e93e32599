"""Rows as assistants read them: a few rules for all, said by marks on the fields."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import jsonschema
import pytest

from app.core.answers.fields import ForAssistants, InWords, Number, Written, said
from app.core.answers.formats import Formats
from app.mcp.rendering import TextLimit, View, render, schema_of

VIEW = View(ZoneInfo("Europe/Berlin"), datetime(2026, 11, 24, 14, 0, tzinfo=UTC), Formats())


@dataclass(frozen=True, slots=True)
class Inner:
    title: Annotated[str, Written.LINE]


@dataclass(frozen=True, slots=True)
class Everything:
    name: Annotated[str | None, Written.LINE, said("Its name")]
    text: Annotated[str | None, Written.TEXT]
    raw: Annotated[Any, Written.JSON]
    minutes: Annotated[int | None, InWords.MINUTES, said("Minutes", name="spent")]
    day: Annotated[date | None, InWords.DAY]
    moment: Annotated[datetime | None, InWords.INSTANT]
    number: Number | None
    flag: bool
    perhaps: bool | None
    tags: Annotated[list[str], Written.LINE]
    rows: list[Inner]
    always: Annotated[str | None, ForAssistants.ALWAYS]
    count: Annotated[int, ForAssistants.NONZERO]
    own: Annotated[UUID, ForAssistants.NEVER]


EMPTY = Everything(None, None, None, None, None, None, None, False, None, [], [], None, 0, UUID(int=1))
FULL = Everything(
    "n" * 300, "x" * 600, {"a": 1}, 125, date(2026, 11, 27), datetime(2026, 11, 23, 13, 5, 9, 7, tzinfo=UTC),
    Decimal("2.5"), True, False, ["t"] * 30, [Inner("a"), Inner("b")], "here", 3, UUID(int=1),
)  # fmt: skip


def test_what_is_empty_is_left_out() -> None:
    """But for what is marked; a no where nobody might know is told."""
    assert render(EMPTY, VIEW) == {"always": None}


def test_figures_are_told_in_words_too() -> None:
    """Minutes, days and instants, the latter in the zone and to the second."""
    shown = render(FULL, VIEW)
    assert (shown["spent"], shown["spent_text"]) == (125, "2:05 h")
    assert (shown["day"], shown["day_text"]) == ("2026-11-27", "in 3 days, Fri 27 Nov")
    assert (shown["moment"], shown["moment_text"]) == ("2026-11-23T14:05:09+01:00", "yesterday 14:05")
    assert (shown["number"], shown["perhaps"], shown["rows"]) == (
        2.5,
        False,
        [{"title": "a"}, {"title": "b"}],
    )
    assert "own" not in shown


def test_what_people_wrote_is_cut() -> None:
    """A line at 200 characters, a text at 500 or as the field says, a list at twenty."""
    shown = render(FULL, VIEW)
    assert len(shown["name"]) == 200 and len(shown["tags"]) == 20
    assert "first 500 of 600 characters" in shown["text"]

    @dataclass(frozen=True, slots=True)
    class Longer:
        inner: Annotated[Everything, TextLimit(1_000)]

    assert "first" not in render(Longer(FULL), VIEW)["inner"]["text"].partition("\n")[0]


@pytest.mark.parametrize("text", ["x" * 600, "Two\nlines"])
def test_a_text_in_a_value_of_any_form_is_fenced(text: str) -> None:
    """As texts are, where it is no short line."""
    shown = render(replace(EMPTY, raw=text), VIEW)["raw"]
    assert shown.startswith("<written-") and len(shown) < 600
    assert render(replace(EMPTY, raw="19.99"), VIEW)["raw"] == "19.99"


@pytest.mark.parametrize("row", [EMPTY, FULL])
def test_a_schema_is_that_of_its_answers(row: Everything) -> None:
    """It names every field that may be there, and is open for others."""
    schema = schema_of(Everything)
    jsonschema.validate(render(row, VIEW, is_answer=True), schema | {"additionalProperties": False})
    assert "additionalProperties" not in schema and "own" not in schema["properties"]
    assert schema["properties"]["name"]["description"] == "Its name"
