"""What a day of each person, and a week of all of them, looks like."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.api.attention_schemas import TaskSummary, TeamLoad
from app.api.day_params import AsOf
from app.api.task_schemas import Instant, Text, said
from app.api.time_schemas import DailySheet, Sheet

_STRICT = ConfigDict(extra="forbid")


class DoneTask(TaskSummary):
    """A task that was done that day."""

    done_at: Annotated[Instant, said("When it was done")]


class Work(BaseModel):
    """Time of one person on one task."""

    model_config = _STRICT

    task: Annotated[TaskSummary | None, said("The task; null for time of no task")]
    minutes: Annotated[int, said("Whole minutes of that day", 125)]
    milliseconds: Annotated[int, said("The same, exact", 7_512_345)]


class RunningWork(Work):
    """A timer that runs; its part of that day, up to now."""

    started_at: Annotated[datetime, said("When it was started")]


class PersonDay(BaseModel):
    """What one person did on a day, and what was due."""

    model_config = _STRICT

    clickup_user_id: Annotated[Text, said("ClickUp's id of the person; null where it sent nobody", "183")]
    employee_id: Annotated[UUID | None, said("The person in `/employees`; null for who is not there")]
    name: Annotated[Text, said("The person's name", "Ada Lovelace")]
    done: Annotated[list[DoneTask], said("The person's tasks that were done that day")]
    worked: Annotated[list[Work], said("Where the finished time of that day went, the most first")]
    minutes: Annotated[int, said("Whole minutes of all of it", 412)]
    milliseconds: Annotated[int, said("The same, exact", 24_732_100)]
    running: Annotated[list[RunningWork], said("Running timers and reach into that day")]
    due: Annotated[list[TaskSummary], said("The person's open tasks that are due that day")]
    waiting_comments: Annotated[int, said("Comments that wait for the person now", 2)]


class Standup(AsOf):
    """A day of each person who has anything to say of it, by name."""

    day: Annotated[date, Field(alias="date", description="Which day", examples=["2026-01-05"])]
    count: Annotated[int, said("How many people there are", 7)]
    people: list[PersonDay]
    teams: Annotated[
        list[TeamLoad],
        said("Teams that comments wait for now, by name; none where only some people are asked for"),
    ]


class Spent(BaseModel):
    """Finished time."""

    model_config = _STRICT

    minutes: Annotated[int, said("Whole minutes", 2_410)]
    milliseconds: Annotated[int, said("The same, exact", 144_612_345)]


class WeekFigures(BaseModel):
    """What came and what was done in a week."""

    model_config = _STRICT

    first: Annotated[date, Field(alias="from", description="Its Monday", examples=["2026-01-05"])]
    last: Annotated[date, Field(alias="to", description="Its Sunday", examples=["2026-01-11"])]
    created: Annotated[int, said("Tasks created then", 12)]
    done: Annotated[int, said("Tasks done then", 9)]
    tracked: Annotated[Spent, said("Finished time, not that of deleted tasks")]


class WeekDigest(AsOf, WeekFigures):
    """A week beside the one before; what is overdue, blocked and waited for is of now."""

    previous: Annotated[WeekFigures, said("The week before")]
    by_person: Annotated[list[DailySheet], said("A sheet for each person with time, by name")]
    by_space: Annotated[list[DailySheet], said("A sheet for each space with time, by name")]
    most_time: Annotated[list[Sheet], said("The ten tasks with the most time")]
    overdue: Annotated[int, said("Open tasks that are overdue now", 31)]
    blocked: Annotated[int, said("Open tasks that wait on open ones now", 4)]
    waiting_comments: Annotated[int, said("Comments that wait for somebody now", 12)]
