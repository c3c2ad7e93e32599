"""The product on an event loop in a thread of its own: a test that blocks stops nothing but itself."""

import asyncio
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from typing import Any, Generic, TypeVar
from weakref import WeakSet

T = TypeVar("T")
_product_loops: WeakSet[asyncio.AbstractEventLoop] = WeakSet()


def runs_the_product() -> bool:
    """Whether the loop that runs in this thread, if there is one, is the product's."""
    try:
        return asyncio.get_running_loop() in _product_loops
    except RuntimeError:
        return False


def note_product_loop() -> None:
    """From now on nobody may block the running loop."""
    _product_loops.add(asyncio.get_running_loop())


class OwnThread(Generic[T]):
    """Work of the product on a loop of its own, begun at once. The thread is a daemon, so that an
    interrupted run of tests does not wait for it.
    """

    def __init__(self, work: Coroutine[Any, Any, T]) -> None:
        self.result: Future[T] = Future()
        self._work = work
        self._begun = threading.Event()
        threading.Thread(target=self._run, name="product", daemon=True).start()
        self._begun.wait()

    def cancel(self) -> None:
        """Does not wait for its end."""
        with suppress(RuntimeError):  # its loop has just been closed
            self._loop.call_soon_threadsafe(self._task.cancel)

    def _run(self) -> None:
        try:
            with asyncio.Runner() as runner:
                self._loop = runner.get_loop()
                self._task = self._loop.create_task(self._noted())
                self._begun.set()
                answer = self._loop.run_until_complete(self._task)
        except BaseException as error:
            self.result.set_exception(error)
        else:
            self.result.set_result(answer)

    async def _noted(self) -> T:
        note_product_loop()
        return await self._work


async def in_own_thread(work: Coroutine[Any, Any, T]) -> T:
    """What the work returns or raises. A caller that is cancelled cancels it, and waits for its end."""
    thread = OwnThread(work)
    ended = asyncio.wrap_future(thread.result)
    try:
        return await asyncio.shield(ended)
    except asyncio.CancelledError:
        thread.cancel()
        return await ended


@contextmanager
def entered_in_own_thread(manager: AbstractAsyncContextManager[T]) -> Iterator[T]:
    """The manager is entered and left in a thread of its own; this thread waits for both."""
    stay = _Stay(manager)
    try:
        yield stay.entered.result()
    finally:
        stay.leave()
        stay.thread.result.result()


@asynccontextmanager
async def awaited_in_own_thread(manager: AbstractAsyncContextManager[T]) -> AsyncIterator[T]:
    """The same for a caller on an event loop, which goes on meanwhile."""
    stay = _Stay(manager)
    try:
        yield await asyncio.wrap_future(stay.entered)
    finally:
        stay.leave()
        await asyncio.wrap_future(stay.thread.result)


class _Stay(Generic[T]):
    """Within the manager from the beginning until `leave`."""

    def __init__(self, manager: AbstractAsyncContextManager[T]) -> None:
        self.entered: Future[T] = Future()
        self._left: Future[None] = Future()
        self.thread = OwnThread(self._within(manager))

    def leave(self) -> None:
        self._left.set_result(None)

    async def _within(self, manager: AbstractAsyncContextManager[T]) -> None:
        try:
            async with manager as entered:
                self.entered.set_result(entered)
                await asyncio.wrap_future(self._left)
        except BaseException as error:
            if self.entered.done():
                raise
            self.entered.set_exception(error)
