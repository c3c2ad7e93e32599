"""The engine's worlds and mirrors.

Tests that only ask share one service of one mirror (`reader`), whose database they cannot write. Whoever
changes a row has `own`.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import pytest

from tests.api.door import READER, WRITER
from tests.api.reading import Reader, read_by_many, reading, unwritable
from tests.conftest import Server
from tests.engine.conftest import busy_template, busy_world, copied, make_mirror, mirror
from tests.engine.mirror import Mirror
from tests.engine.service.running import client_of

__all__ = ["busy_template", "make_mirror", "mirror"]


@pytest.fixture
def keys() -> str:
    """As API_KEYS has them: one that reads, one that writes."""
    return f"dashboard:read:{READER},script:write:{WRITER}"


@pytest.fixture(scope="session")
def shared(server: Server, busy_template: str) -> Iterator[tuple[Mirror, str]]:
    """A mirror and the address of its API, for all tests that only ask."""
    with contextmanager(copied)(server, busy_template, busy_world()) as mirror, read_by_many(mirror) as url:
        yield unwritable(mirror), url


@pytest.fixture
async def reader(shared: tuple[Mirror, str]) -> AsyncIterator[Reader]:
    """The API of a mirror that other tests ask as well."""
    mirror, url = shared
    async with client_of(url) as client:
        yield Reader(mirror, client)


@pytest.fixture
async def own(mirror: Mirror) -> AsyncIterator[Reader]:
    """The API of a mirror of the test's own."""
    async with reading(mirror) as reader:
        yield reader
