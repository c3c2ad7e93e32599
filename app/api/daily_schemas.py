"""What an answer about daily snapshots looks like."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from app.api.task_schemas import Instant, Text, said


class DailyTask(BaseModel):
    """A task as it stood in the snapshot. Instants are ISO 8601 in the mirror's zone, with the offset."""

    model_config = ConfigDict(extra="forbid")

    id: Annotated[UUID, said("The row's own id, another one in each snapshot")]
    workspace_id: Annotated[str, said("ClickUp's workspace", "9000003")]
    clickup_task_id: Annotated[str, said("ClickUp's id", "86abc1")]
    title: Annotated[Text, said("Its name", "Write the offer")]
    description: Annotated[Text, said("Plain text")]
    status: Annotated[Text, said("Status as named in ClickUp", "in progress")]
    tags: Annotated[list[str] | None, said("Tags", ["billing"])]
    priority: Annotated[Text, said("urgent, high, normal, low, or none", "high")]
    start_times: Annotated[
        list[str | None] | None,
        said("Starts of all its sessions, latest first; one index of both lists is one session"),
    ]
    end_times: Annotated[list[str | None] | None, said("Their ends; null while one runs")]
    tracked_minutes: Annotated[int | None, said("Whole minutes of all its finished sessions", 125)]
    status_type: Annotated[Text, said("open, custom, done or closed", "custom")]
    type: Annotated[Text, said("Task type: Task, Milestone, or one of the workspace's own", "Task")]
    assignee_name: Annotated[list[str] | None, said("Names of all assignees", ["Ada Lovelace"])]
    assigned_by: Annotated[Text, said("Who made the task", "Ada Lovelace")]
    due_date: Annotated[date | None, said("The due day")]
    assigned_comment: Annotated[
        Text, said("Comments that are assigned and not resolved, newest first, separated by ` | `")
    ]
    date_created: Annotated[Instant, said("When it was made")]
    date_closed: Annotated[Instant, said("When it was closed; null while it is not")]
    time_estimate_minutes: Annotated[int | None, said("Estimate, whole minutes", 90)]
    start_date: Annotated[date | None, said("The day on which it is to begin")]
    space_name: Annotated[Text, said("Space", "Agency")]
    folder_name: Annotated[Text, said("Folder; none for a list that stands in a space itself")]
    list_name: Annotated[Text, said("List", "Sprint 12")]
    followers: Annotated[list[str] | None, said("Who watches it")]
    summary: Annotated[Text, said("Custom field of that name")]
    sprint_points: Annotated[float | None, said("Sprint points", 3)]
    dependencies: Annotated[dict[str, list[str]] | None, said("ClickUp ids by waiting_on, blocking, linked")]
    last_status_change: Annotated[Instant, said("When the status last changed, as well as is known")]
    clickup_user_id: Annotated[Text, said("ClickUp's ids of all assignees, in order, separated by commas")]


class DailyReport(BaseModel):
    """One snapshot."""

    model_config = ConfigDict(extra="forbid")

    count: Annotated[int, said("How many tasks it has", 17)]
    date: Annotated[date | None, said("Its day in the mirror's zone; null where none was taken yet")]
    taken_at: Annotated[datetime | None, said("When it was taken; null where none was taken yet")]
    tasks: Annotated[list[DailyTask], said("By ClickUp's id")]


class SnapshotDate(BaseModel):
    """One day of which a snapshot is kept."""

    model_config = ConfigDict(extra="forbid")

    date: date
    tasks: Annotated[int, said("How many tasks it has", 17)]
    taken_at: Annotated[datetime, said("When it was taken, in the mirror's zone")]


class SnapshotDates(BaseModel):
    """Days, latest first."""

    model_config = ConfigDict(extra="forbid")

    count: Annotated[int, said("How many are in this answer", 100)]
    dates: list[SnapshotDate]
