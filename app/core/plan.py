"""What one sync decides: stored + fetched + what was read to its end → what to do.

The rule that everything here serves: absence in a listing is never a deletion. A listing that was
read whole only nominates; a 404 for the task itself convicts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from app.core.models import TaskRow


@dataclass(frozen=True, slots=True)
class StoredTask:
    """What the mirror knows of a task when a page arrives."""

    clickup_task_id: str
    fingerprint: str
    date_updated: datetime | None
    is_deleted: bool


@dataclass(slots=True)
class TaskPlan:
    """`write`: new or changed rows. `prove`: listed, yet marked deleted here: ask for each itself."""

    write: list[TaskRow] = field(default_factory=list)
    prove: list[str] = field(default_factory=list)
    unchanged: int = 0
    stale: int = 0


def plan_tasks(stored: Mapping[str, StoredTask], rows: Iterable[TaskRow]) -> TaskPlan:
    """Sorts the rows of one page. A row older than the stored one is stale and never written."""
    plan = TaskPlan()
    for row in rows:
        known = stored.get(row.clickup_task_id)
        if known is None:
            plan.write.append(row)
        elif known.is_deleted:
            # The search index lags: a deleted task may still be listed for a while.
            plan.prove.append(row.clickup_task_id)
        elif known.fingerprint == row.fingerprint:
            plan.unchanged += 1
        elif _older(row.date_updated, known.date_updated):
            plan.stale += 1
        else:
            plan.write.append(row)
    return plan


def _older(read: datetime | None, known: datetime | None) -> bool:
    return read is not None and known is not None and read < known


@dataclass(frozen=True, slots=True)
class MissingPlan:
    """Tasks to ask for one by one, or the sentence that says why none is asked for."""

    ask: list[str]
    withheld: str | None = None


def plan_missing(
    missing: Sequence[str], known: int, *, unread: Sequence[str], max_deleted_percent: int
) -> MissingPlan:
    """What to do about the `missing` of `known` live tasks that a full pass did not see.

    `unread` names the scopes that were not read to their end. When more than `max_deleted_percent`
    are missing, the reading is doubted, not they.
    """
    if not missing:
        return MissingPlan([])
    if unread:
        scopes = ", ".join(unread)
        return MissingPlan([], f"{len(missing)} tasks were not listed, but not read to the end: {scopes}")
    if len(missing) * 100 > known * max_deleted_percent:
        return MissingPlan(
            [],
            f"{len(missing)} of {known} tasks are missing from the listings, more than the "
            f"{max_deleted_percent} % that MAX_DELETED_PERCENT allows: none is marked deleted. If they "
            f"really are gone, run `clickup-sync sync --full --max-deleted-percent 100` once",
        )
    return MissingPlan(list(missing))


@dataclass(frozen=True, slots=True)
class KnownEntry:
    """A stored time entry as a window sees it. `duration_ms` is 0 while it runs."""

    clickup_entry_id: str
    clickup_task_id: str | None
    duration_ms: int


@dataclass(frozen=True, slots=True)
class TaskTime:
    """One task's books: what ClickUp says was spent, and what the mirror's entries add up to (ms)."""

    spent_ms: int
    stored_ms: int
    is_leaf: bool


@dataclass(slots=True)
class PrunePlan:
    """Entries to delete, and tasks whose own entries must be read before anything is deleted."""

    delete: list[str] = field(default_factory=list)
    reread: set[str] = field(default_factory=set)


def plan_prune(absent: Sequence[KnownEntry], books: Mapping[str, TaskTime]) -> PrunePlan:
    """Entries that a window read whole did not bring.

    A leaf task's `time_spent` equals the sum of its entries (observed), which makes it a second
    witness: the absent ones go only when the task's books balance without them. Where they do
    not, the task's own entries decide.
    """
    plan = PrunePlan()
    for task_id, entries in _by_task(absent).items():
        book = books.get(task_id) if task_id else None
        without = book.stored_ms - sum(entry.duration_ms for entry in entries) if book else 0
        if task_id and book and book.is_leaf and without != book.spent_ms:
            plan.reread.add(task_id)
        else:
            plan.delete += [entry.clickup_entry_id for entry in entries]
    return plan


def _by_task(entries: Sequence[KnownEntry]) -> dict[str | None, list[KnownEntry]]:
    grouped: dict[str | None, list[KnownEntry]] = {}
    for entry in entries:
        grouped.setdefault(entry.clickup_task_id, []).append(entry)
    return grouped
