"""Removing a workspace: syncing ends, our webhooks at ClickUp go, and its data stays or is erased.

Erasing works in portions, each a transaction of its own. The connection is marked as `removing` first and
deleted last, so whoever is stopped in between begins again and goes on.
"""

from dataclasses import dataclass

import structlog

from app.clickup import ClickUp
from app.config import Settings
from app.context import Context
from app.core.errors import ClickUpError, InvalidRequest, SyncError
from app.jobs.connection_changes import with_token
from app.jobs.connections import Connection, get_connection, not_connected
from app.jobs.webhook_registration import remove_webhook
from app.supabase_db import Database

log = structlog.get_logger()

_PORTION = 5_000


@dataclass(frozen=True, slots=True)
class Removal:
    """What was removed. `webhooks_left`: those that ClickUp still has, each with the reason."""

    workspace_id: str
    rows_deleted: int
    webhooks_removed: int
    webhooks_left: tuple[str, ...]


async def remove_workspace(
    database: Database, settings: Settings, workspace_id: str, *, erases: bool
) -> Removal:
    """Removes a workspace with all its data (`erases`), or keeps what was mirrored.

    Raises NotConnected, and InvalidRequest for the workspace of CLICKUP_API_TOKEN while that is set.
    """
    await begin_removal(database, settings, workspace_id)
    return await finish_removal(database, settings, workspace_id, erases=erases)


async def begin_removal(database: Database, settings: Settings, workspace_id: str) -> None:
    """From here on nobody syncs the workspace; whoever is writing it now is refused. Raises as above."""
    _refuse_environment(await get_connection(database, settings, workspace_id))
    async with database.transaction() as tx:
        if not await tx.fetch("begin_removal", workspace_id=workspace_id):
            raise not_connected(workspace_id)
        await tx.note("revoke_runs", workspace_id=workspace_id)
        await tx.note("delete_waiting_jobs", workspace_id=workspace_id)
        await tx.note("delete_schedules", workspace_ids=[workspace_id])
        await tx.note("delete_failed_jobs", workspace_id=workspace_id)


async def finish_later(database: Database, settings: Settings, workspace_id: str, *, erases: bool) -> None:
    """The rest of a removal for whom nobody waits: what ends it is logged, and it may be begun again."""
    try:
        await finish_removal(database, settings, workspace_id, erases=erases)
    except SyncError as error:
        log.warning("workspace.removal_failed", workspace_id=workspace_id, error=str(error))


async def finish_removal(
    database: Database, settings: Settings, workspace_id: str, *, erases: bool
) -> Removal:
    """The rest of a removal that was begun; may be repeated. Raises NotConnected."""
    connection = await get_connection(database, settings, workspace_id)
    removed, left = await _remove_webhooks(database, settings, connection)
    rows = await _erase(database, workspace_id) if erases else 0
    await database.note("delete_connection", workspace_id=workspace_id)
    log.info("workspace.removed", workspace_id=workspace_id, rows_deleted=rows, webhooks_left=list(left))
    return Removal(workspace_id, rows, removed, tuple(left))


def _refuse_environment(connection: Connection) -> None:
    """While the setting is there, the next sync would connect the workspace again."""
    if connection.token_kind == "environment" and connection.token:
        raise InvalidRequest(
            f"workspace {connection.workspace_id} is read with CLICKUP_API_TOKEN: take that out of the "
            f"settings of every process first, or pause the workspace"
        )


async def _remove_webhooks(
    database: Database, settings: Settings, connection: Connection
) -> tuple[int, list[str]]:
    """How many of ours are gone at ClickUp, and why others are not."""
    rows = await database.ask("list_own_webhooks", workspace_id=connection.workspace_id)
    webhook_ids = [row["webhook_id"] for row in rows]
    if not webhook_ids:
        return 0, []
    if connection.token is None:
        return 0, [f"{webhook_id}: {connection.error}" for webhook_id in webhook_ids]
    left = list[str]()
    async with ClickUp.open(with_token(settings, connection.token)) as clickup:
        context = Context(settings, clickup, database)
        for webhook_id in webhook_ids:
            try:
                await remove_webhook(context, webhook_id)
            except ClickUpError as error:
                left.append(f"{webhook_id}: {error.reason}")
    return len(webhook_ids) - len(left), left


async def _erase(database: Database, workspace_id: str) -> int:
    """Deletes every row of the workspace, in portions; how many."""
    statements = await database.ask("list_erasing_statements", workspace_id=workspace_id, limit=_PORTION)
    total = 0
    for row in statements:
        while deleted := await _run_portion(database, row["statement"]):
            total += deleted
            if deleted < _PORTION:
                break
    async with database.transaction() as tx:
        await tx.fetch("mark_writer")
        total += await tx.note("delete_people_without_membership", workspace_id=workspace_id)
        await tx.note("refresh_employees", workspace_id=workspace_id)
    return total


async def _run_portion(database: Database, statement: str) -> int:
    async with database.transaction() as tx:
        await tx.fetch("mark_writer")
        return await tx.run_made(statement)
