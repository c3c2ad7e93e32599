"""Questions about what changed, and how exactly the past is known."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from app.core.answers.fields import said
from app.sql.typed_rows import Query
from app.supabase_db import Database

# The objects whose versions an answer about the past is made of.
Versions = Literal["tasks", "time_entries", "comments"]


@dataclass(frozen=True, slots=True)
class _Known:
    """As the database tells it."""

    history_since: datetime | None
    off_since: datetime | None
    uncertain_rows: int


@dataclass(frozen=True, slots=True)
class Precision:
    """How exactly an answer about the past is known."""

    instant: Annotated[datetime, said("The instant that it is about")]
    history_since: Annotated[
        datetime | None,
        said("Since then changes are recorded; what was before is told by ClickUp's time stamps alone"),
    ]
    exact: Annotated[bool, said("Everything in this answer was certainly so at that instant")]
    uncertain_rows: Annotated[
        int, said("Rows that may have changed shortly before or after it, or before `history_since`", 0)
    ]


GET_PRECISION = Query("get_precision", _Known)


class HistoryReports:
    """What is known of the past."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def precision(
        self, workspace_id: str, instant: datetime, versions: Versions, ids: list[str] | None
    ) -> Precision:
        """How exactly these objects, or all of a workspace, are known as they were at the instant."""
        known = await self._database.one(
            GET_PRECISION, workspace_id=workspace_id, instant=instant, versions=versions, ids=ids
        )
        since = known.history_since
        is_recorded = since is not None and since <= instant
        was_off = known.off_since is not None and known.off_since <= instant
        exact = is_recorded and not was_off and not known.uncertain_rows
        return Precision(instant, since, exact, known.uncertain_rows)
