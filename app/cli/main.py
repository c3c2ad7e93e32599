"""The commands. Each opens what it needs, asks one thing of the engine, and shows the answer.

What serves is loaded by the command that serves: it takes as long to load as all the rest.
"""

import dataclasses
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from app.asked_sync import Wish, sync_workspace
from app.cli.mcp import app as mcp_app
from app.cli.options import Json, heeded, print_json
from app.cli.outcome import FAILED, WRONG_USAGE, complain, errors, finish
from app.cli.progress import ProgressBars
from app.cli.render import print_finding, print_report, print_status
from app.cli.webhooks import app as webhooks_app
from app.config import load_offline_settings, load_settings
from app.context import open_context, open_database, resolve_database_url
from app.core.errors import SettingsError
from app.doctor import examine, is_well
from app.embedded import start_embedded_server, stop_embedded_server
from app.migrations import migrate as apply_migrations
from app.reports import Reports
from app.run import Kind
from app.sync import find_workspace_id

app = typer.Typer(
    name="clickup-sync",
    help="Keeps a company's ClickUp in its own PostgreSQL.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
app.add_typer(webhooks_app, name="webhooks")
app.add_typer(mcp_app, name="mcp")
console = Console(highlight=False)


def main() -> None:
    """The console script."""
    app(prog_name="clickup-sync")


@app.command()
def sync(
    full: Annotated[bool, typer.Option("--full", help="Everything that listings show, compared.")] = False,
    deep: Annotated[
        bool, typer.Option("--deep", help="And every task's comments and sessions, read again.")
    ] = False,
    max_deleted_percent: Annotated[
        int | None, typer.Option(min=0, max=100, help="For this run: how many tasks may be found deleted.")
    ] = None,
    json: Json = False,
) -> None:
    """Bring the mirror up to date: what changed since the last sync; the first time everything."""
    kind: Kind = "deep" if deep else "full" if full else "changes"
    finish(_sync(kind, json, max_deleted_percent))


@app.command()
def employees(json: Json = False) -> None:
    """Bring only the workspace's people up to date."""
    finish(_sync("employees", json, None))


async def _sync(kind: Kind, json: bool, max_deleted_percent: int | None) -> None:
    settings = heeded(load_settings())
    async with open_context(settings) as context:
        wish = Wish(await find_workspace_id(context), kind, "cli", max_deleted_percent)
        with ProgressBars(errors) as progress:
            report = await sync_workspace(context, wish, progress)
    if json:
        print_json(dataclasses.asdict(report))
    else:
        print_report(console, report)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="The address to serve on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="The port to serve on.")] = 8000,
) -> None:
    """Keep the mirror level by itself: by the clock, by webhooks, and by reading again what is old."""
    from app.cli.serve import serve_mirror  # noqa: PLC0415

    try:
        serve_mirror(console, host, port)
    except SettingsError as error:
        complain("Wrong settings", error, WRONG_USAGE)


@app.command()
def migrate() -> None:
    """Bring the database to this version's schema (a sync does so by itself)."""
    finish(_migrate())


async def _migrate() -> None:
    settings = heeded(load_offline_settings())
    applied = apply_migrations(await resolve_database_url(settings))
    console.print(f"Applied: {', '.join(applied)}." if applied else "The schema is up to date.")


@app.command()
def status(json: Json = False) -> None:
    """Show what the mirror holds, how fresh it is, the last runs, and what was skipped."""
    finish(_status(json))


async def _status(json: bool) -> None:
    async with open_database(heeded(load_offline_settings())) as database:
        statuses = await Reports(database).get_status()
    if json:
        print_json([dataclasses.asdict(status) for status in statuses])
    elif statuses:
        print_status(console, statuses)
    else:
        console.print("Nothing is mirrored yet. Run `clickup-sync sync`.")


@app.command()
def doctor(json: Json = False) -> None:
    """Check token, role, plan, clock, database and permissions; each line says what to do."""
    finish(_doctor(json))


async def _doctor(json: bool) -> None:
    findings = []
    async for finding in examine(heeded(load_settings())):
        findings.append(finding)
        if not json:
            print_finding(console, finding)
    if json:
        print_json([dataclasses.asdict(finding) for finding in findings])
    if not is_well(findings):
        raise typer.Exit(FAILED)


@app.command()
def database(
    stop: Annotated[bool, typer.Option("--stop", help="Stop the embedded server.")] = False,
    data_dir: Annotated[Path | None, typer.Option(help="Its data folder (default: DATA_DIR).")] = None,
) -> None:
    """Start the PostgreSQL that comes along and print the psql line to look at it; or stop it."""
    finish(_database(stop, data_dir))


async def _database(stop: bool, data_dir: Path | None) -> None:
    folder = data_dir or load_offline_settings().data_dir
    if stop:
        console.print("Stopped." if stop_embedded_server(folder) else f"There is no server under {folder}.")
    else:
        console.print(start_embedded_server(folder).psql_line, soft_wrap=True)


@app.command()
def simulator(
    port: Annotated[int, typer.Option(help="0 takes a free one.")] = 8100,
    host: Annotated[str, typer.Option(help="The address to serve on.")] = "127.0.0.1",
    tasks: Annotated[int, typer.Option(min=0, help="Size of the simulated workspace.")] = 300,
    seed: Annotated[int, typer.Option(help="The same seed makes the same workspace.")] = 1,
    latency_ms: Annotated[int, typer.Option(min=0, help="How long each answer takes.")] = 0,
    rate_limit: Annotated[int, typer.Option(min=1, help="Requests a minute and token.")] = 100,
    live: Annotated[float, typer.Option(min=0, help="Seconds between random changes; 0: none.")] = 0,
) -> None:
    """Serve the simulated ClickUp alone."""
    from app.cli.simulate import serve_simulator  # noqa: PLC0415

    serve_simulator(host, port, tasks, seed, latency_ms, rate_limit, live)


@app.command()
def demo(
    tasks: Annotated[int, typer.Option(min=1, help="Size of the simulated workspace.")] = 600,
    data_dir: Annotated[Path, typer.Option(help="The demo's own data folder.")] = Path("demo-data"),
    once: Annotated[
        bool, typer.Option("--once", help="End then; without a terminal it does so anyway.")
    ] = False,
) -> None:
    """Fill a real PostgreSQL from a simulated ClickUp, look at what arrived, and watch it on the page."""
    from app.cli.demo import play_demo  # noqa: PLC0415

    play_demo(console, tasks, data_dir, stays=not once and sys.stdout.isatty())
