"""What an answer about runs, and about the mirror itself, looks like."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from app.api.task_schemas import Instant, Text, said
from app.core.clickup.delivery import RefusalReason
from app.core.clickup.webhook_health import ProblemCode
from app.core.errors import ErrorCategory
from app.engine.run import Kind
from app.reports import WorkspaceStatus
from app.supabase_db import Row

_STRICT = ConfigDict(extra="forbid")
RunStatus = Literal["waiting", "running", "succeeded", "failed", "interrupted"]
Trigger = Annotated[str, StringConstraints(pattern=r"^[a-z]+$", min_length=1, max_length=20)]
Stage = Annotated[list[int | None], Field(min_length=2, max_length=2)]


class RecentRun(BaseModel):
    """One of the latest runs."""

    model_config = _STRICT

    run_id: Annotated[UUID, said("The mirror's own id")]
    kind: Annotated[Kind, said("What was done", "changes")]
    trigger: Annotated[str, said("What requested it: api, cli, demo, script, timer, webhook, sweep", "timer")]
    status: Annotated[RunStatus, said("waiting for the holder of the workspace, running, or how it ended")]
    started_at: Annotated[datetime, said("When it began; while it waits, since when; in the mirror's zone")]
    ended_at: Annotated[Instant, said("When it ended; null while it has not")]
    requests: Annotated[int, said("Requests it sent to ClickUp, retries included", 12)]
    rows_written: Annotated[int, said("Rows of data it inserted, updated or deleted", 40)]
    counts: Annotated[dict[str, int], said("Numbers for people", {"tasks read": 40, "tasks written": 3})]
    notes: Annotated[list[str], said("Sentences its users should read")]
    progress: Annotated[
        dict[str, Stage],
        said("Of each stage what is done and the total; null: not known", {"tasks": [200, 3000]}),
    ]
    error: Annotated[Text, said("Why it failed; null where it did not")]
    fault: Annotated[
        ErrorCategory | None,
        said("Whose matter that was; `mirror`: clickup-sync's own; null where it did not fail", "clickup"),
    ]


class Run(RecentRun):
    """One sync, from the moment it is asked for."""

    workspace_id: Annotated[str, said("ClickUp's workspace", "9000003")]
    seconds: Annotated[float | None, said("How long it took, in seconds; null until it ended", 2.417)]


class RunPage(BaseModel):
    """One page of runs, the latest start first."""

    model_config = _STRICT

    count: Annotated[int, said("How many are in this answer", 100)]
    limit: Annotated[int, said("How many were asked for", 100)]
    total: Annotated[int, said("How many pass the filters in all", 3000)]
    next_cursor: Annotated[Text, said("`cursor` of the next page; null at the end")]
    runs: list[Run]


class Workspace(BaseModel):
    """The workspace that is mirrored."""

    model_config = _STRICT

    workspace_id: Annotated[str, said("ClickUp's id", "9000003")]
    name: Annotated[str, said("Its name; the id while it is not known")]
    token_user_name: Annotated[Text, said("Whose token synced last")]
    token_role: Annotated[Text, said("That person's role here", "owner")]
    rendered_zone: Annotated[Text, said("The zone in which session texts are written", "Europe/Berlin")]


class WorkspaceRef(BaseModel):
    """A workspace of the same database that another service serves."""

    model_config = _STRICT

    workspace_id: Annotated[str, said("ClickUp's id", "9000004")]
    name: Annotated[str, said("Its name; the id while it is not known")]


class Counts(BaseModel):
    """How much the mirror holds; time and comments of deleted tasks do not count."""

    model_config = _STRICT

    tasks: Annotated[int, said("Tasks that are not deleted")]
    archived_tasks: Annotated[int, said("Those of them that are archived")]
    deleted_tasks: Annotated[int, said("Tasks deleted in ClickUp")]
    subtasks: Annotated[int, said("Tasks that stand below another one")]
    employees: Annotated[int, said("People who are here")]
    spaces: Annotated[int, said("Spaces that are not deleted")]
    folders: Annotated[int, said("Folders that are not deleted")]
    lists: Annotated[int, said("Lists that are not deleted")]
    time_entries: Annotated[int, said("Time entries")]
    running_timers: Annotated[int, said("Those of them that run")]
    tracked_minutes: Annotated[int, said("Whole minutes of all finished ones")]
    comments: Annotated[int, said("Comments and replies")]
    waiting_comments: Annotated[int, said("Those of them that wait for somebody")]
    unreadable_rows: Annotated[int, said("Rows of any kind with fields that could not be read")]


class Stream(BaseModel):
    """How far one of the flows is known that are kept fresh."""

    model_config = _STRICT

    stream: Annotated[str, said("tasks, archived tasks, time, places or people", "tasks")]
    watermark: Annotated[Instant, said("Up to when, by ClickUp's clock, all changes are safely here")]
    read_at: Annotated[Instant, said("When it was last asked for")]
    complete_at: Annotated[Instant, said("When it was last read whole")]
    blind_spot: Annotated[Text, said("What of it the token cannot see")]


class StreamAge(BaseModel):
    """How old the oldest verified row of a stream is, and when all will have been verified again."""

    model_config = _STRICT

    stream: Annotated[str, said("As in `streams`; also comments, and time read by task", "comments")]
    verified_at: Annotated[Instant, said("When its oldest row was; null where something was never read")]
    next_full_verification_at: Annotated[
        Instant, said("When all will have been verified again; null where nobody is reading")
    ]
    unread: Annotated[int, said("How many tasks were never read for it", 0)]


class Backlog(BaseModel):
    """Of how many tasks the comments were read."""

    model_config = _STRICT

    tasks: Annotated[int, said("Live tasks whose comments may be read")]
    never_read: Annotated[int, said("Those of them that never were")]
    read_recently: Annotated[int, said("Those read within the last quarter of an hour")]
    oldest_read_at: Annotated[Instant, said("When the longest unread ones were read last")]
    short: Annotated[
        int, said("Those of which ClickUp shows fewer comments than it counts or the mirror knows", 0)
    ]


class ServiceState(BaseModel):
    """What workers said of the workspace after their last job."""

    model_config = _STRICT

    started_at: Annotated[datetime, said("Since when workers sync this workspace")]
    seen_at: Annotated[datetime, said("When the last of these jobs ended")]
    is_running: Annotated[bool, said("A worker process was heard of in the last 30 seconds")]
    token_rejected_at: Annotated[Instant, said("Since when ClickUp rejects the token; null: it is valid")]
    token_error: Annotated[Text, said("What ClickUp said then")]
    requests_per_minute: Annotated[int | None, said("What it allows itself of the rate limit", 80)]
    requests_left: Annotated[int | None, said("What of it is left in this minute", 75)]
    incremental_interval_seconds: Annotated[float, said("How often it looks for changes", 45)]
    full_interval_seconds: Annotated[float, said("How often it makes full passes", 420)]
    full_interval_reason: Annotated[Text, said("Why that is less often than asked for")]
    last_error: Annotated[Text, said("What went wrong last; null since a run went well")]
    public_url: Annotated[Text, said("Where ClickUp reaches it; null where it asks by the clock alone")]
    requests_answered: Annotated[int, said("Requests that ClickUp answered, in all", 1200)]
    requests_rate_limited: Annotated[int, said("Requests that the rate limit refused, in all", 0)]
    requests_failed: Annotated[int, said("Requests without a usable answer, in all", 0)]


class WebhookState(BaseModel):
    """A webhook of this mirror, as ClickUp last said it was."""

    model_config = _STRICT

    webhook_id: Annotated[str, said("ClickUp's id")]
    endpoint: Annotated[str, said("Where ClickUp delivers to")]
    status: Annotated[str, said("active, failing or suspended", "active")]
    fail_count: Annotated[int, said("Events it lost in a row", 0)]
    revived_at: Annotated[Instant, said("When it was last revived; null where it never was")]
    checked_at: Annotated[datetime, said("When ClickUp was last asked about it")]
    last_delivery_at: Annotated[Instant, said("When it last delivered")]


class WebhookProblem(BaseModel):
    """One reason why ClickUp's deliveries do not arrive; polling keeps the mirror up to date all the same."""

    model_config = _STRICT

    code: Annotated[ProblemCode, said("Which one", "deliveries_refused")]
    since: Annotated[Instant, said("Since when, as far as that is known")]
    message: Annotated[str, said("What happens")]
    remedy: Annotated[str, said("What to do")]


