"""Compares the mirror, row by row, with what the simulated workspace says is true."""

from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from psycopg.rows import dict_row

from tests.database import connect

Json = dict[str, Any]
_ROLES = {1: "owner", 2: "admin", 3: "member", 4: "guest"}


def differences(url: str, truth: Json, zone: ZoneInfo, as_of: datetime | None = None) -> list[str]:
    """One sentence for each thing in which the mirror is not the source; empty when they are equal.

    `as_of`: what history says of that instant is compared, instead of the tables.
    """
    with connect(url, row_factory=dict_row) as connection:
        if as_of:
            connection.execute("SELECT set_config('clickup_sync.as_of', %s, true)", [as_of.isoformat()])
        past = "past_" if as_of else ""
        tables = {
            name: connection.execute(f"SELECT * FROM {past}{name}".encode()).fetchall()
            for name in ("tasks", "employees", "spaces", "folders", "lists", "time_entries", "comments")
        }
    truth = _within_reach(tables, truth)
    return [
        *_tasks(tables, truth, zone),
        *_employees(tables["employees"], truth),
        *_places(tables, truth),
        *_entries(tables["time_entries"], truth),
        *_comments(tables["comments"], truth),
    ]


def _within_reach(tables: Json, truth: Json) -> Json:
    """The truth without what no call ever showed this mirror.

    That is: tasks of a put-away list in a space that the hierarchy hides; and of people who left,
    running timers and time without a task. What the mirror has all the same must be right, but for the
    end of such time, of which nothing tells.
    """
    known_tasks = {row["clickup_task_id"] for row in tables["tasks"]}
    known_entries = {row["clickup_entry_id"] for row in tables["time_entries"]}
    hidden = {
        task_id
        for task_id, task in truth["tasks"].items()
        if task["put_away"] and not truth["spaces"][task["space_id"]]["walked"] and task_id not in known_tasks
    }
    unasked = {
        entry_id
        for entry_id, entry in truth["entries"].items()
        if (_cannot_be_asked_for(entry, truth["people"]) or entry["task_id"] in hidden)
        and entry_id not in known_entries
    }
    return truth | {
        "hidden_tasks": hidden,
        "tasks": {
            task_id: task | {"sessions": [one for one in task["sessions"] if one["entry_id"] not in unasked]}
            for task_id, task in truth["tasks"].items()
            if task_id not in hidden
        },
        "entries": {key: entry for key, entry in truth["entries"].items() if key not in unasked},
        "comments": {key: said for key, said in truth["comments"].items() if said["task_id"] not in hidden},
    }


def _cannot_be_asked_for(entry: Json, people: Json) -> bool:
    return people[entry["user_id"]]["left"] and (entry["task_id"] is None or entry["running"])


def _tasks(tables: Json, truth: Json, zone: ZoneInfo) -> list[str]:
    live = {row["clickup_task_id"]: row for row in tables["tasks"] if not row["is_deleted"]}
    uuids = {row["clickup_user_id"]: row["id"] for row in tables["employees"]}
    wrong = [f"task {task_id} is missing" for task_id in truth["tasks"].keys() - live.keys()]
    # A task that moved out of the token's sight is kept: that is no proof of its end.
    wrong += [f"task {task_id} should be gone" for task_id in live.keys() & set(truth["deleted_tasks"])]
    for task_id in live.keys() & truth["tasks"].keys():
        task = truth["tasks"][task_id]
        wanted = _task_columns(task, truth["people"], uuids, zone)
        if not truth["spaces"][task["space_id"]]["walked"]:
            # A task's payload has the space's id only, and nothing else may be asked.
            wanted["space_name"] = None
        wrong += _unlike(f"task {task_id}", live[task_id], wanted)
        wrong += _named(f"task {task_id}", live[task_id], task)
        wrong += _unlike(f"field of task {task_id}", live[task_id]["custom_fields"], _shown_fields(task))
    return wrong


