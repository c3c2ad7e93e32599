"""Resources: what a client may put before the model beforehand."""

from collections import defaultdict
from typing import Any

import orjson

from app.core.visible_text import escaped_json
from app.mcp.answer_schemas import NOTE, base, line
from app.mcp.request_context import Asked, Mirror
from app.reports.places import PlaceFilter, Within
from app.supabase_db import Row

TREE, FRESHNESS = "clickup://tree", "clickup://freshness"
_MOST_LISTS = 600


async def read_tree(mirror: Asked) -> str:
    """The workspace's spaces with their folders and lists: ids, names, and how many tasks each list has."""
    wanted = PlaceFilter(Within(), archived=False)
    places = mirror.reports.places
    spaces = await places.spaces(mirror.workspace_id, wanted)
    folders = await places.folders(mirror.workspace_id, wanted)
    every_list = await places.lists(mirror.workspace_id, wanted)
    lists = [row for row in every_list if not row["is_put_away"]]
    in_folders, in_spaces = _grouped(lists[:_MOST_LISTS])
    tree = [_space(space, folders, in_folders, in_spaces) for space in spaces]
    left_out = {"lists_left_out": len(lists) - _MOST_LISTS} if len(lists) > _MOST_LISTS else {}
    return _json(mirror, {"note": NOTE, "spaces": tree, **left_out})


async def read_freshness(mirror: Asked) -> str:
    """As of when the mirror shows ClickUp, whether it is in sync, and what is missing."""
    return _json(mirror, {})


def _grouped(lists: list[Row]) -> tuple[dict[str, list[Row]], dict[str, list[Row]]]:
    """Lists by their folder, and those without one by their space."""
    in_folders: dict[str, list[Row]] = defaultdict(list)
    in_spaces: dict[str, list[Row]] = defaultdict(list)
    for row in lists:
        group = in_folders[row["folder_id"]] if row["folder_id"] else in_spaces[row["space_id"]]
        group.append({"list_id": row["list_id"], "name": line(row["name"]), "tasks": row["tasks"]})
    return in_folders, in_spaces


def _space(
    space: Row, folders: list[Row], in_folders: dict[str, list[Row]], in_spaces: dict[str, list[Row]]
) -> Row:
    own = [row for row in folders if row["space_id"] == space["space_id"]]
    return {
        "space_id": space["space_id"],
        "name": line(space["name"]),
        "folders": [
            {
                "folder_id": row["folder_id"],
                "name": line(row["name"]),
                "lists": in_folders.get(row["folder_id"], []),
            }
            for row in own
        ],
        "lists": in_spaces.get(space["space_id"], []),
    }


def _json(mirror: Mirror, document: dict[str, Any]) -> str:
    return escaped_json(orjson.dumps(base(mirror) | document).decode())
