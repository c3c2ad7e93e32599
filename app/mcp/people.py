"""Tools: who is here."""

from typing import Annotated

from app.core.answers.paging import digest
from app.mcp.answer_schemas import instant, line
from app.mcp.params import CursorText, Limit, Word, of, take_page
from app.mcp.people_schemas import FoundPeople, FoundPerson
from app.mcp.request_context import Asked, Mirror
from app.supabase_db import Row


async def find_people(
    mirror: Asked,
    name: Annotated[
        Word | None, of("A part of the name or e-mail; case does not count. Everybody when left out", "ada")
    ] = None,
    active: Annotated[
        bool | None, of("Only who is here (true), or only who left (false); both when null")
    ] = True,
    limit: Limit = 20,
    cursor: CursorText = None,
) -> FoundPeople:
    """People of the workspace: ids, name, e-mail, role, and whether they are still here.

    What they have to do is in get_workload, what they worked in get_timesheet.
    """
    plain = (name or "").strip().casefold()
    rows = await mirror.reports.people.employees(mirror.workspace_id, active)
    found = [row for row in rows if plain in f"{row['name']} {row['email'] or ''}".casefold()]
    question = digest({"list": "people", "name": plain, "active": active})
    shown, paged = take_page(found, question, limit, cursor)
    return FoundPeople.of(mirror, **paged, people=[_person(row, mirror) for row in shown])


def _person(row: Row, mirror: Mirror) -> FoundPerson:
    return FoundPerson(
        employee_id=row["id"],
        clickup_user_id=row["clickup_user_id"],
        name=line(row["name"]),
        email=row["email"],
        role=row["role"],
        is_active=row["is_active"],
        left_at=instant(row["left_at"], mirror),
        is_time_hidden=row["is_time_hidden"],
    )
