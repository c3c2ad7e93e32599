"""The engine's worlds and mirrors."""

from collections.abc import Iterator
from functools import cache

import pytest

from app.config import given_settings
from app.mcp import mcp_server
from tests.conftest import Server
from tests.engine.conftest import busy_template, make_mirror, mirror
from tests.mcp.asking import READER, WRITER, served_beside

__all__ = ["busy_template", "make_mirror", "mirror"]


@pytest.fixture(scope="session", autouse=True)
def _tools_made_once() -> Iterator[None]:
    """Each server makes its tools anew, which takes longer than most tests do."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mcp_server, "_offered", cache(mcp_server._offered))
        yield


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
