"""What the reports should say, worked out by plain loops over the facts: the rows of one workspace."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.reports.places import Within
from tests.reports.ground import NOW, TODAY, Ground

Row = dict[str, Any]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MS = timedelta(milliseconds=1)
RANKS = {"urgent": 1, "high": 2, "normal": 3, "low": 4}


class Facts:
    """All rows of a workspace, and what follows from them at `now`."""

    def __init__(self, ground: Ground, now: datetime = NOW, today: date = TODAY) -> None:
        self.now, self.today = now, today

        def rows(table: str) -> list[Row]:
            return ground.rows(f"SELECT * FROM {table} WHERE workspace_id = %s", ground.id)

        self.tasks: dict[str, Row] = {row["clickup_task_id"]: row for row in rows("tasks")}
        self.people: dict[str, Row] = {row["clickup_user_id"]: row for row in rows("employees")}
        self.entries, self.comments = rows("time_entries"), rows("comments")
        self.put_away = {
            row[key]
            for table, key in (("spaces", "space_id"), ("folders", "folder_id"), ("lists", "list_id"))
            for row in rows(table)
            if row["archived"]
        }
        self.assigned: dict[str, list[str]] = {task_id: [] for task_id in self.tasks}
        for row in rows("task_people"):
            if row["relation"] == "assignee":
                self.assigned[row["clickup_task_id"]].append(row["clickup_user_id"])
        self.waits: dict[str, list[str]] = {task_id: [] for task_id in self.tasks}
        for row in rows("task_dependencies"):
            if row["relation"] == "waiting_on":
                self.waits[row["clickup_task_id"]].append(row["other_task_id"])

    def is_put_away(self, task: Row) -> bool:
        return task["archived"] or bool(
            {task["list_id"], task["folder_id"], task["space_id"]} & self.put_away
        )

    def is_open(self, task: Row) -> bool:
        ended = task["status_type"] in ("done", "closed")
        return not (task["is_deleted"] or ended or self.is_put_away(task))

    def done_at(self, task: Row) -> datetime | None:
        """When it was done, if it is and counts as such."""
        if task["is_deleted"] or task["status_type"] not in ("done", "closed"):
            return None
        return task["date_done"] or task["date_closed"]

    def sessions(self, task: Row) -> list[Row]:
        return [entry for entry in self.entries if entry["clickup_task_id"] == task["clickup_task_id"]]

    def touched_at(self, task: Row) -> datetime | None:
        moments = [task["date_updated"] or task["date_created"]]
        for entry in self.sessions(task):
            known = entry["ended_at"] or entry["started_at"] or entry["entry_updated_at"]
            moments.append(self.now if entry["is_running"] else known)
        return max((moment for moment in moments if moment), default=None)

    def open_waits(self, task: Row) -> list[str]:
        return sorted(other for other in self.waits[task["clickup_task_id"]] if self._is_open_id(other))

    def _is_open_id(self, task_id: str) -> bool:
        return task_id in self.tasks and self.is_open(self.tasks[task_id])

    def is_unassigned(self, task: Row) -> bool:
        """Whether neither a person, also one who left, nor a team is assigned."""
        return not self.assigned[task["clickup_task_id"]] and not task["group_assignees"]

    def reasons(self, task: Row) -> list[str]:
        estimate, spent = task["time_estimate_minutes"], task["tracked_minutes"]
        known = {
            "overdue": task["due_date"] is not None and task["due_date"] < self.today,
            "unassigned": self.is_unassigned(task),
            "not_started": task["status_type"] == "open" and spent is not None and not self.sessions(task),
            "over_estimate": bool(estimate) and spent is not None and spent >= estimate,
            "blocked": bool(self.open_waits(task)),
        }
        return [name for name, is_so in known.items() if is_so]

    def below(self, task: Row) -> Iterator[Row]:
        """Live subtasks at every depth, under live ones."""
        for other in self.tasks.values():
            if other["parent"] == task["clickup_task_id"] and not other["is_deleted"]:
                yield other
                yield from self.below(other)

    def is_without_time(self, task: Row) -> bool:
        return task["tracked_minutes"] == 0 and not self.sessions(task)

    def needing(self, condition: str, days: int) -> list[Row]:
        """The tasks that the condition is true of, worst first."""
        span = timedelta(hours=24 * days)
        touched = self.touched_at
        tests: dict[str, Callable[[Row], bool]] = {
            "overdue": lambda task: "overdue" in self.reasons(task),
            "at_risk": lambda task: (
                task["due_date"] is not None
                and 0 <= (task["due_date"] - self.today).days <= days
                and bool(self.reasons(task))
            ),
            "stale": lambda task: (at := touched(task)) is not None and self.now - at >= span,
            "blocked": lambda task: bool(self.open_waits(task)),
        }
        if condition == "untracked":
            return sorted(
                (task for task in self.tasks.values() if self._is_untracked(task, span)), key=self._dear
            )
        found = [task for task in self.tasks.values() if self.is_open(task) and tests[condition](task)]
        return sorted(found, key=self._longest_untouched if condition == "stale" else self._soonest)

    def _is_untracked(self, task: Row, span: timedelta) -> bool:
        done_at = self.done_at(task)
        if done_at is None or not timedelta(0) <= self.now - done_at < span:
            return False
        return self.is_without_time(task) and all(self.is_without_time(below) for below in self.below(task))

    def _rank(self, task: Row) -> tuple[int, str]:
        return RANKS.get(task["priority"], 5), task["clickup_task_id"]

    def _soonest(self, task: Row) -> tuple[Any, ...]:
        return task["due_date"] or date.max, *self._rank(task)

    def _longest_untouched(self, task: Row) -> tuple[Any, ...]:
        return self.touched_at(task), *self._rank(task)

    def _dear(self, task: Row) -> tuple[Any, ...]:
        done_at = self.done_at(task)
        assert done_at is not None
        return -(task["time_estimate_minutes"] or 0), EPOCH - done_at, *self._rank(task)

    def stands_in(self, task: Row | None, within: Within) -> bool:
        """Whether the task stands where it is asked for."""
        wanted = (
            ("clickup_task_id", within.tasks), ("list_id", within.lists), ("folder_id", within.folders),
            ("space_id", within.spaces),
        )  # fmt: skip
        return all(ids is None or (task is not None and task[name] in ids) for name, ids in wanted)

    def is_of(self, task: Row, people: list[str] | None) -> bool:
        """Whether one of these is assigned, by ClickUp's ids; nobody in particular: always."""
        return not people or bool(set(self.assigned[task["clickup_task_id"]]) & set(people))

    def spent(
        self, start: datetime, end: datetime, within: Within | None = None, *, running: bool = False
    ) -> Iterator[tuple[Row, int]]:
        """Entries with their milliseconds in [start, end); not those of deleted tasks."""
        for entry in self.entries:
            task = self.tasks.get(entry["clickup_task_id"])
            if (task and task["is_deleted"]) or entry["is_running"] is not running:
                continue
            if within and not self.stands_in(task, within):
                continue
            if entry["started_at"] is not None:
                yield entry, self._within(entry, start, end)

    def _within(self, entry: Row, start: datetime, end: datetime) -> int:
        begin = entry["started_at"]
        until = self.now if entry["is_running"] else begin + entry["duration_ms"] * MS
        return max(0, (min(until, end) - max(begin, start)) // MS)

    def waiting(self, within: Within | None = None) -> list[Row]:
        """Comments that wait for somebody; not those of deleted tasks."""
        return [
            comment
            for comment in self.comments
            if comment["assignee_id"] is not None
            and not comment["resolved"]
            and not (self.tasks.get(comment["clickup_task_id"]) or {}).get("is_deleted")
            and (not within or self.stands_in(self.tasks.get(comment["clickup_task_id"]), within))
        ]


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When the day begins, in zones whose clocks never skip midnight."""
    return datetime.combine(day, time(), zone).astimezone(UTC)