class RefusedDeliveries(BaseModel):
    """Deliveries that were refused for one reason."""

    model_config = _STRICT

    reason: Annotated[RefusalReason, said("Why", "signature_wrong")]
    last_day: Annotated[int, said("How many in the last 24 hours", 30)]
    since_accepted: Annotated[int, said("How many since the latest accepted delivery", 30)]
    since: Annotated[Instant, said("When the first of these came; null where there is none")]
    last_at: Annotated[datetime, said("When the latest came")]


class WebhookHealth(BaseModel):
    """Whether ClickUp's deliveries arrive."""

    model_config = _STRICT

    endpoint: Annotated[Text, said("Where they should; null where PUBLIC_URL is not set")]
    last_delivery_at: Annotated[Instant, said("When the latest accepted one came")]
    problems: Annotated[list[WebhookProblem], said("Why they do not arrive; empty when all is well")]
    refused: Annotated[list[RefusedDeliveries], said("By reason")]


class WebhookBacklog(BaseModel):
    """Objects named by webhook events that are not read yet."""

    model_config = _STRICT

    waiting: Annotated[int, said("How many", 0)]
    oldest: Annotated[Instant, said("Since when the first of them waits")]


class Skipped(BaseModel):
    """An object of ClickUp's that could not be read."""

    model_config = _STRICT

    kind: Annotated[str, said("What it is", "task")]
    object_id: Annotated[str, said("ClickUp's id; empty when it has none")]
    reason: Annotated[str, said("What made no sense, or what ClickUp answered")]
    skipped_at: Annotated[datetime, said("When that was")]


