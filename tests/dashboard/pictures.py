"""`python -m tests.dashboard.pictures`: takes the pictures of `docs/page.md` anew.

Of the demo's workspace, in light on a desk and in dark on a phone. It needs the browser of the tests, and
fonts for the scripts in which the simulated people write.
"""

import asyncio
import tempfile
from pathlib import Path
from random import Random

import uvicorn
from playwright.async_api import Browser

from app.config import Settings, given_settings
from app.context import open_context
from app.jobs.requests import SyncRequest
from app.jobs.runner import sync_workspace
from app.main import create_app
from app.reports import Reports
from app.simulator.random_changes import apply_random_change
from app.simulator.server import RunningSimulator
from app.simulator.world import World
from app.sql.embedded import fresh_database, stop_embedded_server
from app.sync import find_workspace_id
from tests.dashboard.browser import PHONE, a_tab, chromium
from tests.engine.service.running import free_socket

FOLDER = Path(__file__).parents[2] / "docs" / "page"
SEED, TASKS, CHANGES = 7, 600, 40


async def take_pictures(data_dir: Path) -> None:
    """Fills a mirror, serves its page, and looks at each."""
    server = fresh_database(data_dir, "pictures")
    world = World.generate(SEED, tasks=TASKS)
    with RunningSimulator(world, latency_ms=20) as simulator:
        listening = free_socket()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        settings = given_settings(
            clickup_api_token=simulator.token, clickup_base_url=simulator.base_url, database_url=server.url,
            public_url=url, log_level="error",
        )  # fmt: skip
        paths = await _fill(settings, world)
        running = uvicorn.Server(uvicorn.Config(create_app(settings), log_config=None))
        work = asyncio.create_task(running.serve(sockets=[listening]))
        try:
            await asyncio.sleep(8)
            async with chromium() as browser:
                await _look(browser, url, paths)
        finally:
            running.should_exit = True
            await work


async def _fill(settings: Settings, world: World) -> dict[str, str]:
    """The first sync, and one of what changed since; then, which pages have the most to show."""
    async with open_context(settings) as context:
        workspace_id = await find_workspace_id(context)
        await sync_workspace(context, SyncRequest(workspace_id, "incremental", "demo"))
        random = Random(SEED)
        for _ in range(CHANGES):
            apply_random_change(world, random)
        await sync_workspace(context, SyncRequest(workspace_id, "incremental", "demo"))
        task = await Reports(context.database).get_telling_task(workspace_id)
        assert task is not None
        world.edit_task(task.clickup_task_id, priority=2, points=3)
        await sync_workspace(context, SyncRequest(workspace_id, "incremental", "demo"))
    return {
        "overview": "/",
        "tasks": "/ui/tasks?status_type=custom&status_type=open&sort=-tracked&limit=12",
        "task": f"/ui/tasks/{task.clickup_task_id}",
        "hours": "/ui/hours",
        "activity": "/ui/activity?object=task",
        "people": "/ui/people",
    }


async def _look(browser: Browser, url: str, paths: dict[str, str]) -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, path in paths.items():
        async with a_tab(browser, url) as tab:
            await tab.open(path)
            await tab.page.wait_for_timeout(1_500)
            await tab.page.screenshot(path=FOLDER / f"{name}.png")
    async with a_tab(browser, url, scheme="dark", size=PHONE) as tab:
        await tab.open("/")
        await tab.page.screenshot(path=FOLDER / "phone.png")


def main() -> None:
    """In a data folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="pictures-") as folder:
        data_dir = Path(folder)
        try:
            asyncio.run(take_pictures(data_dir))
        finally:
            stop_embedded_server(data_dir)


if __name__ == "__main__":
    main()
