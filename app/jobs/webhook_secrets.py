"""The secrets that ClickUp signs deliveries with, as they stand in the database: encrypted."""

from collections.abc import Iterable
from dataclasses import dataclass

import structlog

from app.core.encryption import WEBHOOK_SECRET, SecretKeys, encrypt_webhook_secret, key_id_of
from app.core.errors import SecretUnreadable
from app.supabase_db import Database, Row

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


async def list_secret_key_ids(database: Database) -> dict[str, int]:
    """With which keys the secrets in the database are encrypted, and how many with each."""
    ids = [key_id_of(row["secret_encrypted"]) for row in await database.fetch("list_webhook_secrets")]
    return {key_id: ids.count(key_id) for key_id in sorted(set(ids))}


@dataclass(frozen=True, slots=True)
class Reencryption:
    """How many secrets were encrypted anew, how many had the first key already, and which are unreadable."""

    changed: int
    unchanged: int
    unreadable: tuple[str, ...]


async def reencrypt_webhook_secrets(database: Database, keys: SecretKeys) -> Reencryption:
    """Encrypts every secret with the first key, in one transaction. Raises SyncError.

    What cannot be decrypted stays as it is: the service makes that webhook anew.
    """
    async with database.transaction() as tx:
        rows = await tx.fetch("lock_webhook_secrets")
        secrets = decrypt_webhook_secrets(rows, keys)
        old = [row for row in rows if key_id_of(row["secret_encrypted"]) != keys.first_id]
        for webhook_id in (row["webhook_id"] for row in old if row["webhook_id"] in secrets):
            encrypted = encrypt_webhook_secret(webhook_id, secrets[webhook_id], keys)
            await tx.note("update_webhook_secret", webhook_id=webhook_id, secret_encrypted=encrypted)
    unreadable = tuple(row["webhook_id"] for row in rows if row["webhook_id"] not in secrets)
    changed = sum(row["webhook_id"] in secrets for row in old)
    return Reencryption(changed, len(rows) - changed - len(unreadable), unreadable)
