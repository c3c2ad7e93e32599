"""A worker in a process of its own, beside the one that answers over HTTP and so waits for no sync."""

import asyncio
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog

log = structlog.get_logger()

_AGAIN_SECONDS = 2.0
_END_SECONDS = 5.0
# It ends when its standard input does, so that it outlives nobody, however this process ends.
COMMAND = (sys.executable, "-m", "app", "worker", "--until-stdin-closes")


@asynccontextmanager
async def worker_process() -> AsyncIterator[None]:
    """Runs one, begins it again when it ends by itself, and ends it at the end."""
    keeping = asyncio.create_task(_keep_running())
    try:
        yield
    finally:
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping


async def _keep_running() -> None:
    while True:
        process = await asyncio.create_subprocess_exec(
            *COMMAND, stdin=asyncio.subprocess.PIPE, start_new_session=True
        )
        try:
            code = await process.wait()
        finally:
            await _end(process)
        log.error("worker.ended", exit_code=code)
        await asyncio.sleep(_AGAIN_SECONDS)


async def _end(process: Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(_END_SECONDS):
            await asyncio.shield(process.wait())
    except TimeoutError:
        process.kill()
        await process.wait()
