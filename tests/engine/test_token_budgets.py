"""Processes that use one token keep within its limit together, and each gets its part."""

import asyncio
import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.core.sync.permits import PermitRequest
from app.core.sync.throttle import Priority, RateHeaders
from tests.cli.command import ROOT
from tests.core.test_throttle import T0, Server
from tests.database import connect
from tests.engine.conftest import MakeMirror, small_world
from tests.engine.mirror import Mirror
from tests.engine.service.running import until
from tests.engine.shared_budget import BudgetRow, Process, Simulation

_REPEATED = settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def row(database_url: str) -> Iterator[BudgetRow]:
    with connect(database_url, autocommit=True) as connection:
        yield BudgetRow(connection)


def in_windows(process: Process, first: float) -> list[int]:
    """How many requests of it were counted in each of four whole windows, of which the first begins then."""
    ends = [first + 60 * number for number in range(5)]
    return [sum(begin <= now < end for now in process.counted) for begin, end in pairwise(ends)]


def ask(wanted: int, *, left_share: float = 0.0, news: RateHeaders | None = None) -> PermitRequest:
    """What a process asks that has none yet."""
    return PermitRequest(wanted, 0, 0, 0, -1, left_share, news, 0.0)


def test_a_permit_is_given_once(row: BudgetRow) -> None:
    """Processes that send nothing and report nothing cannot take more than all but the free share."""
    row.exchange(0, uuid4(), ask(0, news=RateHeaders(20, 20, 60.0, T0)))
    granted = [row.exchange(1, uuid4(), ask(100)).granted for _ in range(40)]
    assert sum(granted) == 16
    assert granted[-1] == 0
    assert row.exchange(61, uuid4(), ask(1)).granted == 1


def test_a_full_sync_gets_none_of_what_it_leaves_to_others(row: BudgetRow) -> None:
    """Of 80 in a minute 20 are for urgent requests; another process gets them."""
    row.exchange(0, uuid4(), ask(0, news=RateHeaders(100, 39, 60.0, T0)))
    assert row.exchange(0, uuid4(), ask(5, left_share=Priority.FULL.value)).granted == 0
    assert row.exchange(0, uuid4(), ask(5, left_share=Priority.REQUESTED.value)).granted == 4


def test_an_answer_of_an_earlier_window_says_nothing(row: BudgetRow) -> None:
    """One of a later window makes a new one, one of this window can only lower what is left."""
    row.exchange(0, uuid4(), ask(0, news=RateHeaders(100, 50, 60.0, T0 + 60)))
    seen = [
        row.exchange(1, uuid4(), ask(0, news=RateHeaders(100, remaining, 30.0, T0 + reset))).headers
        for remaining, reset in ((90, 0), (70, 61), (40, 60), (99, 120))
    ]
    assert [headers and headers.remaining for headers in seen] == [50, 50, 40, 99]


@_REPEATED
@given(
    limit=st.sampled_from([20, 100, 1000]),
    begins=st.floats(-59, 0),
    free_percent=st.sampled_from([0, 20, 50]),
    urgencies=st.lists(st.sampled_from(list(Priority)), min_size=1, max_size=4),
    seed=st.integers(0, 999),
)
# A window's end moved a little earlier with each exchange; a first request of each process was not counted.
@example(limit=1000, begins=0.0, free_percent=50, urgencies=[Priority.REQUESTED] * 4, seed=11)
@example(limit=20, begins=0.0, free_percent=50, urgencies=[Priority.REQUESTED] * 4, seed=9)
def test_processes_together_stay_within_the_limit(
    database_url: str, limit: int, begins: float, free_percent: int, urgencies: list[Priority], seed: int
) -> None:
    """Nobody is refused while other users of the token use what is left to them."""
    server, others = Server(limit, T0 + begins), limit * free_percent // 100
    share = free_percent / 100
    processes = [Process(one, begins=0.3 * n, free_share=share) for n, one in enumerate(urgencies)]
    with connect(database_url, autocommit=True) as connection:
        simulation = Simulation(BudgetRow(connection, share), server, processes, seed)
        for window in range(4):
            at = begins + 60 * window + seed % 60
            simulation.at(max(at, 0.0), lambda now: (server.count(T0 + now, others), None)[1])
        simulation.run(150)
    # A request that leaves just before a window ends may count in the next one: the free share bears it.
    assert server.refused <= (0 if free_percent else sum(one.slots for one in processes))


@pytest.mark.parametrize("limit", [100, 1000])
@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("priority", Priority)
def test_the_budget_is_used_and_everybody_gets_a_part(
    row: BudgetRow, limit: int, number: int, priority: Priority
) -> None:
    """Without other users of the token, processes use all but the free share of each window."""
    server = Server(limit, T0 - 17)
    processes = [Process(priority, begins=0.01 * n) for n in range(number)]
    Simulation(row, server, processes).run(300)
    for parts in zip(*(in_windows(one, 43) for one in processes), strict=True):
        # A request may leave just before a window ends, and be counted in the next one.
        assert 0.95 * 0.8 * limit <= sum(parts) <= 0.8 * limit + sum(one.slots for one in processes)
        assert min(parts) >= 0.8 * limit / number / 4
    assert server.refused == 0


