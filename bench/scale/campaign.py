"""One campaign: workspaces are connected and filled, then measured, then workers are killed, and so on."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

from pydantic import SecretStr

from app.config import given_settings
from app.context import open_database
from app.jobs.connection_changes import NewConnection, add_connection
from bench.scale.plan import Plan
from bench.scale.processes import Simulator, Workers, processor_seconds, processor_seconds_of_all
from bench.scale.report import Report
from bench.scale.server import Server

_PATIENCE_SECONDS = 1_800.0
_LOOK_SECONDS = 0.5
_STATEMENT_SECONDS = 30.0
_MOST_STATEMENTS = 25
# What an incremental sync sees; the rest is for full syncs.
_CHANGES = (
    "create_task", "rename_task", "text", "status", "assign", "priority", "due_date", "estimate", "tags",
)  # fmt: skip
_LOAD = (
    "SELECT (SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()) AS commits,"
    " count(*) FILTER (WHERE kind = 'incremental') AS cycles, count(*) AS runs"
    " FROM runs WHERE ended_at IS NOT NULL"
)


@dataclass(slots=True)
class Campaign:
    """What takes part, and what was found."""

    plan: Plan
    folder: Path
    server: Server
    simulator: Simulator
    workers: Workers
    report: Report
    random: Random = field(default_factory=lambda: Random(3))

    @property
    def workspace_ids(self) -> list[str]:
        """Of the workspaces that are connected from the beginning on."""
        return [*self.simulator.tokens][: self.plan.workspaces]

    @property
    def spare_workspace_id(self) -> str:
        """The simulated ClickUp has one more, which is connected late."""
        return [*self.simulator.tokens][self.plan.workspaces]

    def now(self) -> datetime:
        """By the database's clock."""
        moment: datetime = self.server.value("SELECT now()")
        return moment

    def until(self, condition: Callable[[], Any], what: str) -> float:
        """Waits; how many seconds it took. Raises SystemExit when it never comes."""
        began = time.monotonic()
        while not condition():
            if time.monotonic() - began > _PATIENCE_SECONDS:
                raise SystemExit(f"{what}: not after {_PATIENCE_SECONDS:,.0f} s")
            time.sleep(_LOOK_SECONDS)
        return time.monotonic() - began

    def change(self, workspace_id: str, number: int = 1) -> None:
        """Somebody works in this workspace."""
        wish = {"n": number, "seed": self.random.randrange(1 << 30), "kinds": _CHANGES}
        self.simulator.tell("mutate", workspace_id, **wish)


def connect(server: Server, settings: Mapping[str, str], *tokens: str) -> None:
    """The workspace of each token, as `clickup-sync workspaces add` does it; the database is migrated."""
    asyncio.run(_connect({**settings} | {"DATABASE_URL": server.url}, tokens))


async def _connect(settings: dict[str, str], tokens: Sequence[str]) -> None:
    named = {name.lower(): value for name, value in settings.items()}
    known = given_settings(**named | {"clickup_api_token": "none"})
    async with open_database(known) as database:
        for token in tokens:
            await add_connection(database, known, NewConnection(SecretStr(token)))


def fill(campaign: Campaign) -> None:
    """Every first sync, as fast as the limits of the tokens and the workers allow."""
    done = "SELECT count(DISTINCT workspace_id) FROM runs WHERE kind = 'first' AND status = 'succeeded'"
    all_of_them = len(campaign.workspace_ids)
    took = campaign.until(lambda: campaign.server.value(done) >= all_of_them, "all first syncs")
    campaign.report.add("all first syncs after", took, "s")
    left = (
        "SELECT count(*) FROM tasks LEFT JOIN task_reads USING (clickup_task_id)"
        " WHERE NOT tasks.is_deleted AND comments_read_at IS NULL"
    )
    took += campaign.until(lambda: not campaign.server.value(left), "the comments of all tasks")
    campaign.report.add("comments of all tasks read after", took, "s")


