"""Comments and replies."""

from typing import Any

from app.core.errors import BadObject
from app.core.fields import Fields
from app.core.models import Comment
from app.core.people import given_person
from app.core.values import (
    Json,
    count,
    given_flag,
    identifier,
    instant,
    integer,
    listed_object,
    mapping,
    text,
)


def read_comment(task_id: str, wire: Json, *, parent: str | None = None) -> Comment:
    """One comment of a task, or one reply under `parent`. Raises BadObject where it has no id."""
    comment_id = identifier(wire.get("id"))
    if comment_id is None:
        raise BadObject("comment", "", f"it has no id (on task {task_id})")
    return _read(task_id, comment_id, parent, Fields(wire))


def _read(task_id: str, comment_id: str, parent: str | None, fields: Fields) -> Comment:
    author, assignee = fields.read("user", given_person, None), fields.read("assignee", given_person, None)
    assigned_by = fields.read("assigned_by", given_person, None)
    return Comment(
        clickup_comment_id=comment_id,
        clickup_task_id=task_id,
        parent_comment_id=parent,
        text=_text(fields),
        author_id=author.id if author else None,
        author_name=author.name if author else None,
        assignee_id=assignee.id if assignee else None,
        assignee_name=assignee.name if assignee else None,
        assigned_by_id=assigned_by.id if assigned_by else None,
        assigned_by_name=assigned_by.name if assigned_by else None,
        resolved=fields.read("resolved", given_flag, False),
        commented_at=fields.read("date", instant, None),
        reply_count=fields.read("reply_count", count, 0),
        unreadable_fields=fields.unreadable,
    )


def _text(fields: Fields) -> str:
    plain = fields.read("comment_text", text, None)
    return "".join(fields.each("comment", _block)) if plain is None else plain


def _block(value: Any) -> str:
    return text(listed_object(value).get("text")) or ""


def next_page(rows: list[Json]) -> tuple[int, str] | None:
    """`start` (epoch ms) and `start_id` of the page after the last row that has both; None where none has."""
    return next(filter(None, map(_position, reversed(rows))), None)


def _position(row: Json) -> tuple[int, str] | None:
    wire = mapping(row)
    try:
        date, comment_id = integer(wire.get("date")), identifier(wire.get("id"))
    except ValueError:
        return None
    return (date, comment_id) if date is not None and comment_id else None
