"""A workspace of a test's own making, row by row, with the columns that the mirror derives."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from itertools import count
from random import Random
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from tests.database import connect

Row = dict[str, Any]
NAMESPACE = UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
# A Monday noon in Berlin, the day after its clocks went forward.
NOW = datetime(2026, 3, 30, 10, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
TODAY = date(2026, 3, 30)
DAY = timedelta(days=1)


def columns(rows: Iterable[Any]) -> list[Row]:
    """Rows of a report by the names of their columns, to compare with facts."""
    return [asdict(row) for row in rows]


def employee_id(user: str) -> UUID:
    """The id that the person of this ClickUp id has."""
    return uuid5(NAMESPACE, user)


class Ground:
    """One workspace of one database; ids are made of the workspace's name, so that several may share it."""

    def __init__(self, url: str, workspace_id: str = "w") -> None:
        self.url = url
        self.id = workspace_id
        self._number = count(1)
        self._connection = connect(url, autocommit=True, row_factory=dict_row)
        self._insert("workspaces", {"workspace_id": workspace_id, "name": workspace_id})

    def close(self) -> None:
        self._connection.close()

    def rows(self, query: str, *params: Any) -> list[Row]:
        cursor = self._connection.execute(query.encode(), params)
        return cursor.fetchall() if cursor.description else []

    def person(self, name: str, *, is_here: bool = True) -> str:
        """Somebody's ClickUp id."""
        user = f"{self.id}-{name}"
        left = None if is_here else NOW
        known = {"id": employee_id(user), "clickup_user_id": user, "name": name}
        self._insert("employees", known | {"is_active": is_here, "left_at": left})
        self._insert(
            "memberships",
            {
                "employee_id": employee_id(user),
                "clickup_user_id": user,
                "is_active": is_here,
                "left_at": left,
            },
        )
        return user

    def space(self, name: str, **more: Any) -> str:
        return self._place("spaces", "space_id", name, more)

    def folder(self, name: str, **more: Any) -> str:
        return self._place("folders", "folder_id", name, more)

    def list(self, name: str, **more: Any) -> str:
        return self._place("lists", "list_id", name, more)

    def task(
        self, *, people: Iterable[str] = (), list_id: str | None = None, waits_on: Iterable[str] = (),
        **more: Any,
    ) -> str:  # fmt: skip
        """An open task, if nothing else is said, that was touched a moment ago."""
        task_id = more.pop("clickup_task_id", None) or f"{self.id}-t{next(self._number)}"
        place = self._standing(list_id)
        known: Row = {
            "clickup_task_id": task_id,
            "title": f"Task {task_id}",
            "type": "Task",
            "status": "to do",
            "status_type": "open",
            "date_created": NOW - 100 * DAY,
            "date_updated": NOW - timedelta(hours=1),
            "tracked_minutes": 0,
            "read_at": NOW,
            "fingerprint": "f",
            "employee_ids": [],
        }
        more["deleted_at"] = more.get("deleted_at", NOW) if more.get("is_deleted") else None
        self._insert("tasks", known | place | more)
        self.assign(task_id, people)
        for other in waits_on:
            self.depend(task_id, other)
        return task_id

    def assign(self, task_id: str, people: Iterable[str]) -> None:
        """These persons, who need not be employees."""
        for position, user in enumerate(people):
            relation = {"relation": "assignee", "clickup_user_id": user, "position": position}
            self._insert("task_people", {"clickup_task_id": task_id, "name": user} | relation)
        self._connection.execute(
            "UPDATE tasks AS t SET assignee_ids = a.ids, assignee_name = a.ids,"
            " employee_ids = coalesce(a.uuids, '{}')"
            " FROM (SELECT string_agg(p.clickup_user_id, ',' ORDER BY p.position) AS ids,"
            "   array_agg(e.id ORDER BY p.position) FILTER (WHERE e.id IS NOT NULL) AS uuids"
            "   FROM task_people AS p LEFT JOIN employees AS e USING (clickup_user_id)"
            "   WHERE p.clickup_task_id = %s AND p.relation = 'assignee') AS a WHERE t.clickup_task_id = %s",
            (task_id, task_id),
        )

    def depend(self, task_id: str, other: str, relation: str = "waiting_on") -> None:
        self._insert(
            "task_dependencies", {"clickup_task_id": task_id, "relation": relation, "other_task_id": other}
        )

    def entry(
        self, task_id: str | None, user: str | None, started_at: datetime | None, ms: int | None, **more: Any
    ) -> str:
        """A session; without `ms` its timer runs, without a start it was logged as an amount."""
        entry_id = f"{self.id}-e{next(self._number)}"
        ended = started_at + timedelta(milliseconds=ms) if started_at and ms is not None else None
        known = {
            "clickup_entry_id": entry_id,
            "clickup_task_id": task_id,
            "clickup_user_id": user,
            "user_name": user and f"name of {user}",
            "started_at": started_at,
            "ended_at": ended,
            "duration_ms": ms,
            "is_running": ms is None,
            "read_at": NOW,
        }
        self._insert("time_entries", known | more)
        self.refresh_sessions(task_id)
        return entry_id

    def refresh_sessions(self, task_id: str | None) -> None:
        """The session columns, as entries say; only the mirror may know better that it does not know."""
        self._connection.execute(
            "UPDATE tasks SET tracked_minutes = s.ms / 60000, start_times = s.starts, end_times = s.starts"
            " FROM (SELECT coalesce(sum(duration_ms), 0)::bigint AS ms,"
            "   array_agg(started_at::text) AS starts FROM time_entries WHERE clickup_task_id = %s) AS s"
            " WHERE clickup_task_id = %s AND tracked_minutes IS NOT NULL",
            (task_id, task_id),
        )

    def comment(self, task_id: str, assignee: str | None, **more: Any) -> str:
        comment_id = f"{self.id}-c{next(self._number)}"
        known = {
            "clickup_comment_id": comment_id,
            "clickup_task_id": task_id,
            "text": "please",
            "assignee_id": assignee,
            "assignee_name": assignee,
            "resolved": False,
            "commented_at": NOW,
            "read_at": NOW,
        }
        self._insert("comments", known | more)
        return comment_id

    def _place(self, table: str, key: str, name: str, more: Row) -> str:
        place_id = f"{self.id}-{name}"
        known = {key: place_id, "name": name, "archived": False, "fingerprint": "f"}
        self._insert(table, known | more)
        return place_id

    def _standing(self, list_id: str | None) -> Row:
        """Where a task of the list stands, as its own columns say."""
        rows = self.rows(
            "SELECT l.list_id, l.name AS list_name, l.folder_id, f.name AS folder_name, l.space_id,"
            " s.name AS space_name FROM lists AS l LEFT JOIN folders AS f USING (folder_id)"
            " LEFT JOIN spaces AS s ON s.space_id = l.space_id WHERE l.list_id = %s",
            list_id,
        )
        return rows[0] if rows else {}

    def _insert(self, table: str, row: Row) -> None:
        row = {"workspace_id": self.id} | row
        values = [Jsonb(value) if isinstance(value, dict) else value for value in row.values()]
        names, marks = ", ".join(row), ", ".join(["%s"] * len(row))
        self._connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})".encode(), values)


