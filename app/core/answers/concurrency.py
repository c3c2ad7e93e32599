"""How many may be at something at once: in all, and of one caller, so that one cannot take every place."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


class LimitReached(Exception):
    """No place is left: `is_own` where the caller has taken its share, else all are taken."""

    def __init__(self, held: int, *, is_own: bool) -> None:
        super().__init__(held)
        self.held = held
        self.is_own = is_own


@dataclass(slots=True)
class ConcurrencyLimit:
    """`total` places, of which one caller may take `per_caller`, where there may be others."""

    total: int
    per_caller: int
    _held: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def place(self, caller: str, *, is_alone: bool = False) -> Iterator[None]:
        """A place until the end of the block; of all where the caller `is_alone`.

        Raises LimitReached where there is none.
        """
        if not is_alone and self._held[caller] >= self.per_caller:
            raise LimitReached(self._held[caller], is_own=True)
        if self._held.total() >= self.total:
            raise LimitReached(self._held.total(), is_own=False)
        self._held[caller] += 1
        try:
            yield
        finally:
            self._held[caller] -= 1
            self._held += Counter()  # forgets those who hold none
