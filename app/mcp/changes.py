"""The tool that tells what changed, when and by whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastmcp.exceptions import ToolError
from pydantic import BeforeValidator, Field

from app.core.answers.fields import InWords, Written, narrow, said, widen
from app.core.answers.filters import MOST_VALUES, describe
from app.core.answers.paging import write_cursor
from app.mcp.answers import TextAnswer
from app.mcp.params import (
    CursorText,
    Limit,
    PlaceNames,
    SinceText,
    Words,
    as_list,
    of,
    read_place,
    read_since,
    read_until,
)
from app.mcp.rendering import TextLimit
from app.mcp.request_context import ToolContext
from app.reports.history import Change, ChangeFilter, ObjectType, Operation, Source, check_place

_MOST_FIELDS, _VALUE = 50, 150


@dataclass(frozen=True, slots=True)
class ChangedField:
    """A field that changed."""

    field: Annotated[
        str, Written.LINE, said("As in the object's row, or `custom_fields.` and its name", "due_at")
    ]
    before: Annotated[Any, Written.JSON, said("Instants in UTC, whole minutes; left out: it was empty")]
    after: Annotated[Any, Written.JSON, said("In the same form; left out: it is empty")]


@dataclass(frozen=True, slots=True)
class Between:
    """Two instants."""

    earliest: Annotated[datetime, said("It happened then or later")]
    latest: Annotated[datetime, said("It happened then or earlier")]


@dataclass(frozen=True, slots=True)
class _Happened:
    """What the fields that changed together have in common."""

    object_type: Annotated[ObjectType, said("What changed", "task")]
    object_id: Annotated[str, said("ClickUp's id of it", "86abc1")]
    task_id: Annotated[str | None, said("The task that it is or belongs to; none of people and places")]
    object_name: Annotated[
        str | None, Written.LINE, said("What it is called now; of a time entry or comment, its task")
    ]
    operation: Annotated[Operation, said("What was done")]
    changed_at: Annotated[datetime, InWords.INSTANT, said("When; where there is `between`, about when")]
    user_id: Annotated[str | None, said("ClickUp's id of who did it; left out where nobody told", "183")]
    user_name: Annotated[str | None, Written.LINE, said("Their name then", "Ada Lovelace")]
    source: Annotated[Source, said("Told by a webhook, seen by polling, or ClickUp's own time stamp")]


@dataclass(frozen=True, slots=True)
class Happened(_Happened):
    """What one person did to one object at one time."""

    between: Annotated[Between | None, said("When exactly is not known; left out where it is")]
    fields: Annotated[list[ChangedField], said("What changed; none where it was created, deleted, restored")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes(TextAnswer):
    """What changed."""

    history_since: Annotated[
        datetime | None,
        said("Since then changes are recorded, before only what ClickUp stamps; left out: none are"),
    ]
    changes: Annotated[list[Happened], TextLimit(_VALUE), said("Newest first")]
    next_cursor: Annotated[
        str | None, said("`cursor` of the next page, with the same other arguments; left out at the end")
    ] = None


async def list_changes(
    context: ToolContext,
    since: Annotated[SinceText | None, of(describe("since"), "2026-11-27T09:00:00+01:00")] = None,
    until: Annotated[SinceText | None, of(describe("until"))] = None,
    user: Annotated[Words | None, of(describe("user"), ["Ada Lovelace"])] = None,
    task_id: Annotated[Words | None, of(describe("task_id"), ["86abc1"])] = None,
    place: PlaceNames = None,
    field: Annotated[Words | None, of(describe("field"))] = None,
    object: Annotated[
        list[ObjectType] | None,
        BeforeValidator(as_list),
        Field(max_length=MOST_VALUES, description=describe("object")),
    ] = None,
    operation: Annotated[
        list[Operation] | None,
        BeforeValidator(as_list),
        Field(max_length=MOST_VALUES, description=describe("operation")),
    ] = None,
    limit: Limit = 20,
    cursor: CursorText = None,
) -> Changes:
    """What changed, when and by whom, newest first; with `task_id` the history of a task.

    Fields that changed together are one row; `limit` counts fields, at most 50. Long values are cut. How it
    was at an earlier time: `as_of` of find_tasks, get_task and others. Figures of some days: get_progress.
    """
    lookup, reports = context.reports.lookup, context.reports.history
    if field:
        await reports.check_fields(field)
    wanted = ChangeFilter(
        since=read_since(since, context, "since") if since else None,
        until=read_until(until, context, "until") if until else None,
        users=await lookup.user_ids(context.workspace_id, user),
        fields=field,
        objects=object,
        operations=operation,
        within=await lookup.within(context.workspace_id, place, task_id),
    )
    if wanted.since and wanted.until and wanted.since >= wanted.until:
        raise ToolError(f"since: {since} is not before {until}, which is `until`")
    begin = read_place(cursor, wanted.question, context.workspace_id, check_place)
    page = await reports.changes(context.workspace_id, wanted, begin, min(limit, _MOST_FIELDS))
    known = await reports.state(context.workspace_id)
    return Changes.of(
        context,
        history_since=known.since if known else None,
        changes=_together(page.rows),
        next_cursor=write_cursor(page.cursor, context.workspace_id) if page.cursor else None,
    )


def _together(changes: Sequence[Change]) -> list[Happened]:
    """Changes of one object at one time by one person as one row, in the same order."""
    rows: dict[tuple[_Happened, datetime, datetime], list[Change]] = {}
    for one in changes:
        rows.setdefault((narrow(_Happened, one), one.earliest, one.latest), []).append(one)
    return [
        widen(
            Happened,
            common,
            between=Between(earliest, latest) if earliest < latest else None,
            fields=[ChangedField(one.field, one.before, one.after) for one in own if one.field is not None],
        )
        for (common, earliest, latest), own in rows.items()
    ]
