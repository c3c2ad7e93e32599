"""What answers about the mirror itself look like."""

from datetime import datetime
from typing import Annotated

from app.mcp.answer_schemas import Answer, Shape, maybe, said, several


class Fresh(Shape):
    """How far one kind of data is verified."""

    stream: Annotated[str, said("Which data", "tasks")]
    verified_at: Annotated[
        datetime | None, said("When the longest unverified row was last compared, in `zone`; null: never yet")
    ]
    verified: Annotated[str | None, maybe("The same as people say it", "2 minutes ago")] = None
    again_at: Annotated[
        datetime | None, maybe("When all will have been compared again, in `zone`, where somebody is at it")
    ] = None
    unread: Annotated[int | None, maybe("Tasks of which it was never read")] = None


class Run(Shape):
    """One sync."""

    kind: Annotated[str, said("What it did: changes, full, deep, employees, tasks, verify, daily", "changes")]
    status: Annotated[str, said("waiting, running, succeeded, failed or interrupted", "succeeded")]
    started_at: Annotated[datetime | None, said("Its start in `zone`")]
    started: Annotated[str | None, maybe("The same as people say it", "2 minutes ago")] = None
    ended_at: Annotated[datetime | None, maybe("Its end in `zone`")] = None
    requests: Annotated[int, said("Requests to ClickUp", 12)]
    rows_written: Annotated[int, said("Rows written", 340)]
    error: Annotated[str | None, maybe("What ended it, where it failed")] = None


class SyncStatus(Answer):
    """Sync status."""

    workspace_id: Annotated[str, said("ClickUp's id of the workspace", "9000003")]
    workspace: Annotated[str, said("Its name", "Northwind")]
    is_kept_level: Annotated[bool, said("A service is running and keeps the mirror in sync")]
    troubles: Annotated[list[str], said("Current problems, as sentences; empty when the mirror is healthy")]
    runs: Annotated[list[Run], said("The latest five syncs, newest first")]
    counts: Annotated[
        dict[str, int] | None,
        maybe("How much the mirror holds, by kind; tracked_minutes in whole minutes (full)", {"tasks": 3000}),
    ] = None
    tracked: Annotated[str | None, maybe("counts.tracked_minutes as hours:minutes (full)", "1,486:46 h")] = (
        None
    )
    freshness: Annotated[list[Fresh], several("By kind of data (full)")]
    skipped: Annotated[list[str], several("Objects that could not be read, latest first (full)")]
    refused: Annotated[list[str], several("What ClickUp refuses this token, by kind, with the reason (full)")]
