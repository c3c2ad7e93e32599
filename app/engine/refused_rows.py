"""Rows of which PostgreSQL refuses some: a refused row loses its guilty values, and nothing else."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TypeVar

import structlog

from app.core.clickup.row_parts import Row, key_of, parts_of, without
from app.core.errors import DataRejected, MalformedObject
from app.engine.run import Run
from app.supabase_db import Transaction

log = structlog.get_logger()

T = TypeVar("T")
Write = Callable[[Transaction, list[Row]], Awaitable[Collection[str]]]
# What PostgreSQL says may quote the value: that is for the log.
_REASON = "PostgreSQL cannot store the value"
# With more guilty values than this a row is written without any value that is not surely good.
_MOST_GUILTY = 8


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes rows in one transaction; `singly`: PostgreSQL refused one of them, so each is tried first."""

    run: Run
    tx: Transaction
    singly: bool

    async def write(self, kind: str, rows: Sequence[Row], write: Write[Row]) -> int:
        """Writes the rows by `write`, which tells the ids of those that changed; how many these are."""
        if not rows:
            return 0
        fitting = [await self._fitting(kind, row, write) for row in rows] if self.singly else list(rows)
        taken = [row for row in fitting if row is not None]
        changed = set(await write(self.tx, taken))
        for row in taken:
            if row.unreadable_fields and key_of(row) in changed:
                self.run.findings.unreadable[f"{kind} {key_of(row)}"] = row.unreadable_fields
        return len(changed)

    async def _fitting(self, kind: str, row: Row, write: Write[Row]) -> Row | None:
        """What PostgreSQL takes of a row; None, and the object is skipped, where that is nothing."""

        async def is_refused(trial: Row) -> bool:
            try:
                async with self.tx.trial():
                    await write(self.tx, [trial])
            except DataRejected as error:
                log.warning("row.refused", kind=kind, object_id=key_of(row), error=str(error))
                return True
            return False

        fitting = await _without_guilty(row, is_refused)
        if fitting is None:
            self.run.skip(MalformedObject(kind, key_of(row), "PostgreSQL cannot store it"))
        return fitting


async def store(run: Run, body: Callable[[Writer], Awaitable[T]]) -> T:
    """Runs `body` in a transaction under the lease; where PostgreSQL refuses a row, once more and row by row.

    `body` may therefore change nothing but the database.
    """
    try:
        async with run.transaction() as tx:
            return await body(Writer(run, tx, singly=False))
    except DataRejected as error:
        log.warning("rows.refused", error=str(error))
    async with run.transaction() as tx:
        return await body(Writer(run, tx, singly=True))


async def _without_guilty(row: Row, is_refused: Callable[[Row], Awaitable[bool]]) -> Row | None:
    """The row without the values that are refused; None where it is refused without any value.

    A row with fewer values is not refused for more of them, so each guilty value is found by halving.
    """
    parts, guilty = parts_of(row), list[str]()
    while await is_refused(without(row, guilty, _REASON)):
        if not guilty and await is_refused(without(row, parts, _REASON)):
            return None
        low, high = 0, len(parts)
        while high - low > 1:
            middle = (low + high) // 2
            refused = await is_refused(without(row, guilty + parts[:middle], _REASON))
            low, high = (middle, high) if refused else (low, middle)
        if len(guilty) >= _MOST_GUILTY:
            return without(row, guilty + parts[:high], _REASON)
        guilty.append(parts[high - 1])
    return without(row, guilty, _REASON)
