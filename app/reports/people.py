"""Questions about people."""

from app.supabase_db import Database, Row


class PeopleReports:
    """Who is here, and who left."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def employees(self, workspace_id: str, active: bool | None = None) -> list[Row]:
        """Everybody, those who are here, or those who left; by name."""
        return await self._database.ask("list_employees", workspace_id=workspace_id, active=active)
