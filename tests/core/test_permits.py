"""What a process takes of a shared budget follows what it uses, and ends with the window."""

import pytest

from app.core.sync.permits import PermitRequest, Permits, SharedBudget
from app.core.sync.throttle import Priority, RateHeaders, Throttle

T0 = 1_800_000_000


def told(now: float, remaining: int, ends_at: float = 60) -> RateHeaders:
    """What is known at second `now` of the window that ends at second `ends_at`."""
    return RateHeaders(100, remaining, ends_at - now, T0 + ends_at)


class Budget:
    """A shared budget that grants what is asked for, up to `most`."""

    def __init__(self, permits: Permits, most: int = 50) -> None:
        self.permits, self.most = permits, most
        self.window, self.outstanding, self.asked = 1, 0, list[PermitRequest]()

    def exchange(self, now: float, priority: Priority = Priority.REQUESTED, *, remaining: int = 100) -> int:
        request = self.permits.plan_exchange(now, priority)
        return self.answer(now, request, remaining=remaining)

    def answer(self, now: float, request: PermitRequest, *, remaining: int = 100) -> int:
        self.asked.append(request)
        granted = min(request.wanted, self.most)
        kept = request.kept if request.window == self.window else 0
        self.outstanding = request.under_way + kept + granted
        shared = SharedBudget(granted, self.window, self.outstanding, told(now, remaining), False, 0.0)
        self.permits.settle(now, now, request, shared)
        return granted


def send(permits: Permits, now: float, number: int = 1) -> None:
    """So many requests leave and are answered at once."""
    for _ in range(number):
        assert permits.wait(now) == 0
        permits.leave()
        permits.throttle.arrive(now, None)


@pytest.fixture
def permits() -> Permits:
    return Permits(Throttle(0.2))


def test_nothing_leaves_before_the_first_exchange(permits: Permits) -> None:
    """What other processes use of the token is asked for first."""
    assert permits.wait(0) is None
    Budget(permits).exchange(0)
    assert permits.wait(0) == 0


def test_where_nobody_knows_the_limit_one_request_goes_ahead(permits: Permits) -> None:
    """Its answer tells the limit, which the next exchange reports."""
    request = permits.plan_exchange(0, Priority.REQUESTED)
    permits.settle(0, 0, request, SharedBudget(0, 0, 0, None, True, 0.0))
    assert permits.wait(1) == 0
    permits.leave()
    assert permits.wait(1)
    permits.throttle.arrive(1, told(1, 99))
    assert permits.wait(1) is None
    assert permits.plan_exchange(1, Priority.REQUESTED).news == told(1, 99)


def test_a_quiet_cycle_needs_one_exchange(permits: Permits) -> None:
    """Three requests take one batch of permits, and return nothing."""
    Budget(permits).exchange(0)
    send(permits, 0, 3)
    assert permits.surplus(1) == 0


def test_a_busy_process_asks_for_twice_what_it_used(permits: Permits) -> None:
    """So a first sync takes few exchanges, and a process that becomes quiet returns what it does not use."""
    budget, taken = Budget(permits), list[int]()
    for second in range(4):
        taken.append(budget.exchange(second))
        send(permits, second, taken[-1])
    assert taken == [4, 8, 16, 32]
    assert budget.exchange(4) == 50
    assert (budget.asked[-1].wanted, permits.unused(4)) == (64, 50)
    assert budget.exchange(10) == 0
    assert (budget.asked[-1].kept, permits.unused(10)) == (4, 4)


def test_permits_end_with_their_window(permits: Permits) -> None:
    """After its end none is used, and the next exchange returns none: they are void there as well."""
    budget = Budget(permits)
    budget.exchange(0)
    assert permits.unused(59) == 4
    assert permits.unused(60) == 0
    assert permits.wait(60) is None
    assert permits.plan_exchange(60, Priority.REQUESTED).kept == 0


def test_an_answer_of_a_later_window_ends_the_permits(permits: Permits) -> None:
    """ClickUp's window may end before this process expects it."""
    Budget(permits).exchange(0)
    permits.leave()
    permits.throttle.arrive(50, told(50, 99, ends_at=105))
    assert permits.unused(50) == 0
    assert permits.plan_exchange(50, Priority.REQUESTED).news == told(50, 99, ends_at=105)


