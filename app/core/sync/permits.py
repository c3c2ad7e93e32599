"""One process's part of a token's budget that several processes share, as arithmetic.

The shared budget is a row of `token_budgets`. A process takes permits from it in batches and sends one
request for each. With every exchange it reports what ClickUp's answers said, and learns what the others
reported. How many it takes follows how many it used since the last exchange: a quiet process takes few, a
busy one asks seldom. A permit is valid in its window alone, so those of a killed process are free at its end.

Instants are monotonic seconds of this process, handed in by the caller; the row tells seconds from now.
"""

from dataclasses import dataclass

from app.core.sync.throttle import Priority, RateHeaders, Throttle

# Enough for a cycle in which nothing changed.
_LEAST_BATCH = 4
# A process that sends or waits hears of the others at least so often.
_EXCHANGE_SECONDS = 5.0
_PAUSE_AFTER_NONE_SECONDS = 0.25
_PAUSE_AFTER_FAILURE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class PermitRequest:
    """What a process asks of the shared budget, and reports to it.

    `wanted`: further permits. `kept`: unused ones of `window` that it keeps; it returns the others.
    `recorded`: how many the budget counts for it in that window. `left_share`: the part that this priority
    leaves to those before it. `news`: what answers said since the last exchange. `blocked_for`: seconds
    that a 429 blocks.
    """

    wanted: int
    kept: int
    under_way: int
    recorded: int
    window: int
    left_share: float
    news: RateHeaders | None
    blocked_for: float


@dataclass(frozen=True, slots=True)
class SharedBudget:
    """What the shared budget answered: `granted` permits of `window`, and its state after that.

    `headers` is None while no process knows the limit. `is_guess`: no answer has confirmed the window yet.
    `outstanding`: permits of all processes for requests that no answer has counted.
    """

    granted: int
    window: int
    outstanding: int
    headers: RateHeaders | None
    is_guess: bool
    blocked_for: float


class Permits:
    """The permits of one process for one token, and its decisions when to exchange some."""

    def __init__(self, throttle: Throttle) -> None:
        self.throttle = throttle
        self._unused = self._recorded = self._used = 0
        self._window = self._valid_in = -1
        self._exchanged_at: float | None = None
        # Until when the next exchange waits: of any priority after a failure, else of those that got none.
        self._pause_until = self._none_until = float("-inf")
        self._none_left_share = 0.0
        self._was_blocked = False

    def wait(self, now: float, priority: Priority = Priority.REQUESTED) -> float | None:
        """Seconds until a request of this priority may be sent, 0 for now; None: an exchange comes first."""
        if blocked := self.throttle.blocked_for(now):
            return blocked
        if self.throttle.limit is not None and self.unused(now):
            pause = self.throttle.wait(now, priority)
            if pause == 0:
                return 0.0
        pause_until = self._pause_until
        if priority.value >= self._none_left_share:
            pause_until = max(pause_until, self._none_until)
        return pause_until - now if now < pause_until else self._wait_without_permit(now, priority)

    def _wait_without_permit(self, now: float, priority: Priority) -> float | None:
        if self.is_stale(now):
            return None
        if self.throttle.limit is None:
            return self.throttle.wait(now, priority)
        if self.throttle.is_over(now):
            return None
        # Others may return permits sooner than the window lets this process expect.
        return min(self.throttle.wait(now, priority), self._next_exchange - now) or None

    @property
    def _next_exchange(self) -> float:
        return float("-inf") if self._exchanged_at is None else self._exchanged_at + _EXCHANGE_SECONDS

    def is_stale(self, now: float) -> bool:
        """Whether the last exchange is so long ago that there should be another."""
        return now >= self._next_exchange and now >= self._pause_until

    def unused(self, now: float) -> int:
        """Permits for which a request may still be sent in this window."""
        is_valid = self._valid_in == self.throttle.windows and not self.throttle.is_over(now)
        return self._unused if is_valid else 0

    def surplus(self, now: float) -> int:
        """Permits that the shared budget counts for this process and that it does not need; 0 for a few."""
        returned = self._recorded - self.throttle.under_way
        return returned if returned > _LEAST_BATCH and not self.throttle.is_over(now) else 0

    def leave(self) -> None:
        """A request leaves."""
        if self.throttle.limit is not None:
            self._unused -= 1
        self._used += 1
        self.throttle.leave()

    def block(self, now: float, seconds: float) -> None:
        """Let nothing leave for so long; the next exchange tells the other processes."""
        self.throttle.block(now, seconds)
        self._was_blocked = True

    def plan_exchange(self, now: float, priority: Priority) -> PermitRequest:
        """An exchange that brings about twice as many permits as were used since the last one."""
        return self._plan(now, priority, max(2 * self._used, _LEAST_BATCH))

    def plan_return(self, now: float) -> PermitRequest:
        """An exchange that returns all permits."""
        return self._plan(now, Priority.REQUESTED, 0)

    def _plan(self, now: float, priority: Priority, target: int) -> PermitRequest:
        unused = self.unused(now)
        # Those that go back are not used while the exchange is under way.
        self._unused = min(unused, target)
        self._used = 0
        blocked_for = self.throttle.blocked_for(now) if self._was_blocked else 0.0
        self._was_blocked = False
        return PermitRequest(
            wanted=max(target - unused, 0),
            kept=self._unused,
            under_way=self.throttle.under_way,
            recorded=self._recorded,
            window=self._window,
            left_share=priority.value,
            news=self.throttle.take_news(now),
            blocked_for=blocked_for,
        )

    def settle(self, sent_at: float, now: float, request: PermitRequest, shared: SharedBudget) -> None:
        """The exchange that was sent at `sent_at` is answered."""
        is_same = shared.window == request.window
        self._recorded = (request.kept if is_same else 0) + request.under_way + shared.granted
        self._window, self._exchanged_at = shared.window, now
        if shared.granted == 0 and request.wanted:
            self._none_until, self._none_left_share = now + _PAUSE_AFTER_NONE_SECONDS, request.left_share
        if shared.blocked_for:
            self.throttle.block(now, shared.blocked_for)
        if shared.headers is None:
            return
        # Measured from when it was sent, the window ends here no later than it does there.
        is_current = self.throttle.adopt(
            sent_at,
            shared.headers,
            is_guess=shared.is_guess,
            others=max(shared.outstanding - self._recorded, 0),
        )
        self._unused = (self._unused if is_same else 0) + shared.granted if is_current else 0
        self._valid_in = self.throttle.windows

    def fail(self, now: float, request: PermitRequest) -> None:
        """The exchange did not reach the shared budget: what it reported is reported by the next one."""
        self._was_blocked = self._was_blocked or request.blocked_for > 0
        self.throttle.keep_news(request.news)
        self._pause_until = now + _PAUSE_AFTER_FAILURE_SECONDS
