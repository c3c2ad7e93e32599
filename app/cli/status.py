"""`clickup-sync status`: what the mirror holds and how it is."""

import dataclasses

from app.cli.outcome import run_command, with_logging
from app.cli.output import console, print_json
from app.cli.render import print_status
from app.config import Settings, load_offline_settings
from app.context import open_database
from app.core.errors import InvalidRequest
from app.core.visible_text import visible
from app.reports import Reports, WorkspaceStatus


def show_status(json: bool, workspace_id: str | None) -> None:
    """Of every workspace that the database has, or of one."""
    run_command(_status(json, workspace_id))


async def _status(json: bool, workspace_id: str | None) -> None:
    settings = with_logging(load_offline_settings())
    async with open_database(settings) as database:
        statuses = await _statuses(Reports(database), settings, workspace_id)
    if json:
        print_json([dataclasses.asdict(status) for status in statuses])
    elif statuses:
        print_status(console, statuses, settings.formats)
    else:
        console.print("Nothing is mirrored yet. Run `clickup-sync sync`.")


async def _statuses(reports: Reports, settings: Settings, workspace_id: str | None) -> list[WorkspaceStatus]:
    """Raises InvalidRequest for a workspace that is not mirrored."""
    if workspace_id is None:
        statuses = await reports.get_status()
    else:
        status = await reports.get_status_of(workspace_id)
        if status is None:
            raise await _unknown(reports, workspace_id)
        statuses = [status]
    return [await _with_lateness(reports, settings, status) for status in statuses]


async def _with_lateness(reports: Reports, settings: Settings, status: WorkspaceStatus) -> WorkspaceStatus:
    """Where a worker should keep it in sync, it is also told since when it does not."""
    if status.service is None or not status.service.is_running:
        return status
    problems = await reports.list_problems(status.workspace.workspace_id, settings)
    return dataclasses.replace(status, problems=problems)


async def _unknown(reports: Reports, workspace_id: str) -> InvalidRequest:
    known = [f"{one.workspace_id} ({visible(one.name)})" for one in await reports.list_workspaces()]
    mirrored = f"mirrored: {', '.join(known)}" if known else "run `clickup-sync sync` first"
    return InvalidRequest(f"workspace {visible(workspace_id)} is not mirrored; {mirrored}")
