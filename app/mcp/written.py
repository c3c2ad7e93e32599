"""What people wrote in ClickUp, as assistants read it: cut, and fenced where it is long."""

import hashlib

_LONGEST_LINE = 200
_CUT = "…"


def line(text: str, most: int = _LONGEST_LINE) -> str:
    """A name or a title, cut where it is longer than a line."""
    return text if len(text) <= most else text[: most - 1] + _CUT


def fenced(text: str | None, most: int) -> str | None:
    """What somebody wrote, between two marks that it does not contain; cut, and then it says of how much."""
    if not text or not text.strip():
        return None
    shown = text if len(text) <= most else f"{text[:most]}{_CUT}"
    left_out = f" first {most:,} of {len(text):,} characters" if len(text) > most else ""
    mark = _mark(text)
    return f"<written-{mark}{left_out}>\n{shown}\n</written-{mark}>"


def _mark(text: str) -> str:
    """A word that does not stand in the text, and is the same each time."""
    mark = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=6).hexdigest()
    while mark in text:
        mark = hashlib.blake2b(mark.encode(), digest_size=6).hexdigest()
    return mark
