"""Spaces, folders and lists over HTTP."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Query, Request, Response

from app.api.json_encoding import to_json
from app.api.page_fields import Count
from app.api.params import UNCHANGED, UNKNOWN, ids
from app.api.request_context import ApiContext, Context
from app.core.answers.filters import describe
from app.http.params import Id
from app.http.problems import PROBLEMS
from app.reports.places import Folder, PlaceFilter, Space, TaskList, Within
from app.reports.tasks import Deleted

router = APIRouter(tags=["places"], responses=PROBLEMS)

Row = TypeVar("Row")

Archived = Annotated[bool | None, Query(description=describe("archived"))]
Tombstones = Annotated[Deleted, Query(description=describe("deleted"))]
PlaceNames = Annotated[
    list[Id] | None,
    ids("place"),
]
OfTasks = Annotated[list[Id] | None, ids("task_id")]


@dataclass(frozen=True, slots=True)
class Spaces:
    """Spaces, by name."""

    count: Count
    spaces: list[Space]


@dataclass(frozen=True, slots=True)
class Folders:
    """Folders, by space and name."""

    count: Count
    folders: list[Folder]


@dataclass(frozen=True, slots=True)
class Lists:
    """Lists, by space, folder and name."""

    count: Count
    lists: list[TaskList]


@router.get("/spaces", responses={200: {"model": Spaces}, **UNCHANGED})
async def list_spaces(
    request: Request, context: Context, archived: Archived = None, deleted: Tombstones = "exclude"
) -> Response:
    """Spaces by name, with how many folders, lists and live tasks each has."""
    wanted = PlaceFilter(Within(), archived, deleted)
    return await _answer(request, context, Spaces, context.reports.places.spaces, wanted)


@router.get("/folders", responses={200: {"model": Folders}, **UNCHANGED, **UNKNOWN})
async def list_folders(
    request: Request,
    context: Context,
    place: PlaceNames = None,
    archived: Archived = None,
    deleted: Tombstones = "exclude",
) -> Response:
    """Folders by space and name, with how many lists and live tasks each has."""
    within = await context.reports.lookup.within(context.workspace_id, place)
    wanted = PlaceFilter(within, archived, deleted)
    return await _answer(request, context, Folders, context.reports.places.folders, wanted)


@router.get("/lists", responses={200: {"model": Lists}, **UNCHANGED, **UNKNOWN})
async def list_lists(
    request: Request,
    context: Context,
    place: PlaceNames = None,
    archived: Archived = None,
    deleted: Tombstones = "exclude",
) -> Response:
    """Lists by space, folder and name, with how many live tasks each has."""
    within = await context.reports.lookup.within(context.workspace_id, place)
    wanted = PlaceFilter(within, archived, deleted)
    return await _answer(request, context, Lists, context.reports.places.lists, wanted)


async def chosen_places(context: Context, task_id: OfTasks = None, place: PlaceNames = None) -> Within:
    """Where what is asked for stands. Raises UnknownName for a task or place that does not exist."""
    return await context.reports.lookup.within(context.workspace_id, place, task_id)


Place = Annotated[Within, Depends(chosen_places)]


async def _answer(
    request: Request, context: ApiContext, answer: Callable[[int, list[Row]], Spaces | Folders | Lists],
    ask: Callable[[str, PlaceFilter], Awaitable[list[Row]]], wanted: PlaceFilter,
) -> Response:  # fmt: skip
    async def make() -> bytes:
        rows = await ask(context.workspace_id, wanted)
        return to_json(answer(len(rows), rows), context.zone)

    return await context.answers.answer(request, make)