def test_permits_of_another_window_are_not_kept(permits: Permits) -> None:
    """The shared budget has gone on to the next window: what was taken in the last one is void."""
    budget = Budget(permits)
    budget.exchange(0)
    budget.window = 2
    budget.exchange(10)
    assert permits.unused(10) == 0
    assert permits.wait(10) is None


def test_permits_of_others_are_left_to_them(permits: Permits) -> None:
    """What the others took and no answer has counted yet is not there for a full sync."""
    request = permits.plan_exchange(0, Priority.FULL)
    permits.settle(0, 0, request, SharedBudget(4, 1, 64, told(0, 100), False, 0.0))
    assert permits.throttle.spare(0) == 20
    assert permits.wait(0, Priority.REQUESTED) == 0
    assert permits.wait(0, Priority.FULL) == 0
    permits.leave()
    assert permits.wait(0, Priority.FULL)
    assert permits.wait(0, Priority.REQUESTED) == 0


def test_who_got_none_asks_again_after_a_moment(permits: Permits) -> None:
    """And a more urgent request of the same process does not wait for that."""
    request = permits.plan_exchange(0, Priority.FULL)
    permits.settle(0, 0, request, SharedBudget(0, 1, 0, told(0, 100), False, 0.0))
    assert permits.wait(0.1, Priority.FULL) == pytest.approx(0.15)
    assert permits.wait(0.1, Priority.INCREMENTAL) is None


def test_who_waits_hears_of_the_others(permits: Permits) -> None:
    """They may return permits before the window ends: the next exchange is seconds away, not a minute."""
    Budget(permits, most=0).exchange(0, remaining=20)
    pause = permits.wait(1)
    assert pause is not None
    assert 0 < pause <= 5
    assert permits.wait(1 + pause) is None


def test_a_429_is_told_to_the_others_once(permits: Permits) -> None:
    """Nothing leaves, and the next exchange says for how long."""
    Budget(permits).exchange(0)
    permits.block(1, 20)
    assert permits.wait(2) == 19
    assert permits.plan_exchange(3, Priority.REQUESTED).blocked_for == 18
    assert permits.plan_exchange(4, Priority.REQUESTED).blocked_for == 0


def test_a_429_of_another_process_blocks_this_one(permits: Permits) -> None:
    """It learns of it by an exchange, and leaves its permits alone."""
    request = permits.plan_exchange(0, Priority.REQUESTED)
    permits.settle(0, 0, request, SharedBudget(4, 1, 4, told(0, 100), False, 12.0))
    assert permits.wait(0) == 12


def test_without_the_database_the_permits_that_are_left_are_used(permits: Permits) -> None:
    """Then nothing leaves; the exchange is tried again every second, and reports what this one did not."""
    Budget(permits).exchange(0)
    permits.leave()
    permits.throttle.arrive(1, told(1, 90))
    request = permits.plan_exchange(6, Priority.REQUESTED)
    permits.fail(6, request)
    send(permits, 6, 3)
    assert permits.wait(6) == 1
    assert permits.wait(7) is None


def test_what_an_exchange_did_not_report_the_next_one_does(permits: Permits) -> None:
    """An answer's headers and a 429, after the database was away for a moment."""
    Budget(permits).exchange(0)
    permits.leave()
    permits.throttle.arrive(1, told(1, 90))
    permits.block(1, 20)
    permits.fail(6, permits.plan_exchange(6, Priority.REQUESTED))
    request = permits.plan_exchange(7, Priority.REQUESTED)
    assert (request.news, request.blocked_for) == (told(7, 90), 14)


def test_an_idle_process_returns_all_it_has(permits: Permits) -> None:
    """Others may want them."""
    budget = Budget(permits)
    budget.exchange(0)
    send(permits, 0, 4)
    budget.exchange(0)
    assert permits.surplus(2) == 8
    budget.answer(2, permits.plan_return(2))
    assert (permits.unused(2), permits.surplus(2), budget.outstanding) == (0, 0, 0)
