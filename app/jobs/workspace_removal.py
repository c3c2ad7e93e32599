"""Removing a workspace: syncing ends, our webhooks at ClickUp go, and its data stays or is erased.

A job does it, in portions, each a transaction of its own, after the workspace's other jobs have ended. The
connection is marked as `removing` first and deleted last, so another job goes on where one was stopped.
"""

import asyncio
import time
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

import structlog

from app.clickup import ClickUp
from app.config import Settings
from app.context import Context
from app.core.errors import ClickUpError, InvalidRequest
from app.core.sync.progress import Progress
from app.jobs.connection_changes import with_token
from app.jobs.connections import Connection, get_connection, list_connections, not_connected
from app.jobs.kinds import REMOVALS, Job
from app.jobs.queue import JobQueue
from app.jobs.requests import command_queue
from app.jobs.webhook_registration import remove_webhook
from app.supabase_db import Database

log = structlog.get_logger()

_PORTION = 5_000
_TIME_LIMIT_SECONDS = 90.0
# Until every worker has heard that the workspace is not synced any more.
_SETTLE_SECONDS = 3.0
_WAITING, _DELETING = "waiting for its other jobs", "deleting rows"
_LOOK_SECONDS = 0.25
# Until the next part, so that what it waits for can end.
PAUSE = timedelta(seconds=1)
Data = Literal["keep", "erase"]


@dataclass(frozen=True, slots=True)
class Removal:
    """What was removed. `webhooks_left`: those that ClickUp still has, each with the reason."""

    is_finished: bool
    rows_deleted: int = 0
    webhooks_left: tuple[str, ...] = ()


async def begin_removal(
    jobs: JobQueue,
    settings: Settings,
    workspace_id: str,
    *,
    data: Data,
    queue: str | None = None,
) -> None:
    """From here on nobody syncs the workspace; whoever is writing it now is refused, and a job removes it.

    Asked again, it does what was asked for last. `queue`: of the job, instead of that of its kind. Raises
    NotConnected, and InvalidRequest for the workspace of CLICKUP_API_TOKEN while that is set.
    """
    _refuse_environment(await get_connection(jobs.database, settings, workspace_id))
    async with jobs.database.transaction() as tx:
        if not await tx.fetch("begin_removal", workspace_id=workspace_id):
            raise not_connected(workspace_id)
        await tx.note("revoke_runs", workspace_id=workspace_id)
        await tx.note("delete_waiting_jobs", workspace_id=workspace_id, but=[])
        await tx.note("delete_schedules", workspace_ids=[workspace_id])
        await tx.note("delete_failed_jobs", workspace_id=workspace_id)
        await jobs.defer(
            Job("erase" if data == "erase" else "disconnect", workspace_id, "api"), queue=queue, tx=tx
        )


async def continue_removal(jobs: JobQueue, settings: Settings, job: Job, progress: Progress) -> Removal:
    """A part of a removal that was begun; where it is not finished another job goes on, after a PAUSE."""
    database, workspace_id = jobs.database, job.workspace_id
    known = {one.workspace_id: one for one in await list_connections(database, settings)}
    connection = known.get(workspace_id)
    if connection is None or connection.state != "removing":
        return Removal(True)
    await database.note("delete_waiting_jobs", workspace_id=workspace_id, but=list(REMOVALS))
    if await database.ask(
        "list_reasons_to_wait", workspace_id=workspace_id, removals=list(REMOVALS), seconds=_SETTLE_SECONDS
    ):
        progress.begin(_WAITING, None)
        return Removal(False)
    left = await _remove_webhooks(database, settings, connection)
    is_erased, rows = True, 0
    if job.kind == "erase":
        is_erased, rows = await _erase(database, workspace_id, progress)
    if not is_erased:
        return Removal(False, rows)
    await database.note("delete_schedules", workspace_ids=[workspace_id])
    await database.note("delete_failed_jobs", workspace_id=workspace_id)
    await database.note("delete_connection", workspace_id=workspace_id)
    log.info("workspace.removed", workspace_id=workspace_id, rows_deleted=rows, webhooks_left=left)
    return Removal(True, rows, tuple(left))


async def remove_workspace(
    database: Database, settings: Settings, workspace_id: str, *, data: Data, progress: Progress
) -> Removal:
    """Removes a workspace in this process; returns when it is gone. Raises what hindered it.

    A worker goes on with it where this is stopped.
    """
    queue, parts, faults = command_queue(), list[Removal](), list[Exception]()

    async def execute(job: Job) -> None:
        try:
            parts.append(await continue_removal(jobs, settings, job, progress))
        except Exception as error:
            faults.append(error)
            raise
        if not parts[-1].is_finished:
            await jobs.defer(replace(job, attempt=1), queue=queue, after=PAUSE)

    jobs = await JobQueue.open(database, execute)
    await begin_removal(jobs, settings, workspace_id, data=data, queue=queue)
    try:
        while workspace_id in {one.workspace_id for one in await list_connections(database, settings)}:
            await jobs.rescue()
            await jobs.work_off(queue)
            if faults:
                raise faults[0]
            await asyncio.sleep(_LOOK_SECONDS)
    finally:
        await jobs.return_waiting(queue)
    left = tuple(one for part in parts for one in part.webhooks_left)
    return Removal(True, sum(part.rows_deleted for part in parts), left)


def _refuse_environment(connection: Connection) -> None:
    """While the setting is there, the next sync would connect the workspace again."""
    if connection.token_kind == "environment" and connection.token:
        raise InvalidRequest(
            f"workspace {connection.workspace_id} is read with CLICKUP_API_TOKEN: take that out of the "
            f"settings of every process first, or pause the workspace"
        )


async def _remove_webhooks(database: Database, settings: Settings, connection: Connection) -> list[str]:
    """Removes ours at ClickUp; those that it still has, and why."""
    rows = await database.ask("list_own_webhooks", workspace_id=connection.workspace_id)
    webhook_ids = [row["webhook_id"] for row in rows]
    if not webhook_ids:
        return []
    if connection.token is None:
        return [f"{webhook_id}: {connection.error}" for webhook_id in webhook_ids]
    left = list[str]()
    async with ClickUp.open(with_token(settings, connection.token)) as clickup:
        context = Context(settings, clickup, database)
        for webhook_id in webhook_ids:
            try:
                await remove_webhook(context, webhook_id)
            except ClickUpError as error:
                left.append(f"{webhook_id}: {error.reason}")
    return left


async def _erase(database: Database, workspace_id: str, progress: Progress) -> tuple[bool, int]:
    """Deletes every row of the workspace, in portions: whether all of it, and how many."""
    statements = await database.ask("list_erasing_statements", workspace_id=workspace_id, limit=_PORTION)
    until, total = time.monotonic() + _TIME_LIMIT_SECONDS, 0
    progress.begin(_DELETING, None)
    for row in statements:
        while deleted := await _run_portion(database, row["statement"]):
            total += deleted
            progress.advance(_DELETING, deleted)
            if time.monotonic() > until:
                return False, total
            if deleted < _PORTION:
                break
    async with database.transaction() as tx:
        await tx.fetch("mark_writer")
        total += await tx.note("delete_people_without_membership", workspace_id=workspace_id)
        await tx.note("refresh_employees", workspace_id=workspace_id)
        total += await tx.note("settle_person_versions", workspace_id=workspace_id)
    return True, total


async def _run_portion(database: Database, statement: str) -> int:
    async with database.transaction() as tx:
        await tx.fetch("mark_writer")
        return await tx.run_made(statement)
