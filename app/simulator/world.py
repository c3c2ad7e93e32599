"""The simulated workspace: grown from a seed, changed by methods, telling the truth about itself."""

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from app.simulator.clock import Clock
from app.simulator.generate import Shape, add_content, add_people
from app.simulator.ground_truth import tell
from app.simulator.model import Person, Workspace
from app.simulator.past import Change, Past
from app.simulator.place_edits import PlaceEdits
from app.simulator.random_changes import RandomChange, apply_random_change
from app.simulator.request import Json

_PLANS = {1: "Free Forever", 2: "Unlimited", 3: "Business", 4: "Enterprise"}


class World(PlaceEdits):
    """`lock` may be held around several changes that belong together; each change holds it by itself."""

    past: Past | None = None
    _fill: Callable[[], None] | None = None

    @classmethod
    def generate(
        cls, seed: int = 0, *, clock: Clock | None = None, plan_id: int = 3, **shape: Any
    ) -> "World":
        """A whole workspace; `shape` are the fields of `Shape`. A clock with a fixed start makes it
        repeatable.
        """
        world = cls.begin(seed, clock=clock, plan_id=plan_id, **shape)
        world.fill()
        return world

    @classmethod
    def begin(
        cls,
        seed: int = 0,
        number: int = 0,
        *,
        clock: Clock | None = None,
        plan_id: int = 3,
        shared: Sequence[Person] = (),
        **shape: Any,
    ) -> "World":
        """A workspace with its people and its token; `fill` makes the rest, which takes longer.

        Those with the same seed and different numbers have no id in common, but for the people that are
        `shared` with another one.
        """
        name = "Пример & Co. <Ltd>" + (f" {number + 1}" if number else "")
        plan = _PLANS.get(plan_id, "Business Plus")
        workspace = Workspace(str(9_000_000 + seed + number), name, plan_id, plan)
        world = cls(workspace, clock or Clock(), seed, number)
        random, whole = Random(f"world {seed} {number}" if number else f"world {seed}"), Shape(**shape)
        add_people(world, random, whole, shared)
        world._fill = lambda: add_content(world, random, whole)
        return world

    @property
    def is_filled(self) -> bool:
        """Whether there is more than people."""
        return self._fill is None

    def fill(self) -> None:
        """Makes what `begin` left out, once."""
        if self._fill is None:
            return
        with self.lock:
            fill, self._fill = self._fill, None
            if fill is not None:
                fill()

    def send_odd(self, object_id: str, **values: Any) -> None:
        """From now on these values, which make no sense, are sent of an object; without any the true ones."""
        with self.lock:
            if values:
                self.odd_values[object_id] = values
            else:
                self.odd_values.pop(object_id, None)
            self.version += 1

    def truth(self) -> Json:
        """See `truth.tell`; one consistent instant."""
        self.fill()
        with self.lock:
            return tell(self)

    def remember(self) -> None:
        """From now on the past can be asked for. Without this nothing is kept: large worlds change often."""
        self.fill()
        with self.lock:
            self.past = self.past or Past(self)

    def truth_at(self, instant_ms: int) -> Json:
        """See `Past.truth_at`. Raises ValueError for what is not remembered."""
        with self.lock:
            return self._past().truth_at(instant_ms)

    def changes(self) -> list[Change]:
        """See `Past.changes`. Raises ValueError where nothing is remembered."""
        with self.lock:
            return self._past().changes()

    def _past(self) -> Past:
        if self.past is None:
            raise ValueError("nothing is remembered: call remember() first")
        return self.past

    def mutate(self, random: Random, n: int = 1, kinds: frozenset[str] | None = None) -> list[RandomChange]:
        """`n` random changes, of these kinds only when given; see `chance.KINDS`. Says what it did."""
        self.fill()
        with self.lock:
            return [apply_random_change(self, random, kinds) for _ in range(n)]
