"""`clickup-sync migrate` and `database`: the schema, and the embedded PostgreSQL."""

from functools import partial
from pathlib import Path

from app.adapters.secret_keys import ensure_secret_keys
from app.cli.outcome import run_command, with_logging
from app.cli.output import console, errors
from app.config import load_offline_settings
from app.context import resolve_database_url
from app.jobs.secret_findings import examine_account
from app.sql.embedded import start_embedded_server, stop_embedded_server
from app.sql.migrate import migrate


def migrate_database() -> None:
    """Applies what is pending and says what that was."""
    run_command(_migrate())


async def _migrate() -> None:
    settings = with_logging(load_offline_settings())
    url = await resolve_database_url(settings)
    applied = migrate(url, settings.schemas, partial(ensure_secret_keys, settings))
    console.print(f"Applied: {', '.join(applied)}." if applied else "The schema is up to date.")


def start_or_stop_server(stop: bool, data_dir: Path | None) -> None:
    """The embedded server of this data folder, DATA_DIR where none is given."""
    run_command(_database(stop, data_dir))


async def _database(stop: bool, data_dir: Path | None) -> None:
    folder = data_dir or load_offline_settings().data_dir
    if stop:
        console.print(
            "Stopped." if stop_embedded_server(folder) else f"There is no PostgreSQL under {folder}."
        )
    else:
        for finding in examine_account():
            errors.print(f"Warning: this {finding.found}; {finding.advice}.", style="yellow")
        console.print(start_embedded_server(folder).psql_line, soft_wrap=True)
