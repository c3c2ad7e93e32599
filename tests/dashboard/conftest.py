"""The page over real HTTP; tests that only look share one service, as those of the API do."""

from collections.abc import AsyncIterator

import pytest

from tests.api.conftest import busy_template, keys, make_mirror, mirror, own, reader, shared
from tests.api.reading import Reader
from tests.dashboard.pages import Browsing

__all__ = ["busy_template", "keys", "make_mirror", "mirror", "own", "reader", "shared"]


@pytest.fixture
async def browsing(reader: Reader) -> AsyncIterator[Browsing]:
    """The page of a mirror that other tests look at as well."""
    yield Browsing(reader.mirror, reader.client)


@pytest.fixture
async def own_browsing(own: Reader) -> AsyncIterator[Browsing]:
    """The page of a mirror of the test's own."""
    yield Browsing(own.mirror, own.client)
