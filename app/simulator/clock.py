"""The time of a simulated world."""

import time

MS_PER_SECOND = 1_000
MS_PER_MINUTE = 60_000
MS_PER_HOUR = 3_600_000
MS_PER_DAY = 86_400_000


class Clock:
    """Epoch ms that start where you say and only move forward.

    Without `start_ms` it shows real time. With `running=False` it stands still until `advance`,
    apart from the single ms by which each stamp differs from the one before.
    """

    def __init__(self, start_ms: int | None = None, *, running: bool = True) -> None:
        real = _real_ms()
        self._running = running
        self._base = real if start_ms is None else start_ms
        self._offset = self._base - real
        self._last_stamp = 0

    def now_ms(self) -> int:
        """The present, which is never before the last stamp given."""
        return max(self._present(), self._last_stamp)

    def stamp(self) -> int:
        """The present for something that just happened: later than every stamp before it."""
        self._last_stamp = max(self.now_ms(), self._last_stamp + 1)
        return self._last_stamp

    def advance(self, seconds: float) -> None:
        """Lets that much time pass at once, counted from the last stamp."""
        passed = self.now_ms() - self._present() + round(seconds * MS_PER_SECOND)
        self._base += passed
        self._offset += passed

    def _present(self) -> int:
        return _real_ms() + self._offset if self._running else self._base


def _real_ms() -> int:
    return time.time_ns() // 1_000_000
