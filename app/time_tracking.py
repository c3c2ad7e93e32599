"""Work sessions: what a task shows of its time entries. Pure code."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from app.core.clickup.stamps import local_iso

_MS_PER_MINUTE = 60_000
_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Session:
    """One start and end of work. `ended_at` is None while it runs; `duration_ms` then is None too."""

    clickup_task_id: str
    clickup_entry_id: str
    started_at: datetime | None
    ended_at: datetime | None
    duration_ms: int | None


@dataclass(frozen=True, slots=True)
class TaskSessions:
    """A task's sessions, latest first: one index of both lists is one session.

    Texts are ISO 8601 with the zone's offset. `tracked_minutes`: whole minutes of all finished
    sessions together.
    """

    clickup_task_id: str
    start_times: list[str | None]
    end_times: list[str | None]
    tracked_minutes: int


def tracked_minutes(durations_ms: Iterable[int | None]) -> int:
    """Whole minutes of all finished sessions together; a running one (None) counts nothing yet."""
    return sum(duration or 0 for duration in durations_ms) // _MS_PER_MINUTE


def summarize(task_id: str, sessions: Iterable[Session], zone: ZoneInfo) -> TaskSessions:
    """What the task's row says about these sessions."""
    latest_first = sorted(sessions, key=_started, reverse=True)
    return TaskSessions(
        clickup_task_id=task_id,
        start_times=[local_iso(session.started_at, zone) for session in latest_first],
        end_times=[local_iso(session.ended_at, zone) for session in latest_first],
        tracked_minutes=tracked_minutes(session.duration_ms for session in latest_first),
    )


def _started(session: Session) -> tuple[datetime, str]:
    return session.started_at or _BEFORE_ALL, session.clickup_entry_id


def summarize_tasks(
    task_ids: Iterable[str], sessions: Iterable[Session], zone: ZoneInfo
) -> Mapping[str, TaskSessions]:
    """One summary for each task asked for, also for those without a session."""
    by_task: dict[str, list[Session]] = {task_id: [] for task_id in task_ids}
    for session in sessions:
        by_task[session.clickup_task_id].append(session)
    return {task_id: summarize(task_id, found, zone) for task_id, found in by_task.items()}
