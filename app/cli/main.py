"""The commands and their options. What a command does is in a module of its own, loaded when it is called.

Together they take several times as long to load as any of them.
"""

import gc
import sys
from pathlib import Path
from typing import Annotated

import typer

from app.adapters.redaction import redact_standard_streams
from app.cli.access import keys, links, sessions
from app.cli.mcp import app as mcp_app
from app.cli.options import Json
from app.cli.workspaces import workspaces
from app.jobs.queues import Queue

app = typer.Typer(
    name="clickup-sync",
    help="Keeps a company's ClickUp in its own PostgreSQL.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
webhooks = typer.Typer(help="List, register or remove webhooks.", no_args_is_help=True)
jobs = typer.Typer(help="Show the job queue; try failed jobs again.", no_args_is_help=True)
secret_key = typer.Typer(help="Change the key that encrypts secrets in the database.", no_args_is_help=True)
app.add_typer(webhooks, name="webhooks")
app.add_typer(jobs, name="jobs")
app.add_typer(workspaces, name="workspaces")
app.add_typer(keys, name="keys")
app.add_typer(sessions, name="sessions")
app.add_typer(links, name="links")
app.add_typer(secret_key, name="secret-key")
app.add_typer(mcp_app, name="mcp")


def main() -> None:
    """The console script."""
    redact_standard_streams()
    # Loading makes many objects and no garbage: looking for some took a tenth of it (measured).
    gc.set_threshold(20_000, 20, 20)
    try:
        app(prog_name="clickup-sync")
    except Exception as error:
        sys.stderr.write(_shown_traceback(error))
        raise SystemExit(1) from None


def _shown_traceback(error: Exception) -> str:
    """That of an error that nobody foresaw; its text may come from ClickUp."""
    from traceback import format_exception

    from app.core.visible_text import visible_lines

    return visible_lines("".join(format_exception(error)))


@app.command()
def sync(
    full: Annotated[
        bool, typer.Option("--full", help="Full sync: compare everything that ClickUp's listings show.")
    ] = False,
    deep: Annotated[
        bool, typer.Option("--deep", help="Full sync, plus all comments and time entries.")
    ] = False,
    max_deleted_percent: Annotated[
        int | None,
        typer.Option(min=0, max=100, help="Percent of the tasks that this run may mark as deleted."),
    ] = None,
    json: Json = False,
) -> None:
    """Update the mirror: read what changed since the last sync; the first time everything."""
    from app.cli.sync import sync_mirror

    sync_mirror("deep" if deep else "full" if full else "incremental", json, max_deleted_percent)


@app.command()
def employees(json: Json = False) -> None:
    """Update only the people of the workspace."""
    from app.cli.sync import sync_mirror

    sync_mirror("employees", json)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="Port to listen on.")] = 8000,
    worker: Annotated[
        bool, typer.Option("--worker/--no-worker", help="Also sync; without it, `clickup-sync worker` does.")
    ] = True,
) -> None:
    """Run the service: sync continuously, and serve the API and the page."""
    from app.cli.serve import serve_mirror

    serve_mirror(host, port, worker=worker)


@app.command()
def worker(
    concurrency: Annotated[
        int, typer.Option(min=1, max=100, help="Jobs at a time; half as many of them may be long ones.")
    ] = 8,
    queues: Annotated[
        list[Queue] | None, typer.Option(help="Only jobs of these queues; may be given several times.")
    ] = None,
    until_stdin_closes: Annotated[
        bool, typer.Option("--until-stdin-closes", hidden=True, help="End when standard input does.")
    ] = False,
) -> None:
    """Sync: does jobs and defers due ones. Any number of workers may run, on any number of machines."""
    from app.cli.worker import run_worker
    from app.jobs.worker import WorkerOptions

    options = WorkerOptions(concurrency, queues or tuple(Queue))
    run_worker(options, until_stdin_closes=until_stdin_closes)


@app.command()
def migrate() -> None:
    """Update the database schema (a sync does this too)."""
    from app.cli.database import migrate_database

    migrate_database()


@app.command()
def status(
    workspace: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Only this workspace, by ClickUp's id (default: each)."),
    ] = None,
    json: Json = False,
) -> None:
    """Show what the mirror contains, how fresh it is, the last runs, and skipped objects."""
    from app.cli.status import show_status

    show_status(json, workspace)


@app.command()
def doctor(json: Json = False) -> None:
    """Check token, role, plan, clock, database and permissions, and say how to fix problems."""
    from app.cli.doctor import show_findings

    show_findings(json)


