"""The API of a mirror of the test's own, as the tests of the API have it."""

from tests.api.conftest import busy_template, make_mirror, mirror, own

__all__ = ["busy_template", "make_mirror", "mirror", "own"]