class Refused(BaseModel):
    """Objects of one kind that ClickUp refuses this token; what is known of them is kept."""

    model_config = _STRICT

    kind: Annotated[str, said("What is refused", "comments")]
    what: Annotated[str, said("The same in words, with its number", "the comments of 3 tasks")]
    objects: Annotated[int, said("How many", 3)]
    since: Annotated[datetime, said("When the first of them was refused")]
    retry_at: Annotated[datetime, said("When the next of them is asked for again")]
    reason: Annotated[str, said("What ClickUp said last", "Team not authorized (OAUTH_027)")]
    is_many: Annotated[bool, said("So many at once that it may be an outage")]


class ExternalChanges(BaseModel):
    """Rows of a table that somebody else changed in the database, and that no sync restored yet."""

    model_config = _STRICT

    table_name: Annotated[str, said("The table", "comments")]
    total: Annotated[int, said("How many rows of it", 2)]
    since: Annotated[datetime, said("When the first of them was changed")]


class Restoration(BaseModel):
    """The latest sync that restored rows that somebody else had changed in the database."""

    model_config = _STRICT

    run_id: Annotated[UUID, said("Its run, whose notes say in which tables")]
    kind: Annotated[str, said("Its kind", "full")]
    started_at: Annotated[datetime, said("When it began")]
    total: Annotated[int, said("How many rows it restored", 7)]


class MirrorStatus(BaseModel):
    """Sync status. Instants are ISO 8601 in its zone, with the offset."""

    model_config = _STRICT

    as_of: Annotated[datetime, said("When this was asked")]
    troubles: Annotated[list[str], said("Current problems; empty when the mirror is healthy")]
    workspace: Workspace
    others: Annotated[list[WorkspaceRef], said("What else the database holds; their services tell of them")]
    counts: Counts
    streams: list[Stream]
    freshness: list[StreamAge]
    comments: Backlog
    service: Annotated[ServiceState | None, said("null where no service ever held the workspace")]
    webhooks: list[WebhookState]
    webhook_health: WebhookHealth
    doorbells: WebhookBacklog
    runs: Annotated[list[RecentRun], said("The latest ones, newest first")]
    skipped: Annotated[list[Skipped], said("The latest ones, newest first")]
    refused: Annotated[list[Refused], said("By kind; empty where ClickUp refuses nothing")]
    external_changes: Annotated[
        list[ExternalChanges], said("What others changed; the next full sync restores it")
    ]
    restoration: Annotated[Restoration | None, said("null where nothing ever had to be restored")]


def status_document(
    status: WorkspaceStatus, troubles: Sequence[str], workspaces: Sequence[Row], as_of: datetime
) -> dict[str, Any]:
    """As it is answered: spans in seconds, the troubles of the service that answers, and other workspaces."""
    own = status.workspace["workspace_id"]
    others = [
        {"workspace_id": one["workspace_id"], "name": one["name"]}
        for one in workspaces
        if one["workspace_id"] != own
    ]
    document = asdict(status) | {"troubles": list(troubles), "others": others, "as_of": as_of}
    if status.service:
        document["service"] = dict(_in_seconds(name, value) for name, value in status.service.items())
    return document


def _in_seconds(name: str, value: Any) -> tuple[str, Any]:
    return (f"{name}_seconds", value.total_seconds()) if isinstance(value, timedelta) else (name, value)
