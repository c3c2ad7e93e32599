"""`make scale`: many workspaces on several workers, measured, and disturbed.

    WORKSPACES=20 SECONDS=60 POOLER=1 python -m bench.scale
    WORKERS=1 STEPS="fill measure_cycles" python -m bench.scale

Prints tables, and exits with 1 and a sentence for each claim that does not hold. `bench/scale/plan.py` says
what may be set. Everything is real and on this machine: PostgreSQL, PgBouncer, the workers, HTTP; only
ClickUp is simulated.
"""

import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console

from app.logging_config import configure_logging
from bench.scale import audit
from bench.scale.campaign import Campaign, connect, fill, measure_cycles
from bench.scale.failures import check_equality, check_jobs, check_limits, kill_and_restart, pause_one
from bench.scale.fairness import measure_fairness
from bench.scale.plan import Plan
from bench.scale.processes import simulating, working
from bench.scale.report import Report
from bench.scale.server import serving_database
from bench.scale.storage import measure_storage
from bench.scale.webhooks import measure_webhooks

STEPS = (
    fill, measure_cycles, kill_and_restart, pause_one, measure_webhooks, measure_fairness, check_equality,
    check_jobs, check_limits, measure_storage,
)  # fmt: skip
_SECRET_KEY = "0f1e2d3c4b5a6978" * 4


def main() -> None:
    """Everything, as the environment says."""
    plan = Plan.read(os.environ)
    configure_logging("warning", "people")
    with tempfile.TemporaryDirectory(prefix="clickup-sync-scale-") as folder:
        # Other accounts run the servers.
        Path(folder).chmod(0o755)
        wanted = os.environ.get("STEPS", "").split()
        steps = [step for step in STEPS if step.__name__ in wanted] if wanted else STEPS
        report = run(plan, Path(folder), steps)
    console = Console(highlight=False, width=120)
    console.print(report.as_table(plan.title), report.statements_as_table())
    for failure in report.failures:
        console.print(failure)
    sys.exit(1 if report.failures else 0)


def run(plan: Plan, folder: Path, steps: Sequence[Callable[[Campaign], None]] = STEPS) -> Report:
    """One campaign in an empty folder. What it finds."""
    report = Report()
    with serving_database(folder, pooler=bool(plan.pooler)) as server, simulating(plan) as simulator:
        settings = _settings(plan, folder, server.workers_url, simulator.base_url)
        connect(server, settings, *[*simulator.tokens.values()][: plan.workspaces])
        audit.install(server)
        with working(plan, folder, settings) as workers:
            campaign = Campaign(plan, folder, server, simulator, workers, report)
            for step in steps:
                step(campaign)
                sys.stderr.write(".")
            for event, number in workers.complaints().most_common():
                report.add(f"warnings in the logs: {event}", number)
    return report


def _settings(plan: Plan, folder: Path, database_url: str, base_url: str) -> dict[str, str]:
    """The environment of every process of the product."""
    return {
        "CLICKUP_BASE_URL": base_url,
        "DATABASE_URL": database_url,
        "DATA_DIR": str(folder),
        "SECRET_KEY": _SECRET_KEY,
        "SYNC_INTERVAL_SECONDS": str(plan.interval),
        "FULL_SYNC_INTERVAL_SECONDS": str(plan.full_interval),
        "DATABASE_POOL_SIZE": str(plan.connections),
        "RATE_LIMIT_FREE_PERCENT": str(plan.free_percent),
        "LOG_LEVEL": "warning",
    }


if __name__ == "__main__":
    main()