def _shown_fields(task: Json) -> Json:
    """Custom fields whose text the truth tells; dates and numbers it gives raw."""
    shown = {name: _shown(value) for name, value in task["custom_fields"].items()}
    return {name: value for name, value in shown.items() if value is not None}


def _shown(value: Any) -> str | None:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(value) if all(value) else None
    return value if isinstance(value, str) else None


def _task_columns(task: Json, people: Json, uuids: Json, zone: ZoneInfo) -> Json:
    assigned = [uuids[person] for person in task["assignees"] if person in uuids]
    return {
        "title": task["title"],
        "description": task["text"] or None,
        "custom_id": task["custom_id"],
        "top_level_parent": task["top_parent"],
        "status": task["status"],
        "status_type": task["status_type"],
        "priority": task["priority"],
        "tags": task["tags"],
        "archived": task["archived"],
        "parent": task["parent"],
        "list_id": task["list_id"],
        "list_name": task["list"],
        "folder_id": task["folder_id"],
        "folder_name": task["folder"],
        "space_id": task["space_id"],
        "space_name": task["space"],
        "assignee_ids": ",".join(task["assignees"]) or None,
        "assignee_name": ", ".join(_name(person, people) for person in task["assignees"]) or None,
        "employee_ids": assigned,
        "employee_id": assigned[0] if assigned else None,
        "followers": [_name(person, people) for person in task["watchers"]],
        "assigned_by": _name(task["creator"], people),
        "group_assignees": task["groups"],
        "date_created": _instant(task["date_created"]),
        "date_updated": _instant(task["date_updated"]),
        "date_closed": _instant(task["date_closed"]),
        "date_done": _instant(task["date_done"]),
        "start_date": _day(task["start_date"], zone),
        "due_date": _day(task["due_date"], zone),
        "time_estimate_minutes": _minutes(task["time_estimate_ms"]),
        "sprint_points": None if task["points"] is None else Decimal(str(task["points"])),
        "start_times": [_iso(session["start"], zone) for session in task["sessions"]],
        "end_times": [_iso(session["end"], zone) for session in task["sessions"]],
        "tracked_minutes": task["tracked_ms"] // 60_000,
        "assigned_comment": " | ".join(said["text"].strip(" \t\n\r") for said in task["assigned_comments"])
        or None,
        "dependencies": {
            "waiting_on": task["waits_on"],
            "blocking": task["blocks"],
            "linked": task["linked"],
        },
    }


def _employees(rows: list[Json], truth: Json) -> list[str]:
    active = {row["clickup_user_id"]: row for row in rows if row["is_active"]}
    members = {person_id: person for person_id, person in truth["people"].items() if not person["left"]}
    wrong = [f"person {key} is missing" for key in members.keys() - active.keys()]
    wrong += [f"person {key} should have left" for key in active.keys() - members.keys()]
    for key in active.keys() & members.keys():
        person = members[key]
        wanted = {"name": _name(key, members), "email": person["email"], "role": _ROLES[person["role"]]}
        wrong += _unlike(f"person {key}", active[key], wanted)
    return wrong


def _places(tables: Json, truth: Json) -> list[str]:
    wrong: list[str] = []
    for table, key in (("spaces", "space_id"), ("folders", "folder_id"), ("lists", "list_id")):
        live = {row[key]: row for row in tables[table] if not row["is_deleted"]}
        wanted = {
            place_id: place
            for place_id, place in truth[table].items()
            if truth["spaces"][place.get("space_id", place_id)]["walked"]
        }
        wrong += [f"{key} {place_id} is missing" for place_id in wanted.keys() - live.keys()]
        wrong += [f"{key} {place_id} should be gone" for place_id in live.keys() - wanted.keys()]
        for place_id in wanted.keys() & live.keys():
            columns = {name: value for name, value in wanted[place_id].items() if name in live[place_id]}
            wrong += _unlike(f"{key} {place_id}", live[place_id], columns)
    return wrong


