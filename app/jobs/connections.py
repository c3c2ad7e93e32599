"""The connected workspaces: which there are, with which token each is read, and how ClickUp takes it.

A token is the setting CLICKUP_API_TOKEN (kind `environment`, never stored), or is stored encrypted in the row
of its workspace. What is wrong with one workspace's token is told in its `error` and affects no other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import SecretStr

from app.adapters.secret_keys import read_secret_keys
from app.config import Settings
from app.core.clickup.wire import oauth_authorization
from app.core.encryption import WORKSPACE_TOKEN, SecretKeys
from app.core.errors import NotConnected, SecretUnreadable, SettingsError
from app.logging_config import redact_from_now_on
from app.supabase_db import Database, Row

TokenKind = Literal["personal", "oauth", "environment"]
ConnectionState = Literal["active", "paused", "removing"]


@dataclass(frozen=True, slots=True)
class Connection:
    """One workspace.

    `token`: what stands in the Authorization header; None where there is none to use, and `error` says why.
    `error` is also set while ClickUp rejects the token, since `token_rejected_at`. `token_set_at` tells one
    token of the workspace from the next.
    """

    workspace_id: str
    name: str
    token_kind: TokenKind
    state: ConnectionState
    token: SecretStr | None
    error: str | None
    token_set_at: datetime
    token_rejected_at: datetime | None
    added_by: str | None
    created_at: datetime


async def list_connections(database: Database, settings: Settings) -> list[Connection]:
    """Every connected workspace, by name. Raises SyncError where the database does not answer."""
    rows = await database.ask("list_connections")
    tokens = _Tokens(settings, rows)
    return [_connection(row, tokens) for row in rows]


async def get_connection(database: Database, settings: Settings, workspace_id: str) -> Connection:
    """One workspace. Raises NotConnected."""
    for connection in await list_connections(database, settings):
        if connection.workspace_id == workspace_id:
            return connection
    raise not_connected(workspace_id)


def not_connected(workspace_id: str) -> NotConnected:
    """The error for a workspace that is not there."""
    return NotConnected(
        f"workspace {workspace_id[:100]} is not connected, or is being removed; "
        f"`clickup-sync workspaces list` shows those there are"
    )


def authorization_of(token: SecretStr, token_kind: TokenKind) -> SecretStr:
    """What stands in the Authorization header for a token."""
    return SecretStr(oauth_authorization(token.get_secret_value())) if token_kind == "oauth" else token


async def record_token_rejected(database: Database, connection: Connection, reason: str) -> None:
    """ClickUp rejects this token; nothing is recorded of a token that was replaced meanwhile."""
    await database.note(
        "record_token_rejected",
        workspace_id=connection.workspace_id,
        token_set_at=connection.token_set_at,
        error=reason,
    )


async def record_token_accepted(database: Database, connection: Connection) -> None:
    """ClickUp accepts this token again."""
    await database.note(
        "record_token_accepted",
        workspace_id=connection.workspace_id,
        token_set_at=connection.token_set_at,
    )


class _Tokens:
    """The tokens of these rows. What hinders reading the keys hinders only workspaces with a stored token."""

    def __init__(self, settings: Settings, rows: Sequence[Row]) -> None:
        self._settings = settings
        self._environment = [row["workspace_id"] for row in rows if row["token_kind"] == "environment"]
        self._keys = SecretKeys()
        self._error: str | None = None
        try:
            self._keys = read_secret_keys(settings)
        except SettingsError as error:
            self._error = str(error)

    def token_of(self, row: Row) -> SecretStr:
        """Raises SettingsError or SecretUnreadable, which say what to do."""
        workspace_id = row["workspace_id"]
        if row["token_kind"] == "environment":
            return self._token_of_environment(workspace_id)
        if self._error:
            raise SettingsError(self._error)
        token = self._keys.decrypt(row["token_encrypted"], WORKSPACE_TOKEN, workspace_id)
        redact_from_now_on([token])
        return authorization_of(SecretStr(token), row["token_kind"])

    def _token_of_environment(self, workspace_id: str) -> SecretStr:
        # Whoever may see one workspace reads this: no other one is named.
        token, chosen = self._settings.clickup_api_token, self._settings.clickup_team_id
        if token is None:
            raise SettingsError(
                "CLICKUP_API_TOKEN is not set, and the workspace has no other token: set it, or give the "
                "workspace a token with `clickup-sync workspaces set-token`"
            )
        if chosen is None and len(self._environment) > 1:
            raise SettingsError(
                "several workspaces use CLICKUP_API_TOKEN: set CLICKUP_TEAM_ID, or give each a token with "
                "`clickup-sync workspaces set-token`"
            )
        if chosen not in (None, workspace_id):
            raise SettingsError("CLICKUP_API_TOKEN is for another workspace, which is CLICKUP_TEAM_ID")
        return token


def _connection(row: Row, tokens: _Tokens) -> Connection:
    token, error = None, row["token_error"]
    try:
        token = tokens.token_of(row)
    except (SettingsError, SecretUnreadable) as found:
        error = str(found)
    return Connection(
        workspace_id=row["workspace_id"],
        name=row["name"],
        token_kind=row["token_kind"],
        state=row["state"],
        token=token,
        error=error,
        token_set_at=row["token_set_at"],
        token_rejected_at=row["token_rejected_at"],
        added_by=row["added_by"],
        created_at=row["created_at"],
    )
