"""Whether ClickUp's deliveries arrive, as the mirror knows it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from app.core.clickup.webhook import endpoint_of
from app.core.clickup.webhook_health import (
    SILENT_AFTER_LOOKS,
    RefusedDeliveries,
    StoredWebhook,
    WebhookCheck,
    WebhookFacts,
    WebhookProblem,
    find_webhook_problems,
)
from app.supabase_db import Database, Row

# What is asked to say how the webhook is; each takes the workspace, one of them `looks`.
WEBHOOK_QUERIES = (
    "list_webhook_health", "list_webhook_checks", "list_refused_deliveries", "list_unannounced_changes",
)  # fmt: skip
LOOKS = SILENT_AFTER_LOOKS


@dataclass(frozen=True, slots=True)
class WebhookHealth:
    """Where ClickUp should deliver to, what speaks against its arriving, and what was refused.

    `endpoint` is None where no service with PUBLIC_URL kept the mirror; `last_delivery_at` is the latest
    accepted one.
    """

    endpoint: str | None
    last_delivery_at: datetime | None
    problems: list[WebhookProblem]
    refused: list[RefusedDeliveries]

    @property
    def is_used(self) -> bool:
        """Whether ClickUp should deliver, or does."""
        return self.endpoint is not None or self.last_delivery_at is not None


class WebhookReports:
    """Asks what is known of one workspace's webhook."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get_health(self, workspace_id: str, public_url: str | None) -> WebhookHealth:
        """How it is; `public_url` is where ClickUp should reach the service, None where it should not."""
        answers = await asyncio.gather(
            *(self._database.ask(one, workspace_id=workspace_id, looks=LOOKS) for one in WEBHOOK_QUERIES)
        )
        return judge_webhook(dict(zip(WEBHOOK_QUERIES, answers, strict=True)), public_url)


def judge_webhook(found: Mapping[str, list[Row]], public_url: str | None) -> WebhookHealth:
    """What the rows of WEBHOOK_QUERIES tell."""
    webhooks = [
        StoredWebhook(**{name: value for name, value in row.items() if name != "webhook_id"})
        for row in found["list_webhook_health"]
    ]
    checks = [WebhookCheck(**row) for row in found["list_webhook_checks"]]
    facts = WebhookFacts(
        endpoint=endpoint_of(public_url) if public_url else None,
        webhooks=webhooks,
        check=checks[0] if checks else None,
        refused=[RefusedDeliveries(**row) for row in found["list_refused_deliveries"]],
        unannounced=[row["started_at"] for row in found["list_unannounced_changes"]],
    )
    deliveries = [one.last_delivery_at for one in webhooks if one.last_delivery_at]
    return WebhookHealth(
        endpoint=facts.endpoint,
        last_delivery_at=max(deliveries, default=None),
        problems=find_webhook_problems(facts, datetime.now(UTC)),
        refused=list(facts.refused),
    )
