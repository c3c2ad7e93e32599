"""Stores webhook deliveries: those that come together share a statement, and so a commit."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.core.errors import DatabaseDown
from app.sql.connection import as_json
from app.supabase_db import Database

_MOST_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One object that a delivery names, as `insert_deliveries` takes it."""

    workspace_id: str
    webhook_id: str
    event: str
    kind: str
    id: str


@dataclass(slots=True)
class _Waiting:
    rows: Sequence[DeliveryRow]
    stored: "asyncio.Future[None]"

    def end(self, error: Exception | None) -> None:
        """Whoever waits for it may have gone."""
        if self.stored.done():
            return
        if error:
            self.stored.set_exception(error)
        else:
            self.stored.set_result(None)


@dataclass(slots=True)
class DeliveryStore:
    """One statement at a time; what comes meanwhile is stored by the next one."""

    database: Database
    _waiting: list[_Waiting] = field(default_factory=list)
    _storing: "asyncio.Task[None] | None" = None

    async def store(self, rows: Sequence[DeliveryRow]) -> None:
        """Returns when they are committed. Raises what kept them from being stored."""
        waiting = _Waiting(rows, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        if self._storing is None:
            self._storing = asyncio.create_task(self._store_waiting())
        await waiting.stored

    async def _store_waiting(self) -> None:
        batch: list[_Waiting] = []
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:_MOST_AT_ONCE], self._waiting[_MOST_AT_ONCE:]
                await self._store_together(batch)
        except asyncio.CancelledError:
            # Whoever waits hears so now, and ClickUp sends it again.
            waiting, self._waiting = [*batch, *self._waiting], []
            _end(waiting, DatabaseDown("the delivery was not stored, because the process ends"))
            raise
        finally:
            self._storing = None

    async def _store_together(self, batch: list[_Waiting]) -> None:
        try:
            await self._insert([row for one in batch for row in one.rows])
        except DatabaseDown as error:
            _end(batch, error)
        except Exception as error:
            # One of them is to blame, whatever it has in it; the others are stored without it.
            if len(batch) == 1:
                _end(batch, error)
            else:
                for one in batch:
                    await self._store_together([one])
        else:
            _end(batch, None)

    async def _insert(self, rows: Sequence[DeliveryRow]) -> None:
        await self.database.note("insert_deliveries", rows=as_json(rows))


def _end(batch: list[_Waiting], error: Exception | None) -> None:
    for one in batch:
        one.end(error)
