"""Questions about comments."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from app.core.answers.paging import Cursor, digest
from app.reports.keyset import Page, beginning, newest_first, place_params
from app.reports.places import Within
from app.supabase_db import Database, Row

_EVERYWHERE = Within()


@dataclass(frozen=True, slots=True)
class CommentFilter:
    """Which waiting comments; None lets everything pass. `people`: ClickUp's ids of who should answer;
    `teams`: ids or names of teams that should. What waits for a team is in nobody's own list.
    """

    people: Sequence[str] | None = None
    teams: Sequence[str] | None = None
    within: Within = field(default_factory=Within)

    def params(self, workspace_id: str) -> dict[str, Any]:
        """As the queries take them."""
        own = {"workspace_id": workspace_id, "people": self.people, "teams": self.teams}
        return own | self.within.params()

    @property
    def question(self) -> str:
        """What a cursor is good for."""
        return digest(asdict(self) | {"list": "waiting comments"})


class CommentReports:
    """Who is waited for."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def count_waiting(self, workspace_id: str, wanted: CommentFilter) -> int:
        """How many comments and replies wait for somebody."""
        rows = await self._database.ask("count_waiting_comments", **wanted.params(workspace_id))
        return int(rows[0]["total"])

    async def count_by_team(self, workspace_id: str, within: Within = _EVERYWHERE) -> list[Row]:
        """How many comments and replies wait for each team: rows of team_id, name, waiting_comments."""
        known = {"workspace_id": workspace_id} | within.params()
        return await self._database.ask("count_waiting_by_team", **known)

    async def waiting(
        self, workspace_id: str, wanted: CommentFilter, cursor: Cursor | None, limit: int, now: datetime
    ) -> Page:
        """Those, newest first, with their age in days: the first page, or the one at the cursor."""

        async def list_rows(place: Cursor, most: int) -> list[Row]:
            known = wanted.params(workspace_id) | place_params(place, most)
            return await self._database.ask("list_waiting_comments", now=now, **known)

        walk = newest_first("clickup_comment_id", "commented_at", "updated_at", list_rows)
        begin = cursor or await beginning(
            self._database, "get_last_comment_write", workspace_id, wanted.question
        )
        return await walk.page(begin, limit)
