"""What an answer about progress looks like."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.api.attention_schemas import AssignedTaskSummary
from app.api.day_params import AsOf
from app.api.task_schemas import Instant, Text, said
from app.reports.progress import Of

_STRICT = ConfigDict(extra="forbid")


class PeriodTotals(AsOf):
    """What happened on some days."""

    model_config = ConfigDict(extra="forbid", validate_by_name=True)

    first: Annotated[date, Field(alias="from", description="The first day", examples=["2026-01-05"])]
    last: Annotated[date, Field(alias="to", description="The last day, included", examples=["2026-01-11"])]
    count: Annotated[int, said("How many rows are in this answer", 1)]


class Whose(BaseModel):
    """Of whom or what the figures are."""

    model_config = _STRICT

    id: Annotated[
        Text, said("ClickUp's id of the person, list or space; null for nobody, and for all", "183")
    ]
    employee_id: Annotated[UUID | None, said("The person in `/employees`; null for lists, spaces and others")]
    name: Annotated[Text, said("Name of the person, list or space", "Ada Lovelace")]


class Progress(Whose):
    """What came and what was done."""

    created: Annotated[int, said("Tasks created then", 12)]
    done: Annotated[int, said("Tasks done then", 9)]
    deleted: Annotated[int, said("Tasks that were found deleted then", 1)]
    changed: Annotated[int, said("Tasks that last changed then", 31)]
    open_now: Annotated[int, said("Tasks that are open now, whenever they were created", 140)]
    tracked_minutes: Annotated[int, said("Whole minutes of finished time on these days", 2_410)]
    tracked_milliseconds: Annotated[int, said("The same, exact", 144_612_345)]


class ProgressAnswer(PeriodTotals):
    """Progress in one row, or in one for each person, list or space; by name."""

    group: Annotated[Of, said("What each row is of", "all")]
    progress: list[Progress]


class Accuracy(Whose):
    """How the time of tasks that were done compares with their estimates."""

    tasks: Annotated[int, said("Tasks that were done then", 9)]
    estimated_minutes: Annotated[int, said("Of those with estimate and time: the estimates", 600)]
    tracked_minutes: Annotated[int, said("Of those with estimate and time: the time", 750)]
    percent: Annotated[int | None, said("The time in percent of the estimates; null without any", 125)]
    over: Annotated[int, said("More than 120 % of their estimate", 2)]
    under: Annotated[int, said("Less than 80 % of it", 1)]
    close: Annotated[int, said("Between the two", 3)]
    without_estimate: Annotated[int, said("Without an estimate", 2)]
    without_time: Annotated[int, said("With an estimate and without time", 1)]


class AccuracyAnswer(PeriodTotals):
    """Accuracy in one row, or in one for each person, list or space; by name."""

    group: Annotated[Of, said("What each row is of", "all")]
    accuracy: list[Accuracy]


class CompletedTask(AssignedTaskSummary):
    """A task that was done."""

    date_created: Instant
    archived: bool


class CompletedTasks(PeriodTotals):
    """One page of them, the latest first."""

    limit: Annotated[int, said("How many were asked for", 100)]
    offset: Annotated[int, said("How many were passed over", 0)]
    total: Annotated[int, said("How many were done in all", 9)]
    tasks: list[CompletedTask]


class StatusCount(BaseModel):
    """How many tasks are in a status."""

    model_config = _STRICT

    status: Annotated[Text, said("Status as named in ClickUp", "in progress")]
    status_type: Annotated[Text, said("open, custom, done or closed", "custom")]
    tasks: Annotated[int, said("Tasks that are not deleted or archived", 31)]
    overdue: Annotated[int, said("Of them: open, and due before today", 4)]


class StatusCounts(AsOf):
    """Statuses, open ones first."""

    count: Annotated[int, said("How many statuses there are", 5)]
    statuses: list[StatusCount]
