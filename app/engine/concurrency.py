"""Runs many small jobs, a few at a time, up to where a pass may pause."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from app.core.errors import Unfinished
from app.core.sync.position import OrderedWork, Position
from app.engine.run import Run

T = TypeVar("T")
_AT_ONCE = 24


async def map_concurrently(
    run: Run, items: Iterable[T], work: Callable[[T], Awaitable[None]], *, at_once: int = _AT_ONCE
) -> None:
    """Does `work` for every item, so many at a time; the first error stops the rest and is raised.

    Raises Unfinished when the run should pause, once the items that were begun have come to a safe place. A
    task for each item would hold all of them in memory at once.
    """
    waiting, stopped = iter(items), asyncio.Event()

    async def take_turns() -> None:
        for item in waiting:
            try:
                await work(item)
                run.pause_if_due()
            except Unfinished:
                stopped.set()
                return

    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(take_turns())
    if stopped.is_set():
        raise Unfinished


async def map_in_order(
    run: Run, position: Position, ids: Iterable[str], work: Callable[[str], Awaitable[None]]
) -> None:
    """As `map_concurrently`, for ids of which those that the position says are done are passed over."""
    ordered = OrderedWork(position)

    async def take(item_id: str) -> None:
        ordered.begin(item_id)
        if not position.is_done(item_id):
            await work(item_id)
        ordered.finish(item_id)

    await map_concurrently(run, position.behind(ids), take)


async def side_by_side(*works: Callable[[], Awaitable[None]]) -> None:
    """Does all of it at the same time; the first error stops the rest and is raised.

    When one is Unfinished, the others go on to where they may pause.
    """
    stopped = asyncio.Event()

    async def do(work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except Unfinished:
            stopped.set()

    async with asyncio.TaskGroup() as group:
        for work in works:
            group.create_task(do(work))
    if stopped.is_set():
        raise Unfinished
