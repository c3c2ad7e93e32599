"""Several processes on one token, in a time of their own: the real statement, and a ClickUp that counts."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Any
from uuid import UUID, uuid4

import psycopg
from psycopg.rows import dict_row

from app.adapters.token_budget import exchange_params, read_budget
from app.core.sync.permits import PermitRequest, Permits, SharedBudget
from app.core.sync.throttle import Priority, Throttle, read_rate_headers
from app.sql.loader import load_queries
from tests.core.test_throttle import T0, Server, dated

HASH = bytes(32)
FREE_SHARE = 0.2


_SHIFT = """
    UPDATE token_budgets SET ends_at = clock_timestamp() + make_interval(secs => %(ends_in)s),
        blocked_until = clock_timestamp() + make_interval(secs => %(blocked_for)s),
        shared_until = shared_until - make_interval(secs => %(passed)s),
        updated_at = updated_at - make_interval(secs => %(passed)s)
    RETURNING ends_at, blocked_until
"""


class BudgetRow:
    """The row of one token; the database's clock follows the instants that are handed in."""

    def __init__(self, connection: psycopg.Connection[Any], free_share: float = FREE_SHARE) -> None:
        self._run = connection.cursor(row_factory=dict_row).execute
        self._queries = load_queries()
        self._free_share = free_share
        self.statements = 0
        self._ends_at = self._blocked_until = self._exchanged_at = 0.0
        self._run("DELETE FROM token_budgets")
        self._run(self._queries["insert_token_budget"].encode(), {"token_hash": HASH})

    def exchange(self, now: float, process_id: UUID, request: PermitRequest) -> SharedBudget:
        """One exchange at this instant."""
        before = self._shift(now)
        params = exchange_params(request) | {
            "token_hash": HASH,
            "process_id": process_id,
            "free_share": self._free_share,
        }
        row = self._run(self._queries["take_permits"].encode(), params).fetchone()
        after = self._run("SELECT ends_at, blocked_until FROM token_budgets").fetchone()
        assert row is not None and after is not None
        self.statements += 1
        # What did not change keeps its instant: the statements take time that does not count here.
        if after["ends_at"] != before["ends_at"]:
            self._ends_at = now + row["resets_in"]
        if after["blocked_until"] != before["blocked_until"]:
            self._blocked_until = now + row["blocked_for"]
        return read_budget(row)

    def _shift(self, now: float) -> dict[str, Any]:
        """Sets the row's instants as they are seen at this one."""
        ends_in, blocked_for = self._ends_at - now, self._blocked_until - now
        shift = {"ends_in": ends_in, "blocked_for": blocked_for, "passed": now - self._exchanged_at}
        self._exchanged_at = now
        shifted = self._run(_SHIFT, shift).fetchone()
        assert shifted is not None
        return shifted


@dataclass(slots=True)
class Process:
    """`slots` requests at a time of this priority, as often as allowed from `begins` to `ends`."""

    priority: Priority = Priority.FULL
    slots: int = 8
    begins: float = 0.0
    ends: float = float("inf")
    free_share: float = FREE_SHARE
    permits: Permits = field(init=False)
    # When its requests were counted, and how long each had waited.
    counted: list[float] = field(default_factory=list)
    waited: list[float] = field(default_factory=list)
    exchanging: bool = False
    process_id: UUID = field(default_factory=uuid4)

    def __post_init__(self) -> None:
        self.permits = Permits(Throttle(self.free_share))


class Simulation:
    """Runs processes against a row and a server; instants begin at 0."""

    def __init__(self, row: BudgetRow, server: Server, processes: list[Process], seed: int = 1) -> None:
        self.row, self.server, self.processes = row, server, processes
        self._random = Random(seed)
        self._events: list[tuple[float, int, Callable[[float], None]]] = []
        self._number = count()
        for process in processes:
            for _ in range(process.slots):
                self.at(process.begins, self._trying(process, process.begins))

    def at(self, instant: float, event: Callable[[float], None]) -> None:
        """Something that happens then."""
        heapq.heappush(self._events, (instant, next(self._number), event))

    def run(self, seconds: float) -> None:
        """Everything that happens until then."""
        while self._events and self._events[0][0] < seconds:
            now, _, event = heapq.heappop(self._events)
            event(now)

    def _trying(self, process: Process, since: float) -> Callable[[float], None]:
        """A request that wants to leave; it is tried again when its wait is over."""

        def attempt(now: float) -> None:
            if now >= process.ends:
                return
            pause = process.permits.wait(now, process.priority)
            if pause is None:
                self._begin_exchange(process, now)
                pause = 0.01
            if pause > 0:
                self.at(now + pause + self._random.uniform(0, 0.05), attempt)
                return
            process.permits.leave()
            process.waited.append(now - since)
            if process.permits.is_stale(now):
                self._begin_exchange(process, now)
            self.at(now + self._random.uniform(0, 0.1), lambda at: self._count(process, at))

        return attempt

    def _count(self, process: Process, now: float) -> None:
        process.counted.append(now)
        sent = now + self._random.uniform(0, 0.3)
        headers = dated(self.server.count(T0 + now) or {}, T0 + sent)

        def answer(at: float) -> None:
            process.permits.throttle.arrive(at, read_rate_headers(headers, T0 + at))
            self.at(at, self._trying(process, at))

        self.at(sent + self._random.uniform(0, 0.1), answer)

    def _begin_exchange(self, process: Process, now: float) -> None:
        if process.exchanging:
            return
        process.exchanging = True
        request = process.permits.plan_exchange(now, process.priority)

        def reach(at: float) -> None:
            shared = self.row.exchange(at, process.process_id, request)

            def settle(then: float) -> None:
                process.exchanging = False
                process.permits.settle(now, then, request, shared)

            self.at(at + self._random.uniform(0, 0.02), settle)

        self.at(now + self._random.uniform(0, 0.02), reach)
