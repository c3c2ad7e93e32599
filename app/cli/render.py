"""Reports as people read them in a terminal. A name from ClickUp is text on one line, never markup."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.core.answers.formats import Formats
from app.core.finding import Finding
from app.core.visible_text import visible
from app.reports import Refused, WorkspaceStatus
from app.reports.status_rows import (
    FailedJob,
    JobCount,
    MirrorCounts,
    RecentRun,
    ServiceState,
    SkippedObject,
    TellingTask,
)
from app.reports.sync_status import external_changes_sentence
from app.reports.webhooks import WebhookHealth

_MARKS = {"good": ("✓", "green"), "mind": ("!", "yellow"), "bad": ("✗", "red")}


def age(instant: datetime | None) -> str:
    """How long ago, as people say it."""
    if instant is None:
        return "never"
    seconds = max(0, int((datetime.now(UTC) - instant).total_seconds()))
    for length, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit} ago"
    return f"{seconds} s ago"


def until(instant: datetime | None, formats: Formats) -> str:
    """How long from now, as people say it; empty where nobody knows."""
    if instant is None:
        return ""
    minutes = (instant - datetime.now(UTC)).total_seconds() / 60
    if minutes < 1:
        return "a moment"
    return f"{minutes:.0f} min" if minutes < 120 else f"{formats.number(minutes / 60, 1)} h"


def moment(instant: datetime, formats: Formats) -> str:
    """Day and time in UTC."""
    shown = instant.astimezone(UTC)
    return f"{formats.day(shown)}, {shown:%T} UTC"


def print_status(console: Console, statuses: Iterable[WorkspaceStatus], formats: Formats) -> None:
    """Counts, freshness, runs and skipped objects of each workspace, and the service that keeps it."""
    for status in statuses:
        console.print(_line(f"{status.workspace.name} ({status.workspace.workspace_id})", "bold"))
        for problem in status.problems:
            console.print(_line(f"! {formats.sentence(problem)}", "red"), soft_wrap=True)
        for warning in webhook_lines(status.webhook_health, formats):
            console.print(warning, soft_wrap=True)
        if status.counts:
            console.print(counts_table(status.counts, formats))
        console.print(_streams_table(status, formats))
        console.print(_runs_table(status.runs, formats))
        if status.skipped:
            console.print(_skipped_table(status.skipped))
        if status.refused:
            console.print(_refused_table(status.refused, formats))
        lines = (_external_change_lines, _service_lines, job_lines)
        for line in (line for listed in lines for line in listed(status, formats)):
            console.print(_line(line), soft_wrap=True)


def webhook_lines(health: WebhookHealth, formats: Formats) -> Iterator[Text]:
    """What keeps ClickUp's deliveries from arriving, what to do, and what was refused within a day."""
    for problem in health.problems:
        since = f" (since {moment(problem.since, formats)})" if problem.since else ""
        yield _line(f"! Webhook: {formats.sentence(problem.message)}{since}", "yellow")
        yield _line(f"    {problem.remedy}", "yellow")
    for one in health.refused:
        if one.last_day:
            refused = formats.number(one.last_day)
            yield _line(f"Deliveries refused in the last 24 hours: {refused}, because {one.words}")


def _external_change_lines(status: WorkspaceStatus, formats: Formats) -> Iterator[str]:
    if status.external_changes:
        rows = {row.table_name: row.total for row in status.external_changes}
        since = min(row.since for row in status.external_changes)
        yield f"! {formats.sentence(external_changes_sentence(rows))} (the first change was {age(since)})"
    if status.restoration:
        last = status.restoration
        yield (
            f"A {last.kind} sync restored {formats.pluralize(last.total, 'row')} that another program had "
            f"changed, {age(last.started_at)}."
        )


def _service_lines(status: WorkspaceStatus, formats: Formats) -> Iterator[str]:
    service = status.service
    if service is None or not service.is_running:
        return
    yield (
        f"A worker is running: changes every {_length(service.incremental_interval_seconds)}, a full sync "
        f"every {_length(service.full_interval_seconds)}, {_budget(service, formats)}."
    )
    if service.full_interval_reason:
        yield f"  {formats.sentence(service.full_interval_reason)}"
    if status.webhook_backlog.waiting:
        oldest = age(status.webhook_backlog.oldest)
        waiting = formats.pluralize(status.webhook_backlog.waiting, "object")
        yield f"Webhook events: {waiting} waiting (oldest {oldest})"
    for hook in status.webhooks:
        yield (
            f"Webhook {hook.webhook_id}: {hook.status}, {hook.fail_count} failures, checked "
            f"{age(hook.checked_at)}, last delivery {age(hook.last_delivery_at)}"
        )


def job_lines(status: WorkspaceStatus, formats: Formats) -> Iterator[str]:
    """The job queue, and why jobs failed."""
    yield from (job_line(job, formats) for job in status.jobs)
    yield from (f"! {failed_job_line(failed, formats)}" for failed in status.failed_jobs)


def job_line(job: JobCount, formats: Formats) -> str:
    """How many jobs of a kind are in a state, and since when."""
    since = f"due in {until(job.since, formats)}" if job.state == "scheduled" else age(job.since)
    return f"{formats.pluralize(job.jobs, 'job')} {job.kind} {job.state}, {since}"


def failed_job_line(job: FailedJob, formats: Formats) -> str:
    """Why a job failed, and when it is tried again."""
    if job.retry_at is None:
        again = "tried again at its next scheduled time, or with `clickup-sync jobs retry`"
    else:
        again = f"tried again in {until(job.retry_at, formats)}"
    return f"Job {job.kind} failed {age(job.failed_at)}, {again}: {job.error}"


