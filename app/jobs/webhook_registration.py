"""Registers our webhook at ClickUp, repairs it, and removes old ones."""

from collections.abc import Iterable
from datetime import UTC, datetime

import structlog

from app.adapters.secret_keys import ensure_secret_keys
from app.context import Context
from app.core.clickup import wire
from app.core.clickup.delivery import EVENTS
from app.core.clickup.webhook import Webhook, endpoint_of, plan_webhooks, read_webhooks
from app.core.clickup.webhook_health import ADDRESS_TAKEN_CODE, ADDRESS_TAKEN_REMEDY, CheckOutcome
from app.core.encryption import SecretKeys, encrypt_webhook_secret
from app.core.errors import ClickUpError, NoPermission, NotFound, RequestRejected, TokenRejected, Transient
from app.jobs.webhook_secrets import decrypt_webhook_secrets

log = structlog.get_logger()


async def fetch_webhooks(context: Context, workspace_id: str) -> list[Webhook]:
    """The webhooks of the token's user, whoever registered them."""
    return read_webhooks((await context.clickup.fetch(wire.webhooks(workspace_id))).content)


async def tend_webhook(context: Context, workspace_id: str, public_url: str) -> Webhook:
    """Exactly one webhook of ours delivers to `public_url`, knows all events and is awake.

    Registers it where there is none, revives it where ClickUp gave it up, and removes those of ours
    that are stale; nobody else's is touched. How it ended is recorded for those who ask how the mirror
    is. Raises ClickUpError.
    """
    endpoint = endpoint_of(public_url)
    try:
        hook = await _tend(context, workspace_id, endpoint)
    except (Transient, TokenRejected):
        raise  # It says nothing about the webhook.
    except ClickUpError as error:
        is_taken = error.ecode == ADDRESS_TAKEN_CODE
        await _record_check(
            context, workspace_id, endpoint, "owned_by_other" if is_taken else "refused", error.reason
        )
        raise
    await _record_check(context, workspace_id, endpoint, "in_force")
    return hook


async def _tend(context: Context, workspace_id: str, endpoint: str) -> Webhook:
    # Before ClickUp is asked for a secret that could not be kept.
    keys = ensure_secret_keys(context.settings)
    own = await _own_secrets(context, workspace_id, keys)
    listed = await fetch_webhooks(context, workspace_id)
    plan = plan_webhooks(listed, own, endpoint)
    # An address has one webhook: what stands in the way of a new one goes first.
    in_the_way = [] if plan.keep else [one.webhook_id for one in listed if one.endpoint == endpoint]
    await _discard(context, in_the_way)
    hook = plan.keep or await _create(context, workspace_id, endpoint)
    secret = own.get(hook.webhook_id) or hook.secret or ""
    encrypted = encrypt_webhook_secret(hook.webhook_id, secret, keys)
    await _record(context, workspace_id, hook, encrypted)
    if plan.revive:
        await context.clickup.fetch(wire.revive_webhook(hook.webhook_id, endpoint, EVENTS))
        log.warning("webhook.revived", webhook_id=hook.webhook_id, status=hook.status)
        await _record(context, workspace_id, hook, encrypted, revived=True)
    vanished = own.keys() - {one.webhook_id for one in listed} - {hook.webhook_id}
    await _discard(context, {*plan.delete, *vanished}.difference(in_the_way))
    return hook


async def _discard(context: Context, webhook_ids: Iterable[str]) -> None:
    """A stale one that ClickUp does not let go is no reason to stop: it is tried again at the next look."""
    for webhook_id in webhook_ids:
        try:
            await remove_webhook(context, webhook_id)
        except (NoPermission, RequestRejected) as error:
            log.warning("webhook.not_removed", webhook_id=webhook_id, reason=str(error))


async def remove_webhook(context: Context, webhook_id: str) -> bool:
    """Removes one at ClickUp and from our table; False when ClickUp did not know it any more.

    Raises ClickUpError when ClickUp keeps it; then it stays in our table too.
    """
    try:
        await context.clickup.fetch(wire.delete_webhook(webhook_id))
        known = True
    except NotFound:
        known = False
    await context.database.note("delete_webhook", webhook_id=webhook_id)
    return known


async def _own_secrets(context: Context, workspace_id: str, keys: SecretKeys) -> dict[str, str | None]:
    """By webhook; None where it cannot be decrypted: then the webhook is made anew, with a new secret."""
    rows = await context.database.ask("list_own_webhooks", workspace_id=workspace_id)
    secrets = decrypt_webhook_secrets(rows, keys)
    return {row["webhook_id"]: secrets.get(row["webhook_id"]) for row in rows}


async def _create(context: Context, workspace_id: str, endpoint: str) -> Webhook:
    """Raises Refused with what to do where another user's webhook has the address."""
    try:
        answer = await context.clickup.fetch(wire.create_webhook(workspace_id, endpoint, EVENTS))
    except ClickUpError as error:
        if error.ecode != ADDRESS_TAKEN_CODE:
            raise
        reason = f"{error.reason}: another person's token made one for {endpoint}. {ADDRESS_TAKEN_REMEDY}"
        raise RequestRejected(error.subject, reason, status=error.status, ecode=error.ecode) from error
    made = read_webhooks(answer.content)
    if not made or not made[0].secret:
        raise ClickUpError("the new webhook", "ClickUp's answer has no id or no secret")
    log.info("webhook.registered", webhook_id=made[0].webhook_id, endpoint=endpoint)
    return made[0]


async def _record(
    context: Context, workspace_id: str, hook: Webhook, secret_encrypted: str, *, revived: bool = False
) -> None:
    now = datetime.now(UTC)
    await context.database.note(
        "upsert_webhook",
        webhook_id=hook.webhook_id,
        workspace_id=workspace_id,
        endpoint=hook.endpoint,
        secret_encrypted=secret_encrypted,
        status="active" if revived else hook.status,
        fail_count=0 if revived else hook.fail_count,
        # One that was only told of more events had not failed.
        revived_at=now if revived and hook.status == "suspended" else None,
        checked_at=now,
    )


async def _record_check(
    context: Context, workspace_id: str, endpoint: str, outcome: CheckOutcome, reason: str | None = None
) -> None:
    await context.database.note(
        "record_webhook_check", workspace_id=workspace_id, endpoint=endpoint, outcome=outcome, reason=reason
    )
