"""Every secret that stands encrypted in the database: of webhooks, and tokens of workspaces."""

from dataclasses import dataclass

import structlog

from app.core.encryption import WEBHOOK_SECRET, WORKSPACE_TOKEN, SecretKeys, key_id_of
from app.core.errors import SecretUnreadable
from app.supabase_db import Database, Transaction

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Column:
    """Where secrets of one purpose are: the query that locks them, and the one that writes one."""

    purpose: str
    lock: str
    update: str


_WEBHOOKS = _Column(WEBHOOK_SECRET, "lock_webhook_secrets", "update_webhook_secret")
_TOKENS = _Column(WORKSPACE_TOKEN, "lock_workspace_tokens", "update_workspace_token")


@dataclass(frozen=True, slots=True)
class Reencryption:
    """How many secrets were encrypted anew, how many had the first key already, and which are unreadable."""

    changed: int = 0
    unchanged: int = 0
    unreadable: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reencryptions:
    """Of webhooks (by webhook id), and of tokens (by workspace id)."""

    webhooks: Reencryption
    tokens: Reencryption


async def list_secret_key_ids(database: Database) -> dict[str, int]:
    """With which keys the secrets in the database are encrypted, and how many with each."""
    ids = [key_id_of(row["encrypted"]) for row in await database.ask("list_encrypted_secrets")]
    return {key_id: ids.count(key_id) for key_id in sorted(set(ids))}


async def reencrypt_secrets(database: Database, keys: SecretKeys) -> Reencryptions:
    """Encrypts every secret with the first key, in one transaction. Raises SyncError.

    What cannot be decrypted stays as it is: a service makes webhooks anew, a person gives a token anew.
    """
    async with database.transaction() as tx:
        return Reencryptions(await _reencrypt(tx, _WEBHOOKS, keys), await _reencrypt(tx, _TOKENS, keys))


async def _reencrypt(tx: Transaction, column: _Column, keys: SecretKeys) -> Reencryption:
    changed, unchanged, unreadable = 0, 0, list[str]()
    for row in await tx.fetch(column.lock):
        row_id, encrypted = row["row_id"], row["encrypted"]
        try:
            secret = keys.decrypt(encrypted, column.purpose, row_id)
        except SecretUnreadable as error:
            log.warning("secret.unreadable", purpose=column.purpose, row_id=row_id, error=str(error))
            unreadable.append(row_id)
            continue
        if key_id_of(encrypted) == keys.first_id:
            unchanged += 1
            continue
        again = keys.encrypt(secret, column.purpose, row_id)
        await tx.note(column.update, row_id=row_id, encrypted=again)
        changed += 1
    return Reencryption(changed, unchanged, tuple(unreadable))
