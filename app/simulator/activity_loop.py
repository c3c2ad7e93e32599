"""A workspace that goes on living while somebody looks at it."""

from random import Random
from threading import Event, Thread
from types import TracebackType
from typing import Self

from app.simulator.world import World


class ActivityLoop:
    """Within `with`, something happens every `interval_s` seconds; only of these kinds, when given."""

    def __init__(
        self, world: World, interval_s: float = 1.0, *, seed: int = 0, kinds: frozenset[str] | None = None
    ) -> None:
        self._world = world
        self._interval = interval_s
        self._random = Random(f"life {seed}")
        self._kinds = kinds
        self._over = Event()
        self._thread = Thread(target=self._live, daemon=True)

    def _live(self) -> None:
        while not self._over.wait(self._interval):
            self._world.mutate(self._random, 1, self._kinds)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
