"""What an answer about people looks like."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from app.api.task_schemas import Text, said


class Employee(BaseModel):
    """One person of the workspace. Instants are ISO 8601 in the mirror's zone, with the offset."""

    model_config = ConfigDict(extra="forbid")

    id: Annotated[UUID, said("The mirror's own id, which stays the same")]
    workspace_id: Annotated[str, said("ClickUp's workspace in which the person was last listed", "9000003")]
    clickup_user_id: Annotated[str, said("ClickUp's id of the person", "183")]
    name: Annotated[str, said("Name; of who has none yet the e-mail, else the id", "Ada Lovelace")]
    email: Annotated[Text, said("E-mail; null where ClickUp sent none", "ada@example.com")]
    role: Annotated[Text, said("owner, admin, member, guest, or custom (N)", "member")]
    is_active: Annotated[bool, said("False for who is no longer listed")]
    left_at: Annotated[datetime | None, said("When they were first found missing; null while they are here")]
    is_time_hidden: Annotated[bool, said("ClickUp refuses this token the person's time")]
    created_at: Annotated[datetime, said("When the row was first written")]
    updated_at: Annotated[datetime, said("When the row was last written")]


class Employees(BaseModel):
    """People, by name."""

    model_config = ConfigDict(extra="forbid")

    count: Annotated[int, said("How many are in this answer", 42)]
    employees: list[Employee]
