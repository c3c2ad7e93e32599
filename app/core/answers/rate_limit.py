"""How often somebody may ask, as arithmetic: token buckets that never sleep.

Each bucket holds a minute's worth and is refilled evenly. Of a bucket only the instant is kept at which
it is full again; one that is full need not be kept at all. Every instant is a monotonic second handed in
by the caller.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from math import floor

_WINDOW_SECONDS = 60.0
# Floating point: what is due at this instant is not a nanosecond too early.
_HAIR = 1e-6


@dataclass(frozen=True, slots=True)
class RateLimitResult:
    """Whether one more may come now.

    `left`: how many more may come at once; `wait`: seconds until the next may come; `full_in`: seconds
    until a whole minute's worth may.
    """

    granted: bool
    left: int
    wait: float
    full_in: float


class RateLimiter:
    """A bucket of `a_minute` for each who asks; of very many (`most`) the longest silent is forgotten."""

    def __init__(self, a_minute: int, most: int = 10_000) -> None:
        self.a_minute = a_minute
        self._pause = _WINDOW_SECONDS / a_minute
        self._most = most
        # Who asked last stands last.
        self._full_at: dict[Hashable, float] = {}

    def __len__(self) -> int:
        return len(self._full_at)

    def look(self, who: Hashable, now: float) -> RateLimitResult:
        """What `take` would say, without taking."""
        return self._allowance(self._full_at.get(who, now), now)

    def take(self, who: Hashable, now: float) -> RateLimitResult:
        """One of the bucket, if there is one; what is refused costs nothing."""
        full_at = max(self._full_at.get(who, now), now)
        before = self._allowance(full_at, now)
        if not before.granted:
            return before
        self._full_at.pop(who, None)
        self._full_at[who] = full_at + self._pause
        self._forget(now)
        after = self._allowance(full_at + self._pause, now)
        return RateLimitResult(True, after.left, after.wait, after.full_in)

    def _allowance(self, full_at: float, now: float) -> RateLimitResult:
        missing = max(full_at - now, 0.0)
        left = floor((_WINDOW_SECONDS - missing + _HAIR) / self._pause)
        wait = 0.0 if left >= 1 else missing + self._pause - _WINDOW_SECONDS
        return RateLimitResult(left >= 1, max(left, 0), wait, missing)

    def _forget(self, now: float) -> None:
        """The longest silent, while their buckets are full or there are too many."""
        while self._full_at:
            oldest = next(iter(self._full_at))
            if self._full_at[oldest] > now and len(self._full_at) <= self._most:
                break
            del self._full_at[oldest]
