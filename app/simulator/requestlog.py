"""How often the simulated ClickUp was asked for what."""

from collections import Counter, deque
from threading import Lock

_REMEMBERED = 20_000


class RequestLog:
    """Counts by method and route pattern, as "GET /team/{team_id}/task", and by status.

    `paths` has the latest `remembered` requests as they came, oldest first.
    """

    def __init__(self, remembered: int = _REMEMBERED) -> None:
        self._remembered = remembered
        self._lock = Lock()
        self.reset()

    def reset(self) -> None:
        """Counts from zero again."""
        self.by_route: Counter[str] = Counter()
        self.by_status: Counter[int] = Counter()
        self.paths: deque[str] = deque(maxlen=self._remembered)

    def asked(self, method: str, pattern: str, target: str) -> None:
        """`target` is the path with its query, as it came."""
        with self._lock:
            self.by_route[f"{method} {pattern}"] += 1
            self.paths.append(f"{method} {target}")

    def answered(self, status: int) -> None:
        """Counts an answer."""
        with self._lock:
            self.by_status[status] += 1

    @property
    def total(self) -> int:
        """All calls."""
        return sum(self.by_route.values())

    @property
    def refused(self) -> int:
        """How many 429s were given."""
        return self.by_status[429]

    def count(self, route: str) -> int:
        """Calls of one route: `count("GET /task/{task_id}")`."""
        return self.by_route[route]

    def as_dict(self) -> dict[str, object]:
        """`{total, refused, by_route, by_status}`."""
        return {
            "total": self.total,
            "refused": self.refused,
            "by_route": dict(self.by_route),
            "by_status": {str(status): count for status, count in self.by_status.items()},
        }
