"""Text search: what people type, as PostgreSQL's full-text search reads it."""

import re

_WORD = re.compile(r"\w+", re.UNICODE)
_MOST_WORDS = 12


def search_query(text: str) -> str | None:
    """A `tsquery` of all words, each as the beginning of one; None when there is no word in it."""
    words = _WORD.findall(text.lower())[:_MOST_WORDS]
    return " & ".join(f"'{word}':*" for word in words) or None
