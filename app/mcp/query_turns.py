"""One caller's queries run one after the other, so that those of others need not wait for all of them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from fastmcp.exceptions import ToolError

_MOST_WAITING = 8


@dataclass(slots=True)
class _Line:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    length: int = 0


@dataclass(slots=True)
class QueryTurns:
    """A line for each caller, for as long as anybody stands in it."""

    _lines: dict[str, _Line] = field(default_factory=dict)

    @asynccontextmanager
    async def turn(self, caller: str) -> AsyncIterator[None]:
        """Waits for this caller's queries before. Raises the ToolError where too many wait already."""
        line = self._lines.setdefault(caller, _Line())
        if line.length > _MOST_WAITING:
            raise ToolError(f"{_MOST_WAITING} queries of this key are waiting already: send one at a time")
        line.length += 1
        try:
            async with line.lock:
                yield
        finally:
            line.length -= 1
            if not line.length:
                del self._lines[caller]
