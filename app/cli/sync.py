"""`clickup-sync sync` and `employees`: one sync, watched."""

import dataclasses
from collections.abc import Mapping

from rich.table import Table
from rich.text import Text

from app.cli.outcome import run_command, with_logging
from app.cli.output import console, errors, print_json
from app.cli.progress import ProgressBars
from app.config import load_settings
from app.core.answers.formats import Formats
from app.core.sync.run_kind import RequestableKind
from app.core.visible_text import visible
from app.jobs.requests import SyncRequest
from app.jobs.runner import sync_workspace
from app.jobs.workspace_token import open_workspace
from app.sync import RunReport, find_workspace_id


def sync_mirror(kind: RequestableKind, json: bool, max_deleted_percent: int | None = None) -> None:
    """Makes the sync, or has the service make it, and shows how it ended."""
    run_command(_sync(kind, json, max_deleted_percent))


async def _sync(kind: RequestableKind, json: bool, max_deleted_percent: int | None) -> None:
    settings = with_logging(load_settings())
    async with open_workspace(settings) as context:
        request = SyncRequest(await find_workspace_id(context), kind, "cli", max_deleted_percent)
        with ProgressBars(errors, settings.formats) as progress:
            report = await sync_workspace(context, request, progress)
    if json:
        # A command does its sync to the end.
        told = dataclasses.asdict(report)
        del told["finished"]
        print_json(told)
    else:
        print_report(report, settings.formats)


def print_report(report: RunReport, formats: Formats) -> None:
    """What one sync did."""
    console.print(
        Text("Done", style="green")
        + f" in {formats.number(report.seconds, 1)} s: {formats.number(report.requests)} requests, "
        f"{formats.number(report.rows_written)} rows written."
    )
    counts = {name: count for name, count in report.counts.items() if count}
    if counts:
        console.print()
        console.print(run_table(counts, formats))
    for note in report.notes:
        console.print(Text(f"! {visible(formats.sentence(note))}", style="yellow"), soft_wrap=True)


def run_table(counts: Mapping[str, int], formats: Formats) -> Table:
    """What one sync read and wrote, by name."""
    table = Table(show_edge=False, pad_edge=False, header_style="bold")
    table.add_column("This sync")
    table.add_column("", justify="right")
    for name, count in sorted(counts.items()):
        table.add_row(name, formats.number(count))
    return table
