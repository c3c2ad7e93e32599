"""Comments and replies."""

from app.core.errors import BadObject
from app.core.models import Comment
from app.core.people import read_person
from app.core.values import Json, flag, identifier, instant, integer, mapping, objects, text


def read_comment(task_id: str, wire: Json, *, parent: str | None = None) -> Comment:
    """One comment of a task, or one reply under `parent`. Raises BadObject."""
    comment_id = identifier(wire.get("id"))
    if comment_id is None:
        raise BadObject("comment", "", f"it has no id (on task {task_id})")
    try:
        return _read(task_id, comment_id, parent, wire)
    except ValueError as error:
        raise BadObject("comment", comment_id, str(error)) from error


def _read(task_id: str, comment_id: str, parent: str | None, wire: Json) -> Comment:
    author, assignee = read_person(wire.get("user")), read_person(wire.get("assignee"))
    assigned_by = read_person(wire.get("assigned_by"))
    return Comment(
        clickup_comment_id=comment_id,
        clickup_task_id=task_id,
        parent_comment_id=parent,
        text=_text(wire),
        author_id=author.id if author else None,
        author_name=author.name if author else None,
        assignee_id=assignee.id if assignee else None,
        assignee_name=assignee.name if assignee else None,
        assigned_by_id=assigned_by.id if assigned_by else None,
        assigned_by_name=assigned_by.name if assigned_by else None,
        resolved=flag(wire.get("resolved")),
        commented_at=instant(wire.get("date")),
        reply_count=integer(wire.get("reply_count")) or 0,
    )


def _text(wire: Json) -> str:
    plain = text(wire.get("comment_text"))
    if plain is not None:
        return plain
    return "".join(text(block.get("text")) or "" for block in objects(wire.get("comment")))


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
