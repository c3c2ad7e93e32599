"""The questions that every face asks. No face writes SQL or computes a figure itself."""

from dataclasses import dataclass
from typing import Any

from app.supabase_db import Database, Row


@dataclass(frozen=True, slots=True)
class WorkspaceStatus:
    """One workspace as the mirror knows it; instants are aware and in UTC."""

    workspace: Row
    counts: Row
    streams: list[Row]
    comments: Row
    runs: list[Row]
    skipped: list[Row]


class Reports:
    """Answers from the mirror, never from ClickUp."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get_status(self, *, runs: int = 5, skipped: int = 10) -> list[WorkspaceStatus]:
        """Last runs, counts, freshness and skipped objects of every workspace in the mirror."""
        workspaces = await self._database.fetch("list_workspaces")
        return [await self._status(workspace, runs, skipped) for workspace in workspaces]

    async def count_mirror(self, workspace_id: str) -> Row:
        """How much the mirror holds, by kind."""
        return await self._one("count_mirror", workspace_id=workspace_id)

    async def get_telling_task(self, workspace_id: str) -> Row | None:
        """A task with sessions, people and a waiting comment, if there is one."""
        return await self._database.fetch_one("get_telling_task", workspace_id=workspace_id)

    async def _status(self, workspace: Row, runs: int, skipped: int) -> WorkspaceStatus:
        workspace_id = workspace["workspace_id"]
        return WorkspaceStatus(
            workspace=workspace,
            counts=await self.count_mirror(workspace_id),
            streams=await self._database.fetch("list_streams", workspace_id=workspace_id),
            comments=await self._one("count_comment_backlog", workspace_id=workspace_id),
            runs=await self._database.fetch("list_recent_runs", workspace_id=workspace_id, limit=runs),
            skipped=await self._database.fetch("list_skipped", workspace_id=workspace_id, limit=skipped),
        )

    async def _one(self, query: str, **params: Any) -> Row:
        return (await self._database.fetch(query, **params))[0]
