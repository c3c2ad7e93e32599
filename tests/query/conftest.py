"""A synced world, and the questions that are asked of it in SQL."""

import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from psycopg.rows import dict_row

import app.reports.sql
from app.config import given_settings
from app.context import open_database
from app.reports import Reports
from app.reports.sql import Answered
from app.sql.loader import load_queries
from tests.conftest import Server
from tests.database import connect
from tests.engine.conftest import bouncer, busy_template, make_mirror, mirror

__all__ = ["bouncer", "busy_template", "make_mirror", "mirror"]

BERLIN = ZoneInfo("Europe/Berlin")


@contextmanager
def in_a_hurry() -> Iterator[None]:
    """What would not end is ended after one second; in a long campaign after three, as in life."""
    with pytest.MonkeyPatch.context() as patch:
        if "SECURITY_CASES" not in os.environ:
            patch.setattr(app.reports.sql, "SECONDS", 1)
        yield


@asynccontextmanager
async def questions(url: str) -> AsyncIterator[Callable[..., Any]]:
    """Asks in SQL, of the mirror in this database."""
    async with open_database(given_settings(clickup_api_token="pk_1_X", database_url=url)) as database:
        reports = Reports(database)

        async def ask(sql: str, limit: int = 100) -> Answered:
            return await reports.sql.answer(sql, limit=limit, zone=BERLIN)

        yield ask


@pytest.fixture(scope="module")
def synced_url(server: Server, busy_template: str) -> Iterator[str]:
    """The small synced world, for all tests of a file that change nothing."""
    name = server.copy(busy_template)
    yield server.url_of(name)
    server.drop(name)


@pytest.fixture
async def ask(synced_url: str) -> AsyncIterator[Callable[..., Any]]:
    async with questions(synced_url) as asking:
        yield asking


@pytest.fixture(scope="module")
def views(server: Server, template: str) -> dict[str, list[str]]:
    """Every view with its columns, as the database has them."""
    with connect(server.url_of(template), row_factory=dict_row) as connection:
        rows = connection.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'mirror'"
            " ORDER BY table_name, ordinal_position"
        ).fetchall()
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row["table_name"], []).append(row["column_name"])
    return found


@pytest.fixture(scope="module")
def typed_views(server: Server, template: str) -> dict[str, dict[str, str]]:
    """Every view, and the type of each of its columns."""
    found: dict[str, dict[str, str]] = {}
    with connect(server.url_of(template), row_factory=dict_row) as connection:
        for row in connection.execute(
            load_queries()["list_views"].encode(),
        ).fetchall():
            found.setdefault(row["view"], {})[row["column"]] = row["type"]
    return found


@pytest.fixture(scope="module")
def shared(synced_url: str) -> Iterator[psycopg.Connection[Any]]:
    """The owner's connection to it, with the settings that questions have."""
    with connect(synced_url, autocommit=True) as connection:
        connection.execute("SET search_path = mirror")
        connection.execute("SET TimeZone = 'Europe/Berlin'")
        yield connection
