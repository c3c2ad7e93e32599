"""A small part of `make scale`: everything that it claims, but for what a slow machine is too slow for."""

from dataclasses import replace
from pathlib import Path

import pytest

from bench.scale.__main__ import run
from bench.scale.plan import Plan
from bench.scale.server import POOLER

SMALL = Plan(
    workspaces=6, tasks=30, seconds=10, interval=3, concurrency=8, deliveries=1_200, webhook_workspaces=4,
    long_tasks=200, fair_interval=3, fair_changes=10, timed=0,
)  # fmt: skip


@pytest.mark.slow
def test_few_workspaces_on_three_workers(open_folder: Path) -> None:
    """One worker is killed, one restarted, one paused; webhooks come, and a long first sync begins."""
    assert run(SMALL, open_folder).failures == []


@pytest.mark.slow
@pytest.mark.skipif(POOLER is None, reason="needs the pgbouncer program, which is not installed here")
def test_the_same_through_a_transaction_pooler(open_folder: Path) -> None:
    """PgBouncer hands the sessions from worker to worker."""
    assert run(replace(SMALL, pooler=1), open_folder).failures == []


def test_a_plan_is_read_from_the_environment() -> None:
    """What is not set, or empty, is as by default."""
    given = {"WORKSPACES": "7", "POOLER": "1", "TASKS": "", "OTHER": "x"}
    assert Plan.read(given) == Plan(workspaces=7, pooler=1)
    assert Plan.read({}) == Plan()
