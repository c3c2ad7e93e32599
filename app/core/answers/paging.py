"""Cursors: where a walk over many rows goes on, though the rows change meanwhile.

A walk goes through the rows in its order; a row that changes may move to where the walk has been.
So it ends with the rows that were written since it began: some come twice, none is left out.
"""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta

import orjson

# A row is dated when its transaction begins and seen when it ends, no longer than this after it.
OVERLAP = timedelta(minutes=2)
_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Cursor:
    """`key` and `row_id` of the last row seen (texts as the query sorts them), None at the beginning.

    `since`: what is dated later was written meanwhile; ISO 8601. `again`: whether the walk is at that.
    `question`: a digest of what was asked, for a cursor fits no other question. `is_past`: the walk goes
    through what was there at the instant `since`.
    """

    question: str
    since: str
    key: str | None = None
    row_id: str | None = None
    again: bool = False
    is_past: bool = False

    @property
    def written_since(self) -> datetime:
        """`since`, as an instant."""
        return datetime.fromisoformat(self.since)


def begin_walk(question: str, written_at: datetime, now: datetime, under_way: datetime | None) -> Cursor:
    """A walk's beginning: what is written from now on, or being written now, is dated after its `since`.

    `written_at`: when the last row that is seen was written. `under_way`: when the oldest transaction began
    that is not over, None where the database does not tell. The same as long as nothing is written: when that
    is so long ago that whatever is being written now is dated later, nothing comes again that stood there.
    """
    if now - written_at > OVERLAP:
        since = written_at
    elif under_way is None:
        since = written_at - OVERLAP
    else:
        since = min(written_at, max(under_way - _MOMENT, now - OVERLAP))
    return Cursor(question, since.astimezone(UTC).isoformat())


def digest(question: Mapping[str, object]) -> str:
    """What tells one question from another."""
    plain = orjson.dumps(question, default=str, option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(plain, digest_size=6).hexdigest()


def write_cursor(cursor: Cursor, workspace_id: str) -> str:
    """As it travels in a URL, for this workspace alone."""
    bound = replace(cursor, question=_bound(cursor.question, workspace_id))
    return base64.urlsafe_b64encode(orjson.dumps(asdict(bound))).decode().rstrip("=")


def past_instant(text: str) -> datetime | None:
    """The instant that a cursor is about; None for the present. Raises ValueError for any other text."""
    cursor = _parse(text)
    return cursor.written_since if cursor.is_past else None


def read_cursor(text: str, question: str, workspace_id: str) -> Cursor:
    """The cursor that was handed out. Raises ValueError for any other text, question, or workspace."""
    cursor = _parse(text)
    if cursor.question != _bound(question, workspace_id):
        raise ValueError(
            "invalid cursor: it belongs to another query: one with other filters, or of another workspace"
        )
    return replace(cursor, question=question)


def _parse(text: str) -> Cursor:
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        content = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        cursor = Cursor(**content)
        written_since = cursor.written_since
    except (binascii.Error, ValueError, TypeError, OverflowError):
        raise ValueError("invalid cursor: it was changed, or is from another query") from None
    if written_since.tzinfo is None or not all(
        isinstance(part, str | None) for part in (cursor.key, cursor.row_id)
    ):
        raise ValueError("invalid cursor: it was changed, or is from another query")
    return cursor


def _bound(question: str, workspace_id: str) -> str:
    return digest({"question": question, "workspace": workspace_id})
