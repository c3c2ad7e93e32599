"""Questions about people."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from app.core.answers.fields import RowCreated, RowUpdated, Written, said
from app.sql.typed_rows import Query
from app.supabase_db import AskedDatabase


@dataclass(frozen=True, slots=True)
class Employee:
    """One person of the workspace."""

    id: Annotated[UUID, said("The mirror's own id, which stays the same")]
    workspace_id: Annotated[str, said("ClickUp's workspace in which the person was last listed", "9000003")]
    clickup_user_id: Annotated[str, said("ClickUp's id of the person", "183")]
    name: Annotated[
        str, Written.LINE, said("Name; of who has none yet the e-mail, else the id", "Ada Lovelace")
    ]
    email: Annotated[str | None, said("E-mail; null where ClickUp sent none", "ada@example.com")]
    role: Annotated[str | None, said("owner, admin, member, guest, or custom (N)", "member")]
    is_active: Annotated[bool, said("False for who is no longer listed")]
    left_at: Annotated[datetime | None, said("When they were first found missing; null while they are here")]
    is_time_hidden: Annotated[bool, said("ClickUp refuses this token the person's time")]
    created_at: RowCreated
    updated_at: RowUpdated


LIST_EMPLOYEES = Query("list_employees", Employee)


class PeopleReports:
    """Who is here, and who left."""

    def __init__(self, database: AskedDatabase) -> None:
        self._database = database

    async def employees(self, workspace_id: str, active: bool | None = None) -> list[Employee]:
        """Everybody, those who are here, or those who left; by name."""
        return await self._database.rows(LIST_EMPLOYEES, workspace_id=workspace_id, active=active)
