"""Cutting the past into windows for the time entries, which ClickUp does not page.

A window that brings too many rows costs memory, one that brings few costs requests: the next one
grows or shrinks by what the last one brought. A year is the longest that others use (observed).
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

_FIRST = timedelta(days=90)
_LONGEST = timedelta(days=365)
_SHORTEST = timedelta(days=1)
_AHEAD = timedelta(days=31)
_BEFORE_ALL = datetime(2000, 1, 1, tzinfo=UTC)
_FEW_ROWS, _FITTING_ROWS, _MANY_ROWS = 1_000, 2_000, 3_000


@dataclass(frozen=True, slots=True)
class Window:
    """Entries whose start lies in [start, end)."""

    start: datetime
    end: datetime

    def holds(self, instant: datetime | None) -> bool:
        """Whether it lies in the window; a server that ignores the window answers with others."""
        return instant is not None and self.start <= instant < self.end


def newest_window(now: datetime, *, known: int = 0, oldest: datetime | None = None) -> Window:
    """The window a full walk begins with; people log time for days ahead, so it ends later than now.

    `known` entries since `oldest` tell how long a window holds neither few rows nor many.
    """
    days = max((now - oldest) / timedelta(days=1), 1.0) if oldest else 0.0
    fitting = timedelta(days=_FITTING_ROWS * days / known) if known and days else _FIRST
    return Window(now - min(max(fitting, _SHORTEST), _LONGEST), now + _AHEAD)


def next_window(window: Window, rows: int, *, oldest: datetime | None) -> Window | None:
    """The window before this one, or None when nothing can lie before it.

    `rows` lie in this window. The walk ends when it is empty and lies wholly before `oldest`, the first
    thing that is known to have happened in the workspace; or at the year 2000, whatever comes.
    """
    if window.start <= _BEFORE_ALL or (rows == 0 and (oldest is None or window.end <= oldest)):
        return None
    length = _length(window.end - window.start, rows)
    return replace(window, start=window.start - length, end=window.start)


def _length(last: timedelta, rows: int) -> timedelta:
    if rows > _MANY_ROWS:
        return max(last / 2, _SHORTEST)
    return min(last * 2, _LONGEST) if rows < _FEW_ROWS else min(last, _LONGEST)
