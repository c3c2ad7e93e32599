"""`clickup-sync grant-reader`: a role of the database that reads what is mirrored and nothing else."""

import asyncio

import typer

from app.cli.outcome import run_command, with_logging
from app.cli.output import console
from app.config import load_offline_settings
from app.context import resolve_database_url
from app.core.errors import DatabaseRefused, SettingsError
from app.core.schemas import plain
from app.sql.migrate import inspect, known_revisions
from app.sql.rights import change_reader


def change_rights(role: str, *, create: bool, revoke: bool, dry_run: bool) -> None:
    """Gives the role these rights or takes them, and says what was done."""
    run_command(_change(role, create, revoke, dry_run))


async def _change(role: str, create: bool, revoke: bool, dry_run: bool) -> None:
    if create and revoke:
        raise SettingsError("--create and --revoke cannot be used together")
    settings = with_logging(load_offline_settings())
    url = await resolve_database_url(settings)
    found = await asyncio.to_thread(inspect, url, settings.schemas)
    if found.obstacle or found.revision != known_revisions()[-1]:
        raise DatabaseRefused(
            str(
                found.obstacle
                or "the database schema is not of this version: run `clickup-sync migrate` first"
            )
        )
    statements = await asyncio.to_thread(
        change_reader, url, settings.schemas, role, create=create, revoke=revoke, dry_run=dry_run
    )
    if dry_run:
        typer.echo("".join(f"{statement};\n" for statement in statements), nl=False)
        return
    console.print(_said(role, revoke, len(statements)), soft_wrap=True)
    if any(statement.startswith("CREATE ROLE") for statement in statements):
        console.print(f"Give it a password, in psql: \\password {plain(role)}", soft_wrap=True)


def _said(role: str, revoke: bool, changes: int) -> str:
    what = "has no rights on the mirror" if revoke else "can read the mirror, but no internal table"
    return f"{plain(role)} {what}. {changes or 'No'} statement{'s were' if changes != 1 else ' was'} run."
