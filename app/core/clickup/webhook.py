"""Webhooks as ClickUp lists them, and what is to be done so that exactly one of ours is well."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.core.clickup.delivery import EVENTS
from app.core.clickup.values import Json, identifier, integer, mapping, objects, plain_text

PATH = "/webhooks/clickup"


@dataclass(frozen=True, slots=True)
class Webhook:
    """One webhook of the token's user. `status` is active, failing or suspended (source: ClickUp docs)."""

    webhook_id: str
    endpoint: str
    events: frozenset[str]
    status: str
    fail_count: int
    secret: str | None = field(repr=False)


@dataclass(slots=True)
class WebhookPlan:
    """`keep`: the one that stays, None when one must be made. `revive`: it must be woken or told more."""

    keep: Webhook | None = None
    revive: bool = False
    delete: list[str] = field(default_factory=list)


def endpoint_of(public_url: str) -> str:
    """Where ClickUp delivers to."""
    return f"{public_url.rstrip('/')}{PATH}"


def read_webhooks(answer: Any) -> list[Webhook]:
    """Those of an answer that have an id; the answers to a creation and an update have one each."""
    content = mapping(answer)
    listed = content.get("webhooks")
    items: Iterable[Json] = objects(listed) if listed is not None else [mapping(content.get("webhook"))]
    return [webhook for item in items if (webhook := _read(item))]


def _read(item: Json) -> Webhook | None:
    webhook_id, health = identifier(item.get("id")), mapping(item.get("health"))
    if webhook_id is None:
        return None
    events = item.get("events")
    return Webhook(
        webhook_id=webhook_id,
        endpoint=plain_text(item.get("endpoint")) or "",
        events=frozenset(map(str, events)) if isinstance(events, list) else frozenset(map(str, [events])),
        status=plain_text(health.get("status")) or "active",
        fail_count=_count(health.get("fail_count")),
        secret=plain_text(item.get("secret")),
    )


def _count(value: Any) -> int:
    try:
        return integer(value) or 0
    except ValueError:
        return 0


def plan_webhooks(listed: Iterable[Webhook], own: Mapping[str, str | None], endpoint: str) -> WebhookPlan:
    """What to do about the listed webhooks. `own` are the secrets of those this mirror made, by id; None for
    one that cannot be decrypted.

    Ours are those we made and those that deliver to our address; nobody else's is touched. One
    whose secret nobody knows cannot be believed, and is made anew.
    """
    ours = [hook for hook in listed if hook.webhook_id in own or hook.endpoint == endpoint]
    fit = [hook for hook in ours if hook.endpoint == endpoint and (own.get(hook.webhook_id) or hook.secret)]
    keep = min(fit, key=lambda hook: (not own.get(hook.webhook_id), hook.webhook_id), default=None)
    return WebhookPlan(
        keep=keep,
        revive=keep is not None and (keep.status == "suspended" or not _hears_all(keep.events)),
        delete=[hook.webhook_id for hook in ours if hook is not keep],
    )


def _hears_all(events: Collection[str]) -> bool:
    return "*" in events or set(EVENTS) <= set(events)
