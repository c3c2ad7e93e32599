"""Receives webhook events: stores those that ClickUp signed, and counts those that are refused."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog

from app.core.clickup.delivery import RefusalReason, explain_refusal, find_signer, read_delivery
from app.core.clickup.history_item import read_history
from app.core.encryption import SecretKeys
from app.core.errors import SecretUnreadable, SyncError
from app.jobs.delivery_store import DeliveryRow, DeliveryStore, history_row
from app.jobs.kinds import Job
from app.jobs.queue import JobQueue
from app.jobs.webhook_secrets import decrypt_webhook_secrets
from app.sql.connection import as_json
from app.supabase_db import Database, Row

log = structlog.get_logger()

# Who floods us with bad signatures shall not flood the database; what was removed elsewhere is forgotten.
_RELOAD_SECONDS, _OLDEST_SECONDS = 2.0, 60.0
_WRITE_SECONDS = 2.0
# One change sends several deliveries: a job is deferred for all of a moment.
_DEBOUNCE_SECONDS = 0.02
_LARGE_AT_ONCE = 4


@dataclass(slots=True)
class _Refused:
    """Deliveries refused since they were last written; times are of the monotonic clock."""

    count: int = 0
    first: float = field(default_factory=time.monotonic)
    last: float = field(default_factory=time.monotonic)

    def add(self, other: "_Refused") -> None:
        self.count += other.count
        self.first, self.last = min(self.first, other.first), max(self.last, other.last)


@dataclass(slots=True)
class DeliveryReceiver:
    """Takes deliveries in: those that ClickUp signed are kept, others are refused and counted.

    `keeps_history`: what they tell of changes is stored too. `large_bodies`, `unsigned_bodies`: how many of
    these may be read at once.
    """

    database: Database
    keys: Callable[[], SecretKeys]
    jobs: JobQueue
    keeps_history: bool = True
    large_bodies: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_LARGE_AT_ONCE))
    unsigned_bodies: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))
    store: DeliveryStore = field(init=False)
    _loading: asyncio.Lock = field(default_factory=asyncio.Lock)
    _known: dict[str, Row] = field(default_factory=dict)
    _secrets: dict[str, str] = field(default_factory=dict, repr=False)
    _loaded_at: float = float("-inf")
    _deferring: set[str] = field(default_factory=set)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _refused: dict[tuple[str, RefusalReason], _Refused] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.store = DeliveryStore(self.database)

    async def receive(self, body: bytes, signature: str, workspace_id: str | None) -> bool:
        """Keeps the delivery and has it handled; False when none of our webhooks signed it.

        `workspace_id` is where a refused one is counted that names no webhook of ours. Raises
        SecretUnreadable where it names one whose secret cannot be decrypted: a process with the key may take
        it, or this one when it has made the webhook anew.
        """
        signer, loaded_at = self._signer(body, signature), self._loaded_at
        age = time.monotonic() - loaded_at
        if age > _OLDEST_SECONDS or (signer is None and age > _RELOAD_SECONDS):
            await self._load_anew(loaded_at)
            signer = self._signer(body, signature)
        if signer is None:
            self._refuse_to_judge(body)
            self._refuse(body, signature, workspace_id)
            return False
        await self._keep(signer, body)
        return True

    async def write_refusals(self) -> None:
        """Adds what was refused to the database every two seconds, until it is cancelled."""
        try:
            while True:
                await asyncio.sleep(_WRITE_SECONDS)
                await self._write()
        finally:
            await self._write()

    def _signer(self, body: bytes, signature: str) -> Row | None:
        webhook_id = find_signer(body, signature, self._secrets)
        return self._known[webhook_id] if webhook_id else None

    async def check_secrets(self) -> None:
        """Logs the secrets that cannot be decrypted. Raises SyncError."""
        decrypt_webhook_secrets(await self.database.ask("list_webhook_secrets"), self.keys())

    async def _load_anew(self, loaded_at: float) -> None:
        """Once for all that judged by the same secrets: strangers may send many deliveries at once."""
        async with self._loading:
            if self._loaded_at == loaded_at:
                await self._load()

    async def _load(self) -> None:
        rows = await self.database.ask("list_webhook_secrets")
        self._secrets = decrypt_webhook_secrets(rows, self.keys())
        self._known, self._loaded_at = {row["webhook_id"]: row for row in rows}, time.monotonic()

    def _refuse_to_judge(self, body: bytes) -> None:
        for webhook_id in self._known.keys() - self._secrets.keys():
            if webhook_id.encode() in body:
                raise SecretUnreadable(f"the secret of webhook {webhook_id} cannot be decrypted")

    async def _keep(self, signer: Row, body: bytes) -> None:
        delivery = read_delivery(body)
        subjects = delivery.subjects or (("none", ""),)
        workspace_id, webhook_id = signer["workspace_id"], signer["webhook_id"]
        await self.store.store(
            [DeliveryRow(workspace_id, webhook_id, delivery.event, kind, key) for kind, key in subjects],
            [history_row(workspace_id, item) for item in read_history(body)] if self.keeps_history else [],
        )
        if workspace_id not in self._deferring:
            self._deferring.add(workspace_id)
            task = asyncio.create_task(self._defer(workspace_id))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _defer(self, workspace_id: str) -> None:
        """One job for all deliveries of a moment; each of them is stored before the job is deferred."""
        await asyncio.sleep(_DEBOUNCE_SECONDS)
        self._deferring.discard(workspace_id)
        try:
            await self.jobs.defer(Job("webhook_refetch", workspace_id))
        except SyncError as error:
            # The clock defers it when the database answers again.
            log.warning("delivery.job_not_deferred", workspace_id=workspace_id, error=str(error))

    def _refuse(self, body: bytes, signature: str, workspace_id: str | None) -> None:
        reason, webhook_id = explain_refusal(body, signature, self._secrets)
        counted_at = self._known[webhook_id]["workspace_id"] if webhook_id else workspace_id
        if counted_at is not None:
            self._count({(counted_at, reason): _Refused(1)})

    def _count(self, refused: Mapping[tuple[str, RefusalReason], _Refused]) -> None:
        for key, more in refused.items():
            self._refused.setdefault(key, _Refused(first=more.first)).add(more)

    async def _write(self) -> None:
        """Whatever their number, a row for each workspace and reason; what cannot be written is kept."""
        refused, self._refused = self._refused, {}
        if not refused:
            return
        now, rows = time.monotonic(), list[dict[str, Any]]()
        for (workspace_id, reason), one in refused.items():
            log.warning("delivery.refused", reason=reason, count=one.count, workspace_id=workspace_id)
            ages = {"first_age": now - one.first, "last_age": now - one.last}
            rows.append({"workspace_id": workspace_id, "reason": reason, "refused": one.count, **ages})
        try:
            await self.database.note("add_refused_deliveries", rows=as_json(rows))
        except SyncError as error:
            self._count(refused)
            log.warning("delivery.refusals_not_counted", error=str(error))
