"""Connecting workspaces by ClickUp's OAuth: whoever owns them chooses them on a page of ClickUp.

Source: ClickUp's page "Authentication". Its tokens neither expire nor have scopes.

The person who begins may hand the address on, so the browser is known only when it opens it: there it gets a
cookie, without which it may not come back. Both are signed with the app's secret; for whoever has neither the
database does nothing.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest
from http import HTTPStatus
from secrets import token_urlsafe
from urllib.parse import urlencode

import structlog
from pydantic import SecretStr

from app.clickup import ClickUp
from app.config import Settings
from app.core.answers.api_keys import digest_of
from app.core.clickup import wire
from app.core.clickup.values import mapping, plain_text
from app.core.errors import ClickUpError, InvalidRequest, Transient
from app.jobs.connection_changes import connect_all
from app.jobs.connections import Connection
from app.supabase_db import Database

log = structlog.get_logger()

# The paths of the service where a browser begins, and to which ClickUp sends it back.
OAUTH_START, OAUTH_CALLBACK = "/oauth/start", "/oauth/callback"
LIFETIME = timedelta(minutes=10)
_BEGIN_AGAIN = (
    "this authorization is unknown, was finished already, began in another browser, or its ten minutes are "
    "over: begin again with `clickup-sync workspaces connect`"
)


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """What is to be connected: one workspace, or with None all that are chosen at ClickUp."""

    workspace_id: str | None = None
    name: str | None = None
    added_by: str | None = None


@dataclass(frozen=True, slots=True)
class Authorization:
    """One that begins: the address to open in a browser, and until when it may come back from ClickUp."""

    url: str
    expires_at: datetime


async def begin_authorization(
    database: Database, settings: Settings, wanted: AuthorizationRequest
) -> Authorization:
    """Raises InvalidRequest where the app at ClickUp or this service's address is not known."""
    _app(settings)
    if settings.public_url is None:
        raise InvalidRequest("PUBLIC_URL is not set: where ClickUp sends the browser back to")
    redirect_uri = f"{settings.public_url}{OAUTH_CALLBACK}"
    state = token_urlsafe(32)
    async with database.transaction() as tx:
        await tx.note("delete_expired_oauth_states")
        (row,) = await tx.fetch(
            "insert_oauth_state",
            state_digest=digest_of(state.encode()),
            redirect_uri=redirect_uri,
            workspace_id=wanted.workspace_id,
            name=wanted.name,
            added_by=wanted.added_by,
            lifetime=LIFETIME,
        )
    signature = _sign(settings, "start", state, redirect_uri)
    query = urlencode({"state": state, "redirect_uri": redirect_uri, "signature": signature})
    return Authorization(f"{settings.public_url}{OAUTH_START}?{query}", row["expires_at"])


@dataclass(frozen=True, slots=True)
class Start:
    """A browser that begins: the page of ClickUp, and the cookie with which it comes back."""

    url: str
    cookie: str


def start_authorization(settings: Settings, state: str, redirect_uri: str, signature: str) -> Start:
    """Raises InvalidRequest for an address that was not made by `begin_authorization`."""
    if not compare_digest(signature.encode(), _sign(settings, "start", state, redirect_uri).encode()):
        raise InvalidRequest(_BEGIN_AGAIN)
    client_id, _ = _app(settings)
    query = urlencode({"client_id": client_id, "redirect_uri": redirect_uri, "state": state})
    return Start(f"{settings.clickup_authorize_url}?{query}", _sign(settings, "browser", state))


async def complete_authorization(
    database: Database, settings: Settings, cookie: str, state: str, code: str
) -> list[Connection]:
    """Exchanges the code for a token, and connects the workspaces that it sees, or gives them the token.

    Raises InvalidRequest for another browser, for a state that is unknown, used or over, and for a code that
    ClickUp refuses.
    """
    if not compare_digest(cookie.encode(), _sign(settings, "browser", state).encode()):
        raise InvalidRequest(_BEGIN_AGAIN)
    rows = await database.fetch("take_oauth_state", state_digest=digest_of(state.encode()))
    if not rows:
        raise InvalidRequest(_BEGIN_AGAIN)
    token = await _exchange(settings, code)
    row = rows[0]
    return await connect_all(
        database, settings, token, row["workspace_id"], name=row["name"], added_by=row["added_by"]
    )


async def _exchange(settings: Settings, code: str) -> SecretStr:
    client_id, client_secret = _app(settings)
    # The request has a secret of its own, so no token is sent. The code counts once: nothing is repeated.
    own = settings.model_copy(update={"clickup_api_token": None, "request_attempts": 1})
    async with ClickUp.open(own) as clickup:
        try:
            answer = await clickup.fetch(wire.access_token(client_id, client_secret, code), confirm=False)
        except Transient as error:
            if error.status != HTTPStatus.OK:
                raise
            # What it quotes of the answer may be the token.
            raise Transient(error.subject, "ClickUp's answer cannot be read", status=error.status) from None
        except ClickUpError as error:
            # Anybody may write what ClickUp is asked about: its words are for the log.
            log.warning("oauth.refused", error=str(error))
            raise InvalidRequest("ClickUp gave no token for the authorization: begin again") from None
    token = plain_text(mapping(answer.content).get("access_token"))
    if not token:
        raise InvalidRequest("ClickUp's answer to the authorization has no token; begin again")
    return SecretStr(token)


def _sign(settings: Settings, *parts: str) -> str:
    _, client_secret = _app(settings)
    return hmac.new(client_secret.encode(), "\n".join(parts).encode(), "sha256").hexdigest()


def _app(settings: Settings) -> tuple[str, str]:
    if not settings.clickup_client_id or not settings.clickup_client_secret:
        raise InvalidRequest(
            "CLICKUP_CLIENT_ID and CLICKUP_CLIENT_SECRET are not set: register an app at ClickUp, Settings, "
            "ClickUp API"
        )
    return settings.clickup_client_id, settings.clickup_client_secret.get_secret_value()
