"""Who may ask, and how often: keys, page sessions and report links, or without any key only this machine.

A browser that was signed in to the page is known by its cookie, on the page's own paths.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import Scope

from app.config import Settings
from app.core.answers.access import (
    Credential,
    Credentials,
    Principal,
    principal_of_key,
    principal_of_link,
    principal_of_session,
)
from app.core.answers.rate_limit import RateLimiter, RateLimitResult
from app.http.addresses import network_of
from app.http.credentials import CredentialStore
from app.http.local import reason_not_local
from app.http.sign_in import is_same_origin, may_use_cookie, session_token

LOCAL = Principal("local", "admin", "local")
# Shows what is in all workspaces.
_OF_ALL = "/metrics"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_WRONG_SECRETS_A_MINUTE = 30


@dataclass(frozen=True, slots=True)
class AuthResult:
    """Who was let in, and the headers that tell how much of the allowance is left.

    `path`: what a report link opens, with its query.
    """

    principal: Principal
    headers: Mapping[str, str]
    path: str | None = None


class Authenticator:
    """Lets in and turns away; one for each application, made when its settings are known.

    `store`: the keys, sessions and links of the database; without it only those of API_KEYS are known.
    """

    def __init__(self, settings: Settings, store: CredentialStore | None = None) -> None:
        self.cors_origins = settings.cors_origins or ()
        self._store = store
        self._set = Credentials(settings.api_keys)
        self._allowances = RateLimiter(settings.api_rate_limit) if settings.api_rate_limit else None
        self._wrong_secrets = RateLimiter(_WRONG_SECRETS_A_MINUTE)

    @property
    def requires_keys(self) -> bool:
        """Whether a key is needed; else it is enough to be on this machine."""
        return self._credentials.requires_keys

    @property
    def _credentials(self) -> Credentials:
        return self._store.current if self._store else self._set

    async def authenticate(self, scope: Scope) -> AuthResult:
        """Raises the HTTPException that says why not."""
        if self.requires_keys:
            return self._count(await self._identify(scope))
        if reason := reason_not_local(scope, self.cors_origins):
            raise HTTPException(
                403,
                f"without an API key only requests from this machine are allowed, and "
                f"{reason}. Create a key with `clickup-sync keys create NAME`, or set "
                f"API_KEYS=name:scope:secret, and send the secret as `Authorization: Bearer …`",
            )
        return AuthResult(LOCAL, {})

    async def admit_link(self, scope: Scope, secret: str) -> AuthResult:
        """Who opens a report link, and what it opens. Raises the HTTPException that says why not."""
        presented = secret.encode("utf-8", "replace")
        link = await self._find(scope, lambda known: known.find_link(presented, _now()))
        if link is None or link.path is None:
            raise HTTPException(404, "unknown or expired link; ask for a new one")
        if scope["method"] not in ("GET", "HEAD"):
            raise HTTPException(405, "a link can only read", {"Allow": "GET, HEAD"})
        admission = self._count(self._checked(principal_of_link(link), link.path))
        return AuthResult(admission.principal, admission.headers, link.path)

    async def sign_in(self, scope: Scope, secret: str) -> str | None:
        """The token of a new page session for who shows this key; None for a wrong one, which is counted.

        Raises the HTTPException for a page of another website, for a key that is refused, and after too many
        wrong ones; SyncError where the session cannot be stored.
        """
        headers = Headers(scope=scope)
        if not is_same_origin(headers):
            raise _of_other_website()
        if not self.requires_keys or self._store is None:
            return None
        key = await self._find_key(scope, secret.encode("utf-8", "replace"))
        if key is None:
            return None
        # Counted as a request of this key: each time a session is stored.
        self._count(self._checked(principal_of_key(key), scope["path"]))
        await self.sign_out(scope)
        return await self._store.open_session(key, headers.get("user-agent", ""))

    async def sign_out(self, scope: Scope) -> None:
        """Ends the page session of this browser. What is no live session never reaches the database.

        Raises SyncError where the end cannot be stored.
        """
        token = session_token(scope)
        if token is not None and self._store and await self._find_session(token):
            await self._store.end_sessions(token=token)

    async def is_still_admitted(self, scope: Scope) -> bool:
        """Whether who began this request may still ask: a long answer ends with its key or session."""
        try:
            if self.requires_keys:
                await self._identify(scope)
        except HTTPException:
            return False
        return self.requires_keys or not reason_not_local(scope, self.cors_origins)

    async def try_authenticate(self, scope: Scope) -> Principal | None:
        """Who asks, on an open path; None for a stranger."""
        try:
            return (await self.authenticate(scope)).principal
        except HTTPException:
            return None

    async def _identify(self, scope: Scope) -> Principal:
        secret = presented_secret(Headers(scope=scope))
        if secret is None:
            return self._checked(await self._by_cookie(scope), scope["path"])
        key = await self._find_key(scope, secret)
        if key is None:
            raise _unauthorized("unknown API key", ', error="invalid_token"')
        return self._checked(principal_of_key(key), scope["path"])

    async def _find_key(self, scope: Scope, secret: bytes) -> Credential | None:
        return await self._find(scope, lambda known: known.find_key(secret, _now()))

    async def _find(
        self, scope: Scope, look: Callable[[Credentials], Credential | None]
    ) -> Credential | None:
        """The credential that is presented; a wrong one is counted for the caller's network.

        Raises the 429 after too many of them. A secret that nobody can guess is let in nevertheless: who
        shares a guesser's address must not wait, and to try such secrets at any speed is in vain. One that
        may be guessed waits: else a right guess would be told from a wrong one at any speed.
        """
        network = network_of(scope)
        found = look(self._credentials)
        if found is None and self._store and self._wrong_secrets.look(network, time.monotonic()).granted:
            await self._store.refresh_for_unknown()
            found = look(self._credentials)
        # From here on nothing waits: of many that come at once, each sees what those before it took.
        now = time.monotonic()
        if found is None or found.is_guessable:
            allowance = self._wrong_secrets.look(network, now)
            _enforce_limit(allowance, "too many wrong keys from this address", {})
        if found is None:
            self._wrong_secrets.take(network, now)
        return found

    async def _by_cookie(self, scope: Scope) -> Principal:
        """Whoever was signed in with this browser; what changes something must come from the page itself."""
        token = session_token(scope) if may_use_cookie(scope) else None
        found = await self._find_session(token) if token is not None else None
        if found is None:
            raise _unauthorized("a key is needed: `Authorization: Bearer …` or `X-API-Key: …`")
        headers = Headers(scope=scope)
        if scope["method"] not in SAFE_METHODS and not is_same_origin(headers):
            raise _of_other_website()
        return principal_of_session(*found)

    async def _find_session(self, token: bytes) -> tuple[Credential, Credential] | None:
        found = self._credentials.find_session(token, _now())
        if found is None and self._store:
            await self._store.refresh_for_unknown()
            found = self._credentials.find_session(token, _now())
        return found

    def _checked(self, principal: Principal, path: str) -> Principal:
        """Raises the 403 for whose limits are not enforced there; notes that the credential is used."""
        if principal.limits.is_set_within_workspaces:
            raise HTTPException(
                403,
                f"{principal.name!r} is limited to some spaces or people, which this version cannot enforce",
            )
        if principal.limits.is_set and (path == _OF_ALL or path.startswith(f"{_OF_ALL}/")):
            raise HTTPException(
                403,
                f"{principal.name!r} is limited to some workspaces, and {path} shows all; use a key that is "
                "not limited",
            )
        if self._store and principal.credential_id:
            self._store.note_use(principal.credential_id, _now())
        return principal

    def _count(self, principal: Principal) -> AuthResult:
        """Raises the 429 for who asked too often."""
        if self._allowances is None:
            return AuthResult(principal, {})
        allowance = self._allowances.take(principal.rate_key, time.monotonic())
        headers = {
            "RateLimit-Policy": f'"key";q={self._allowances.a_minute};w=60',
            "RateLimit": f'"key";r={allowance.left};t={ceil(allowance.full_in)}',
        }
        _enforce_limit(allowance, f"this key may ask {self._allowances.a_minute} times a minute", headers)
        return AuthResult(principal, headers)


def presented_secret(headers: Headers) -> bytes | None:
    """What is presented as a key; a Bearer token goes before X-API-Key."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip().encode("latin-1")
    other = headers.get("x-api-key", "").strip()
    return other.encode("latin-1") if other else None


def _enforce_limit(allowance: RateLimitResult, sentence: str, headers: Mapping[str, str]) -> None:
    if not allowance.granted:
        seconds = max(ceil(allowance.wait), 1)
        raise HTTPException(
            429, f"{sentence}; try again in {seconds} s", {**headers, "Retry-After": str(seconds)}
        )


def _unauthorized(sentence: str, more: str = "") -> HTTPException:
    return HTTPException(401, sentence, {"WWW-Authenticate": f'Bearer realm="clickup-sync"{more}'})


def _of_other_website() -> HTTPException:
    return HTTPException(403, "this request was sent by a page of another website")


def _now() -> datetime:
    return datetime.now(UTC)
