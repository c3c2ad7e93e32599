"""Comments and replies."""

from collections import Counter
from typing import Any

from app.core.clickup.comment_text import comment_text, emoji
from app.core.clickup.fields import Fields
from app.core.clickup.models import Comment
from app.core.clickup.people import given_person
from app.core.clickup.values import (
    Json,
    clean_json,
    count,
    excerpt,
    given_flag,
    identifier,
    instant,
    integer,
    mapping,
    plain_text,
    text,
)
from app.core.errors import MalformedObject


def read_comment(task_id: str, wire: Json, *, parent: str | None = None) -> Comment:
    """One comment of a task, or one reply under `parent`. Raises MalformedObject where it has no id."""
    comment_id = identifier(wire.get("id"))
    if comment_id is None:
        raise MalformedObject("comment", "", f"it has no id (on task {task_id})")
    return _read(task_id, comment_id, parent, Fields(wire))


def _read(task_id: str, comment_id: str, parent: str | None, fields: Fields) -> Comment:
    author, assignee = fields.read("user", given_person, None), fields.read("assignee", given_person, None)
    assigned_by = fields.read("assigned_by", given_person, None)
    group_id, group_name = fields.read("group_assignee", _read_group, None) or (None, None)
    blocks, reactions = fields.each("comment", clean_json), fields.each("reactions", clean_json)
    return Comment(
        clickup_comment_id=comment_id,
        clickup_task_id=task_id,
        parent_comment_id=parent,
        text=comment_text(fields.read("comment_text", text, None), blocks),
        author_id=author.id if author else None,
        author_name=author.name if author else None,
        assignee_id=assignee.id if assignee else None,
        assignee_name=assignee.name if assignee else None,
        assigned_by_id=assigned_by.id if assigned_by else None,
        assigned_by_name=assigned_by.name if assigned_by else None,
        resolved=fields.read("resolved", given_flag, False),
        commented_at=fields.read("date", instant, None),
        reply_count=fields.read("reply_count", _read_count, None),
        assignee_group_id=group_id,
        assignee_group_name=group_name,
        blocks=blocks,
        reactions=reactions,
        reaction_counts=_count_reactions(reactions),
        unreadable_fields=fields.unreadable,
    )


def _read_group(value: Any) -> tuple[str, str] | None:
    """A team's id and name: `{"id", "name"}` is assumed, since no answer with one was recorded.

    Raises ValueError for what is neither a team nor nothing.
    """
    team = value if isinstance(value, dict) else {"id": value}
    name = plain_text(team.get("name"))
    group_id = identifier(team.get("id")) or name
    if group_id is None and value not in ("", {}):
        raise ValueError(f"expected a team, found {excerpt(value)}")
    return (group_id, name or group_id) if group_id else None


def _read_count(value: Any) -> int | None:
    """How many, or None for empty text: where ClickUp does not say, that is not 0."""
    return None if value == "" else count(value)


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
