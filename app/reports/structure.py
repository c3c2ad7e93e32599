"""Questions about workspaces and what they are made of, and about what a name or an id may mean."""

from typing import Any

from app.supabase_db import Database, Row


class StructureReports:
    """Workspaces, spaces, folders and lists as they are set up, and the names of things."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def mirrored(self) -> list[Row]:
        """The workspaces of which something is mirrored, with the zone of their owner."""
        return await self._database.ask("list_mirrored_workspaces")

    async def workspaces(self) -> list[Row]:
        """Those, and all others that a mirrored one's token can see (`is_mirrored` tells), by name."""
        return await self._database.ask("list_known_workspaces")

    async def spaces(self, workspace_id: str) -> list[Row]:
        """Spaces that are not deleted, with their statuses and features, by name."""
        return await self._ask("list_space_structures", workspace_id, space_id=None)

    async def space(self, workspace_id: str, space_id: str) -> Row | None:
        """One of them, a deleted one too; None for a space that is in no table of its own."""
        rows = await self._ask("list_space_structures", workspace_id, space_id=space_id)
        return rows[0] if rows else None

    async def details(self, workspace_id: str, place_id: str) -> Row:
        """What ClickUp says of a folder or list (`details`), and the statuses that its tasks may have."""
        rows = await self._ask("get_place_details", workspace_id, place_id=place_id)
        return rows[0] if rows else {"details": {}, "statuses": []}

    async def place_names(self, workspace_id: str) -> list[Row]:
        """Every space, folder and list, deleted ones too, with what it stands in; by name."""
        return await self._ask("list_place_names", workspace_id)

    async def tags(self, workspace_id: str) -> list[str]:
        """Every tag, in order."""
        return [row["tag"] for row in await self._ask("list_tags", workspace_id)]

    async def statuses(self, workspace_id: str) -> list[str]:
        """Every status that a live task has, those that can be worked on first."""
        return [row["status"] for row in await self._ask("list_statuses", workspace_id)]

    async def task_ids(self, workspace_id: str, asked: str) -> list[Row]:
        """The task with this custom id (`is_meant`), and those whose ids are next to it."""
        return await self._ask("find_task_ids", workspace_id, asked=asked)

    async def comments(self, workspace_id: str, task_id: str, limit: int) -> list[Row]:
        """The latest comments and replies of a task, newest first; each row has the `total`."""
        return await self._ask("list_task_comments", workspace_id, task_id=task_id, limit=limit)

    async def _ask(self, query: str, workspace_id: str, **params: Any) -> list[Row]:
        return await self._database.ask(query, workspace_id=workspace_id, **params)
