"""A day of each person, put together from lists of several people's."""

from collections.abc import Iterable, Mapping
from typing import Any

Figures = dict[str, Any]
_WHO = ("clickup_user_id", "employee_id", "person_name")
_MS_PER_MINUTE = 60_000


def put_together(
    done: Iterable[Mapping[str, Any]],
    worked: Iterable[Mapping[str, Any]],
    due: Iterable[Mapping[str, Any]],
    waiting: Iterable[Mapping[str, Any]],
) -> list[Figures]:
    """One row for each person who is in any of the lists, by name; people without an id together, last.

    Minutes are whole ones, cut off, of the milliseconds beside them.
    """
    people: dict[str | None, Figures] = {}
    for row in done:
        _of(people, row)["done"].append(_task(row))
    for row in worked:
        _add_work(_of(people, row), row)
    for row in due:
        _of(people, row)["due"].append(_task(row))
    for row in waiting:
        _of(people, row)["waiting_comments"] = row["waiting_comments"]
    return sorted(people.values(), key=_by_name)


def _of(people: dict[str | None, Figures], row: Mapping[str, Any]) -> Figures:
    """The person's own row, empty at first."""
    blank = {
        "clickup_user_id": row["clickup_user_id"],
        "employee_id": row["employee_id"],
        "name": row["person_name"],
        "done": [],
        "worked": [],
        "minutes": 0,
        "milliseconds": 0,
        "running": [],
        "due": [],
        "waiting_comments": 0,
    }
    return people.setdefault(row["clickup_user_id"], blank)


def _add_work(person: Figures, row: Mapping[str, Any]) -> None:
    spent = row["milliseconds"]
    work = {"task": _task(row), "minutes": spent // _MS_PER_MINUTE, "milliseconds": spent}
    if row["is_running"]:
        person["running"].append({"started_at": row["started_at"]} | work)
        return
    person["worked"].append(work)
    person["milliseconds"] += spent
    person["minutes"] = person["milliseconds"] // _MS_PER_MINUTE


def _task(row: Mapping[str, Any]) -> Figures | None:
    """The task alone; None for time of no task."""
    if row["clickup_task_id"] is None:
        return None
    apart = (*_WHO, "is_running", "started_at", "milliseconds")
    return {name: value for name, value in row.items() if name not in apart}


def _by_name(person: Figures) -> tuple[bool, str, str]:
    return person["clickup_user_id"] is None, (person["name"] or "").lower(), person["clickup_user_id"] or ""
