"""The secrets that ClickUp signs deliveries with, as they stand in the database: encrypted."""

from collections.abc import Iterable

import structlog

from app.core.encryption import WEBHOOK_SECRET, SecretKeys
from app.core.errors import SecretUnreadable
from app.supabase_db import Row

log = structlog.get_logger()


def decrypt_webhook_secrets(rows: Iterable[Row], keys: SecretKeys) -> dict[str, str]:
    """The secrets of rows of `webhooks`, by webhook; what cannot be decrypted is logged and left out."""
    secrets = dict[str, str]()
    for row in rows:
        try:
            secrets[row["webhook_id"]] = keys.decrypt(
                row["secret_encrypted"], WEBHOOK_SECRET, row["webhook_id"]
            )
        except SecretUnreadable as error:
            log.warning("secret.unreadable", webhook_id=row["webhook_id"], error=str(error))
    return secrets
