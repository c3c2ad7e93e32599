"""Questions about comments."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from app.core.answers.fields import (
    FolderId,
    FolderName,
    ForAssistants,
    InWords,
    ListId,
    ListName,
    RowUpdated,
    SpaceId,
    SpaceName,
    TaskId,
    Unreadable,
    Written,
    said,
)
from app.core.answers.paging import Cursor, digest
from app.reports.keyset import LastWrite, Page, beginning, newest_first, place_params
from app.reports.places import Within
from app.sql.typed_rows import Query
from app.supabase_db import AskedDatabase

_EVERYWHERE = Within()


@dataclass(frozen=True, slots=True)
class WaitingComment:
    """A comment or reply that is assigned to a person, a team, or both, and not resolved."""

    clickup_comment_id: Annotated[str, said("ClickUp's id", "90110012345678")]
    parent_comment_id: Annotated[str | None, said("The comment it replies to; null where it is no reply")]
    clickup_task_id: TaskId
    task_title: Annotated[
        str | None, Written.LINE, said("The task's name; null where the mirror does not know it")
    ]
    task_url: Annotated[str | None, said("Where the task is in ClickUp")]
    task_status: Annotated[str | None, said("The task's status", "in progress")]
    list_id: ListId
    list_name: ListName
    folder_id: FolderId
    folder_name: FolderName
    space_id: SpaceId
    space_name: SpaceName
    text: Annotated[str, Written.TEXT, said("The text")]
    author_id: Annotated[str | None, ForAssistants.NEVER, said("ClickUp's id of the author", "184")]
    author_name: Annotated[str | None, Written.LINE, said("The author", "Grace Hopper")]
    assignee_id: Annotated[
        str | None,
        ForAssistants.NEVER,
        said("ClickUp's id of the person who should answer; null for none", "183"),
    ]
    employee_id: Annotated[UUID | None, said("That person in `/employees`; null for who is not there")]
    assignee_name: Annotated[str | None, Written.LINE, said("The person who should answer", "Ada Lovelace")]
    assignee_group_id: Annotated[
        str | None, ForAssistants.NEVER, said("ClickUp's id of the team that should answer; null for none")
    ]
    assignee_group_name: Annotated[str | None, Written.LINE, said("The team that should answer", "Team A")]
    waits_for: Annotated[
        str, Written.LINE, said("Who should answer: the person and the team", "Ada Lovelace, Team A")
    ]
    assigned_by_id: Annotated[str | None, ForAssistants.NEVER, said("ClickUp's id of who assigned it")]
    assigned_by_name: Annotated[str | None, Written.LINE, said("Who assigned it")]
    commented_at: Annotated[
        datetime | None, InWords.INSTANT, said("When it was posted; null where ClickUp sent nothing")
    ]
    age_days: Annotated[int | None, said("Whole days of 24 hours since then, cut off", 3)]
    reply_count: Annotated[int, said("How many replies ClickUp counts", 0)]
    reaction_counts: Annotated[dict[str, int], said("How often each reaction was given", {"👍": 2})]
    unreadable_fields: Unreadable
    updated_at: RowUpdated


@dataclass(frozen=True, slots=True)
class TeamWorkload:
    """What waits for a team."""

    team_id: Annotated[str, said("ClickUp's id of the team")]
    name: Annotated[str | None, Written.LINE, said("The team's name", "Team A")]
    waiting_comments: Annotated[int, said("Comments and replies that wait for the team", 2)]


LAST_COMMENT_WRITE = Query("get_last_comment_write", LastWrite)
LIST_WAITING_COMMENTS = Query("list_waiting_comments", WaitingComment)
COUNT_WAITING_COMMENTS = Query("count_waiting_comments", int)
COUNT_WAITING_BY_TEAM = Query("count_waiting_by_team", TeamWorkload)


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

    def __init__(self, database: AskedDatabase) -> None:
        self._database = database

    async def count_waiting(self, workspace_id: str, wanted: CommentFilter) -> int:
        """How many comments and replies wait for somebody."""
        return await self._database.one(COUNT_WAITING_COMMENTS, **wanted.params(workspace_id))

    async def count_by_team(self, workspace_id: str, within: Within = _EVERYWHERE) -> list[TeamWorkload]:
        """How many comments and replies wait for each team."""
        known = {"workspace_id": workspace_id} | within.params()
        return await self._database.rows(COUNT_WAITING_BY_TEAM, **known)

    async def waiting(
        self, workspace_id: str, wanted: CommentFilter, cursor: Cursor | None, limit: int, now: datetime
    ) -> Page[WaitingComment]:
        """Those, newest first, with their age in days: the first page, or the one at the cursor."""

        async def list_rows(place: Cursor, most: int) -> list[WaitingComment]:
            known = wanted.params(workspace_id) | place_params(place, most)
            return await self._database.rows(LIST_WAITING_COMMENTS, now=now, **known)

        walk = newest_first(
            lambda comment: comment.clickup_comment_id,
            lambda comment: comment.commented_at,
            lambda comment: comment.updated_at,
            list_rows,
        )
        begin = cursor or await beginning(self._database, LAST_COMMENT_WRITE, workspace_id, wanted.question)
        return await walk.page(begin, limit)
