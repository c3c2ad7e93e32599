"""Whether ClickUp's deliveries arrive, as the mirror knows it."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from app.core.answers.fields import said
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
from app.sql.typed_rows import Query
from app.supabase_db import Database


@dataclass(frozen=True, slots=True)
class WebhookState(StoredWebhook):
    """A webhook of this mirror, as ClickUp last said it was."""

    webhook_id: Annotated[str, said("ClickUp's id")]


LIST_WEBHOOK_HEALTH = Query("list_webhook_health", WebhookState)
LIST_WEBHOOK_CHECKS = Query("list_webhook_checks", WebhookCheck)
LIST_REFUSED_DELIVERIES = Query("list_refused_deliveries", RefusedDeliveries)
LIST_UNANNOUNCED_CHANGES = Query("list_unannounced_changes", datetime)


@dataclass(frozen=True, slots=True)
class WebhookHealth:
    """Whether ClickUp's deliveries arrive."""

    endpoint: Annotated[str | None, said("Where they should; null where PUBLIC_URL is not set")]
    last_delivery_at: Annotated[datetime | None, said("When the latest accepted one came")]
    problems: Annotated[list[WebhookProblem], said("Why they do not arrive; empty when all is well")]
    refused: Annotated[list[RefusedDeliveries], said("By reason")]

    @property
    def is_used(self) -> bool:
        """Whether ClickUp should deliver, or does."""
        return self.endpoint is not None or self.last_delivery_at is not None


class WebhookReports:
    """Asks what is known of one workspace's webhook."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list_webhooks(self, workspace_id: str) -> list[WebhookState]:
        """The webhooks of this mirror."""
        return await self._database.rows(LIST_WEBHOOK_HEALTH, workspace_id=workspace_id)

    async def get_health(self, workspace_id: str, public_url: str | None) -> WebhookHealth:
        """How it is; `public_url` is where ClickUp should reach the service, None where it should not."""
        rows = self._database.rows
        known, checks, refused, unannounced = await asyncio.gather(
            self.list_webhooks(workspace_id),
            rows(LIST_WEBHOOK_CHECKS, workspace_id=workspace_id),
            rows(LIST_REFUSED_DELIVERIES, workspace_id=workspace_id),
            rows(LIST_UNANNOUNCED_CHANGES, workspace_id=workspace_id, looks=SILENT_AFTER_LOOKS),
        )
        facts = WebhookFacts(
            endpoint=endpoint_of(public_url) if public_url else None,
            webhooks=known,
            check=checks[0] if checks else None,
            refused=refused,
            unannounced=unannounced,
        )
        deliveries = [one.last_delivery_at for one in known if one.last_delivery_at]
        return WebhookHealth(
            endpoint=facts.endpoint,
            last_delivery_at=max(deliveries, default=None),
            problems=find_webhook_problems(facts, datetime.now(UTC)),
            refused=refused,
        )
