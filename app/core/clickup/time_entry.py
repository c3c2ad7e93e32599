"""Time entries, from both calls that show them."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from app.core.clickup.fields import Fields
from app.core.clickup.models import TimeEntry
from app.core.clickup.people import Person, given_person, read_person
from app.core.clickup.stamps import MILLISECOND
from app.core.clickup.values import (
    Json,
    given_flag,
    given_text,
    identifier,
    instant,
    integer,
    listed_object,
    mapping,
    objects,
)
from app.core.errors import MalformedObject

_LONGEST_MS = 10 * 366 * 86_400_000  # ten years: beyond that it is no work but a broken number


def read_entry(wire: Json) -> TimeEntry:
    """One row of the workspace's time entries. Raises MalformedObject where it has no id.

    A start or duration that makes no sense is None and recorded: a wrong hour is worse than no hour.
    """
    entry_id = identifier(wire.get("id"))
    if entry_id is None:
        raise MalformedObject("time entry", "", "it has no id")
    fields = Fields(wire)
    duration, end = fields.read("duration", integer, None), fields.read("end", instant, None)
    # A running timer has a negative duration and no end (observed).
    running = (duration is not None and duration < 0) or _says_nothing(fields, duration, end)
    started_at = fields.read("start", instant, None)
    if started_at is None:
        fields.reject("start", "it has none")
    person = fields.read("user", given_person, None)
    return TimeEntry(
        clickup_entry_id=entry_id,
        # An entry may belong to no task; what then stands in its place is nothing to name (observed).
        clickup_task_id=identifier(mapping(wire.get("task")).get("id")),
        clickup_user_id=person.id if person else None,
        user_name=person.name if person else None,
        started_at=started_at,
        ended_at=None if running else end,
        duration_ms=None if running else _duration(fields, duration, started_at, end),
        is_running=running,
        billable=fields.read("billable", given_flag, False),
        description=fields.read("description", given_text, None),
        tags=fields.each("tags", _tag),
        entry_updated_at=fields.read("at", instant, None),
        unreadable_fields=fields.unreadable,
    )


def _says_nothing(fields: Fields, duration: int | None, end: datetime | None) -> bool:
    """Whether there is neither a duration nor an end, and none that merely could not be read."""
    return duration is None and end is None and fields.unreadable.keys().isdisjoint(("duration", "end"))


def _duration(
    fields: Fields, duration: int | None, start: datetime | None, end: datetime | None
) -> int | None:
    """Milliseconds: as ClickUp says, else from start to end; None where neither is a session's length."""
    if duration is not None and not 0 <= duration <= _LONGEST_MS:
        fields.reject("duration", f"{duration} ms is not a duration")
        duration = None
    if duration is None and start and end and 0 <= (measured := (end - start) // MILLISECOND) <= _LONGEST_MS:
        return measured
    if duration is None:
        fields.reject("duration", "it has no duration, and no start and end to compute it")
    return duration


def _tag(value: Any) -> str | None:
    return given_text(listed_object(value).get("name"))


def read_intervals(task_id: str, answer: Any) -> Iterator[TimeEntry | MalformedObject]:
    """Everyone's intervals on one task; these say nothing of billable, description or tags."""
    for share in objects(mapping(answer).get("data")):
        person = read_person(share.get("user"))
        for wire in objects(share.get("intervals")):
            yield _interval(task_id, wire, person)


def _interval(task_id: str, wire: Json, person: Person | None) -> TimeEntry | MalformedObject:
    entry_id = identifier(wire.get("id"))
    if entry_id is None:
        return MalformedObject("time entry", "", "it has no id")
    fields = Fields(wire)
    start, end = fields.read("start", instant, None), fields.read("end", instant, None)
    # What the two calls name differently is recorded under one name.
    duration = fields.take("duration", wire.get("time"), integer, None)
    running = start is not None and _says_nothing(fields, max(duration or 0, 0) or None, end)
    return TimeEntry(
        clickup_entry_id=entry_id,
        clickup_task_id=task_id,
        clickup_user_id=person.id if person else None,
        user_name=person.name if person else None,
        started_at=start,
        ended_at=None if running else end,
        duration_ms=None if running else _duration(fields, duration, start, end),
        is_running=running,
        billable=None,
        description=None,
        tags=None,
        entry_updated_at=fields.take("at", wire.get("date_added"), instant, None),
        unreadable_fields=fields.unreadable,
    )
