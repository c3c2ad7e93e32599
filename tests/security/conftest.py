"""The engine's worlds and mirrors, under attack."""

from tests.engine.conftest import busy_template, make_mirror, mirror

__all__ = ["busy_template", "make_mirror", "mirror"]
