"""What answers about people look like."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from app.mcp.answer_schemas import Page, Shape, maybe, said


class FoundPerson(Shape):
    """One person of the workspace."""

    employee_id: Annotated[UUID, said("The mirror's own id, which stays the same; other tools take it")]
    clickup_user_id: Annotated[str, said("ClickUp's id of the person; other tools take it too", "183")]
    name: Annotated[str, said("Name; of who has none yet the e-mail, else the id", "Ada Lovelace")]
    email: Annotated[str | None, maybe("E-mail; left out where ClickUp sent none")] = None
    role: Annotated[str | None, said("owner, admin, member, guest, or custom (N)", "member")]
    is_active: Annotated[bool, said("False for who left the workspace")]
    left_at: Annotated[datetime | None, maybe("When they were first found missing, in `zone`")] = None
    is_time_hidden: Annotated[
        bool, maybe("ClickUp does not show this token the person's time; left out where it does")
    ] = False


class FoundPeople(Page):
    """People whose names fit."""

    people: Annotated[list[FoundPerson], said("By name")]
