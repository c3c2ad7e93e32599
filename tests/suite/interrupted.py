"""Not part of the suite: a run that starts one of everything and waits until a test interrupts it."""

import asyncio
import json
import os
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path

from tests.cleanup import MARK, marked
from tests.cli import command
from tests.conftest import Server
from tests.dashboard.browser import CHROMIUM, chromium
from tests.engine.pooler import BOUNCER, bouncing

TOLD = "INTERRUPTED_RUN_TOLD"


async def test_one_of_everything_runs(server: Server, open_folder: Path, tmp_path: Path) -> None:
    """Writes into the file that is named by the environment when all of it runs, and waits."""
    command.start(tmp_path, "simulator", "--port", "0")
    own = await asyncio.to_thread(command.run, open_folder, "database", "--data-dir", str(open_folder))
    assert own.returncode == 0, own.stderr
    with ExitStack() as stack:
        if BOUNCER:
            (open_folder / "pooler").mkdir(mode=0o755)
            stack.enter_context(bouncing(server, open_folder / "pooler"))
        async with AsyncExitStack() as pages:
            if CHROMIUM.exists():
                await pages.enter_async_context(chromium())
            _tell(Path(os.environ[TOLD]))
            await asyncio.Event().wait()


def _tell(file: Path) -> None:
    mark = os.environ[MARK]
    found = {process.pid: process.name() for process in marked(mark) if process.pid != os.getpid()}
    told = {"mark": mark, "pid": os.getpid(), "processes": found}
    part = file.with_suffix(".part")
    part.write_text(json.dumps(told))
    part.rename(file)  # it is there when it is whole
