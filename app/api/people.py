"""People over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from app.api.answers import to_json
from app.api.param_shapes import UNCHANGED, Id, Mirror, ids, unknown
from app.api.people_shapes import Employees
from app.entrance.problems import PROBLEMS

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
    if person is None:
        return None
    found = await mirror.reports.people.find(mirror.workspace_id, person)
    for name in person:
        if name not in found:
            raise unknown("person", name)
    return list(found.values())


People = Annotated[list[str] | None, Depends(chosen_people)]
