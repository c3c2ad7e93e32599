"""A command loads what it needs: libraries take longer to load than many a sync takes to run."""

import subprocess
import sys

import pytest

from tests.cli import command

_HEAVY = {
    "alembic", "apscheduler", "fastapi", "fastmcp", "jinja2", "psutil", "pygal", "sqlalchemy",
    "sqlglot", "starlette", "uvicorn",
}  # fmt: skip


def loaded_by(module: str) -> set[str]:
    """The names of all packages that are loaded with this module."""
    code = f"import {module}, sys; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", code], env=command.environment(), capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


@pytest.mark.parametrize("module", ["app.cli.sync", "app.cli.database"])
def test_a_sync_loads_neither_what_serves_nor_what_others_need(module: str) -> None:
    """No web framework, no parser of SQL, no migration tool; an embedded server by who has no database."""
    needed = {"psutil"} if module == "app.cli.database" else set()
    assert loaded_by(module) & _HEAVY == needed


def test_the_list_of_commands_loads_none_of_them() -> None:
    """What a command does is loaded when it is called."""
    assert not loaded_by("app.cli.main") & (_HEAVY | {"httpx2", "psycopg", "pydantic_settings", "structlog"})
