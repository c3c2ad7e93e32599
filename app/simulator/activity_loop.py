"""Workspaces that go on living while somebody looks at them."""

from collections.abc import Sequence
from itertools import cycle
from random import Random
from threading import Event, Thread
from types import TracebackType
from typing import Self

from app.simulator.world import World


class ActivityLoop:
    """Within `with`, something happens in each world every `interval_s` seconds; of these `kinds`, if given.

    Nothing happens in a world that is not filled: nobody has asked for it yet.
    """

    def __init__(
        self,
        worlds: Sequence[World],
        interval_s: float = 1.0,
        *,
        seed: int = 0,
        kinds: frozenset[str] | None = None,
    ) -> None:
        self._worlds = worlds
        self._interval = interval_s / len(worlds)
        self._random = Random(f"life {seed}")
        self._kinds = kinds
        self._over = Event()
        self._thread = Thread(target=self._live, daemon=True)

    def _live(self) -> None:
        for world in cycle(self._worlds):
            if self._over.wait(self._interval):
                return
            if world.is_filled:
                world.mutate(self._random, 1, self._kinds)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