@pytest.mark.parametrize("patient", [Priority.FULL, Priority.VERIFICATION])
def test_an_urgent_request_of_one_process_does_not_wait_for_full_syncs_of_others(
    row: BudgetRow, patient: Priority
) -> None:
    """In the middle of a window that two others use as fast as they may, five requests leave at once."""
    busy = [Process(patient), Process(patient, begins=1)]
    webhook = Process(Priority.REQUESTED, slots=5, begins=70, ends=71)
    Simulation(row, Server(100, T0 - 17), [*busy, webhook]).run(80)
    assert len(webhook.waited) >= 5
    assert max(webhook.waited[:5]) < 0.5


def test_the_permits_of_a_killed_process_are_free_in_the_next_window(row: BudgetRow) -> None:
    """Nobody returns them; the window's end does."""
    survivor, killed = Process(Priority.FULL), Process(Priority.FULL, ends=103.5)
    Simulation(row, Server(100, T0 - 17), [survivor, killed]).run(300)
    assert min(in_windows(survivor, 103)[1:3]) >= 80


def test_one_process_seldom_asks_the_database(row: BudgetRow) -> None:
    """A minute in which it uses the whole budget takes few statements, whatever the limit."""
    Simulation(row, Server(10_000, T0 - 17), [Process(Priority.FULL, slots=32)]).run(300)
    assert row.statements < 150


def statements(mirror: Mirror) -> int:
    """How often the budget was written, by processes that have ended."""
    return int(
        mirror.value(
            "SELECT pg_stat_get_tuples_updated('token_budgets'::regclass)"
            " + pg_stat_get_tuples_inserted('token_budgets'::regclass)"
        )
    )


async def test_a_quiet_cycle_costs_one_statement(mirror: Mirror) -> None:
    """Its three requests take one batch of permits."""
    await mirror.sync("incremental")
    before = statements(mirror)
    with mirror.counting() as seen:
        await mirror.sync("incremental")
    await until(lambda: statements(mirror) > before)
    assert seen["total"] <= 3
    assert statements(mirror) == before + 1


async def test_nothing_leaves_while_the_budget_cannot_be_asked(mirror: Mirror) -> None:
    """A request that has no permit waits for the database, and leaves when it answers."""
    with mirror.counting() as seen, mirror.locked("token_budgets"):
        sync = asyncio.create_task(mirror.sync("full"))
        await until(lambda: bool(mirror.rows("SELECT pid FROM pg_locks WHERE NOT granted")))
        assert mirror.sim.requests.total == 0
    await sync
    assert seen["total"] == 0
    assert mirror.sim.requests.total > 0


async def test_a_429_of_one_process_stops_another(make_mirror: MakeMirror) -> None:
    """The second does not try for itself what the first was told."""
    mirror = make_mirror(small_world(5, tasks=10, comments=0))
    mirror.sim.faults.add("rate_limit", times=None, amount=3_600)
    with pytest.raises(Exception, match="rate limit"):
        await mirror.sync("incremental")
    mirror.sim.faults.clear()
    mirror.sim.requests.reset()
    sync = asyncio.create_task(mirror.sync("incremental"))
    await until(lambda: mirror.value("SELECT count(*) FROM token_budgets WHERE blocked_until > now()") == 1)
    await asyncio.sleep(1)  # and goes no further
    assert mirror.sim.requests.total == 0
    sync.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sync


async def test_a_new_token_has_a_budget_of_its_own(make_mirror: MakeMirror) -> None:
    """The database has the hash of each, and what the old one used is not subtracted from the new one."""
    mirror = make_mirror(small_world(5, tasks=10, comments=0))
    tokens = [mirror.world.token, mirror.world.token_for(mirror.world.owner().id)]
    for token in tokens:
        await mirror.sync("incremental", clickup_api_token=token)
    hashes = {row["token_hash"] for row in mirror.rows("SELECT token_hash FROM token_budgets")}
    assert hashes == {hashlib.sha256(token.encode()).digest() for token in tokens}


@pytest.mark.slow
@pytest.mark.parametrize("number", [2, 3])
async def test_real_processes_share_a_token(make_mirror: MakeMirror, number: int) -> None:
    """Several windows of a full sync in each: almost no 429, each gets a part, and the free share is kept."""
    limit, window_s, windows = 100, 4, 4
    world = small_world(5, tasks=1, comments=0)
    mirror = make_mirror(world, served={"rate_limit": limit, "rate_window_s": window_s})
    processes = [start_fetching(mirror, "FULL", seconds=window_s * windows) for _ in range(number)]
    counts = [int((await asyncio.to_thread(one.communicate))[0].split()[-1]) for one in processes]
    assert [one.returncode for one in processes] == [0] * number
    requests = mirror.sim.requests
    assert requests.refused <= requests.total * 0.005
    assert min(counts) >= requests.total / number / 3
    # The first and the last window are not whole.
    assert 0.9 * 0.8 * limit * (windows - 1) <= requests.total <= 0.8 * limit * (windows + 1) + 5 * number


def start_fetching(mirror: Mirror, priority: str, *, seconds: float) -> "subprocess.Popen[str]":
    """A process that sends requests of this priority as fast as it may; it prints how many were answered."""
    settings = {
        "url": mirror.database_url, "token": mirror.sim.token, "base_url": mirror.sim.base_url,
        "priority": priority, "seconds": seconds,
    }  # fmt: skip
    command = [sys.executable, "-m", "tests.engine.fetching", json.dumps(settings)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
