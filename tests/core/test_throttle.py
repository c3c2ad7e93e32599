"""The throttle keeps within a budget that it shares with others and knows only from headers."""

import heapq
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from math import ceil
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.sync.throttle import (
    Priority,
    RateHeaders,
    Throttle,
    read_rate_headers,
    read_retry_after,
    server_date,
)

T0 = 1_800_000_000


@dataclass
class Server:
    """ClickUp's fixed windows of a minute: counts everybody's requests, and says what is left."""

    limit: int
    begins: float
    window: int = -1
    used: int = 0
    refused: int = 0

    def count(self, now: float, requests: int = 1) -> dict[str, str] | None:
        window = int((now - self.begins) // 60)
        if window != self.window:
            self.window, self.used = window, 0
        self.used += requests
        self.refused += self.used > self.limit
        return {
            "x-ratelimit-limit": str(self.limit),
            "x-ratelimit-remaining": str(max(0, self.limit - self.used)),
            "x-ratelimit-reset": str(ceil(self.begins + (window + 1) * 60)),
        }


def dated(headers: dict[str, str], now: float) -> dict[str, str]:
    return {**headers, "date": format_datetime(datetime.fromtimestamp(int(now), UTC), usegmt=True)}


def spend(
    server: Server,
    throttle: Throttle,
    *,
    others: int,
    slots: int,
    slowest: float,
    seed: int,
    priority: Priority = Priority.REQUESTED,
) -> list[float]:
    """Five minutes of as many requests as the throttle allows; the moments at which they were counted.

    Each is counted on its way, answered after a while, and the answer is dated when it is sent.
    `others` spend so many requests of every window, at once, somewhere in it.
    """
    random, counted = Random(seed), list[float]()
    events: list[tuple[float, int, str, dict[str, str]]] = [(T0, n, "try", {}) for n in range(slots)]
    for minute in range(-1, 6):
        begins = server.begins + minute * 60
        events.append((begins + random.uniform(0, 59.9), minute, "others", {}))
    events = [event for event in events if event[0] >= T0]
    heapq.heapify(events)
    number = slots
    while events and events[0][0] < T0 + 300:
        now, _, kind, headers = heapq.heappop(events)
        number += 1
        if kind == "others":
            server.count(now, others)
        elif kind == "try" and (pause := throttle.wait(now, priority)) > 0:
            heapq.heappush(events, (now + pause + random.uniform(0, 0.05), number, "try", {}))
        elif kind == "try":
            throttle.leave()
            heapq.heappush(events, (now + random.uniform(0, 0.2), number, "count", {}))
        elif kind == "count":
            counted.append(now)
            sent = now + random.uniform(0, slowest)
            answer = dated(server.count(now) or {}, sent)
            heapq.heappush(events, (sent + random.uniform(0, 0.4), number, "answer", answer))
        else:
            throttle.arrive(now, read_rate_headers(headers, now))
            heapq.heappush(events, (now, number, "try", {}))
    return counted


@settings(max_examples=60)
@given(
    limit=st.sampled_from([20, 100, 300]),
    begins=st.floats(-59, 0),
    free_percent=st.sampled_from([0, 10, 20, 50]),
    slots=st.integers(1, 12),
    slowest=st.sampled_from([0.0, 0.5, 12.0]),
    seed=st.integers(0, 999),
)
def test_the_limit_is_never_exceeded(
    limit: int, begins: float, free_percent: int, slots: int, slowest: float, seed: int
) -> None:
    """While the token's other users spend no more than the share left to them, nobody is refused."""
    server = Server(limit, T0 + begins)
    others = limit * free_percent // 100
    spend(server, Throttle(free_percent / 100), others=others, slots=slots, slowest=slowest, seed=seed)
    assert server.refused == 0


@pytest.mark.parametrize("priority", Priority)
def test_the_budget_is_used(priority: Priority) -> None:
    """What is not left to others is spent in every whole window, by every priority that is alone."""
    server = Server(100, T0)
    counted = spend(server, Throttle(0.2), others=0, slots=8, slowest=0.5, seed=1, priority=priority)
    for minute in range(1, 4):
        within = [now for now in counted if T0 + 60 * minute <= now < T0 + 60 * (minute + 1)]
        assert 72 <= len(within) <= 80


def told(now: float, remaining: int, resets_in: float, *, limit: int = 100) -> RateHeaders:
    """What an answer dated at second `now` says."""
    return RateHeaders(limit, remaining, resets_in, T0 + now + resets_in)


def limited(*, limit: int = 100, remaining: int = 90, resets_in: float = 30, free: float = 0.2) -> Throttle:
    """A throttle at second 0 after its first answer."""
    throttle = Throttle(free)
    throttle.leave()
    throttle.arrive(0, told(0, remaining, resets_in, limit=limit))
    return throttle


def test_the_first_request_feels_its_way() -> None:
    """Until the first answer tells the limit, one request at a time is under way."""
    throttle = Throttle(0.2)
    assert throttle.wait(0) == 0
    throttle.leave()
    assert 0 < throttle.wait(0) < 1
    throttle.arrive(1, None, answered=False)
    assert throttle.wait(1) == 0
    throttle.leave()
    assert throttle.wait(1) > 0
    throttle.arrive(2, told(2, 99, 50))
    assert throttle.limit == 100
    assert [throttle.wait(2) for _ in range(3)] == [0, 0, 0]


def test_a_server_without_headers_is_governed_by_its_429() -> None:
    """Without headers nothing waits after the first answer, but for a block."""
    throttle = Throttle(0.2)
    throttle.leave()
    throttle.arrive(1, None)
    for _ in range(500):
        assert throttle.wait(1) == 0
        throttle.leave()
    assert throttle.limit is None
    assert throttle.allowed_per_minute is None
    throttle.block(1, 20)
    assert throttle.wait(1) == 20


@pytest.mark.parametrize(("free", "share"), [(0.0, 100), (0.2, 80), (0.9, 10)])
def test_the_free_share_is_left(free: float, share: int) -> None:
    """In a fresh window so many leave at once, then all wait for its end."""
    throttle = limited(remaining=100, resets_in=30, free=free)
    assert throttle.allowed_per_minute == share
    for _ in range(share):
        assert throttle.wait(10) == 0
        throttle.leave()
    assert throttle.wait(10) == 20


def test_requests_that_fail_are_counted() -> None:
    """A request that brought no headers back may have been counted by ClickUp: it is subtracted."""
    throttle = limited(remaining=25)
    for _ in range(5):
        assert throttle.wait(1) == 0
        throttle.leave()
        throttle.arrive(1, None, answered=False)
    assert throttle.wait(1) == 29


def test_what_others_spend_is_believed() -> None:
    """A remainder smaller than our own count closes the window for us."""
    throttle = limited(remaining=90)
    throttle.leave()
    throttle.arrive(5, told(5, 20, 25))
    assert throttle.wait(5) == 25


@pytest.mark.parametrize("resets_in", [24.0, 25.0, 26.0])
def test_answers_that_overtake_each_other_do_not_refill(resets_in: float) -> None:
    """Within one window the smallest remainder counts, though whole seconds blur the window's end."""
    throttle = limited(remaining=20)
    throttle.leave()
    throttle.arrive(5, told(5, 60, resets_in))
    assert throttle.wait(5) == min(resets_in, 25)


def test_a_late_answer_of_a_past_window_says_nothing() -> None:
    """An old window's remainder neither empties nor fills the new one."""
    throttle = limited(remaining=20, resets_in=30)
    throttle.leave()
    throttle.leave()
    throttle.arrive(31, told(31, 95, 59))
    assert throttle.wait(31) == 0
    throttle.arrive(33, told(33, 0, 0))
    assert throttle.wait(33) == 0


def test_a_new_window_renews_the_budget() -> None:
    """At the window's end the budget is taken as full, and the first answer corrects that."""
    throttle = limited(remaining=20, resets_in=30)
    assert throttle.wait(29.5) == 0.5
    for _ in range(80):
        assert throttle.wait(30) == 0
        throttle.leave()
    assert throttle.wait(30) == 60
    throttle.arrive(31, told(31, 15, 40))
    assert throttle.wait(31) == 40


def test_a_changed_limit_is_taken_over() -> None:
    """When the plan changes, the next answer's limit rules."""
    throttle = limited(remaining=20)
    throttle.leave()
    throttle.arrive(1, told(1, 990, 29, limit=1000))
    assert throttle.allowed_per_minute == 800
    assert throttle.wait(1) == 0


def test_a_429_stops_everything_for_its_time() -> None:
    """A block holds for as long as was asked, and a shorter one does not cut it."""
    throttle = limited(remaining=90)
    throttle.block(10, 12)
    throttle.block(10, 2)
    assert throttle.wait(11) == 11
    assert throttle.wait(22) == 0


BUDGET = {"x-ratelimit-limit": "100", "x-ratelimit-remaining": "7", "x-ratelimit-reset": str(T0 + 20)}


def test_the_reset_is_measured_on_the_servers_clock() -> None:
    """A wrong clock here does not matter where the answer has a date."""
    assert read_rate_headers(dated(BUDGET, T0), now_unix=0) == RateHeaders(100, 7, 20, T0 + 20)
    assert server_date(dated(BUDGET, T0)) == datetime.fromtimestamp(T0, UTC)


@pytest.mark.parametrize("date", [{}, {"date": "yesterday"}])
def test_without_a_date_our_clock_stands_in(date: dict[str, str]) -> None:
    """The reset is then measured from the instant that the caller names."""
    assert read_rate_headers(BUDGET | date, now_unix=T0 + 5) == RateHeaders(100, 7, 15, T0 + 20)


@pytest.mark.parametrize(("now", "resets_in"), [(T0 + 50, 0), (T0 - 500, 60)])
def test_the_reset_lies_within_a_window(now: int, resets_in: int) -> None:
    """A reset in the past is now, one beyond a minute is a minute away."""
    found = read_rate_headers(BUDGET, now_unix=now)
    assert found is not None
    assert found.resets_in == resets_in


@pytest.mark.parametrize("name", list(BUDGET))
@pytest.mark.parametrize("value", [None, "", "many"])
def test_headers_that_are_no_budget(name: str, value: str | None) -> None:
    """A missing header, or one that is no number, makes no budget."""
    headers = {key: text for key, text in (BUDGET | {name: value}).items() if text is not None}
    assert read_rate_headers(headers, now_unix=T0) is None


def test_a_slow_body_does_not_refill_the_window() -> None:
    """An answer dated before its long body arrived does not bring back an old remainder."""
    throttle = limited(remaining=60, resets_in=50)
    throttle.leave()
    throttle.leave()
    throttle.arrive(10, told(10, 20, 40))
    throttle.arrive(10, told(6, 58, 44))
    assert throttle.wait(10) > 0


@given(spent=st.integers(0, 80), second=st.floats(0, 59.9))
def test_an_urgent_lane_goes_whenever_a_patient_one_may(spent: int, second: float) -> None:
    """In every state of a window: who may go, may go also in each priority before it."""
    throttle = limited(remaining=100 - spent, resets_in=60)
    waits = [throttle.wait(second, priority) for priority in Priority]
    assert waits == sorted(waits)
    assert waits[-1] <= 60 - second


def test_verification_spends_evenly_and_leaves_the_rest_to_whoever_comes() -> None:
    """At each moment of a window a webhook finds what the time left is worth."""
    throttle, now = limited(remaining=100, resets_in=60), 0.0
    for _ in range(70):
        now += throttle.wait(now, Priority.VERIFICATION)
        throttle.leave()
        throttle.arrive(now, None)
        assert (throttle.spare(now) or 0) >= int(80 * (60 - now) / 60) - 1
        assert throttle.wait(now, Priority.REQUESTED) == 0
    assert 50 < now < 60


def test_a_full_pass_keeps_room_for_changes() -> None:
    """It may burst, but a quarter of what the window still allows stays for what is more urgent."""
    throttle, sent = limited(remaining=100, resets_in=60), 0
    while throttle.wait(0.0, Priority.FULL) == 0:
        throttle.leave()
        sent += 1
    assert 58 <= sent <= 61
    assert throttle.wait(0.0, Priority.INCREMENTAL) == 0
    assert 0 < throttle.wait(0.0, Priority.FULL) <= 3


def test_verification_without_a_known_limit_asks_one_at_a_time() -> None:
    """Nobody knows what such a server bears."""
    throttle = Throttle(0.2)
    throttle.leave()
    throttle.arrive(0, None)
    throttle.leave()
    assert throttle.wait(0, Priority.FULL) == 0
    assert throttle.wait(0, Priority.VERIFICATION) > 0
    throttle.arrive(0, None)
    assert throttle.wait(0, Priority.VERIFICATION) == 0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "300"}, 300.0),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after": "Thu, 01 Jan 2026 00:01:40 GMT", "date": "Thu, 01 Jan 2026 00:01:00 GMT"}, 40.0),
        ({"retry-after": "Thu, 01 Jan 1970 00:00:40 GMT"}, 30.0),
        ({"retry-after": "Thu, 01 Jan 1970 00:00:05 GMT"}, 0.0),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "²"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_a_number_or_a_date(headers: dict[str, str], seconds: float | None) -> None:
    """A date counts from the answer's own Date, so that a wrong clock here does no harm."""
    assert read_retry_after(headers, now_unix=10.0) == seconds
