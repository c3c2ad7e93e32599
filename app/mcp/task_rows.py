"""Rows of tasks as answers show them."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from app.mcp.answer_schemas import due_said, fenced, instant, instant_said, line, maybe_line, time_said
from app.mcp.request_context import Mirror
from app.mcp.task_schemas import FieldValue, Task, TaskRef

Detail = Literal["brief", "full"]
_EXCERPT = 300
MOST_FIELDS, _MOST_TAGS = 20, 20
_LONGEST_RAW = 500

Columns = Mapping[str, Any]


def task_ref(row: Columns, mirror: Mirror) -> TaskRef:
    """A task of which other answers speak."""
    return TaskRef(**_short(row, mirror))


def task_row(row: Columns, mirror: Mirror, detail: Detail, *, excerpt: int = _EXCERPT) -> Task:
    """A task in a list, or by itself."""
    brief = {
        "status_type": row["status_type"],
        "list_id": row["list_id"],
        "updated_at": instant(row["date_updated"], mirror),
        "updated": instant_said(row["date_updated"], mirror),
        "tracked_minutes": row["tracked_minutes"],
        "tracked": time_said(row["tracked_minutes"]),
        "is_open": row["is_open"],
        "is_overdue": row["is_overdue"],
        "archived": row["archived"],
        "is_deleted": row["is_deleted"],
    }
    more = _full(row, mirror, excerpt) if detail == "full" else {}
    return Task(**_short(row, mirror), **brief, **more)


def where(row: Columns) -> str | None:
    """Space, folder and list."""
    names = (row.get("space_name"), row.get("folder_name"), row.get("list_name"))
    return line(" / ".join(filter(None, names))) or None


def _short(row: Columns, mirror: Mirror) -> dict[str, Any]:
    return {
        "task_id": row["clickup_task_id"],
        "title": line(row["title"]) if row["title"] is not None else None,
        "status": row["status"],
        "priority": row.get("priority"),
        "assignees": maybe_line(row.get("assignee_name")),
        "where": where(row),
        "due_date": row.get("due_date"),
        "due": due_said(row.get("due_date"), mirror),
        "url": row.get("url"),
    }


def _full(row: Columns, mirror: Mirror, excerpt: int) -> dict[str, Any]:
    done: datetime | None = row["date_done"] or row["date_closed"]
    return {
        "custom_id": row["custom_id"],
        "type": row["type"],
        "tags": [line(tag) for tag in row["tags"][:_MOST_TAGS]],
        "parent_id": row["parent"],
        "folder_id": row["folder_id"],
        "space_id": row["space_id"],
        "created_by": row["assigned_by"],
        "created_at": instant(row["date_created"], mirror),
        "status_since": instant(row["last_status_change"], mirror),
        "done_at": instant(done, mirror),
        "start_date": row["start_date"],
        "estimate_minutes": row["time_estimate_minutes"],
        "estimate": time_said(row["time_estimate_minutes"]),
        "sprint_points": row["sprint_points"],
        "description": fenced(row["description"], excerpt),
        "custom_fields": _fields(row["custom_fields"]),
        "unreadable_fields": unreadable(row),
    }


def unreadable(row: Columns) -> dict[str, str] | None:
    """Fields of a row that could not be read, with the reason; None where all could."""
    return _fields(row["unreadable_fields"])


def field_value(row: Columns) -> FieldValue:
    """A custom field with what ClickUp sent."""
    return FieldValue(
        name=line(row["label"]),
        field_id=row["field_id"],
        type=maybe_line(row["type"]),
        number=row["value_number"],
        value=line(json.dumps(row["value"], ensure_ascii=False), _LONGEST_RAW),
    )


def _fields(fields: Mapping[str, Any]) -> dict[str, str] | None:
    shown = list(fields.items())[:MOST_FIELDS]
    return {line(name): line(str(value)) for name, value in shown if value is not None} or None