def _entries(rows: list[Json], truth: Json) -> list[str]:
    in_sight = {None, *truth["tasks"], *truth["hidden_tasks"]}
    stored = {row["clickup_entry_id"]: row for row in rows if row["clickup_task_id"] in in_sight}
    wrong = [f"entry {entry_id} is missing" for entry_id in truth["entries"].keys() - stored.keys()]
    wrong += [
        f"entry {entry_id} should be gone"
        for entry_id in stored.keys() - truth["entries"].keys()
        if stored[entry_id]["clickup_task_id"]
        or not truth["people"][stored[entry_id]["clickup_user_id"]]["left"]
    ]
    for entry_id in stored.keys() & truth["entries"].keys():
        entry = truth["entries"][entry_id]
        wanted = {
            "clickup_task_id": entry["task_id"],
            "clickup_user_id": entry["user_id"],
            "started_at": _instant(entry["start"]),
            "ended_at": _instant(entry["end"]),
            "duration_ms": entry["duration_ms"],
            "is_running": entry["running"],
        }
        wrong += _unlike(f"entry {entry_id}", stored[entry_id], wanted)
        wrong += _named(f"entry {entry_id}", stored[entry_id], entry)
    return wrong


def _comments(rows: list[Json], truth: Json) -> list[str]:
    stored = {row["clickup_comment_id"]: row for row in rows if row["clickup_task_id"] in truth["tasks"]}
    wrong = [f"comment {key} is missing" for key in truth["comments"].keys() - stored.keys()]
    wrong += [f"comment {key} should be gone" for key in stored.keys() - truth["comments"].keys()]
    for key in stored.keys() & truth["comments"].keys():
        said = truth["comments"][key]
        wanted = {
            "clickup_task_id": said["task_id"],
            "parent_comment_id": said["parent"],
            "text": said["text"],
            "author_id": said["user_id"],
            "assignee_id": said["assignee"],
            "assigned_by_id": said["assigned_by"],
            "assignee_group_id": said["group"],
            "assignee_group_name": said["group_name"],
            "is_waiting": bool(said["assignee"] or said["group"]) and not said["resolved"],
            "resolved": said["resolved"],
            "commented_at": _instant(said["date"]),
            "blocks": said["blocks"],
            "reaction_counts": _reactions(said["reactions"]),
        }
        wrong += _unlike(f"comment {key}", stored[key], wanted)
        wrong += _named(f"comment {key}", stored[key], said)
    return wrong


def _reactions(given: list[Json]) -> dict[str, int]:
    """How often each sign was given; the simulator's reactions are codes of one sign."""
    return dict(Counter(chr(int(one["reaction"], 16)) for one in given))


def _named(what: str, row: Json, true: Json) -> list[str]:
    """The fields that make no sense are named, and no others; of custom fields each for itself."""
    named = sorted({name.partition(".")[0] for name in row["unreadable_fields"]})
    return [] if named == true["unreadable"] else [f"{what}: {named} are named, not {true['unreadable']}"]


def _unlike(what: str, row: Json, wanted: Json) -> list[str]:
    return [
        f"{what}: {column} is {row.get(column)!r}, should be {value!r}"
        for column, value in wanted.items()
        if row.get(column) != value
    ]


def _name(person_id: str, people: Json) -> str:
    person = people[person_id]
    return str(person["name"] or person["email"] or person_id)


def _instant(millis: int | None) -> datetime | None:
    return None if millis is None else datetime.fromtimestamp(millis / 1000, UTC)


def _iso(millis: int | None, zone: ZoneInfo) -> str | None:
    instant = _instant(millis)
    return instant.astimezone(zone).isoformat(timespec="seconds") if instant else None


def _day(millis: int | None, zone: ZoneInfo) -> date | None:
    instant = _instant(millis)
    return instant.astimezone(zone).date() if instant else None


def _minutes(millis: int | None) -> int | None:
    return None if millis is None else int(millis) // 60_000
