"""The engine's worlds and mirrors; no test waits for a deadline of Hypothesis' on a busy machine."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from app.config import given_settings
from tests.conftest import Server
from tests.engine.conftest import busy_template, make_mirror, mirror
from tests.mcp.asking import READER, WRITER, served_beside

__all__ = ["busy_template", "make_mirror", "mirror"]

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.fixture
def keys() -> str:
    """As API_KEYS has them: one that reads, one that writes."""
    return f"assistant:read:{READER},script:write:{WRITER}"


@pytest.fixture(scope="module")
def url(server: Server, busy_template: str) -> Iterator[str]:
    """A server that all tests of a file ask, of the small synced world."""
    name = server.copy(busy_template)
    known = given_settings(clickup_api_token="pk_1_X", database_url=server.url_of(name), log_level="error")
    with served_beside(known) as address:
        yield address
    server.drop(name)
