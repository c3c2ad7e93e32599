"""`python -m tests.dashboard.speed`: how soon pages of a mirror of 100,000 tasks are answered and painted.

Milliseconds until the service answered, and until a real browser painted something of it: in a window that
has nothing of the page yet, and coming from another page; a second after either was opened.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx2

from app.simulator.server import RunningSimulator
from app.simulator.world import World
from app.sql.embedded import fresh_database, stop_embedded_server
from app.sql.migrate import migrate
from tests.dashboard.browser import CHROMIUM, Tab, a_tab, chromium
from tests.dashboard.pages import HTML
from tests.database import connect
from tests.engine.mirror import Mirror
from tests.engine.service.running import client_of, start_process
from tests.reports.test_report_plans import _FILL as FILL

_DAY_OF_FILL = "2026-03-30"
_HELD = """
INSERT INTO workspaces (workspace_id, name) VALUES ('w', 'Large');
INSERT INTO worker_processes (worker, queues, concurrency, seen_at)
VALUES ('elsewhere:1', '{short}', 1, now() + interval '1 day')"""
_TIMES = 7
# What people take before they go on, in seconds: meanwhile the browser comes to rest.
_MOMENT = 1
_FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
PATHS = {
    "overview": "/",
    "tasks": "/ui/tasks",
    "tasks, filtered": "/ui/tasks?status_type=open&priority=high&sort=due",
    "tasks, by a word that all have": "/ui/tasks?q=task",
    "one task": "/ui/tasks/t5",
    "hours of a week": "/ui/hours",
    "hours of a month, by space": "/ui/hours?group_by=space&from={month}",
    "hours of half a year": "/ui/hours?from={half}",
    "people": "/ui/people",
    "one person": "/ui/people/00000000-0000-0000-0000-000000000005",
}


def fill(url: str) -> None:
    """A hundred thousand of everything, up to today."""
    today = datetime.now(UTC).date().isoformat()
    migrate(url)
    with connect(url, autocommit=True, prepare_threshold=None) as connection:
        for statement in [*FILL.replace(_DAY_OF_FILL, today).split(";\n"), *_HELD.split(";\n")]:
            connection.execute(statement.encode())


@dataclass(slots=True)
class Took:
    """Milliseconds of each try; those of a browser stay empty where there is none."""

    answered: list[float] = field(default_factory=list)
    painted: list[float] = field(default_factory=list)
    painted_first: list[float] = field(default_factory=list)


async def measure(url: str) -> dict[str, Took]:
    """Each page, several times."""
    today = datetime.now(UTC).date()
    days = {"month": today.replace(day=1), "half": today.fromordinal(today.toordinal() - 180)}
    paths = {name: path.format(**days) for name, path in PATHS.items()}
    found = {name: Took() for name in paths}
    with RunningSimulator(World.generate(tasks=0)) as simulator, _served(Mirror(simulator, url)) as base_url:
        async with client_of(base_url) as client:
            await client.get("/", headers=HTML)
            for name, path in paths.items():
                found[name].answered = [await _answered(client, path) for _ in range(_TIMES)]
        await _paint(base_url, paths, found)
    return found


@contextmanager
def _served(mirror: Mirror) -> Iterator[str]:
    """The service as a process of its own, which stands by: another one holds the workspace."""
    with (
        tempfile.TemporaryDirectory() as folder,
        start_process(mirror, Path(folder), clickup_team_id="w", log_level="warning") as process,
    ):
        try:
            assert process.stdout is not None
            greeting = process.stdout.readline()
            yield greeting[greeting.index("http://") : greeting.index("/readyz")]
        finally:
            process.terminate()


async def _paint(url: str, paths: dict[str, str], found: dict[str, Took]) -> None:
    if not CHROMIUM.exists():
        return
    async with chromium() as browser:
        for name, path in paths.items():
            for _ in range(_TIMES):
                async with a_tab(browser, url) as tab:
                    await asyncio.sleep(_MOMENT)
                    found[name].painted_first.append(await _painted(tab, path))
                    await tab.open("/")
                    await asyncio.sleep(_MOMENT)
                    found[name].painted.append(await _painted(tab, path))


async def _answered(client: httpx2.AsyncClient, path: str) -> float:
    began = time.perf_counter()
    answer = await client.get(path, headers=HTML)
    assert answer.status_code == 200, answer.text
    return (time.perf_counter() - began) * 1_000


async def _painted(tab: Tab, path: str) -> float:
    """From the beginning of the visit to the first text or picture."""
    await tab.open(path)
    for _ in range(100):
        if (painted := await tab.page.evaluate(_FIRST_PAINT)) is not None:
            return float(painted)
        await asyncio.sleep(0.02)
    raise AssertionError(f"{path} was never painted")


def _spread(took: list[float]) -> str:
    return f"{sorted(took)[len(took) // 2]:4.0f} ms, at most {max(took):4.0f}"


def main() -> None:
    """Prints the median and the longest of each."""
    with tempfile.TemporaryDirectory(prefix="speed-") as folder:
        data_dir = Path(folder)
        try:
            url = fresh_database(data_dir, "speed").url
            fill(url)
            for name, took in asyncio.run(measure(url)).items():
                told = [f"{verb.replace('_', ' ')} {_spread(ms)}" for verb, ms in asdict(took).items() if ms]
                sys.stdout.write(f"{name:32} {'; '.join(told)}\n")
        finally:
            stop_embedded_server(data_dir)


if __name__ == "__main__":
    main()
