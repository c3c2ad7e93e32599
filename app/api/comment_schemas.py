"""What an answer about comments looks like."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from app.api.task_schemas import UNREADABLE, Text, said


class WaitingComment(BaseModel):
    """A comment or reply that waits for a person, a team, or both. Instants are in the mirror's zone."""

    model_config = ConfigDict(extra="forbid")

    clickup_comment_id: Annotated[str, said("ClickUp's id", "90110012345678")]
    parent_comment_id: Annotated[Text, said("The comment it replies to; null where it is no reply")]
    clickup_task_id: Annotated[str, said("ClickUp's id of the task", "86abc1")]
    task_title: Annotated[Text, said("The task's name; null where the mirror does not know it")]
    task_url: Annotated[Text, said("Where the task is in ClickUp")]
    task_status: Annotated[Text, said("The task's status", "in progress")]
    list_id: Annotated[Text, said("ClickUp's id of the task's list", "124")]
    list_name: Annotated[Text, said("The task's list", "Sprint 12")]
    folder_id: Annotated[Text, said("ClickUp's id of the task's folder")]
    folder_name: Annotated[Text, said("The task's folder; null for a list that stands in a space itself")]
    space_id: Annotated[Text, said("ClickUp's id of the task's space", "790")]
    space_name: Annotated[Text, said("The task's space", "Agency")]
    text: Annotated[str, said("What was said")]
    author_id: Annotated[Text, said("ClickUp's id of who said it", "184")]
    author_name: Annotated[Text, said("Who said it", "Grace Hopper")]
    waits_for: Annotated[str, said("Who should answer: the person and the team", "Ada Lovelace, Team A")]
    assignee_id: Annotated[Text, said("ClickUp's id of the person who should answer; null for none", "183")]
    employee_id: Annotated[UUID | None, said("That person in `/employees`; null for who is not there")]
    assignee_name: Annotated[Text, said("The person who should answer", "Ada Lovelace")]
    assignee_group_id: Annotated[Text, said("ClickUp's id of the team that should answer; null for none")]
    assignee_group_name: Annotated[Text, said("The team that should answer", "Team A")]
    assigned_by_id: Annotated[Text, said("ClickUp's id of who assigned it")]
    assigned_by_name: Annotated[Text, said("Who assigned it")]
    commented_at: Annotated[datetime | None, said("When it was posted; null where ClickUp sent nothing")]
    age_days: Annotated[int | None, said("Whole days of 24 hours since then, cut off", 3)]
    reply_count: Annotated[int, said("How many replies ClickUp counts", 0)]
    reaction_counts: Annotated[dict[str, int], said("How often each reaction was given", {"👍": 2})]
    unreadable_fields: Annotated[dict[str, str], said(UNREADABLE)]
    updated_at: Annotated[datetime, said("When the row was last written")]


class CommentPage(BaseModel):
    """One page of them, newest first."""

    model_config = ConfigDict(extra="forbid")

    count: Annotated[int, said("How many are in this answer", 100)]
    limit: Annotated[int, said("How many were asked for", 100)]
    total: Annotated[int, said("How many wait in all, as filtered", 230)]
    next_cursor: Annotated[Text, said("`cursor` of the next page; null at the end")]
    comments: list[WaitingComment]
