"""`clickup-sync status`: what the mirror holds and how it is."""

import dataclasses

from app.cli.outcome import run_command, with_logging
from app.cli.output import console, print_json
from app.cli.render import print_status
from app.config import load_offline_settings
from app.context import open_database
from app.reports import Reports


def show_status(json: bool) -> None:
    """Of every workspace that the database has."""
    run_command(_status(json))


async def _status(json: bool) -> None:
    async with open_database(with_logging(load_offline_settings())) as database:
        statuses = await Reports(database).get_status()
    if json:
        print_json([dataclasses.asdict(status) for status in statuses])
    elif statuses:
        print_status(console, statuses)
    else:
        console.print("Nothing is mirrored yet. Run `clickup-sync sync`.")
