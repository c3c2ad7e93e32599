"""Runs many small jobs, a few at a time, without delaying the HTTP requests of the same process."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

T = TypeVar("T")


async def map_concurrently(
    items: Iterable[T], work: Callable[[T], Awaitable[None]], *, at_once: int = 24
) -> None:
    """Does `work` for every item, so many at a time; the first error stops the rest and is raised.

    A task for each item would hold all of them in memory at once.
    """
    waiting = iter(items)

    async def take_turns() -> None:
        for item in waiting:
            await work(item)

    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(take_turns())
