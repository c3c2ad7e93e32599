"""ClickUp's rate limit: so many calls per token in each fixed window."""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil


@dataclass(frozen=True, slots=True)
class Allowance:
    """What the X-RateLimit headers say: `reset` in unix seconds."""

    allowed: bool
    limit: int
    remaining: int
    reset: int
    retry_after: int | None = None

    def headers(self) -> dict[str, str]:
        """As they stand on every answer; `Retry-After` may or may not be there (observed)."""
        retry = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        return retry | {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(self.reset),
        }


@dataclass(slots=True)
class RateLimit:
    """100 calls a minute, or 1,000 or 10,000 on dearer plans (source: ClickUp docs).

    `window_s` may be shortened for tests. A refused call costs nothing. `most_used`: the most calls that a
    token spent in one window so far.
    """

    now_ms: Callable[[], int]
    limit: int = 10_000
    window_s: int = 60
    most_used: int = 0
    _used: dict[str, tuple[int, int]] = field(default_factory=dict)

    def spend(self, token: str, cost: int = 1) -> Allowance:
        """Takes one call off the token's budget; `cost` more when others use the same token."""
        window = self.now_ms() // (self.window_s * 1_000)
        known, used = self._used.get(token, (window, 0))
        if known != window:
            used = 0
        allowed = used < self.limit
        if allowed:
            used = min(self.limit, used + cost)
        self._used[token] = window, used
        self.most_used = max(self.most_used, used)
        return Allowance(allowed, self.limit, self.limit - used, (window + 1) * self.window_s)

    def refuse(self, wait_s: float) -> Allowance:
        """A refusal although there is budget left, over after `wait_s`."""
        wait = ceil(wait_s)
        reset = self.now_ms() // 1_000 + wait
        return Allowance(False, self.limit, 0, reset, wait if wait else None)

    def forget(self) -> None:
        """Everybody's budget is fresh again."""
        self._used.clear()
        self.most_used = 0
