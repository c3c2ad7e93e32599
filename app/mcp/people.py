"""Tools: who is here."""

from dataclasses import dataclass
from typing import Annotated

from app.core.answers.fields import said
from app.core.answers.filters import describe
from app.core.answers.paging import digest
from app.mcp.answers import Page
from app.mcp.params import CursorText, Limit, Word, of, take_page
from app.mcp.request_context import ToolContext
from app.reports.people import Employee


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPeople(Page):
    """People whose names fit."""

    people: Annotated[list[Employee], said("By name")]


async def find_people(
    context: ToolContext,
    name: Annotated[
        Word | None, of("A part of the name or e-mail; case does not count. Everybody when left out", "ada")
    ] = None,
    active: Annotated[bool | None, of(describe("active", "null: both"))] = True,
    limit: Limit = 20,
    cursor: CursorText = None,
) -> FoundPeople:
    """People of the workspace: ids, name, e-mail, role, and whether they are still here.

    What they have to do is in get_workload, what they worked in get_timesheet.
    """
    plain = (name or "").strip().casefold()
    rows = await context.reports.people.employees(context.workspace_id, active)
    found = [row for row in rows if plain in f"{row.name} {row.email or ''}".casefold()]
    question = digest({"list": "people", "name": plain, "active": active})
    shown, paged = take_page(found, question, context, limit, cursor)
    return FoundPeople.of(context, **paged, people=list(shown))
