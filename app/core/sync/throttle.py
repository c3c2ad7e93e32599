"""The rate limit, as arithmetic: it answers "wait this long" and never sleeps.

ClickUp counts requests per token in windows of a minute and says on every answer how many are
left and when the window ends (source: ClickUp's rate-limit page). Other tools may spend the
same token, so the headers are believed over our own count; in between, requests under way are
subtracted from what the last answer left.

Every instant here is a monotonic second handed in by the caller.

Priorities share the budget. Each but the first leaves a part of what a window still allows to those
before it; the part shrinks with the time left, so that at the window's end all of it is spent.

What several processes share with one token is added by `core.sync.permits`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from enum import Enum

WINDOW_SECONDS = 60.0

# Reset is in whole seconds: two answers of one window may differ by one.
_SAME_WINDOW_SECONDS = 1.5


class Priority(Enum):
    """On whose behalf a request leaves, the most urgent first.

    The value is the share of the window's remaining allowance that the priority leaves to those before
    it. A whole share makes the last priority spend evenly over the window, never in a burst.
    """

    REQUESTED = 0.0
    INCREMENTAL = 0.05
    FULL = 0.25
    VERIFICATION = 1.0


@dataclass(frozen=True, slots=True)
class RateHeaders:
    """What one answer said about the budget.

    `resets_in` is in seconds from the answer's own date; `resets_at`, unix seconds on ClickUp's
    clock, names the window that the answer speaks of, however late it arrives.
    """

    limit: int
    remaining: int
    resets_in: float
    resets_at: float


def server_date(headers: Mapping[str, str]) -> datetime | None:
    """ClickUp's own clock, from the Date header (whole seconds)."""
    try:
        return parsedate_to_datetime(headers["date"])
    except (KeyError, ValueError, TypeError):
        return None


def read_retry_after(headers: Mapping[str, str], now_unix: float) -> float | None:
    """Seconds that a Retry-After asks for, whether it gives a number or a date; None where it does neither.

    A date is compared with the answer's own Date, `now_unix` stands in where none came (RFC 9110, 10.2.3).
    """
    text = headers.get("retry-after", "").strip()
    if text.replace(".", "", 1).isdecimal() and text.isascii():
        return float(text)
    try:
        at = parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError):
        return None
    date = server_date(headers)
    return max(at - (date.timestamp() if date else now_unix), 0.0)


def read_rate_headers(headers: Mapping[str, str], now_unix: float) -> RateHeaders | None:
    """The budget as the answer states it; None where the headers are missing or no numbers.

    `X-RateLimit-Reset` minus the answer's own Date is immune to a wrong clock here;
    `now_unix` stands in only where no Date came.
    """
    try:
        limit = int(headers["x-ratelimit-limit"])
        remaining = int(headers["x-ratelimit-remaining"])
        reset = float(headers["x-ratelimit-reset"])
    except (KeyError, ValueError):
        return None
    date = server_date(headers)
    resets_in = reset - (date.timestamp() if date else now_unix)
    return RateHeaders(limit, remaining, min(max(resets_in, 0.0), WINDOW_SECONDS), reset)


