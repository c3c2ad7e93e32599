"""Keys of the API: read from a setting, kept as hashes, compared with what a request brings.

A key's secret is long and random, so one SHA-256 hides it for good: slow hashes are for passwords,
which can be guessed.
"""

import hashlib
import hmac
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from typing import Literal, cast, get_args

KeyScope = Literal["read", "write"]

_SCOPES = get_args(KeyScope)
_LEAST_LETTERS = 16
_LONGEST_NAME = 64
_FORM = "is not of the form name:scope:secret with scope read or write"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """One key. `digest` is all that is kept of its secret."""

    name: str
    scope: KeyScope
    digest: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ApiKeys:
    """All keys of a service."""

    keys: tuple[ApiKey, ...]

    def find(self, secret: bytes) -> ApiKey | None:
        """The key with this secret; takes equally long whether one fits, and whichever does."""
        digest, found = _digest(secret), None
        for key in self.keys:
            if hmac.compare_digest(key.digest, digest):
                found = key
        return found


def read_api_keys(text: str) -> ApiKeys:
    """The keys of `name:scope:secret, …`; a bare secret is a key that may write.

    Raises ValueError, which gives the number of the wrong entry and nothing that stands in it.
    """
    keys = tuple(_read_key(number, entry.strip()) for number, entry in enumerate(text.split(","), 1))
    _refuse_repeats("the name", [key.name for key in keys])
    _refuse_repeats("the secret", [key.digest for key in keys])
    return ApiKeys(keys)


def _read_key(number: int, entry: str) -> ApiKey:
    parts = (
        [part.strip() for part in entry.split(":", 2)] if ":" in entry else [f"key {number}", "write", entry]
    )
    if len(parts) != 3 or parts[1] not in _SCOPES:
        raise ValueError(f"entry {number} {_FORM}")
    name, scope, secret = parts
    if not name.isprintable() or not 0 < len(name) <= _LONGEST_NAME:
        raise ValueError(f"the name in entry {number} is empty, too long or not printable")
    _refuse_weak(number, secret)
    return ApiKey(name, cast(KeyScope, scope), _digest(secret.encode()))


def _refuse_weak(number: int, secret: str) -> None:
    if not all("!" <= letter <= "~" for letter in secret):
        raise ValueError(f"the secret in entry {number} has blanks or letters that no header can carry")
    if len(secret) < _LEAST_LETTERS:
        raise ValueError(
            f"the secret in entry {number} has fewer than {_LEAST_LETTERS} characters; "
            f"make one with: openssl rand -hex 32"
        )


def _refuse_repeats(what: str, values: Iterable[Hashable]) -> None:
    seen: dict[Hashable, int] = {}
    for number, value in enumerate(values, 1):
        if value in seen:
            raise ValueError(f"{what} in entry {number} is that of entry {seen[value]} again")
        seen[value] = number


def _digest(secret: bytes) -> bytes:
    return hashlib.sha256(secret).digest()
