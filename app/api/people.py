"""People over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from app.api.params import UNCHANGED, Mirror, ids, unknown
from app.api.people_schemas import Employees
from app.api.request_context import Asked
from app.api.response_cache import to_json
from app.http.params import Id
from app.http.problems import PROBLEMS

router = APIRouter(tags=["people"], responses=PROBLEMS)


@router.get("/employees", responses={200: {"model": Employees}, **UNCHANGED})
async def list_employees(
    request: Request,
    mirror: Mirror,
    active: Annotated[
        bool | None, Query(description="Only those who are here, or only those who left")
    ] = None,
) -> Response:
    """Everybody the workspace counts among its people, and those who left; by name."""

    async def make() -> bytes:
        rows = await mirror.reports.people.employees(mirror.workspace_id, active)
        return to_json({"count": len(rows), "employees": rows}, mirror.zone)

    return await mirror.answers.answer(request, make)


async def chosen_people(
    mirror: Mirror,
    person: Annotated[
        list[Id] | None, ids("Only theirs: `id` of `/employees`, or ClickUp's id of a person")
    ] = None,
) -> list[str] | None:
    """ClickUp's ids of the people asked for. Raises the 404 for who is not known."""
    return list((await _found(mirror, person)).values()) if person is not None else None


People = Annotated[list[str] | None, Depends(chosen_people)]


async def chosen_employees(
    mirror: Mirror,
    person: Annotated[
        list[Id] | None, ids("Only theirs: `id` of `/employees`, or ClickUp's id of a person")
    ] = None,
) -> list[UUID] | None:
    """The people asked for, by `id` of `/employees`. Raises the 404 for who is not there."""
    if person is None:
        return None
    rows = await mirror.reports.people.employees(mirror.workspace_id)
    known = {name: row["id"] for row in rows for name in (str(row["id"]), row["clickup_user_id"])}
    for name in person:
        if name.lower() not in known:
            raise unknown("person", name)
    return [known[name.lower()] for name in person]


ChosenEmployees = Annotated[list[UUID] | None, Depends(chosen_employees)]


async def known_employees(mirror: Asked, people: list[UUID] | None) -> list[UUID] | None:
    """The same people, by `id` of `/employees`. Raises the 404 for who is not known."""
    await _found(mirror, [str(one) for one in people or ()])
    return people


async def _found(mirror: Asked, names: list[str]) -> dict[str, str]:
    """ClickUp's ids by what they were asked for by. Raises the 404 for who is not known."""
    found = await mirror.reports.people.find(mirror.workspace_id, names) if names else {}
    for name in names:
        if name not in found:
            raise unknown("person", name)
    return found
