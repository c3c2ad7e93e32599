"""Why a SELECT was refused, in a sentence by which it can be corrected."""

import difflib
from collections.abc import Iterable

_MOST_NEAR = 3


class NotOffered(ValueError):
    """The sentence that says what may not run, and what is near."""


def near(name: str, known: Iterable[str]) -> str:
    """What is spelt alike, as the end of a sentence; nothing where nothing is."""
    found = difflib.get_close_matches(name.lower(), list(known), _MOST_NEAR, 0.6)
    return f"; near: {', '.join(found)}" if found else ""