@app.command()
def database(
    stop: Annotated[bool, typer.Option("--stop", help="Stop the bundled server.")] = False,
    data_dir: Annotated[
        Path | None, typer.Option(help="Data folder of the server (default: DATA_DIR).")
    ] = None,
) -> None:
    """Start the bundled PostgreSQL and print its psql command; or stop it."""
    from app.cli.database import start_or_stop_server

    start_or_stop_server(stop, data_dir)


@app.command("grant-reader")
def grant_reader(
    role: Annotated[str, typer.Argument(help="The database role, for example of a dashboard.")],
    create: Annotated[bool, typer.Option("--create", help="Create the role if it does not exist.")] = False,
    revoke: Annotated[bool, typer.Option("--revoke", help="Remove all its rights on the mirror.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the SQL without running it.")] = False,
) -> None:
    """Give a database role read access to the mirror, without secrets and internal tables."""
    from app.cli.grant_reader import change_rights

    change_rights(role, create=create, revoke=revoke, dry_run=dry_run)


@app.command()
def simulator(
    port: Annotated[int, typer.Option(help="Port to listen on; 0: any free port.")] = 8100,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    tasks: Annotated[int, typer.Option(min=0, help="Number of tasks in the simulated workspace.")] = 300,
    seed: Annotated[int, typer.Option(help="The same seed creates the same workspace.")] = 1,
    latency_ms: Annotated[int, typer.Option(min=0, help="Delay of each answer, in milliseconds.")] = 0,
    rate_limit: Annotated[int, typer.Option(min=1, help="Requests a minute for each token.")] = 100,
    live: Annotated[
        float, typer.Option(min=0, help="Seconds between random changes in each workspace; 0: no changes.")
    ] = 0,
    workspaces: Annotated[
        int, typer.Option(min=1, max=10_000, help="Number of workspaces, each with its own token.")
    ] = 1,
    shared_people: Annotated[
        int, typer.Option(min=0, help="Members that each pair of workspaces has in common.")
    ] = 0,
) -> None:
    """Run the simulated ClickUp."""
    from app.cli.simulate import serve_simulator

    serve_simulator(
        host,
        port,
        tasks,
        seed,
        latency_ms,
        rate_limit,
        live,
        workspaces=workspaces,
        shared_people=shared_people,
    )


@app.command()
def demo(
    tasks: Annotated[int, typer.Option(min=1, help="Number of tasks in the simulated workspace.")] = 600,
    data_dir: Annotated[Path, typer.Option(help="Data folder of the demo.")] = Path("demo-data"),
    once: Annotated[
        bool, typer.Option("--once", help="Exit after the first sync (the default without a terminal).")
    ] = False,
    workspaces: Annotated[int, typer.Option(min=1, max=100, help="Number of simulated workspaces.")] = 1,
) -> None:
    """Fill a PostgreSQL from the simulated ClickUp and show the page."""
    from app.cli.demo import play_demo

    play_demo(tasks, data_dir, workspaces, stays=not once and sys.stdout.isatty())


@webhooks.command("list")
def list_webhooks(json: Json = False) -> None:
    """Show the webhooks of the token's user, and which of them this mirror registered."""
    from app.cli.webhooks import show_webhooks

    show_webhooks(json)


@webhooks.command()
def register(
    public_url: Annotated[
        str | None, typer.Option(help="Address where ClickUp reaches this machine (default: PUBLIC_URL).")
    ] = None,
) -> None:
    """Register a webhook for PUBLIC_URL, or repair it; the service does this too."""
    from app.cli.webhooks import register_webhook

    register_webhook(public_url)


@webhooks.command()
def remove(
    webhook_id: Annotated[
        str | None, typer.Argument(help="Id of the webhook (default: all that this mirror registered).")
    ] = None,
) -> None:
    """Remove a webhook; a service with PUBLIC_URL set registers its own again."""
    from app.cli.webhooks import remove_webhooks

    remove_webhooks(webhook_id)


@jobs.command("list")
def list_jobs(json: Json = False) -> None:
    """Show jobs that wait, run or failed, and why."""
    from app.cli.jobs import show_jobs

    show_jobs(json)


@jobs.command("retry")
def retry(
    kind: Annotated[str | None, typer.Argument(help="Kind of the failed jobs (default: all kinds).")] = None,
    workspace_id: Annotated[
        str | None, typer.Option("--workspace", metavar="ID", help="Of this workspace only.")
    ] = None,
) -> None:
    """Try failed jobs again now."""
    from app.cli.jobs import retry_jobs

    retry_jobs(kind, workspace_id)


@secret_key.command()
def rotate() -> None:
    """Encrypt every secret in the database with a new key, or with the first one of SECRET_KEY=NEW,OLD."""
    from app.cli.secret_key import rotate_secret_key

    rotate_secret_key()
