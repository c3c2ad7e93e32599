"""Stores webhook deliveries: those that come together share a statement, and so a commit."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import structlog

from app.core.clickup.history_item import HistoryItem
from app.core.errors import DatabaseDown
from app.sql.connection import as_json
from app.supabase_db import Database, Row

log = structlog.get_logger()

_MOST_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One object that a delivery names, as `insert_deliveries` takes it."""

    workspace_id: str
    webhook_id: str
    event: str
    kind: str
    id: str


def history_row(workspace_id: str, item: HistoryItem) -> Row:
    """One change that a delivery tells, as `insert_deliveries` takes it."""
    return {
        "workspace_id": workspace_id,
        "object_kind": item.object_kind,
        "object_id": item.object_id,
        "field": item.field,
        "before": item.before if item.tells_before else None,
        "after": item.after if item.tells_after else None,
        "tells_before": item.tells_before,
        "tells_after": item.tells_after,
        "added": item.added,
        "removed": item.removed,
        "changed_at": item.changed_at,
        "user_id": item.user_id,
        "user_name": item.user_name,
        "item_key": item.key,
    }


@dataclass(slots=True)
class _Waiting:
    rows: Sequence[DeliveryRow]
    items: Sequence[Row]
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

    async def store(self, rows: Sequence[DeliveryRow], items: Sequence[Row] = ()) -> None:
        """Returns when they are committed. Raises what kept them from being stored.

        `items`: what they tell of changes (`history_row`); where it cannot be stored, the rows still are.
        """
        waiting = _Waiting(rows, items, asyncio.get_running_loop().create_future())
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
            await self._insert(batch)
        except DatabaseDown as error:
            _end(batch, error)
        except Exception as error:
            # One of them is to blame, whatever it has in it; the others are stored without it.
            if len(batch) == 1 and batch[0].items:
                log.warning("delivery.history_not_stored", error=str(error))
                await self._store_together([replace(batch[0], items=())])
            elif len(batch) == 1:
                _end(batch, error)
            else:
                for one in batch:
                    await self._store_together([one])
        else:
            _end(batch, None)

    async def _insert(self, batch: Sequence[_Waiting]) -> None:
        await self.database.note(
            "insert_deliveries",
            rows=as_json(row for one in batch for row in one.rows),
            items=as_json(item for one in batch for item in one.items),
        )


def _end(batch: list[_Waiting], error: Exception | None) -> None:
    for one in batch:
        one.end(error)
