"""Who may ask: keys, page sessions and report links, and whom they stand for. Pure: the time is handed in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, Self, get_args
from urllib.parse import unquote
from uuid import UUID

from app.core.answers.api_keys import ApiKeys, KeyScope, digest_of

CredentialKind = Literal["api_key", "page_session", "report_link"]

_SCOPES = get_args(KeyScope)
_LIFETIME = re.compile(r"([0-9]{1,5})\s*(h|d|w)")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
# The page, whose parts ask for other paths; what changes something; and what is open or for watchers.
_NOT_BY_LINK = (
    "/ui",
    "/sync",
    "/oauth",
    "/links",
    "/mcp",
    "/webhooks",
    "/metrics",
    "/healthz",
    "/readyz",
    "/docs",
)
_LONGEST_LIFETIME = timedelta(days=3_650)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a credential is limited to, by ClickUp's ids; None: not limited.

    Only a limit to workspaces is enforced: with any other one a credential is refused.
    """

    workspace_ids: tuple[str, ...] | None = None
    space_ids: tuple[str, ...] | None = None
    person_ids: tuple[str, ...] | None = None

    @property
    def is_set(self) -> bool:
        """Whether there is any; an empty list allows nothing, and so is one."""
        return self.workspace_ids is not None or self.is_set_within_workspaces

    @property
    def is_set_within_workspaces(self) -> bool:
        """Whether there is a limit to spaces or people."""
        return self.space_ids is not None or self.person_ids is not None

    def allows_workspace(self, workspace_id: str) -> bool:
        """Whether anything of this workspace may be shown."""
        return self.workspace_ids is None or workspace_id in self.workspace_ids


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks.

    `name`: the key's or link's, or `local`. `credential_id`: its row; None for a key of API_KEYS and for
    `local`. `owner_user_id`: the ClickUp user who is "me". `rate_key`: whose requests are counted together.
    `key_digest`: of the key that was shown or that opened the session; None for links and for `local`.
    """

    name: str
    scope: KeyScope
    rate_key: str
    credential_id: UUID | None = None
    owner_user_id: str | None = None
    limits: Limits = Limits()
    key_digest: bytes | None = field(default=None, repr=False)

    @property
    def may_write(self) -> bool:
        """Whether a sync may be started."""
        return self.scope in ("write", "admin")

    @property
    def is_admin(self) -> bool:
        """Whether workspaces may be connected and removed."""
        return self.scope == "admin"


@dataclass(frozen=True, slots=True)
class Credential:
    """What somebody presents, as it is stored. `expires_at`: None for never.

    `credential_id`: None for a key of API_KEYS. `key_digest`: of a session's key. `path`: what a report link
    opens. `is_guessable`: its secret may be one of few, so that nobody may try many.
    """

    credential_id: UUID | None
    kind: CredentialKind
    name: str
    scope: KeyScope
    digest: bytes = field(repr=False)
    key_digest: bytes | None = field(default=None, repr=False)
    path: str | None = None
    owner_user_id: str | None = None
    limits: Limits = Limits()
    expires_at: datetime | None = None
    is_guessable: bool = False

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Self:
        """One of the table's rows."""
        limits = Limits(*(_ids(row[name]) for name in ("workspace_ids", "space_ids", "person_ids")))
        return cls(
            credential_id=row["credential_id"],
            kind=row["kind"],
            name=row["name"],
            scope=row["scope"],
            digest=bytes(row["secret_digest"]),
            key_digest=bytes(row["key_digest"]) if row["key_digest"] is not None else None,
            path=row["path"],
            owner_user_id=row["owner_user_id"],
            limits=limits,
            expires_at=row["expires_at"],
        )

    def is_live(self, now: datetime) -> bool:
        """Whether its time is not over."""
        return self.expires_at is None or now < self.expires_at


