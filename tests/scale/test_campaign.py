"""A small part of `make scale`: everything that it claims, but for what a slow machine is too slow for."""

from dataclasses import replace
from pathlib import Path

import pytest

from bench.scale.__main__ import run
from bench.scale.campaign import fill
from bench.scale.failures import check_equality, check_jobs, check_limits, kill_and_restart
from bench.scale.plan import Plan
from bench.scale.server import POOLER

SMALL = Plan(
    workspaces=6, tasks=20, seconds=8, interval=4, concurrency=8, connections=6, rate_limit=1_000,
    deliveries=600, webhook_workspaces=4, long_tasks=100, fair_interval=4, fair_changes=5, timed=0,
)  # fmt: skip


@pytest.mark.slow
def test_few_workspaces_on_three_workers(open_folder: Path) -> None:
    """One worker is killed, one restarted, one paused; webhooks come, and a long first sync begins."""
    assert run(SMALL, open_folder).failures == []


@pytest.mark.slow
@pytest.mark.skipif(POOLER is None, reason="needs the pgbouncer program, which is not installed here")
def test_the_same_through_a_transaction_pooler(open_folder: Path) -> None:
    """PgBouncer hands the sessions from worker to worker."""
    steps = (fill, kill_and_restart, check_equality, check_jobs, check_limits)
    assert run(replace(SMALL, pooler=1), open_folder, steps).failures == []


def test_a_plan_is_read_from_the_environment() -> None:
    """What is not set, or empty, is as by default."""
    given = {"WORKSPACES": "7", "POOLER": "1", "TASKS": "", "OTHER": "x"}
    assert Plan.read(given) == Plan(workspaces=7, pooler=1)
    assert Plan.read({}) == Plan()
