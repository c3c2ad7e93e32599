"""A simulated ClickUp, a database and the command between them."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from app.simulator.server import RunningSimulator
from app.simulator.world import World
from tests.cli import command
from tests.database import connect


@dataclass
class SimulatorState:
    """`settings` go into the command's environment; its working folder is empty."""

    sim: RunningSimulator
    folder: Path
    settings: dict[str, Any] = field(default_factory=dict)

    def run(self, *words: str, **changes: Any) -> "subprocess.CompletedProcess[str]":
        return command.run(self.folder, *words, **self.settings | changes)

    def start(self, *words: str, **changes: Any) -> "subprocess.Popen[str]":
        return command.start(self.folder, *words, **self.settings | changes)

    def value(self, query: str) -> Any:
        with connect(self.settings["database_url"]) as connection:
            row = connection.execute(query).fetchone()
            return row[0] if row else None


def small_world(**shape: Any) -> World:
    return World.generate(3, **{"tasks": 15, "lists": 3, "spaces": 1, "people": 4, "years": 1, **shape})


@pytest.fixture
def world() -> World:
    return small_world()


@pytest.fixture
def desk(world: World, database_url: str, tmp_path: Path) -> Iterator[SimulatorState]:
    with RunningSimulator(world) as sim:
        settings = {
            "clickup_api_token": sim.token,
            "clickup_base_url": sim.base_url,
            "database_url": database_url,
        }
        yield SimulatorState(sim, tmp_path, settings)
