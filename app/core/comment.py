"""Comments and replies."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from app.core.comment_text import comment_text, emoji
from app.core.errors import BadObject
from app.core.models import Comment
from app.core.people import read_person
from app.core.values import Json, clean_json, flag, identifier, instant, integer, mapping, plain_text, text

# What is nested deeper than this cannot be written as JSON.
_DEEPEST = 100
_MOST_REPLIES = 2**31 - 1  # PostgreSQL's integer


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
    assigned_by, group = read_person(wire.get("assigned_by")), _read_group(wire.get("group_assignee"))
    reactions = _storable(wire.get("reactions")) or []
    blocks = _storable(wire.get("comment"))
    return Comment(
        clickup_comment_id=comment_id,
        clickup_task_id=task_id,
        parent_comment_id=parent,
        text=comment_text(text(wire.get("comment_text")), blocks),
        author_id=author.id if author else None,
        author_name=author.name if author else None,
        assignee_id=assignee.id if assignee else None,
        assignee_name=assignee.name if assignee else None,
        assigned_by_id=assigned_by.id if assigned_by else None,
        assigned_by_name=assigned_by.name if assigned_by else None,
        resolved=flag(wire.get("resolved")),
        commented_at=instant(wire.get("date")),
        reply_count=_count(wire.get("reply_count")),
        assignee_group_id=group[0] if group else None,
        assignee_group_name=group[1] if group else None,
        blocks=blocks,
        reactions=reactions,
        reaction_counts=_count_reactions(reactions),
    )


def _read_group(value: Any) -> tuple[str, str] | None:
    """A team's id and name; `{"id", "name"}` is assumed, since no answer with one was recorded."""
    team = value if isinstance(value, dict) else {"id": value}
    name = plain_text(team.get("name"))
    group_id = identifier(team.get("id")) or name
    return (group_id, name or group_id) if group_id else None


def _count(value: Any) -> int | None:
    count = integer(value)
    return None if count is None else min(max(count, 0), _MOST_REPLIES)


def _storable(value: Any) -> list[Any] | None:
    """A list as it came, as PostgreSQL can hold it, without what is nested too deep; None for no list."""
    if not isinstance(value, list):
        return None
    return [clean_json(item) for item in value if _is_shallow(item)]


def _is_shallow(value: Any) -> bool:
    inside = [value]
    for _ in range(_DEEPEST):
        inside = [inner for outer in inside for inner in _held(outer)]
        if not inside:
            return True
    return False


def _held(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _count_reactions(reactions: list[Any]) -> dict[str, int]:
    """How often each reaction was given: `{"reaction": "1F44D", "user": …}` (observed), or its name alone."""
    given = (plain_text(item.get("reaction") if isinstance(item, dict) else item) for item in reactions)
    return dict(Counter(emoji(name) or name for name in given if name))


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
