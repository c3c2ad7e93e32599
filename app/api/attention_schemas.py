"""What an answer about tasks that need somebody, and about who has how much to do, looks like."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from app.api.day_params import AsOf
from app.api.task_schemas import Instant, Text, said
from app.reports.attention import Condition

_STRICT = ConfigDict(extra="forbid")
Reason = Literal["overdue", "unassigned", "not_started", "over_estimate", "blocked"]


class Blocker(BaseModel):
    """An open task that another one waits on."""

    model_config = _STRICT

    clickup_task_id: Annotated[str, said("ClickUp's id", "86abc2")]
    title: Annotated[Text, said("Its name")]
    status: Annotated[Text, said("Status as named in ClickUp", "in progress")]
    assignee_name: Annotated[Text, said("All assignees, separated by commas", "Grace Hopper")]


class TaskSummary(BaseModel):
    """What is told of a task in lists of questions about work."""

    model_config = _STRICT

    clickup_task_id: Annotated[str, said("ClickUp's id", "86abc1")]
    title: Annotated[Text, said("Its name", "Write the offer")]
    status: Annotated[Text, said("Status as named in ClickUp", "in progress")]
    status_type: Annotated[Text, said("open, custom, done or closed", "custom")]
    priority: Annotated[Text, said("urgent, high, normal, low, or none", "high")]
    url: Annotated[Text, said("Where it is in ClickUp")]
    due_date: Annotated[date | None, said("The due day")]
    list_id: Annotated[Text, said("ClickUp's id of its list", "124")]
    list_name: Annotated[Text, said("List", "Sprint 12")]
    folder_id: Annotated[Text, said("ClickUp's id of its folder")]
    folder_name: Annotated[Text, said("Folder; null for a list that stands in a space itself")]
    space_id: Annotated[Text, said("ClickUp's id of its space", "790")]
    space_name: Annotated[Text, said("Space", "Agency")]


class AssignedTaskSummary(TaskSummary):
    """The same, and whose it is and how it goes."""

    assignee_name: Annotated[Text, said("All assignees, separated by commas", "Ada Lovelace")]
    employee_ids: Annotated[list[UUID], said("All assignees, as in `/employees`")]
    date_updated: Annotated[Instant, said("When it last changed in ClickUp")]
    last_status_change: Annotated[Instant, said("When the status last changed, as well as is known")]
    time_estimate_minutes: Annotated[int | None, said("Estimate, whole minutes", 90)]
    tracked_minutes: Annotated[int | None, said("Whole minutes of all finished sessions; null: not known")]
    done_at: Annotated[Instant, said("When it was done; null while it is not, or where nobody knows")]


class AttentionTask(AssignedTaskSummary):
    """A task that somebody should look at, and why."""

    days_overdue: Annotated[int | None, said("Days since its due day; null where it is not overdue", 3)]
    days_untouched: Annotated[int | None, said("Whole days of 24 hours since it was last touched", 20)]
    reasons: Annotated[list[Reason], said("All that speaks against it while it is open", ["unassigned"])]
    waiting_on: Annotated[list[Blocker], said("The open tasks that it waits on")]


class AttentionTasks(AsOf):
    """One page of them, worst first."""

    condition: Annotated[Condition, said("What was asked for", "overdue")]
    days: Annotated[int | None, said("With how many days; null where the condition has none", 14)]
    count: Annotated[int, said("How many are in this answer", 100)]
    limit: Annotated[int, said("How many were asked for", 100)]
    offset: Annotated[int, said("How many were passed over", 0)]
    total: Annotated[int, said("How many there are in all", 230)]
    tasks: list[AttentionTask]


class Load(BaseModel):
    """What somebody has to do; in the last row what nobody who is here has to do."""

    model_config = _STRICT

    employee_id: Annotated[UUID | None, said("The person in `/employees`; null for nobody")]
    clickup_user_id: Annotated[Text, said("ClickUp's id of the person", "183")]
    name: Annotated[Text, said("The person's name", "Ada Lovelace")]
    open_tasks: Annotated[int, said("Open tasks that are assigned to the person", 12)]
    overdue: Annotated[int, said("Of them: due before today", 3)]
    due_soon: Annotated[int, said("Of them: due from today to `days` days after it", 2)]
    urgent: Annotated[int, said("Of them: of priority urgent or high", 1)]
    unestimated: Annotated[int, said("Of them: without an estimate", 5)]
    estimate_minutes: Annotated[int, said("Their estimates together", 600)]
    remaining_minutes: Annotated[int, said("What is left of them after the tracked time, task by task", 480)]
    tracked_minutes: Annotated[int, said("The person's own time on the last `days` days, today included")]
    waiting_comments: Annotated[int, said("Comments and replies that wait for the person", 4)]
    running_timers: Annotated[int, said("The person's timers that run", 0)]


class TeamLoad(BaseModel):
    """What waits for a team."""

    model_config = _STRICT

    team_id: Annotated[str, said("ClickUp's id of the team")]
    name: Annotated[str, said("The team's name", "Team A")]
    waiting_comments: Annotated[int, said("Comments and replies that wait for the team", 2)]


class Workload(AsOf):
    """Who has how much to do, by name."""

    days: Annotated[int, said("For `due_soon` and `tracked_minutes`", 7)]
    count: Annotated[int, said("How many rows there are", 13)]
    people: list[Load]
    teams: Annotated[
        list[TeamLoad],
        said("Teams that comments wait for, by name; none where only some people are asked for"),
    ]