class Throttle:
    """One token's budget.

    `free_share` (0 to 1) of the limit is left to the token's other users.
    """

    def __init__(self, free_share: float) -> None:
        self._free_share = free_share
        self._limit: int | None = None
        self._left = 0
        self._ends_at = 0.0
        # By the answers to this process alone; None: none was of this window.
        self._measured_ends_at: float | None = None
        self._window = 0.0
        self._under_way = 0
        self._answered = False
        self._blocked_until = 0.0
        self._guessed = True
        # Permits of other processes, whose requests no answer here has counted.
        self._others = 0
        self._has_news = False
        # How often an answer said that a new window had begun which nobody had assumed yet.
        self._windows = 0

    @property
    def windows(self) -> int:
        """A number that changes when an answer tells of a window that was not expected."""
        return self._windows

    @property
    def under_way(self) -> int:
        """Requests without an answer yet."""
        return self._under_way

    @property
    def limit(self) -> int | None:
        """Requests per minute as ClickUp states them; None before the first answer."""
        return self._limit

    @property
    def allowed_per_minute(self) -> int | None:
        """What this process allows itself of the limit."""
        return None if self._limit is None else self._limit - self._reserve

    @property
    def _reserve(self) -> int:
        return int((self._limit or 0) * self._free_share)

    def spare(self, now: float) -> int | None:
        """Requests that may still leave in this window; None before the first answer."""
        if self._limit is None:
            return None
        left = self._limit if self.is_over(now) else self._left - self._others
        return max(left - self._under_way - self._reserve, 0)

    def is_over(self, now: float) -> bool:
        """Whether the window that is known has ended."""
        return now >= self._ends_at

    def blocked_for(self, now: float) -> float:
        """Seconds for which nothing may leave after a 429."""
        return max(self._blocked_until - now, 0.0)

    def wait(self, now: float, priority: Priority = Priority.REQUESTED) -> float:
        """Seconds until a request of this priority may be sent; 0 means now."""
        if blocked := self.blocked_for(now):
            return blocked
        if self._limit is None:
            return 0.0 if self._may_feel_its_way(priority) else 0.05
        if self.is_over(now):
            self._renew(now)
        spare = self._left - self._others - self._under_way - self._reserve
        return self._wait_in_window(now, spare, priority)

    def _may_feel_its_way(self, priority: Priority) -> bool:
        # The first answer tells the limit; until then, and in verification without one, one at a time.
        return self._under_way == 0 or (self._answered and priority is not Priority.VERIFICATION)

    def _wait_in_window(self, now: float, spare: int, priority: Priority) -> float:
        remains = self._ends_at - now
        if spare < 1:
            return remains
        # What is kept for the lanes before it falls steadily: the wait is until it falls below `spare`.
        kept_whole = priority.value * (self.allowed_per_minute or 0)
        return max(remains - WINDOW_SECONDS * spare / kept_whole, 0.0) if kept_whole else 0.0

    def leave(self) -> None:
        """A request leaves."""
        self._under_way += 1

    def arrive(self, now: float, headers: RateHeaders | None, *, answered: bool = True) -> None:
        """A request ended: `headers` is the budget its answer stated, if it did.

        A server that states none can only be governed by its 429s.
        """
        self._under_way -= 1
        self._answered = self._answered or answered
        self._has_news = True
        if headers is None:
            self._left -= 1
        else:
            self._believe(now, headers)

    def block(self, now: float, seconds: float) -> None:
        """Let nothing leave for so long: ClickUp answered 429."""
        self._blocked_until = max(self._blocked_until, now + seconds)

    def take_news(self, now: float) -> RateHeaders | None:
        """What answers said of this window since the last call; None where they said nothing."""
        news, self._has_news = self._has_news, False
        # An end that others told is a little early here: told back, it would move with each exchange.
        ends_at = self._measured_ends_at
        if self._limit is None or not news or ends_at is None or self.is_over(now):
            return None
        return RateHeaders(self._limit, self._left, ends_at - now, self._window)

    def keep_news(self, news: RateHeaders | None) -> None:
        """What `take_news` gave was not passed on."""
        self._has_news = self._has_news or news is not None

    def adopt(self, now: float, shared: RateHeaders, *, is_guess: bool, others: int) -> bool:
        """Takes over what all processes together know of the window, and how many permits `others` have.

        False where an answer has told this process of a later window meanwhile.
        """
        self._others, ends_at = others, now + shared.resets_in
        later = shared.resets_at - self._window
        if self._limit is None or self._guessed or self.is_over(now) or later > _SAME_WINDOW_SECONDS:
            self._left, self._ends_at, self._guessed = shared.remaining, ends_at, is_guess
            self._measured_ends_at = None
            self._window = max(self._window, shared.resets_at)
        elif later >= -_SAME_WINDOW_SECONDS:
            self._left = min(self._left, shared.remaining)
            self._ends_at = min(self._ends_at, ends_at)
        elif not is_guess:
            return False
        self._limit = shared.limit
        return True

    def _renew(self, now: float) -> None:
        self._left, self._ends_at, self._guessed = self._limit or 0, now + WINDOW_SECONDS, True
        self._measured_ends_at = None

    def _believe(self, now: float, headers: RateHeaders) -> None:
        # Answers overtake each other: within one window the smallest remainder is the latest.
        # An answer of a window that has passed says nothing about this one.
        ends_at, later = now + headers.resets_in, headers.resets_at - self._window
        if later > _SAME_WINDOW_SECONDS or self._limit != headers.limit:
            self._windows += not self._guessed and later > _SAME_WINDOW_SECONDS
            self._left, self._ends_at, self._window = headers.remaining, ends_at, headers.resets_at
            self._measured_ends_at = ends_at
        elif later >= -_SAME_WINDOW_SECONDS:
            self._left = min(self._left, headers.remaining)
            self._ends_at = ends_at if self._guessed else min(self._ends_at, ends_at)
            self._measured_ends_at = min(self._measured_ends_at or ends_at, ends_at)
        self._limit, self._guessed = headers.limit, False
