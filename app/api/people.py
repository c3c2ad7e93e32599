"""People over HTTP."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from app.api.json_encoding import to_json
from app.api.page_fields import Count
from app.api.params import UNCHANGED, ids
from app.api.request_context import Context
from app.core.answers.filters import describe
from app.http.params import Id
from app.http.problems import PROBLEMS
from app.reports.people import Employee

router = APIRouter(tags=["people"], responses=PROBLEMS)


@dataclass(frozen=True, slots=True)
class Employees:
    """People, by name."""

    count: Count
    employees: list[Employee]


@router.get("/employees", responses={200: {"model": Employees}, **UNCHANGED})
async def list_employees(
    request: Request,
    context: Context,
    active: Annotated[bool | None, Query(description=describe("active"))] = None,
) -> Response:
    """Everybody the workspace counts among its people, and those who left; by name."""

    async def make() -> bytes:
        rows = await context.reports.people.employees(context.workspace_id, active)
        return to_json(Employees(len(rows), rows), context.zone)

    return await context.answers.answer(request, make)


PersonNames = Annotated[list[Id] | None, ids("person")]

AssigneeNames = Annotated[list[Id] | None, ids("assignee")]


async def chosen_people(context: Context, person: PersonNames = None) -> list[str] | None:
    """ClickUp's ids of the people asked for. Raises UnknownName for who appears nowhere."""
    return await context.reports.lookup.user_ids(context.workspace_id, person)


People = Annotated[list[str] | None, Depends(chosen_people)]


async def chosen_assignees(context: Context, assignee: AssigneeNames = None) -> list[str] | None:
    """The same of those to whom the tasks are assigned."""
    return await context.reports.lookup.user_ids(context.workspace_id, assignee)


Assignees = Annotated[list[str] | None, Depends(chosen_assignees)]
