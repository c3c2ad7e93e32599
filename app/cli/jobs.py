"""`clickup-sync jobs`: what is in the job queue, what failed, and another attempt."""

import dataclasses

from app.cli.outcome import run_command, with_logging
from app.cli.output import console, print_json
from app.cli.render import failed_job_line, job_line
from app.config import load_offline_settings
from app.context import open_database
from app.core.errors import InvalidRequest
from app.jobs.queue import JobQueue
from app.reports.status_rows import COUNT_JOBS, LIST_FAILED_JOBS


def show_jobs(json: bool) -> None:
    """Of every workspace that the database has."""
    run_command(_list(json))


async def _list(json: bool) -> None:
    settings = with_logging(load_offline_settings())
    async with open_database(settings) as database:
        queued = await database.rows(COUNT_JOBS, workspace_id=None)
        failed = await database.rows(LIST_FAILED_JOBS, workspace_id=None)
    if json:
        print_json(
            {
                "queued": [dataclasses.asdict(job) for job in queued],
                "failed": [dataclasses.asdict(job) for job in failed],
            }
        )
        return
    for job in queued:
        console.print(f"Workspace {job.workspace_id}: {job_line(job, settings.formats)}", soft_wrap=True)
    for one in failed:
        console.print(
            f"Workspace {one.workspace_id}: {failed_job_line(one, settings.formats)}",
            soft_wrap=True,
            markup=False,
        )
    if not queued and not failed:
        console.print("No job is waiting, running or failed.")


def retry_jobs(kind: str | None, workspace_id: str | None) -> None:
    """Those that failed, of this kind and workspace where they are given."""
    run_command(_retry(kind, workspace_id))


async def _retry(kind: str | None, workspace_id: str | None) -> None:
    settings = with_logging(load_offline_settings())
    async with open_database(settings) as database:
        jobs = await JobQueue.open(database)
        failed = [
            one
            for one in await database.rows(LIST_FAILED_JOBS, workspace_id=workspace_id)
            if kind in (None, one.kind)
        ]
        if not failed:
            raise InvalidRequest("no such job failed; `clickup-sync jobs list` shows those that did")
        for one in failed:
            await jobs.retry(one.workspace_id, one.kind)
    console.print(
        f"{settings.formats.pluralize(len(failed), 'job')} will be tried again by the next free worker."
    )
