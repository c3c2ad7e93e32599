"""The engine's worlds and mirrors; no test waits for a deadline of Hypothesis' on a busy machine."""

import pytest
from hypothesis import settings

from tests.api.door import READER, WRITER
from tests.engine.conftest import busy_template, make_mirror, mirror

__all__ = ["busy_template", "make_mirror", "mirror"]

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.fixture
def keys() -> str:
    """As API_KEYS has them: one that reads, one that writes."""
    return f"dashboard:read:{READER},script:write:{WRITER}"
