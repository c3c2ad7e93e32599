"""The names that a task's payload leaves out: spaces, task types, and the zone."""

import asyncio
from typing import Any
from zoneinfo import ZoneInfo

from app.core import wire
from app.core.errors import ClickUpError, TokenDead
from app.core.place import read_place, read_task_types
from app.core.task_row import BUILT_IN_TYPES, Names
from app.core.values import identifier, mapping
from app.run import Run
from app.supabase_db import Row, as_json


async def load_names(run: Run) -> Names:
    """The names as the mirror knows them."""
    workspace = await run.context.database.fetch_one("get_workspace", workspace_id=run.workspace_id)
    spaces = await run.context.database.fetch("list_space_names", workspace_id=run.workspace_id)
    return Names(
        zone=_zone(run, workspace),
        spaces={row["space_id"]: row["name"] for row in spaces},
        types=dict(workspace["task_types"]) if workspace else {},
    )


def _zone(run: Run, workspace: Row | None) -> ZoneInfo:
    """TIMEZONE, else the token owner's zone in ClickUp, else UTC."""
    if run.context.settings.zone:
        return run.context.settings.zone
    name = workspace["owner_time_zone"] if workspace else None
    try:
        return ZoneInfo(name or "UTC")
    except (ValueError, OSError):
        run.note(
            f"ClickUp says the token owner's time zone is {name!r}, which is none: UTC is used; set TIMEZONE"
        )
        return ZoneInfo("UTC")


async def sync_task_types(run: Run) -> None:
    """Reads the workspace's own task types; without permission the known ones stay."""
    try:
        answer = await run.fetch(wire.task_types(run.workspace_id))
    except TokenDead:
        raise
    except ClickUpError as error:
        run.note(f"the names of task types could not be read: {error}")
        return
    async with run.transaction() as tx:
        await tx.write(
            "set_task_types",
            workspace_id=run.workspace_id,
            types=as_json([read_task_types(answer.content)])[1:-1],
        )


async def learn_names(run: Run, names: Names, page: list[Any]) -> None:
    """Asks once for each space and each task type of a page that is not known yet."""
    tasks = [mapping(item) for item in page]
    spaces = {identifier(mapping(task.get("space")).get("id")) for task in tasks} - {None}
    types = {identifier(task.get("custom_item_id")) for task in tasks} - {None}
    async with asyncio.TaskGroup() as group:
        for space_id in spaces - names.spaces.keys():
            group.create_task(_learn_space(run, names, str(space_id)))
        if types - names.types.keys() - BUILT_IN_TYPES.keys():
            group.create_task(_learn_types(run, names, types))


async def _learn_space(run: Run, names: Names, space_id: str) -> None:
    # Set first: a space that cannot be read is asked for once a run, not once a page.
    names.spaces[space_id] = ""
    try:
        answer = await run.fetch(wire.place("space", space_id))
    except ClickUpError as error:
        run.note(f"tasks show a space that this token cannot see: {error}")
    else:
        names.spaces[space_id] = read_place("space", mapping(answer.content)).name


async def _learn_types(run: Run, names: Names, wanted: set[str | None]) -> None:
    names.types.update({str(item): "" for item in wanted - names.types.keys()})
    await sync_task_types(run)
    names.types.update((await load_names(run)).types)
