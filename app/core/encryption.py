"""Encryption of secrets that stand in the database: Fernet, with a key of its own for each row. Pure.

Each Fernet key is derived (HKDF with SHA-256, RFC 5869) from a secret key, from what the value is for, and
from the id of its row. A value that was copied to another row, or to another column, does not decrypt there.
"""

import re
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.core.errors import SecretUnreadable

_LEAST_LETTERS, _LEAST_DIFFERENT = 32, 8
_PRINTABLE = re.compile(r"[!-+\--~]+")  # no blank, no comma
_KEY_ID_BYTES = 8
# What a key is derived for: the secrets that ClickUp signs deliveries with, and the tokens of workspaces.
WEBHOOK_SECRET = "webhooks.secret"
WORKSPACE_TOKEN = "workspace_connections.token"
_HOW = "create one with: openssl rand -hex 32"


@dataclass(frozen=True, slots=True)
class SecretKey:
    """One key. `key_id` names it without telling it: 16 hexadecimal digits, stored with what it encrypts."""

    text: str = field(repr=False)
    key_id: str

    @classmethod
    def of(cls, text: str) -> "SecretKey":
        """Raises ValueError, without the text, for what is too short or too uniform to be a key."""
        if len(text) < _LEAST_LETTERS:
            raise ValueError(f"a key has {_LEAST_LETTERS} characters or more; {_HOW}")
        if not _PRINTABLE.fullmatch(text):
            raise ValueError(f"a key contains a space, a comma or a character that is not ASCII; {_HOW}")
        if len(set(text)) < _LEAST_DIFFERENT:
            raise ValueError(f"a key repeats a few characters; {_HOW}")
        return cls(text, _derive(text, "key id", _KEY_ID_BYTES).hex())

    def fernet(self, purpose: str, row_id: str) -> Fernet:
        """What encrypts and decrypts the value of one row."""
        return Fernet(urlsafe_b64encode(_derive(self.text, f"{purpose}\n{row_id}", 32)))


@dataclass(frozen=True, slots=True)
class SecretKeys:
    """The keys of a process: the first one encrypts, all of them decrypt. There may be none."""

    keys: tuple[SecretKey, ...] = ()

    @classmethod
    def read(cls, texts: Iterable[str]) -> "SecretKeys":
        """Raises ValueError, without a key, for one that is none."""
        return cls(tuple({text: SecretKey.of(text) for text in texts}.values()))

    @property
    def first_id(self) -> str | None:
        """The id of the key that encrypts."""
        return self.keys[0].key_id if self.keys else None

    @property
    def ids(self) -> frozenset[str]:
        """The ids of all keys."""
        return frozenset(key.key_id for key in self.keys)

    def encrypt(self, secret: str, purpose: str, row_id: str) -> str:
        """`KEY_ID:TOKEN`, which decrypts only for this purpose and row. Raises ValueError without a key."""
        if not self.keys:
            raise ValueError("there is no key to encrypt with")
        token = self.keys[0].fernet(purpose, row_id).encrypt(secret.encode())
        return f"{self.keys[0].key_id}:{token.decode()}"

    def decrypt(self, encrypted: str, purpose: str, row_id: str) -> str:
        """The secret. Raises SecretUnreadable for another key, and for a value of another row or purpose."""
        key_id, _, token = encrypted.partition(":")
        key = next((one for one in self.keys if one.key_id == key_id), None)
        if key is None:
            raise SecretUnreadable(describe_unknown_key(key_id_of(encrypted), self))
        try:
            return key.fernet(purpose, row_id).decrypt(token).decode()
        except (InvalidToken, ValueError):
            raise SecretUnreadable(f"the secret of {row_id} was changed, or belongs to another row") from None


def key_id_of(encrypted: str) -> str:
    """The id of the key that a value was encrypted with; cut to its length, whatever stands there."""
    return encrypted.partition(":")[0][: 2 * _KEY_ID_BYTES]


def describe_unknown_key(key_id: str, keys: SecretKeys) -> str:
    """What is wrong and what to do, where a secret was encrypted with a key that is not here."""
    here = ", ".join(key.key_id for key in keys.keys) or "none"
    return (
        f"this database's secrets were encrypted with another SECRET_KEY: the id of that key is {key_id}, "
        f"and this process has {here}. Set the same SECRET_KEY for all processes that use this database"
    )


def _derive(text: str, info: str, length: int) -> bytes:
    derive = HKDF(algorithm=SHA256(), length=length, salt=None, info=f"clickup-sync\n{info}".encode())
    return derive.derive(text.encode())


def encrypt_webhook_secret(webhook_id: str, secret: str, keys: SecretKeys) -> str:
    """As it is stored in the row of this webhook, and decrypts nowhere else."""
    return keys.encrypt(secret, WEBHOOK_SECRET, webhook_id)
