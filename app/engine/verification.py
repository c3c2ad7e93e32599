"""Verification: what was read longest ago is read again, because not every change leaves a trace.

A comment edited, assigned or resolved, a session of somebody who left edited or deleted: none moves
the task's `date_updated` for certain. Full passes compare what listings show; verification does the rest.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.core.sync.comment_proof import MOST_SHORT_READS
from app.engine.comments import read_comments_of
from app.engine.lookup_names import load_names
from app.engine.refetch import refetch_tasks
from app.engine.run import Run
from app.engine.status_times import sync_status_times
from app.engine.task_time import read_tasks_time
from app.supabase_db import Database, Row

_STATUS_REQUESTS = 5
# The run that wrote a changed task reads its comments as well; what it leaves behind is read after this.
_SETTLED = timedelta(seconds=30)


@dataclass(slots=True)
class Due:
    """What is verified next: tasks for their comments, tasks for their own time, and whether there are
    some whose status changed since it was asked when.
    """

    comments: list[Row]
    time: list[Row]
    statuses: bool

    def __bool__(self) -> bool:
        return bool(self.comments or self.time or self.statuses)

    def is_late(self, every: timedelta) -> bool:
        """Whether something was last read longer ago than it should be."""
        comments = [row["comments_read_at"] for row in self.comments]
        read = [at for at in (*comments, *(row["time_read_at"] for row in self.time)) if at]
        return bool(read) and min(read) < datetime.now(UTC) - every


async def list_due(database: Database, workspace_id: str, pause: timedelta, limit: int) -> Due:
    """At most `limit` tasks of each kind, the most urgent first.

    None that was read within the pause, and none that could not be read then.
    """
    now = datetime.now(UTC)
    skipped = await database.ask("list_recently_skipped", workspace_id=workspace_id, since=now - pause)
    left_alone = [row["object_id"] for row in skipped]
    params = {
        "workspace_id": workspace_id,
        "due_before": now - pause,
        "settled_before": now - _SETTLED,
        "most_short_reads": MOST_SHORT_READS,
        "excluded_ids": left_alone,
        "limit": limit,
    }
    comments = await database.ask("list_comments_due", **params)
    time = await database.ask("list_time_due", **params)
    statuses = await database.ask("list_status_due", **params | {"limit": 1})
    return Due(comments, time, bool(statuses) and workspace_id not in left_alone)


async def verify(run: Run, due: Due) -> None:
    """Reads again what is due; a task that seems gone is asked for itself."""
    names = await load_names(run)
    await read_comments_of(run, due.comments)
    await read_tasks_time(run, {row["clickup_task_id"] for row in due.time}, names.zone)
    if due.statuses:
        await sync_status_times(run, most=_STATUS_REQUESTS)
    await refetch_tasks(run, names, sorted(run.findings.doubtful))