class Credentials:
    """All that may be presented, as it was known at one moment: keys of API_KEYS, and rows of the table."""

    def __init__(self, keys: ApiKeys | None, stored: tuple[Credential, ...] = (), *, has_keys: bool = False):
        self.requires_keys = keys is not None or has_keys
        self.stored = stored
        self._keys = keys
        # A SHA-256 is looked up, not a secret: how long that takes tells nothing that can be made use of.
        self._by_digest = {(each.kind, each.digest): each for each in stored}

    def find_key(self, secret: bytes, now: datetime) -> Credential | None:
        """The live key with this secret."""
        digest = digest_of(secret)
        set_key = self._keys.find(secret) if self._keys else None
        if set_key:
            return Credential(
                None, "api_key", set_key.name, set_key.scope, digest, is_guessable=set_key.is_guessable
            )
        return self._find("api_key", digest, now)

    def find_session(self, token: bytes, now: datetime) -> tuple[Credential, Credential] | None:
        """The live page session with this token, and its key; a session ends with its key."""
        session = self._find("page_session", digest_of(token), now)
        key = self._key_of(session, now) if session else None
        return (session, key) if session and key else None

    def find_link(self, secret: bytes, now: datetime) -> Credential | None:
        """The live report link with this secret."""
        return self._find("report_link", digest_of(secret), now)

    def _find(self, kind: CredentialKind, digest: bytes, now: datetime) -> Credential | None:
        found = self._by_digest.get((kind, digest))
        return found if found and found.is_live(now) else None

    def _key_of(self, session: Credential, now: datetime) -> Credential | None:
        for key in self._keys.keys if self._keys else ():
            if key.digest == session.key_digest:
                return Credential(None, "api_key", key.name, key.scope, key.digest)
        return self._find("api_key", session.key_digest or b"", now)


def principal_of_key(key: Credential) -> Principal:
    """Whom a key stands for."""
    rate_key = str(key.credential_id or f"API_KEYS {key.name}")
    return Principal(
        key.name, key.scope, rate_key, key.credential_id, key.owner_user_id, key.limits, key.digest
    )


def principal_of_session(session: Credential, key: Credential) -> Principal:
    """Whom a page session stands for: its key's holder, with no more rights than either has."""
    scope = min(session.scope, key.scope, key=_SCOPES.index)
    limits = session.limits if session.limits.is_set else key.limits
    rate_key = principal_of_key(key).rate_key
    return Principal(key.name, scope, rate_key, session.credential_id, key.owner_user_id, limits, key.digest)


def principal_of_link(link: Credential) -> Principal:
    """Whom a report link stands for: whoever has it, to read what it opens."""
    return Principal(
        link.name, "read", str(link.credential_id), link.credential_id, link.owner_user_id, link.limits
    )


def choose_workspace(asked: str | None, limits: Limits, default: str | None) -> str | None:
    """Which workspace a request is about: the one it names, else the only one it may see, else the default.

    None where nothing says which. Raises LookupError for one that may not be seen or where none may be,
    ValueError where several may be and none is named.
    """
    if asked is not None:
        if not limits.allows_workspace(asked):
            raise LookupError(asked)
        return asked
    if limits.workspace_ids is None or default in limits.workspace_ids:
        return default
    if len(limits.workspace_ids) > 1:
        raise ValueError(f"name one of {', '.join(limits.workspace_ids)}")
    if not limits.workspace_ids:
        raise LookupError("any")
    return limits.workspace_ids[0]


def read_lifetime(text: str) -> timedelta:
    """A length of time such as `12h`, `90d` or `4w`. Raises ValueError for anything else."""
    found = _LIFETIME.fullmatch(text.strip().lower())
    lifetime = int(found[1]) * _UNITS[found[2]] if found else timedelta(0)
    if not timedelta(0) < lifetime <= _LONGEST_LIFETIME:
        raise ValueError(f"{text!r} is not a duration; use 12h, 90d or 4w, up to ten years")
    return lifetime


def read_link_path(text: str) -> str:
    """What a report link may open: a path of the API with its query. Raises ValueError for anything else."""
    path = text.strip()
    if not re.fullmatch(r"/[!-~]{1,2000}", path) or path.startswith("//") or "#" in path or "/.." in path:
        raise ValueError("write the path as in the address bar after the host, with %20 for a space")
    place = unquote(path.partition("?")[0])
    if place == "/" or any(place == each or place.startswith(f"{each}/") for each in _NOT_BY_LINK):
        raise ValueError(f"a link opens no {place}: it is for data to read, such as /timesheets")
    return path


def _ids(found: list[str] | None) -> tuple[str, ...] | None:
    return None if found is None else tuple(found)
