"""Time entries, from both calls that show them."""

from collections.abc import Iterator
from typing import Any

from app.core.errors import BadObject
from app.core.models import TimeEntry
from app.core.people import read_person
from app.core.stamps import MILLISECOND
from app.core.values import Json, flag, identifier, instant, integer, mapping, objects, text

_LONGEST_MS = 10 * 366 * 86_400_000  # ten years: beyond that it is no work but a broken number


def read_entry(wire: Json) -> TimeEntry:
    """One row of the workspace's time entries. Raises BadObject, naming what makes no sense."""
    entry_id = identifier(wire.get("id"))
    if entry_id is None:
        raise BadObject("time entry", "", "it has no id")
    try:
        return _read(entry_id, wire)
    except ValueError as error:
        raise BadObject("time entry", entry_id, str(error)) from error


def _read(entry_id: str, wire: Json) -> TimeEntry:
    duration, end = integer(wire.get("duration")), instant(wire.get("end"))
    # A running timer has a negative duration and no end (observed).
    running = (duration is not None and duration < 0) or (duration is None and end is None)
    person = read_person(wire.get("user"))
    started_at = instant(wire.get("start"))
    if started_at is None:
        raise ValueError("start: it has none")
    return TimeEntry(
        clickup_entry_id=entry_id,
        clickup_task_id=identifier(mapping(wire.get("task")).get("id")),
        clickup_user_id=person.id if person else None,
        user_name=person.name if person else None,
        started_at=started_at,
        ended_at=None if running else end,
        duration_ms=None if running else _duration(duration, started_at, end),
        is_running=running,
        billable=flag(wire.get("billable")),
        description=text(wire.get("description")) or None,
        tags=[name for tag in objects(wire.get("tags")) if (name := text(tag.get("name")))],
        entry_updated_at=instant(wire.get("at")),
    )


def _duration(duration: int | None, start: Any, end: Any) -> int:
    millis: int = (end - start) // MILLISECOND if duration is None else duration
    if not 0 <= millis <= _LONGEST_MS:
        raise ValueError(f"duration: {millis} ms is no length of a session")
    return millis


def read_intervals(task_id: str, answer: Any) -> Iterator[TimeEntry | BadObject]:
    """Everyone's intervals on one task; these say nothing of billable, description or tags."""
    for share in objects(mapping(answer).get("data")):
        person = read_person(share.get("user"))
        for wire in objects(share.get("intervals")):
            try:
                yield _interval(task_id, wire, person.id if person else None, person.name if person else None)
            except ValueError as error:
                yield BadObject("time entry", identifier(wire.get("id")) or "", str(error))


def _interval(task_id: str, wire: Json, user_id: str | None, user_name: str | None) -> TimeEntry:
    entry_id, duration = identifier(wire.get("id")), integer(wire.get("time"))
    start, end = instant(wire.get("start")), instant(wire.get("end"))
    if entry_id is None:
        raise ValueError("it has no id")
    running = start is not None and end is None and (duration is None or duration <= 0)
    if not running and duration is None and (start is None or end is None):
        raise ValueError("it has neither a duration nor a start and an end")
    return TimeEntry(
        clickup_entry_id=entry_id,
        clickup_task_id=task_id,
        clickup_user_id=user_id,
        user_name=user_name,
        started_at=start,
        ended_at=None if running else end,
        duration_ms=None if running else _duration(duration, start, end),
        is_running=running,
        billable=None,
        description=None,
        tags=None,
        entry_updated_at=instant(wire.get("date_added")),
    )
