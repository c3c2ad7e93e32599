"""Workspaces of a test's own making beside another one, and what is asked of them."""

from collections.abc import AsyncIterator, Iterator

import pytest

from app.reports import Reports
from app.supabase_db import Database
from tests.campaigns import seeds
from tests.conftest import Server
from tests.engine.conftest import busy_template, mirror
from tests.reports.facts import Facts
from tests.reports.ground import Ground, crowd

__all__ = ["busy_template", "mirror"]


@pytest.fixture(scope="session", params=seeds())
def crowded(request: pytest.FixtureRequest, server: Server, template: str) -> Iterator[Ground]:
    """A workspace with a little of everything, beside another one as full; nobody writes to it."""
    name = server.copy(template)
    other, ground = Ground(server.url_of(name), "other"), Ground(server.url_of(name))
    crowd(other, request.param + 100, 120)
    crowd(ground, request.param)
    other.close()
    yield ground
    ground.close()
    server.drop(name)


@pytest.fixture(scope="session")
def facts(crowded: Ground) -> Facts:
    return Facts(crowded)


@pytest.fixture
async def reports(crowded: Ground) -> AsyncIterator[Reports]:
    """What is asked of the crowded workspace."""
    async with Database.open(crowded.url) as database:
        yield Reports(database)


@pytest.fixture
def ground(database_url: str) -> Iterator[Ground]:
    """An empty workspace."""
    ground = Ground(database_url)
    yield ground
    ground.close()


@pytest.fixture
async def asked(ground: Ground) -> AsyncIterator[Reports]:
    """What is asked of it."""
    async with Database.open(ground.url) as database:
        yield Reports(database)
