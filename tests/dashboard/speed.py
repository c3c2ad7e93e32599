"""`python -m tests.dashboard.speed`: how soon pages of a mirror of 100,000 tasks are answered and painted.

Milliseconds until the service answered, and until a real browser, which has nothing of the page yet, painted
something of it. The service, what drives the browser and the simulated ClickUp share one process.
"""

import asyncio
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import psycopg
from playwright.async_api import Browser

from app.embedded import fresh_database, stop_embedded_server
from app.migrations import migrate
from app.simulator.server import RunningSimulator
from app.simulator.world import World
from tests.dashboard.browser import CHROMIUM, a_tab, chromium
from tests.dashboard.pages import HTML
from tests.engine.mirror import Mirror
from tests.engine.service.running import client_of, serving, until
from tests.reports.test_report_plans import _FILL as FILL

_DAY_OF_FILL = "2026-03-30"
_HELD = """
INSERT INTO workspaces (workspace_id, name) VALUES ('w', 'Large');
INSERT INTO leases (workspace_id, holder, fence, expires_at, serves)
VALUES ('w', 'elsewhere:1', 99, now() + interval '1 day', true)"""
_TIMES = 7
_FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0]"
PATHS = {
    "overview": "/",
    "tasks": "/ui/tasks",
    "tasks, filtered": "/ui/tasks?status_type=open&priority=high&sort=due",
    "tasks, by a word that all have": "/ui/tasks?q=task",
    "one task": "/ui/tasks/t5",
    "hours of a week": "/ui/hours",
    "hours of a month, by space": "/ui/hours?group=space&from={month}",
    "hours of half a year": "/ui/hours?from={half}",
    "people": "/ui/people",
    "one person": "/ui/people/00000000-0000-0000-0000-000000000005",
}


def fill(url: str) -> None:
    """A hundred thousand of everything, up to today."""
    today = datetime.now(UTC).date().isoformat()
    migrate(url)
    with psycopg.connect(url, autocommit=True, prepare_threshold=None) as connection:
        for statement in [*FILL.replace(_DAY_OF_FILL, today).split(";\n"), *_HELD.split(";\n")]:
            connection.execute(statement.encode())


@dataclass(slots=True)
class Took:
    """Milliseconds of each try. `painted` stays empty where there is no browser."""

    answered: list[float] = field(default_factory=list)
    painted: list[float] = field(default_factory=list)


async def measure(url: str) -> dict[str, Took]:
    """Each page, several times."""
    today = datetime.now(UTC).date()
    days = {"month": today.replace(day=1), "half": today.fromordinal(today.toordinal() - 180)}
    paths = {name: path.format(**days) for name, path in PATHS.items()}
    found = {name: Took() for name in paths}
    with RunningSimulator(World.generate(tasks=0)) as simulator:
        mirror = Mirror(simulator, url, clickup_team_id="w")
        async with serving(mirror) as running, client_of(running.url) as client:
            await until(lambda: running.service.workspace_id)
            await client.get("/", headers=HTML)
            for name, path in paths.items():
                found[name].answered = [await _answered(client, path) for _ in range(_TIMES)]
            for name, painted in (await _paint(running.url, paths)).items():
                found[name].painted = painted
    return found


async def _paint(url: str, paths: dict[str, str]) -> dict[str, list[float]]:
    if not CHROMIUM.exists():
        return {}
    async with chromium() as browser:
        return {
            name: [await _painted(browser, url, path) for _ in range(_TIMES)] for name, path in paths.items()
        }


async def _answered(client: httpx2.AsyncClient, path: str) -> float:
    began = time.perf_counter()
    answer = await client.get(path, headers=HTML)
    assert answer.status_code == 200, answer.text
    return (time.perf_counter() - began) * 1_000


async def _painted(browser: Browser, url: str, path: str) -> float:
    """From the beginning of the visit to the first text or picture."""
    async with a_tab(browser, url) as tab:
        await tab.open(path)
        await tab.page.wait_for_function(f"{_FIRST_PAINT} !== undefined")
        return float(await tab.page.evaluate(f"{_FIRST_PAINT}.startTime"))


def _spread(took: list[float]) -> str:
    return f"{sorted(took)[len(took) // 2]:4.0f} ms, at most {max(took):4.0f}"


def main() -> None:
    """Prints the median and the longest of each."""
    with tempfile.TemporaryDirectory(prefix="speed-") as folder:
        data_dir = Path(folder)
        data_dir.chmod(0o755)
        try:
            url = fresh_database(data_dir, "speed").url
            fill(url)
            for name, took in asyncio.run(measure(url)).items():
                told = [f"{verb} {_spread(ms)}" for verb, ms in asdict(took).items() if ms]
                sys.stdout.write(f"{name:32} {'; '.join(told)}\n")
        finally:
            stop_embedded_server(data_dir)


if __name__ == "__main__":
    main()
