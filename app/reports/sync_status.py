"""How far an answer can be relied upon: as of when it is, and what is not in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.config import Settings
from app.core.sync.refusal import RefusalKind, objects_of
from app.core.words import by_table, pluralize
from app.reports.status_rows import ServiceState
from app.sql.typed_rows import Query
from app.supabase_db import Database

# So many intervals may pass without a good sync before the mirror is called stale.
_MISSED_INTERVALS, _LEAST_PATIENCE = 5, timedelta(minutes=5)
NOT_ENDED = "the first sync is not finished"


@dataclass(frozen=True, slots=True)
class SyncStatus:
    """`as_of`: when ClickUp was asked for what the latest good sync brought; None before the first one.

    `is_fresh`: that is no longer ago than the service is patient. `is_complete`: the first sync came to
    its end. `gaps`: sentences that say what is not in the mirror, or keeps it from being level.
    """

    as_of: datetime | None
    age_seconds: int | None
    is_fresh: bool
    is_complete: bool
    gaps: list[str]


@dataclass(frozen=True, slots=True)
class _RefusedKind:
    kind: RefusalKind
    objects: int
    is_many: bool


@dataclass(frozen=True, slots=True)
class _Facts:
    """What is known of one workspace; `seen_at` is None where no worker ever mirrored it."""

    now: datetime
    as_of: datetime | None
    is_complete: bool
    unread: int
    refusals: list[_RefusedKind]
    short: int
    blind_spots: list[str]
    skipped: int
    unreadable: int
    external_changes: dict[str, int]
    seen_at: datetime | None
    token_rejected_at: datetime | None
    token_error: str | None
    is_running: bool


GET_SYNC_STATUS = Query("get_sync_status", _Facts)


class SyncStatusReports:
    """What stands beside every answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, workspace_id: str, settings: Settings) -> SyncStatus:
        """By the database's clock, in one cheap query; of a workspace nobody mirrored: nothing is known."""
        row = await self._database.one(GET_SYNC_STATUS, workspace_id=workspace_id)
        age = row.now - row.as_of if row.as_of else None
        return SyncStatus(
            as_of=row.as_of,
            age_seconds=int(age.total_seconds()) if age is not None else None,
            is_fresh=age is not None and age <= patience(settings),
            is_complete=row.is_complete,
            gaps=_gaps(row),
        )


def patience(settings: Settings) -> timedelta:
    """How long no sync may have succeeded before the mirror is called stale."""
    return max(timedelta(seconds=settings.sync_interval_seconds) * _MISSED_INTERVALS, _LEAST_PATIENCE)


def service_problems(service: ServiceState | _Facts | None, *, in_full: bool = True) -> list[str]:
    """What workers say against relying on it; nothing where there was none. `in_full`: as ClickUp said it."""
    if service is None:
        return []
    problems = []
    if not service.is_running and service.seen_at:
        problems.append(f"no worker is running since {service.seen_at:%F %T} UTC: start `clickup-sync serve`")
    if service.token_rejected_at:
        since = f"{service.token_rejected_at:%F %T} UTC"
        reason = f": {service.token_error}" if in_full else ""
        problems.append(f"ClickUp refuses the token since {since}{reason}")
    return problems


def _refused(row: _RefusedKind) -> str:
    refused = objects_of(row.kind, row.objects)
    if row.is_many:
        return f"ClickUp refuses {refused} at once, perhaps because of an outage"
    return f"{refused} cannot be read with this token"


def external_changes_sentence(rows: Mapping[str, int]) -> str:
    """What waits to be restored, by table."""
    return (
        f"another program changed {pluralize(sum(rows.values()), 'row')} in the database: {by_table(rows)}; "
        "the next full sync restores them"
    )


def _gaps(row: _Facts) -> list[str]:
    gaps = [] if row.is_complete else [NOT_ENDED]
    if row.is_complete and row.as_of is None:
        gaps.append("no sync succeeded")
    gaps += service_problems(row if row.seen_at else None)
    if row.unread:
        gaps.append(f"the comments of {pluralize(row.unread, 'task')} were not read yet")
    gaps += [_refused(kind) for kind in row.refusals]
    if row.short:
        tasks = pluralize(row.short, "task")
        gaps.append(
            f"ClickUp's answers for {tasks} have fewer comments than ClickUp or the mirror counts; stored "
            "comments are kept"
        )
    gaps += row.blind_spots
    if row.skipped:
        gaps.append(f"{pluralize(row.skipped, 'object')} could not be read")
    if row.unreadable:
        have = "row has" if row.unreadable == 1 else "rows have"
        gaps.append(f"{row.unreadable:,} {have} fields that could not be read: see `unreadable_fields`")
    if row.external_changes:
        gaps.append(external_changes_sentence(row.external_changes))
    return gaps
