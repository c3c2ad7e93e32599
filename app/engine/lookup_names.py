"""The names that a task's payload leaves out: spaces, task types, and the zone."""

from typing import Any
from zoneinfo import ZoneInfo

from app.config import Settings
from app.core.clickup import wire
from app.core.clickup.place import read_place, read_task_types
from app.core.clickup.task_row import BUILT_IN_TYPES, Names
from app.core.clickup.values import identifier, mapping
from app.core.errors import ClickUpError, MalformedObject, TokenRejected
from app.engine.run import Run
from app.sql.connection import as_document
from app.supabase_db import Row


async def load_names(run: Run) -> Names:
    """The names as the mirror knows them."""
    workspace = await run.context.database.fetch_one("get_workspace", workspace_id=run.workspace_id)
    spaces = await run.context.database.ask("list_space_names", workspace_id=run.workspace_id)
    return Names(
        zone=_noted_zone(run, workspace),
        owner_zone=_owners_zone(workspace),
        spaces=run.state.spaces | {row["space_id"]: row["name"] for row in spaces},
        types=dict.fromkeys(run.state.types, "") | (dict(workspace["task_types"]) if workspace else {}),
    )


def find_zone(settings: Settings, workspace: Row | None) -> ZoneInfo:
    """TIMEZONE, else the token owner's zone in ClickUp, else UTC."""
    return settings.zone or _owners_zone(workspace) or ZoneInfo("UTC")


def _owners_zone(workspace: Row | None) -> ZoneInfo | None:
    """None for a name that is no zone, and without one."""
    try:
        return ZoneInfo(workspace["owner_time_zone"] or "UTC") if workspace else None
    except (LookupError, ValueError, OSError):
        return None


def _noted_zone(run: Run, workspace: Row | None) -> ZoneInfo:
    if workspace and not run.context.settings.zone and not _owners_zone(workspace):
        run.note(
            f"unknown time zone {workspace['owner_time_zone']!r} in ClickUp, so UTC is used. Set TIMEZONE "
            "to change it"
        )
    return find_zone(run.context.settings, workspace)


async def sync_task_types(run: Run) -> None:
    """Reads the workspace's own task types; without permission the known ones stay."""
    try:
        answer = await run.fetch(wire.task_types(run.workspace_id))
    except TokenRejected:
        raise
    except ClickUpError as error:
        run.note(f"the names of task types could not be read: {error}")
        return
    async with run.transaction() as tx:
        await tx.write(
            "set_task_types",
            workspace_id=run.workspace_id,
            types=as_document(read_task_types(answer.content)),
        )


async def resolve_names(run: Run, names: Names, page: list[Any]) -> None:
    """Asks once a run for each space and each task type of a page that is not known yet."""
    tasks = [mapping(item) for item in page]
    spaces = {identifier(mapping(task.get("space")).get("id")) for task in tasks} - {None}
    types = {identifier(task.get("custom_item_id")) for task in tasks} - {None}
    async with run.naming:
        for space_id in sorted(map(str, spaces - names.spaces.keys())):
            run.state.spaces[space_id] = names.spaces[space_id] = await _resolve_space(run, space_id)
        unknown = types - names.types.keys() - BUILT_IN_TYPES.keys()
        if unknown:
            await sync_task_types(run)
            run.state.types.update(map(str, unknown))
            names.types.update((await load_names(run)).types)


async def _resolve_space(run: Run, space_id: str) -> str:
    """The name of a space that the hierarchy does not show; where it is not told, the last one known."""
    try:
        answer = await run.fetch(wire.place("space", space_id))
        return read_place("space", mapping(answer.content)).name
    except TokenRejected:
        raise
    except (MalformedObject, ClickUpError) as error:
        # A bad or invisible id can surface as 500 (observed): a mere name is no reason to stop.
        run.note(f"tasks are in a space that this token cannot read: {error}")
    known = await run.context.database.fetch_one(
        "get_space_name_of_tasks", workspace_id=run.workspace_id, space_id=space_id
    )
    return str(known["space_name"]) if known else ""
