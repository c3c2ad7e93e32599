"""`clickup-sync status`: what the mirror holds and how it is."""

import dataclasses
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from rich.table import Table
from rich.text import Text

from app.cli.outcome import finish, heeded
from app.cli.output import console, print_json
from app.cli.render import counts_table, plain_table
from app.config import load_offline_settings
from app.context import open_database
from app.reports import Reports, WorkspaceStatus
from app.reports.webhooks import WebhookHealth


def show_status(json: bool) -> None:
    """Of every workspace that the database has."""
    finish(_status(json))


async def _status(json: bool) -> None:
    async with open_database(heeded(load_offline_settings())) as database:
        statuses = await Reports(database).get_status()
    if json:
        print_json([dataclasses.asdict(status) for status in statuses])
    elif statuses:
        print_status(statuses)
    else:
        console.print("Nothing is mirrored yet. Run `clickup-sync sync`.")


def age(instant: datetime | None) -> str:
    """How long ago, as people say it."""
    if instant is None:
        return "never"
    seconds = max(0, int((datetime.now(UTC) - instant).total_seconds()))
    for length, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit} ago"
    return f"{seconds} s ago"


def until(instant: datetime | None) -> str:
    """How long from now, as people say it; empty where nobody knows."""
    if instant is None:
        return ""
    minutes = (instant - datetime.now(UTC)).total_seconds() / 60
    if minutes < 1:
        return "a moment"
    return f"{minutes:.0f} min" if minutes < 120 else f"{minutes / 60:.1f} h"


def print_status(statuses: Iterable[WorkspaceStatus]) -> None:
    """Counts, freshness, runs and skipped objects of each workspace, and the service that keeps it."""
    for status in statuses:
        console.print(Text(f"{status.workspace['name']} ({status.workspace['workspace_id']})", style="bold"))
        for trouble in status.troubles:
            console.print(Text(f"! {trouble}", style="red"), soft_wrap=True)
        for warning in webhook_lines(status.webhook_health):
            console.print(warning, soft_wrap=True)
        console.print(counts_table(status.counts))
        console.print(_streams_table(status))
        console.print(_runs_table(status.runs))
        if status.skipped:
            console.print(_skipped_table(status.skipped))
        for line in _service_lines(status):
            console.print(Text(line), soft_wrap=True)


def webhook_lines(health: WebhookHealth) -> Iterator[Text]:
    """What keeps ClickUp's deliveries from arriving, what to do, and what was refused within a day."""
    for problem in health.problems:
        since = f" (since {problem.since:%F %T} UTC)" if problem.since else ""
        yield Text(f"! Webhook: {problem.message}{since}", style="yellow")
        yield Text(f"    {problem.remedy}", style="yellow")
    for one in health.refused:
        if one.last_day:
            yield Text(f"Deliveries refused in the last 24 hours: {one.last_day:,}, because {one.words}")


def _service_lines(status: WorkspaceStatus) -> Iterator[str]:
    service = status.service
    if service is None or not service["is_running"]:
        return
    yield (
        f"Service {service['holder']}: changes every {_length(service['changes_every'])}, a full pass every "
        f"{_length(service['full_pass_every'])}, {_budget(service)}."
    )
    for sentence in (service["full_pass_reason"], service["trouble"]):
        if sentence:
            yield f"  {sentence}"
    if status.doorbells["waiting"]:
        oldest = age(status.doorbells["oldest"])
        yield f"Doorbells: {status.doorbells['waiting']:,} wait, the first rang {oldest}"
    for hook in status.webhooks:
        yield (
            f"Webhook {hook['webhook_id']}: {hook['status']}, {hook['fail_count']} failures, looked at "
            f"{age(hook['checked_at'])}, last delivery {age(hook['last_delivery_at'])}"
        )


def _budget(service: dict[str, Any]) -> str:
    if service["requests_a_minute"] is None:
        return "no request answered yet"
    return f"{service['requests_left']:,} of {service['requests_a_minute']:,} requests left this minute"


def _length(span: timedelta) -> str:
    seconds = int(span.total_seconds())
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60} min"


def _streams_table(status: WorkspaceStatus) -> Table:
    table = plain_table("Stream", "Last read", "Verified (oldest row)", "Again in", "Cannot be seen")
    streams = {row["stream"]: row for row in status.streams}
    for fresh in status.freshness:
        row = streams.get(fresh.stream, {"read_at": None, "blind_spot": None})
        verified = f"not yet {fresh.unread:,} tasks" if fresh.unread else age(fresh.verified_at)
        read = age(row["read_at"]) if fresh.stream in streams else ""
        table.add_row(fresh.stream, read, verified, until(fresh.round_at), Text(row["blind_spot"] or ""))
    return table


def _runs_table(runs: list[dict[str, Any]]) -> Table:
    table = plain_table("Run", "Started", "Ended", "Requests", "Rows written", "Said")
    for run in runs:
        style = {"failed": "red", "interrupted": "yellow", "running": "cyan", "waiting": "cyan"}.get(
            run["status"], "green"
        )
        table.add_row(
            run["kind"],
            age(run["started_at"]),
            Text(run["status"], style=style),
            f"{run['requests']:,}",
            f"{run['rows_written']:,}",
            Text("\n".join(filter(None, [run["error"], *run["notes"]]))),
        )
    return table


def _skipped_table(skipped: list[dict[str, Any]]) -> Table:
    table = plain_table("Skipped", "Id", "Why", "When")
    for item in skipped:
        table.add_row(item["kind"], Text(item["object_id"]), Text(item["reason"]), age(item["skipped_at"]))
    return table
