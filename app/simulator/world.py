"""The simulated workspace: grown from a seed, changed by methods, telling the truth about itself."""

from random import Random
from typing import Any

from app.simulator.clock import Clock
from app.simulator.generate import Shape, populate
from app.simulator.ground_truth import tell
from app.simulator.model import Workspace
from app.simulator.place_edits import PlaceEdits
from app.simulator.random_changes import RandomChange, apply_random_change
from app.simulator.request import Json

_PLANS = {1: "Free Forever", 2: "Unlimited", 3: "Business", 4: "Enterprise"}


class World(PlaceEdits):
    """`lock` may be held around several changes that belong together; each change holds it by itself."""

    @classmethod
    def generate(
        cls, seed: int = 0, *, clock: Clock | None = None, plan_id: int = 3, **shape: Any
    ) -> "World":
        """A whole workspace; `shape` are the fields of `Shape`. A clock with a fixed start makes it
        repeatable.
        """
        workspace = Workspace(
            str(9_000_000 + seed), "Пример & Co. <Ltd>", plan_id, _PLANS.get(plan_id, "Business Plus")
        )
        world = cls(workspace, clock or Clock(), seed)
        populate(world, seed, Shape(**shape))
        return world

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
        with self.lock:
            return tell(self)

    def mutate(self, random: Random, n: int = 1, kinds: frozenset[str] | None = None) -> list[RandomChange]:
        """`n` random changes, of these kinds only when given; see `chance.KINDS`. Says what it did."""
        with self.lock:
            return [apply_random_change(self, random, kinds) for _ in range(n)]
