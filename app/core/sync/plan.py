"""What one sync decides: stored + fetched + what was read to its end → what to do.

The rule that everything here serves: absence in a listing is never a deletion. A listing that was
read whole only nominates; a 404 for the task itself convicts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from app.core.clickup.models import TaskRow


@dataclass(frozen=True, slots=True)
class StoredTask:
    """What the mirror knows of a task when a page arrives.

    `payload`: the fingerprint of a row and the digest of the payload that it was made of.
    """

    clickup_task_id: str
    fingerprint: str
    date_updated: datetime | None
    is_deleted: bool
    payload: str | None = None

    def is_made_of(self, digest: str | None) -> bool:
        """Whether the row, as it is stored now, is what a payload with this digest says."""
        return digest is not None and not self.is_deleted and self.payload == f"{self.fingerprint}:{digest}"


@dataclass(slots=True)
class TaskPlan:
    """`write`: new or changed rows. `compare`: rows of which the mirror says that they did not change.

    `prove`: listed, yet marked deleted here, or older than what is stored: ask for each itself.
    """

    write: list[TaskRow] = field(default_factory=list)
    compare: list[TaskRow] = field(default_factory=list)
    prove: list[str] = field(default_factory=list)
    unchanged: int = 0
    stale: int = 0


def plan_tasks(
    stored: Mapping[str, StoredTask], rows: Iterable[TaskRow], *, trusted: bool = True
) -> TaskPlan:
    """Sorts the rows of one page. A row older than the stored one is stale and never written.

    Where what is stored is not `trusted`, a stale one is asked for itself: the stored date may be false.
    """
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
            plan.compare.append(row)
        elif _older(row.date_updated, known.date_updated):
            plan.stale += 1
            if not trusted:
                plan.prove.append(row.clickup_task_id)
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
        return MissingPlan(
            [], f"{len(missing)} tasks are missing, but some listings could not be read completely: {scopes}"
        )
    if exceeds(len(missing), known, max_deleted_percent):
        doubt = f"{len(missing)} of {known} tasks are missing from the listings"
        return MissingPlan([], deletions_blocked_sentence(doubt, max_deleted_percent))
    return MissingPlan(list(missing))


def exceeds(gone: int, known: int, max_deleted_percent: int) -> bool:
    """More would go than one believes without being told."""
    return gone * 100 > known * max_deleted_percent


def deletions_blocked_sentence(doubt: str, max_deleted_percent: int) -> str:
    """Why nothing is marked deleted, and how to allow it."""
    return (
        f"{doubt}, more than the {max_deleted_percent} % that MAX_DELETED_PERCENT allows: no task is "
        "marked as deleted. If they are really deleted, run `clickup-sync sync --full "
        "--max-deleted-percent 100` once"
    )


@dataclass(frozen=True, slots=True)
class KnownEntry:
    """A stored time entry as a window sees it. `duration_ms` is 0 while it runs."""

    clickup_entry_id: str
    clickup_task_id: str | None
    duration_ms: int


@dataclass(frozen=True, slots=True)
class TaskTime:
    """One task's time totals (ms): what ClickUp says was spent, and what the mirror's entries add up to."""

    spent_ms: int
    stored_ms: int
    is_leaf: bool
    is_deleted: bool = False


@dataclass(slots=True)
class PrunePlan:
    """What becomes of entries that a window read whole did not bring; those of deleted tasks stay.

    `delete`: the task's total confirms it. `reread`: tasks whose own time decides. `unverifiable`: running
    timers, and entries of no task that the mirror knows; nothing but the window speaks of them.
    """

    delete: list[str] = field(default_factory=list)
    reread: set[str] = field(default_factory=set)
    unverifiable: list[str] = field(default_factory=list)


def plan_prune(absent: Sequence[KnownEntry], totals: Mapping[str, TaskTime]) -> PrunePlan:
    """Sorts the absent entries by what confirms that they are gone.

    A leaf task's `time_spent` equals the sum of its entries (observed): the absent ones go when its
    total is right without them. A parent's may include its subtasks' time, and proves nothing. A timer
    that was discarded is in no total: only the window shows that it is gone.
    """
    plan = PrunePlan()
    for task_id, entries in _by_task(absent).items():
        total = totals.get(task_id) if task_id else None
        if task_id is None or total is None:
            plan.unverifiable += _ids(entries)
        elif not total.is_deleted:  # else they left with their task, and come back with it
            _plan_prune_of_task(plan, task_id, entries, total)
    return plan


def _plan_prune_of_task(plan: PrunePlan, task_id: str, entries: list[KnownEntry], total: TaskTime) -> None:
    finished = [entry for entry in entries if entry.duration_ms]
    plan.unverifiable += _ids(entry for entry in entries if not entry.duration_ms)
    if total.is_leaf and total.stored_ms - _total(finished) == total.spent_ms:
        plan.delete += _ids(finished)
    elif finished:
        plan.reread.add(task_id)


def _ids(entries: Iterable[KnownEntry]) -> list[str]:
    return [entry.clickup_entry_id for entry in entries]


def plan_task_prune(absent: Sequence[KnownEntry], total: TaskTime | None) -> list[str]:
    """Entries to delete after a task's own time was read whole and did not bring them.

    None go while a leaf task's total is right with them: then the token was shown only a part.
    """
    if total and total.is_leaf and total.stored_ms == total.spent_ms and _total(absent):
        return []
    return [entry.clickup_entry_id for entry in absent]


def _total(entries: Iterable[KnownEntry]) -> int:
    return sum(entry.duration_ms for entry in entries)


def _by_task(entries: Sequence[KnownEntry]) -> dict[str | None, list[KnownEntry]]:
    grouped: dict[str | None, list[KnownEntry]] = {}
    for entry in entries:
        grouped.setdefault(entry.clickup_task_id, []).append(entry)
    return grouped
