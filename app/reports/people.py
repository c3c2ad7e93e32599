"""Questions about people."""

from collections.abc import Sequence

from app.supabase_db import Database, Row


class PeopleReports:
    """Who is here, who left, and who is meant."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def employees(self, workspace_id: str, active: bool | None = None) -> list[Row]:
        """Everybody, those who are here, or those who left; by name."""
        return await self._database.ask("list_employees", workspace_id=workspace_id, active=active)

    async def find(self, workspace_id: str, names: Sequence[str]) -> dict[str, str]:
        """ClickUp's ids by what people are named by: that id, or `employees.id`; without who is unknown."""
        rows = await self._database.ask("find_people", workspace_id=workspace_id, names=list(names))
        return {row["asked"]: row["clickup_user_id"] for row in rows}
