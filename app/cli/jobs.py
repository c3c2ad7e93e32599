"""`clickup-sync jobs`: what is in the job queue, what failed, and another attempt."""

import dataclasses

from app.cli.outcome import run_command, with_logging
from app.cli.output import console, print_json
from app.cli.render import failed_job_line, job_line
from app.config import load_offline_settings
from app.context import open_database
from app.core.errors import InvalidRequest
from app.core.visible_text import visible
from app.jobs.kinds import KINDS
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
    if kind is not None and kind not in KINDS:
        raise InvalidRequest(f"there is no kind of job {visible(kind)}; kinds: {', '.join(KINDS)}")
    settings = with_logging(load_offline_settings())
    async with open_database(settings) as database:
        jobs = await JobQueue.open(database)
        failed = await database.rows(LIST_FAILED_JOBS, workspace_id=workspace_id)
        wanted = [one for one in failed if kind in (None, one.kind)]
        for one in wanted:
            await jobs.retry(one.workspace_id, one.kind)
    if wanted:
        console.print(
            f"{settings.formats.pluralize(len(wanted), 'job')} will be tried again by the next free worker."
        )
    else:
        console.print(_nothing_failed(kind, sorted({one.kind for one in failed})))


def _nothing_failed(kind: str | None, others: list[str]) -> str:
    if not others:
        return "No job failed."
    return f"No job of kind {kind} failed. Jobs of these kinds failed: {', '.join(others)}."
