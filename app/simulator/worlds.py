"""Several simulated workspaces of one server, each with its own token, rate limit, webhooks and faults."""

from collections.abc import Sequence
from typing import Any, Self

from app.simulator.faults import Faults
from app.simulator.request import Json
from app.simulator.requestlog import RequestLog
from app.simulator.state import Connections, SimulatorState, open_desk
from app.simulator.world import World

# Of all workspaces together; the latest requests of each are remembered.
_REMEMBERED, _LEAST_REMEMBERED = 20_000, 500


class Worlds:
    """The state of each workspace, found by the token of a request.

    With a single one every request is its, whatever the token.
    """

    def __init__(self, desks: Sequence[SimulatorState]) -> None:
        self.desks = list(desks)
        self._by_token = {desk.world.token: desk for desk in self.desks}

    @classmethod
    def single(cls, world: World, faults: Faults | None = None, **limits: Any) -> Self:
        """A single workspace; `limits` as in `open_desk`."""
        return cls([open_desk(world, faults, **limits)])

    @classmethod
    def generate(
        cls,
        number: int,
        seed: int = 0,
        *,
        shared_people: int = 0,
        rate_limit: int = 10_000,
        rate_window_s: int = 60,
        latency_ms: float = 0,
        **shape: Any,
    ) -> Self:
        """So many workspaces of this shape, without an id in common; each is filled at its first request.

        `shared_people`: so many members of the first, third and so on are also in the next one.
        """
        connections, desks = Connections(), list[SimulatorState]()
        remembered = max(_REMEMBERED // number, _LEAST_REMEMBERED)
        for one in range(number):
            shared = desks[-1].world.members()[1 : 1 + shared_people] if one % 2 else ()
            desk = open_desk(
                World.begin(seed, one, shared=shared, **shape),
                Faults(seed + one),
                rate_limit=rate_limit,
                rate_window_s=rate_window_s,
                latency_ms=latency_ms,
                connections=connections,
            )
            desk.requests = RequestLog(remembered)
            desks.append(desk)
        return cls(desks)

    @property
    def connections(self) -> Connections:
        """The open connections, of all workspaces."""
        return self.desks[0].connections

    def __len__(self) -> int:
        return len(self.desks)

    def __getitem__(self, number: int) -> SimulatorState:
        """The workspace of this number, filled."""
        desk = self.desks[number]
        desk.world.fill()
        return desk

    def find(self, token: str) -> SimulatorState | None:
        """The workspace that this token is for, filled; None for a token of none."""
        desk = self.desks[0] if len(self.desks) == 1 else self._by_token.get(token)
        if desk is None:
            # Issued since then, perhaps.
            desk = next((one for one in self.desks if token in one.world.tokens), None)
            if desk is None:
                return None
            self._by_token[token] = desk
        desk.world.fill()
        return desk

    def choose(self, name: str | None) -> SimulatorState:
        """The workspace with this id or token, or the only one. Raises ValueError."""
        if name is None and len(self.desks) == 1:
            return self.desks[0]
        by_id = (desk for desk in self.desks if desk.world.workspace.id == name)
        desk = next(by_id, None) or (self.find(name) if name and len(self.desks) > 1 else None)
        if desk is None:
            raise ValueError(f"there are {len(self.desks)} workspaces: name one with ?world=ID or its token")
        desk.world.fill()
        return desk

    def list_worlds(self) -> list[World]:
        """All of them, filled or not."""
        return [desk.world for desk in self.desks]

    def as_list(self) -> list[Json]:
        """`[{id, name, token, is_filled}]`."""
        return [
            {
                "id": world.workspace.id,
                "name": world.workspace.name,
                "token": world.token,
                "is_filled": world.is_filled,
            }
            for world in self.list_worlds()
        ]