@dataclass(frozen=True, slots=True)
class Load:
    """Processor seconds so far, and transactions."""

    workers: float
    postgres: float
    simulator: float
    transactions: int
    cycles: int
    runs: int
    at: float


def load_of(campaign: Campaign) -> Load:
    """As it is now."""
    row = campaign.server.rows(_LOAD)[0]
    return Load(
        workers=campaign.workers.processor_seconds(),
        postgres=processor_seconds_of_all(campaign.server.pid),
        simulator=processor_seconds(campaign.simulator.process.pid),
        transactions=row["commits"],
        cycles=row["cycles"],
        runs=row["runs"],
        at=time.monotonic(),
    )


def measure_cycles(campaign: Campaign) -> None:
    """Cycles while people work: when they begin, and what they cost."""
    time.sleep(campaign.plan.interval)
    since, before = campaign.now(), load_of(campaign)
    until = time.monotonic() + campaign.plan.seconds
    while time.monotonic() < until:
        campaign.change(campaign.random.choice(campaign.workspace_ids))
        time.sleep(0.2)
    after = load_of(campaign)
    _report_load(campaign, before, after)
    report_starts(campaign, since, campaign.plan.interval)
    _report_statements(campaign)


def _report_statements(campaign: Campaign) -> None:
    """Counted apart, because to log them costs the server some time."""
    before, report = load_of(campaign), campaign.report
    seconds = min(_STATEMENT_SECONDS, campaign.plan.seconds)
    statements = campaign.server.statements(seconds)
    cycles = max(load_of(campaign).cycles - before.cycles, 1)
    number = statements.numbers.total()
    report.add("SQL statements a second", number / seconds)
    report.add("SQL statements a cycle, everything included", number / cycles)
    costly = sorted(statements.milliseconds.items(), key=lambda one: -one[1])[:_MOST_STATEMENTS]
    report.statements = [(name, statements.numbers[name] / cycles, spent / cycles) for name, spent in costly]


def _report_load(campaign: Campaign, before: Load, after: Load) -> None:
    seconds, cycles = after.at - before.at, max(after.cycles - before.cycles, 1)
    report = campaign.report
    report.add("cycles a second", cycles / seconds)
    report.add("other runs a second", (after.runs - before.runs - cycles) / seconds)
    report.add("processors used by all workers", (after.workers - before.workers) / seconds)
    report.add("processors used by PostgreSQL", (after.postgres - before.postgres) / seconds)
    report.add("processors used by the simulated ClickUp", (after.simulator - before.simulator) / seconds)
    report.add("processor time of workers a cycle", 1_000 * (after.workers - before.workers) / cycles, "ms")
    report.add(
        "processor time of PostgreSQL a cycle", 1_000 * (after.postgres - before.postgres) / cycles, "ms"
    )
    report.add("transactions a second", (after.transactions - before.transactions) / seconds)


_GAPS = """
SELECT gap FROM (
    SELECT extract(epoch FROM started_at - lag(started_at) OVER before)::float AS gap, started_at
    FROM runs WHERE kind = 'incremental' AND trigger = 'timer'
    WINDOW before AS (PARTITION BY workspace_id ORDER BY started_at)
) AS each WHERE started_at > %(since)s AND gap IS NOT NULL ORDER BY gap
"""


def report_starts(campaign: Campaign, since: datetime, interval: int, when: str = "") -> None:
    """How punctual cycles are: each is due one interval after the one before it."""
    report, of = campaign.report, f" {when}" if when else ""
    gaps = [row["gap"] for row in campaign.server.rows(_GAPS, since=since)]
    late = [max(gap - interval, 0.0) for gap in gaps] or [float("inf")]
    on_time = 100 * sum(one <= interval for one in late) / len(late)
    report.add(f"cycles measured{of}", len(gaps))
    kept = late[min(int(len(late) * 0.99), len(late) - 1)]
    report.claim(
        f"99 % of cycles begin within one interval of {interval} s{of}",
        on_time >= 99 or not campaign.plan.timed,
        f"{on_time:.2f} %; 99 % are late by {kept:.1f} s at most, the last one by {late[-1]:.1f} s",
    )