def crowd(ground: Ground, seed: int, tasks: int = 250) -> None:
    """A workspace with a little of everything that may be wrong, around `NOW`."""
    chance = Random(seed)
    people = [ground.person(f"p{number}", is_here=number < 5) for number in range(7)]
    lists = _places(ground)
    # Somebody who is in no table of people.
    everybody = [*people, f"{ground.id}-stranger"]
    known: list[str] = []
    for _ in range(tasks):
        known.append(_some_task(ground, chance, everybody, lists, known))
    for _ in range(tasks):
        _some_entry(ground, chance, everybody, known)
    for _ in range(tasks // 3):
        ground.comment(
            chance.choice([*known, f"{ground.id}-unknown"]),
            chance.choice([None, *everybody]),
            resolved=chance.random() < 0.4,
        )
    # Some tasks' time is not known yet.
    ground.rows(
        "UPDATE tasks SET tracked_minutes = NULL, start_times = '{}', end_times = '{}'"
        " WHERE workspace_id = %s AND clickup_task_id = ANY(%s)",
        ground.id, chance.sample(known, tasks // 10),
    )  # fmt: skip


def _places(ground: Ground) -> list[str | None]:
    """Lists in folders and without, some of them archived, or in an archived folder or space."""
    lists: list[str | None] = [None]
    for space in range(3):
        space_id = ground.space(f"s{space}", archived=space == 2)
        lists.append(ground.list(f"l{space}", space_id=space_id))
        for folder in range(2):
            inside = {"space_id": space_id, "archived": folder == 1}
            folder_id = ground.folder(f"f{space}{folder}", **inside)
            for number in range(2):
                own = {"space_id": space_id, "folder_id": folder_id, "archived": number == 1}
                lists.append(ground.list(f"l{space}{folder}{number}", **own))
    # One half of all tasks is where nothing is archived.
    return [*lists, *[f"{ground.id}-l0", f"{ground.id}-l000"] * 5]


def _some_task(
    ground: Ground, chance: Random, people: list[str], lists: list[str | None], known: list[str]
) -> str:
    ended = chance.random() < 0.45
    updated = NOW - timedelta(hours=chance.randint(0, 60 * 24))
    done_at = NOW - timedelta(minutes=chance.randint(-60, 60 * 24 * 60)) if ended else None
    kinds = ["done", "closed"] if ended else ["open", "open", "custom", "custom", None]
    kind = chance.choice(kinds)
    return ground.task(
        people=chance.sample(people, chance.choice([0, 1, 1, 1, 2, 3])),
        list_id=chance.choice(lists),
        waits_on=chance.sample(known, min(len(known), chance.choice([0, 0, 0, 1, 2]))),
        status=f"{kind} {chance.randint(1, 2)}" if kind else None,
        status_type=kind,
        priority=chance.choice([None, "urgent", "high", "normal", "low", "odd"]),
        parent=chance.choice(known) if known and chance.random() < 0.3 else None,
        due_date=chance.choice([None, TODAY + timedelta(days=chance.randint(-12, 9))]),
        date_created=chance.choice([updated - timedelta(hours=chance.randint(0, 900)), None]),
        date_updated=updated if chance.random() < 0.95 else None,
        date_done=done_at if chance.random() < 0.8 else None,
        date_closed=done_at if kind == "closed" else None,
        time_estimate_minutes=chance.choice([None, 0, 30, 60, 600]),
        archived=chance.random() < 0.08,
        is_deleted=chance.random() < 0.08,
        deleted_at=NOW - timedelta(hours=chance.randint(0, 60 * 24)),
    )


def _some_entry(ground: Ground, chance: Random, people: list[str], known: list[str]) -> None:
    task_id = chance.choice([*known, *known[: len(known) // 4], None, f"{ground.id}-unknown"])
    started_at = NOW - timedelta(milliseconds=chance.randint(0, 40 * 86_400_000))
    ms: int | None = chance.choice([0, 30_000, chance.randint(1, 9_000_000), 100_000_000])
    if chance.random() < 0.04:
        ms = None
    elif chance.random() < 0.05:
        ground.entry(task_id, chance.choice(people), None, ms, entry_updated_at=started_at)
        return
    ground.entry(task_id, chance.choice([*people, None]), started_at, ms, entry_updated_at=started_at)
