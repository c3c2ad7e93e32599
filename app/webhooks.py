"""Webhooks: keeping one of ours alive at ClickUp, and taking in what it delivers."""

import asyncio
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

import structlog

from app.context import Context
from app.core import wire
from app.core.delivery import EVENTS, find_signer, read_delivery
from app.core.errors import ClickUpError, NoPermission, NotFound, Refused
from app.core.webhook import Webhook, endpoint_of, plan_webhooks, read_webhooks
from app.supabase_db import Database, Row, as_json

log = structlog.get_logger()

# Who floods us with bad signatures shall not flood the database; what was removed elsewhere is forgotten.
_RELOAD_SECONDS, _OLDEST_SECONDS = 2.0, 60.0


@dataclass(slots=True)
class Doorkeeper:
    """Takes deliveries in: those that ClickUp signed are kept, others are refused."""

    database: Database
    rung: asyncio.Event
    _known: dict[str, Row] = field(default_factory=dict)
    _loaded_at: float = float("-inf")

    async def receive(self, body: bytes, signature: str) -> bool:
        """Keeps the delivery and rings; False when none of our webhooks signed it."""
        signer, age = self._signer(body, signature), time.monotonic() - self._loaded_at
        if age > _OLDEST_SECONDS or (signer is None and age > _RELOAD_SECONDS):
            await self._load()
            signer = self._signer(body, signature)
        if signer is None:
            log.warning("delivery.refused", reason="the signature is not that of a webhook of this mirror")
            return False
        await self._keep(signer, body)
        return True

    def _signer(self, body: bytes, signature: str) -> Row | None:
        secrets = {webhook_id: row["secret"] for webhook_id, row in self._known.items()}
        webhook_id = find_signer(body, signature, secrets)
        return self._known[webhook_id] if webhook_id else None

    async def _load(self) -> None:
        rows = await self.database.fetch("list_webhook_secrets")
        self._known, self._loaded_at = {row["webhook_id"]: row for row in rows}, time.monotonic()

    async def _keep(self, signer: Row, body: bytes) -> None:
        delivery = read_delivery(body)
        subjects = delivery.subjects or (("none", ""),)
        await self.database.note(
            "insert_deliveries",
            workspace_id=signer["workspace_id"],
            webhook_id=signer["webhook_id"],
            event=delivery.event,
            rows=as_json([{"kind": kind, "id": subject_id} for kind, subject_id in subjects]),
        )
        self.rung.set()


async def fetch_webhooks(context: Context, workspace_id: str) -> list[Webhook]:
    """The webhooks of the token's user, whoever registered them."""
    return read_webhooks((await context.clickup.fetch(wire.webhooks(workspace_id))).content)


async def tend_webhook(context: Context, workspace_id: str, public_url: str) -> Webhook:
    """Exactly one webhook of ours delivers to `public_url`, knows all events and is awake.

    Registers it where there is none, revives it where ClickUp gave it up, and removes those of ours
    that are stale; nobody else's is touched. Raises ClickUpError.
    """
    endpoint = endpoint_of(public_url)
    own = await _own_secrets(context, workspace_id)
    listed = await fetch_webhooks(context, workspace_id)
    plan = plan_webhooks(listed, own, endpoint)
    hook = plan.keep or await _create(context, workspace_id, endpoint)
    if plan.revive:
        await context.clickup.fetch(wire.revive_webhook(hook.webhook_id, endpoint, EVENTS))
        log.warning("webhook.revived", webhook_id=hook.webhook_id, status=hook.status)
    await _record(context, workspace_id, hook, own.get(hook.webhook_id) or hook.secret, revived=plan.revive)
    vanished = own.keys() - {one.webhook_id for one in listed}
    for webhook_id in [*plan.delete, *(vanished - {hook.webhook_id})]:
        await _discard(context, webhook_id)
    return hook


async def _discard(context: Context, webhook_id: str) -> None:
    """A stale one that ClickUp does not let go is no reason to stop: it is tried again at the next look."""
    try:
        await remove_webhook(context, webhook_id)
    except (NoPermission, Refused) as error:
        log.warning("webhook.not_removed", webhook_id=webhook_id, reason=str(error))


async def remove_webhook(context: Context, webhook_id: str) -> bool:
    """Removes one at ClickUp and from our books; False when ClickUp did not know it any more.

    Raises ClickUpError when ClickUp keeps it; then it stays in our books too.
    """
    try:
        await context.clickup.fetch(wire.delete_webhook(webhook_id))
        known = True
    except NotFound:
        known = False
    await context.database.note("delete_webhook", webhook_id=webhook_id)
    return known


async def _own_secrets(context: Context, workspace_id: str) -> dict[str, str]:
    rows = await context.database.fetch("list_own_webhooks", workspace_id=workspace_id)
    return {row["webhook_id"]: row["secret"] for row in rows}


async def _create(context: Context, workspace_id: str, endpoint: str) -> Webhook:
    answer = await context.clickup.fetch(wire.create_webhook(workspace_id, endpoint, EVENTS))
    made = read_webhooks(answer.content)
    if not made or not made[0].secret:
        raise ClickUpError("the new webhook", "ClickUp's answer has no id or no secret")
    log.info("webhook.registered", webhook_id=made[0].webhook_id, endpoint=endpoint)
    return made[0]


async def _record(
    context: Context, workspace_id: str, hook: Webhook, secret: str | None, *, revived: bool
) -> None:
    now = datetime.now(UTC)
    await context.database.note(
        "upsert_webhook",
        webhook_id=hook.webhook_id,
        workspace_id=workspace_id,
        endpoint=hook.endpoint,
        secret=secret,
        status="active" if revived else hook.status,
        fail_count=0 if revived else hook.fail_count,
        revived_at=now if revived else None,
        checked_at=now,
    )
