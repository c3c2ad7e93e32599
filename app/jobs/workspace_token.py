"""The token of a command: CLICKUP_API_TOKEN, or the stored one of a connected workspace."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.adapters.token_budget import TokenBudgets
from app.clickup import ClickUp
from app.config import Settings
from app.context import Context, open_database, resolve_database_url
from app.core.errors import SettingsError
from app.core.visible_text import visible
from app.jobs.connection_changes import with_token
from app.jobs.connections import Connection, list_connections
from app.sql.connection import check_connection
from app.supabase_db import Database

NO_WORKSPACE = (
    "CLICKUP_API_TOKEN is not set, and no workspace is connected: set it (ClickUp, Settings, Apps), or run "
    "`clickup-sync workspaces add`"
)


@asynccontextmanager
async def open_workspace(settings: Settings) -> AsyncIterator[Context]:
    """ClickUp and the database, migrated, for the workspace of these settings. Raises as below."""
    refuse_without_token(settings)
    async with open_database(settings) as database:
        known = await with_workspace_token(database, settings)
        async with TokenBudgets.open(known, database) as budgets, ClickUp.open(known, budgets) as clickup:
            yield Context(known, clickup, database)


async def with_workspace_token(database: Database, settings: Settings) -> Settings:
    """The settings; without CLICKUP_API_TOKEN those of the workspace that `CLICKUP_TEAM_ID` names, or of the
    only one with a token.

    Raises SettingsError, which says what to do, where there is none or several.
    """
    if settings.clickup_api_token:
        return settings
    connections = await list_connections(database, settings)
    return of_connection(settings, _choose(connections, settings.clickup_team_id))


def of_connection(settings: Settings, connection: Connection) -> Settings:
    """The settings for a client of this workspace. Raises SettingsError where its token cannot be used."""
    if connection.token is None:
        raise SettingsError(f"workspace {_title(connection)}: {connection.error}")
    return with_token(settings, connection.token).model_copy(
        update={"clickup_team_id": connection.workspace_id}
    )


async def require_workspace(settings: Settings) -> None:
    """Raises SettingsError where there is nothing to sync, and no app with which one could be connected."""
    if settings.clickup_api_token or settings.clickup_client_id:
        return
    refuse_without_token(settings)
    async with open_database(settings) as database:
        if not await list_connections(database, settings):
            raise SettingsError(NO_WORKSPACE)


async def list_tokens(settings: Settings) -> list[Settings]:
    """The settings for a client of each workspace that is synced; the database is not migrated.

    Those of CLICKUP_API_TOKEN alone where it is set. Raises SettingsError where there is no workspace.
    """
    if settings.clickup_api_token:
        return [settings]
    refuse_without_token(settings)
    url = await resolve_database_url(settings)
    await check_connection(url)
    async with Database.open(url, settings.schemas, connections=2) as database:
        found = [one for one in await list_connections(database, settings) if one.state == "active"]
    wanted = settings.clickup_team_id
    if wanted or not found:
        found = [_choose(found, wanted)]
    return [of_connection(settings, one) for one in found if one.token]


def refuse_without_token(settings: Settings) -> None:
    """Raises SettingsError where the bundled server would be started only to find that nothing is there."""
    if settings.clickup_api_token or settings.database_url:
        return
    # It loads what starts that server, which nobody else needs.
    from app.sql.embedded.folder import has_data  # noqa: PLC0415

    if not has_data(settings.data_dir):
        raise SettingsError(NO_WORKSPACE)


def _choose(connections: list[Connection], wanted: str | None) -> Connection:
    listed = ", ".join(map(_title, connections))
    if not connections:
        raise SettingsError(NO_WORKSPACE)
    if wanted:
        found = next((one for one in connections if one.workspace_id == wanted), None)
        if found is None:
            raise SettingsError(f"workspace {wanted} (CLICKUP_TEAM_ID) is not connected. Connected: {listed}")
        return found
    usable = [one for one in connections if one.token] or connections
    if len(usable) > 1:
        raise SettingsError(f"several workspaces are connected: set CLICKUP_TEAM_ID to one of {listed}")
    return usable[0]


def _title(connection: Connection) -> str:
    return visible(f"{connection.workspace_id} ({connection.name})")
