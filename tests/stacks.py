"""Where everything stands at this moment: the threads, and the asyncio tasks that wait."""

import asyncio
import gc
import sys
import threading
import traceback
from collections.abc import Iterator
from types import FrameType
from typing import Any


def all_stacks() -> str:
    """The innermost call last. Tasks of every loop; one that runs is in the stack of its thread."""
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    threads = [
        f"Thread {names.get(ident, ident)}\n{''.join(traceback.format_stack(frame))}"
        for ident, frame in sys._current_frames().items()
    ]
    tasks = [
        f"Task {task.get_name()}\n{''.join(traceback.format_list(_waiting(task)))}"
        for task in gc.get_objects()
        if isinstance(task, asyncio.Task) and not task.done()
    ]
    return "\n".join(threads + tasks)


def _waiting(task: "asyncio.Task[Any]") -> traceback.StackSummary:
    return traceback.StackSummary.extract((frame, frame.f_lineno) for frame in _frames(task))


def _frames(task: "asyncio.Task[Any]") -> Iterator[FrameType]:
    waiting: Any = task.get_coro()
    while frame := getattr(waiting, "cr_frame", None) or getattr(waiting, "gi_frame", None):
        yield frame
        waiting = getattr(waiting, "cr_await", None) or getattr(waiting, "gi_yieldfrom", None)
