"""Resources: what a client may put before the model beforehand."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Annotated

import orjson

from app.core.answers.fields import ForAssistants, Written, narrow, said
from app.core.visible_text import escaped_json
from app.mcp.answers import Answer, LeftOut, TextAnswer, left_out, render_answer
from app.mcp.request_context import Context, Known, ToolContext, context_of
from app.reports.places import PlaceFilter, Within

TREE, FRESHNESS = "clickup://tree", "clickup://freshness"
TREE_OF = "clickup://workspaces/{workspace_id}/tree"
FRESHNESS_OF = "clickup://workspaces/{workspace_id}/freshness"
_MOST_LISTS = 600


@dataclass(frozen=True, slots=True)
class TreeList:
    """A list, and how many tasks it has."""

    list_id: Annotated[str, said("ClickUp's id")]
    name: Annotated[str, Written.LINE, ForAssistants.ALWAYS, said("Its name")]
    tasks: Annotated[int, said("Tasks that are not deleted")]


@dataclass(frozen=True, slots=True)
class TreeFolder:
    """A folder with its lists."""

    folder_id: Annotated[str, said("ClickUp's id")]
    name: Annotated[str, Written.LINE, ForAssistants.ALWAYS, said("Its name")]
    lists: Annotated[list[TreeList], ForAssistants.ALWAYS]


@dataclass(frozen=True, slots=True)
class TreeSpace:
    """A space with its folders, and the lists that stand in itself."""

    space_id: Annotated[str, said("ClickUp's id")]
    name: Annotated[str, Written.LINE, ForAssistants.ALWAYS, said("Its name")]
    folders: Annotated[list[TreeFolder], ForAssistants.ALWAYS]
    lists: Annotated[list[TreeList], ForAssistants.ALWAYS]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree(TextAnswer):
    """The workspace's places."""

    spaces: list[TreeSpace]
    lists_left_out: LeftOut = None


async def read_tree(context: Context) -> str:
    """The workspace's spaces with their folders and lists: ids, names, and how many tasks each list has."""
    return await _tree(context)


async def read_tree_of(known: Known, workspace_id: str) -> str:
    """The spaces of one workspace with their folders and lists: ids, names, and numbers of tasks."""
    return await _tree(await context_of(known, workspace_id))


async def read_freshness(context: Context) -> str:
    """As of when the mirror shows ClickUp, whether it is in sync, and what is missing."""
    return _json(Answer.of(context))


async def read_freshness_of(known: Known, workspace_id: str) -> str:
    """As of when the mirror shows one workspace, whether it is in sync, and what is missing."""
    return _json(Answer.of(await context_of(known, workspace_id)))


async def _tree(context: ToolContext) -> str:
    wanted = PlaceFilter(Within(), archived=False)
    places = context.reports.places
    spaces = await places.spaces(context.workspace_id, wanted)
    folders = await places.folders(context.workspace_id, wanted)
    lists = [row for row in await places.lists(context.workspace_id, wanted) if not row.is_put_away]
    by_place: dict[str | None, list[TreeList]] = defaultdict(list)
    for row in lists[:_MOST_LISTS]:
        by_place[row.folder_id or row.space_id].append(narrow(TreeList, row))
    tree = [
        TreeSpace(
            space.space_id,
            space.name,
            [
                TreeFolder(folder.folder_id, folder.name, by_place[folder.folder_id])
                for folder in folders
                if folder.space_id == space.space_id
            ],
            by_place[space.space_id],
        )
        for space in spaces
    ]
    return _json(Tree.of(context, spaces=tree, lists_left_out=left_out(len(lists) - _MOST_LISTS)))


def _json(answer: Answer) -> str:
    return escaped_json(orjson.dumps(render_answer(answer)).decode())