def _budget(service: ServiceState, formats: Formats) -> str:
    if service.requests_per_minute is None or service.requests_left is None:
        return "no request answered yet"
    left, a_minute = formats.number(service.requests_left), formats.number(service.requests_per_minute)
    return f"{left} of {a_minute} requests left this minute"


def _length(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds // 60:.0f} min"


def counts_table(counts: MirrorCounts, formats: Formats) -> Table:
    """What the mirror holds."""
    table = _table("What is here", "")
    for name, count in asdict(counts).items():
        shown = f"{formats.hours(count)} h" if name == "tracked_minutes" else formats.number(count)
        table.add_row("tracked time" if name == "tracked_minutes" else name.replace("_", " "), shown)
    return table


def _streams_table(status: WorkspaceStatus, formats: Formats) -> Table:
    table = _table("Stream", "Last read", "Verified (oldest row)", "Again in", "Cannot be seen")
    streams = {row.stream: row for row in status.streams}
    for fresh in status.freshness:
        row = streams.get(fresh.stream)
        verified = f"not yet {formats.number(fresh.unread)} tasks" if fresh.unread else age(fresh.verified_at)
        read = age(row.read_at) if row else ""
        unseen = (row.blind_spot if row else None) or (
            _short_comments(status, formats) if fresh.stream == "comments" else ""
        )
        table.add_row(
            fresh.stream, read, verified, until(fresh.next_full_verification_at, formats), _line(unseen)
        )
    return table


def _short_comments(status: WorkspaceStatus, formats: Formats) -> str:
    short = status.comments.short
    return f"of {formats.pluralize(short, 'task')} fewer than ClickUp or the mirror counts" if short else ""


def _runs_table(runs: list[RecentRun], formats: Formats) -> Table:
    table = _table("Run", "Started", "Ended", "Requests", "Rows written", "Said")
    for run in runs:
        style = {"failed": "red", "interrupted": "yellow", "running": "cyan", "waiting": "cyan"}.get(
            run.status, "green"
        )
        table.add_row(
            run.kind,
            age(run.started_at),
            Text(run.status, style=style),
            formats.number(run.requests),
            formats.number(run.rows_written),
            Text("\n").join(map(_line, filter(None, [run.error, *map(formats.sentence, run.notes)]))),
        )
    return table


def _skipped_table(skipped: list[SkippedObject]) -> Table:
    table = _table("Skipped", "Id", "Why", "When")
    for item in skipped:
        table.add_row(item.kind, _line(item.object_id), _line(item.reason), age(item.skipped_at))
    return table


def _refused_table(refused: list[Refused], formats: Formats) -> Table:
    table = _table("Refused by ClickUp", "Since", "Next try", "Why")
    for one in refused:
        why = f"{one.reason} (many at once, perhaps an outage)" if one.is_many else one.reason
        table.add_row(
            _line(one.what), age(one.since), until(one.retry_at, formats) or "with the next sync", _line(why)
        )
    return table


def print_task(console: Console, task: TellingTask, formats: Formats) -> None:
    """One task with its sessions, latest first."""
    table = Table(title=_line(task.title, "bold"), title_justify="left", show_header=False, box=None)
    place = " / ".join(filter(None, (task.space_name, task.list_name)))
    for name, value in (
        ("task", task.clickup_task_id),
        ("place", place),
        ("status", task.status),
        ("assignees", task.assignee_name),
        ("tags", ", ".join(task.tags)),
        ("due", formats.day(task.due_date) if task.due_date else ""),
        ("waiting", task.assigned_comment),
        ("tracked", f"{formats.hours(task.tracked_minutes or 0)} h"),
    ):
        table.add_row(name, _line(value or "-"))
    for start, end in zip(task.start_times, task.end_times, strict=True):
        table.add_row("session", session(start, end, formats))
    console.print(table)


def session(start: str | None, end: str | None, formats: Formats) -> str:
    """When work began and ended, in the mirror's zone: `25 Nov 2026, 09:07 to 10:30 UTC+01:00`."""
    begun, ended = (datetime.fromisoformat(text) if text else None for text in (start, end))
    is_same = begun and ended and (begun.date(), begun.tzname()) == (ended.date(), ended.tzname())
    first = f"{formats.day(begun)}, {begun:%H:%M}" if begun else "unknown"
    if begun and not is_same:
        first += f" {begun.tzname()}"
    if ended is None:
        return f"{first} to now (running)"
    last = f"{ended:%H:%M}" if is_same else f"{formats.day(ended)}, {ended:%H:%M}"
    return f"{first} to {last} {ended.tzname()}"


def print_finding(console: Console, finding: Finding) -> None:
    """One line of the doctor's."""
    mark, style = _MARKS[finding.verdict]
    line = Text(f"{mark} ", style=style) + _line(f"{finding.subject}: {finding.found}", "default")
    console.print(line, soft_wrap=True)
    if finding.advice:
        console.print(_line(f"    {finding.advice}", style), soft_wrap=True)


def _line(text: str, style: str = "") -> Text:
    """On one line, so that no name can look like a line of ours."""
    return Text(visible(text), style=style)


def _table(*columns: str) -> Table:
    table = Table(show_edge=False, pad_edge=False, header_style="bold")
    for number, column in enumerate(columns):
        table.add_column(column, justify="left" if number == 0 or len(columns) > 2 else "right")
    return table
