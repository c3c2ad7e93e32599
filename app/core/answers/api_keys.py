"""Keys of the API: read from a setting, kept as hashes, compared with what a request brings.

A key's secret is long and random, so one SHA-256 hides it for good: slow hashes are for passwords,
which can be guessed.
"""

import hashlib
import hmac
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from typing import Literal, cast, get_args

# Each may do what those before it may: read, start syncs, connect and remove workspaces.
KeyScope = Literal["read", "write", "admin"]

_SCOPES = get_args(KeyScope)
_LEAST_LETTERS = 16
# 128 random bits in hexadecimal, as `openssl rand -hex 16` writes them.
_UNGUESSABLE_LETTERS = 32
_LONGEST_NAME = 64
_FORM = "must be name:scope:secret, with scope read, write or admin"
_BARE = (
    "has no name and scope, which is allowed only for a single key. Write name:scope:secret; "
    "a secret contains no comma, because commas separate keys"
)
_QUOTES = "\"'`"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """One key. `digest` is all that is kept of its secret.

    `is_guessable`: the secret is so short that nobody may try many of them.
    """

    name: str
    scope: KeyScope
    digest: bytes = field(repr=False)
    is_guessable: bool = True


@dataclass(frozen=True, slots=True)
class ApiKeys:
    """All keys of a service."""

    keys: tuple[ApiKey, ...]

    def find(self, secret: bytes) -> ApiKey | None:
        """The key with this secret; takes equally long whether one fits, and whichever does."""
        digest, found = digest_of(secret), None
        for key in self.keys:
            if hmac.compare_digest(key.digest, digest):
                found = key
        return found


def read_api_keys(text: str) -> ApiKeys:
    """The keys of `name:scope:secret, …`; a bare secret that stands alone is a key that may write.

    Raises ValueError, which gives the number of the wrong entry and nothing that stands in it.
    """
    entries = [entry.strip() for entry in text.split(",")]
    keys = tuple(
        _read_key(number, entry, is_alone=len(entries) == 1) for number, entry in enumerate(entries, 1)
    )
    _refuse_repeats("the name", [key.name.casefold() for key in keys])
    _refuse_repeats("the secret", [key.digest for key in keys])
    return ApiKeys(keys)


def read_key_name(text: str) -> str:
    """The name of a key or link, as it stands in the log. Raises ValueError for one that is none."""
    name = text.strip()
    if not _is_name(name) or name == "local":
        raise ValueError(
            f"a name has 1 to {_LONGEST_NAME} printable characters, and is not 'local', which is reserved "
            "for requests without a key"
        )
    return name


def _is_name(name: str) -> bool:
    return name.isprintable() and 0 < len(name) <= _LONGEST_NAME


def _read_key(number: int, entry: str, *, is_alone: bool) -> ApiKey:
    if not entry:
        raise ValueError(f"entry {number} is empty: remove a comma")
    if entry[0] in _QUOTES or entry[-1] in _QUOTES:
        raise ValueError(f"entry {number} begins or ends with a quotation mark: remove it")
    if ":" not in entry and not is_alone:
        # Half of a secret with a comma in it would be a key of its own, with more rights than the key had.
        raise ValueError(f"entry {number} {_BARE}")
    parts = [part.strip() for part in entry.split(":", 2)] if ":" in entry else ["key 1", "write", entry]
    if len(parts) != 3 or parts[1] not in _SCOPES:
        raise ValueError(f"entry {number} {_FORM}")
    name, scope, secret = parts
    if not _is_name(name) or name == "local":
        raise ValueError(
            f"the name in entry {number} is empty, too long, not printable, or 'local', which is reserved "
            "for requests without a key"
        )
    _refuse_weak(number, secret)
    is_guessable = len(secret) < _UNGUESSABLE_LETTERS
    return ApiKey(name, cast(KeyScope, scope), digest_of(secret.encode()), is_guessable)


def _refuse_weak(number: int, secret: str) -> None:
    if not all("!" <= letter <= "~" for letter in secret):
        raise ValueError(f"the secret in entry {number} has characters that are not allowed in a header")
    if len(secret) < _LEAST_LETTERS:
        raise ValueError(
            f"the secret in entry {number} has fewer than {_LEAST_LETTERS} characters; create one with: "
            "openssl rand -hex 32"
        )


def _refuse_repeats(what: str, values: Iterable[Hashable]) -> None:
    seen: dict[Hashable, int] = {}
    for number, value in enumerate(values, 1):
        if value in seen:
            raise ValueError(f"{what} in entry {number} is that of entry {seen[value]} again")
        seen[value] = number


def digest_of(secret: bytes) -> bytes:
    """What is kept of a secret."""
    return hashlib.sha256(secret).digest()
