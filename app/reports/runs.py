"""Questions about runs."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from app.core.answers.fields import InWords, Number, WorkspaceId, said
from app.core.answers.paging import Cursor, digest
from app.core.errors import ErrorCategory
from app.core.sync.run_kind import RunKind
from app.reports.keyset import LastWrite, Page, beginning, newest_first, place_params
from app.sql.typed_rows import Query
from app.supabase_db import Database

RunStatus = Literal["waiting", "running", "succeeded", "failed", "interrupted"]
Stage = Annotated[list[int | None], Field(min_length=2, max_length=2)]
# What is told of a run, wherever it is.
RunId = Annotated[UUID, said("The mirror's own id")]
KindOfRun = Annotated[RunKind, said("What was done", "incremental")]
Trigger = Annotated[
    str, said("What requested it: api, cli, demo, page, script, timer, webhook, retry", "timer")
]
StatusOfRun = Annotated[RunStatus, said("waiting for a worker, running, or how it ended")]
EndedAt = Annotated[datetime | None, said("When it ended; null while it has not")]
Requests = Annotated[int, said("Requests it sent to ClickUp, retries included", 12)]
RowsWritten = Annotated[int, said("Rows of data it inserted, updated or deleted", 40)]
Counts = Annotated[dict[str, int], said("Numbers for people", {"tasks read": 40, "tasks written": 3})]
Notes = Annotated[list[str], said("Sentences its users should read")]
ProgressOfRun = Annotated[
    dict[str, Stage],
    said("Of each stage what is done and the total; null: not known", {"tasks": [200, 3000]}),
]
ErrorOfRun = Annotated[str | None, said("Why it failed; null where it did not")]
FaultOfRun = Annotated[
    ErrorCategory | None,
    said("Whose matter that was; `mirror`: clickup-sync's own; null where it did not fail", "clickup"),
]


@dataclass(frozen=True, slots=True)
class Run:
    """One sync, from the moment it is asked for."""

    run_id: RunId
    workspace_id: WorkspaceId
    kind: KindOfRun
    trigger: Trigger
    status: StatusOfRun
    started_at: Annotated[datetime, InWords.INSTANT, said("When it began; while it waits, since when")]
    ended_at: EndedAt
    seconds: Annotated[Number | None, said("How long it took, in seconds; null until it ended", 2.417)]
    requests: Requests
    rows_written: RowsWritten
    counts: Counts
    notes: Notes
    progress: ProgressOfRun
    error: ErrorOfRun
    fault: FaultOfRun


LAST_RUN_START = Query("get_last_run_start", LastWrite)
LIST_RUNS = Query("list_runs", Run)
COUNT_RUNS = Query("count_runs", int)

_SILENT_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs; what is None lets everything pass. `since`: those that began then or later."""

    run_ids: Sequence[UUID] | None = None
    kinds: Sequence[str] | None = None
    statuses: Sequence[str] | None = None
    triggers: Sequence[str] | None = None
    since: datetime | None = None

    def params(self, workspace_id: str) -> dict[str, Any]:
        """As the queries take them."""
        return asdict(self) | {"workspace_id": workspace_id}

    @property
    def question(self) -> str:
        """What a cursor is good for."""
        return digest(asdict(self) | {"list": "runs"})


class RunReports:
    """What was done, and what is under way."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, workspace_id: str, run_id: UUID) -> Run | None:
        """One run as it stands; None where it is not known, or forgotten."""
        page = await self.page(workspace_id, RunFilter(run_ids=[run_id]), None, 1)
        return page.rows[0] if page.rows else None

    async def has_worker(self) -> bool:
        """Whether any worker process was heard of lately, so that what is asked for is done sometime."""
        return bool(await self._database.ask("list_live_workers", seconds=_SILENT_SECONDS))

    async def count(self, workspace_id: str, wanted: RunFilter) -> int:
        """How many runs pass the filter."""
        return await self._database.one(COUNT_RUNS, **wanted.params(workspace_id))

    async def page(
        self, workspace_id: str, wanted: RunFilter, cursor: Cursor | None, limit: int
    ) -> Page[Run]:
        """Runs, newest first: the first page, or the one at the cursor."""

        async def list_rows(place: Cursor, most: int) -> list[Run]:
            known = wanted.params(workspace_id) | place_params(place, most)
            return await self._database.rows(LIST_RUNS, **known)

        walk = newest_first(lambda run: str(run.run_id), _started_at, _started_at, list_rows)
        begin = cursor or await beginning(self._database, LAST_RUN_START, workspace_id, wanted.question)
        return await walk.page(begin, limit)


def _started_at(run: Run) -> datetime:
    return run.started_at
