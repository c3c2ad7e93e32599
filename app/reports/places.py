"""Questions about spaces, folders and lists."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from app.reports.tasks import Deleted
from app.supabase_db import Database, Row


@dataclass(frozen=True, slots=True)
class Within:
    """Where something is to stand, by ClickUp's ids; None lets every place pass."""

    tasks: Sequence[str] | None = None
    lists: Sequence[str] | None = None
    folders: Sequence[str] | None = None
    spaces: Sequence[str] | None = None

    def params(self) -> dict[str, Any]:
        """As the queries take them; an empty list means "not filtered"."""
        return {name: list(ids) if ids else None for name, ids in asdict(self).items()}

    def __bool__(self) -> bool:
        return any((self.tasks, self.lists, self.folders, self.spaces))


@dataclass(frozen=True, slots=True)
class PlaceFilter:
    """Which places; what is None lets everything pass."""

    within: Within
    archived: bool | None = None
    deleted: Deleted = "exclude"


class PlaceReports:
    """Where tasks stand, and how many in each place."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def spaces(self, workspace_id: str, wanted: PlaceFilter) -> list[Row]:
        """By name."""
        return await self._list("list_spaces", workspace_id, wanted)

    async def folders(self, workspace_id: str, wanted: PlaceFilter) -> list[Row]:
        """By their space's name and their own."""
        return await self._list("list_folders", workspace_id, wanted)

    async def lists(self, workspace_id: str, wanted: PlaceFilter) -> list[Row]:
        """By the names of their space, their folder and their own."""
        return await self._list("list_lists", workspace_id, wanted)

    async def unknown(self, workspace_id: str, within: Within) -> list[Row]:
        """Kind and id of each task or place that the mirror never heard of."""
        return await self._database.ask("list_unknown", workspace_id=workspace_id, **within.params())

    async def _list(self, query: str, workspace_id: str, wanted: PlaceFilter) -> list[Row]:
        return await self._database.ask(
            query,
            workspace_id=workspace_id,
            archived=wanted.archived,
            deleted=wanted.deleted,
            **wanted.within.params(),
        )
