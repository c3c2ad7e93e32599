"""Connecting a workspace, giving it another token, and pausing it. ClickUp is asked what a token may see."""

import dataclasses
import re
from typing import Literal

import structlog
from pydantic import SecretStr

from app.adapters.secret_keys import ensure_secret_keys
from app.clickup import ClickUp
from app.config import Settings
from app.core.clickup import wire
from app.core.encryption import WORKSPACE_TOKEN
from app.core.errors import AlreadyConnected, InvalidRequest, TokenRejected
from app.engine.members import choose_workspace, list_visible_workspaces
from app.jobs.connections import (
    Connection,
    TokenKind,
    authorization_of,
    get_connection,
    list_connections,
    not_connected,
)
from app.supabase_db import Database

log = structlog.get_logger()

_TOKEN = re.compile(r"[!-~]{8,500}")
_LONGEST_NAME = 200
# Somebody waits for the answer.
_IMPATIENT = {"request_attempts": 2, "rate_limit_patience_seconds": 15}


@dataclasses.dataclass(frozen=True, slots=True)
class NewConnection:
    """What is to be connected. `workspace_id`: None for the token's only one; `name`: None for ClickUp's."""

    token: SecretStr
    workspace_id: str | None = None
    name: str | None = None
    token_kind: TokenKind = "personal"
    added_by: str | None = None


async def add_connection(database: Database, settings: Settings, new: NewConnection) -> Connection:
    """Connects a workspace, after ClickUp said that the token sees it.

    Raises InvalidRequest for a token that ClickUp rejects or that does not see the workspace, and where it
    sees several and none is chosen; AlreadyConnected; ClickUpError where ClickUp does not answer.
    """
    seen = await fetch_visible_workspaces(settings, new.token, new.token_kind)
    workspace_id = choose_workspace(seen, new.workspace_id)
    rows = await database.fetch(
        "insert_connection",
        workspace_id=workspace_id,
        name=_given_name(new.name) or seen[workspace_id],
        token_kind=new.token_kind,
        token_encrypted=_encrypt(settings, workspace_id, new.token),
        added_by=new.added_by,
    )
    if not rows:
        raise AlreadyConnected(
            f"workspace {workspace_id} is connected already, or is being removed. To replace its token: "
            f"clickup-sync workspaces set-token {workspace_id} --token-stdin"
        )
    log.info("workspace.connected", workspace_id=workspace_id, token_kind=new.token_kind, by=new.added_by)
    return await get_connection(database, settings, workspace_id)


async def connect_all(
    database: Database,
    settings: Settings,
    token: SecretStr,
    only: str | None,
    *,
    name: str | None,
    added_by: str | None,
) -> list[Connection]:
    """Connects every workspace that an OAuth token sees, or `only` one, which gets this token even if it is
    connected. Without `only`, those that are connected keep a token that works: it may see more.

    Raises InvalidRequest where it sees none, not the wanted one, or none that needs it.
    """
    seen = await fetch_visible_workspaces(settings, token, "oauth")
    wanted = [choose_workspace(seen, only)] if only or len(seen) < 2 else list(seen)
    known = {one.workspace_id: one for one in await list_connections(database, settings)}
    if only is None:
        wanted = [one for one in wanted if one not in known or known[one].error]
    if not wanted:
        raise InvalidRequest(
            "every workspace that was chosen is connected already. To replace a token, begin with the id of "
            "its workspace"
        )
    for workspace_id in wanted:
        token_encrypted = _encrypt(settings, workspace_id, token)
        values = {"workspace_id": workspace_id, "token_kind": "oauth", "token_encrypted": token_encrypted}
        given = _given_name(name) if len(wanted) == 1 else None
        added = await database.fetch(
            "insert_connection", **values, name=given or seen[workspace_id], added_by=added_by
        )
        if not added and not await database.fetch("set_connection_token", **values):
            raise not_connected(workspace_id)
        log.info("workspace.connected", workspace_id=workspace_id, token_kind="oauth", by=added_by)
    known = {one.workspace_id: one for one in await list_connections(database, settings)}
    return [known[workspace_id] for workspace_id in wanted]


async def replace_token(
    database: Database,
    settings: Settings,
    workspace_id: str,
    token: SecretStr,
    token_kind: Literal["personal", "oauth"] = "personal",
) -> Connection:
    """Another token for a connected workspace; services use it from their next look at the table on.

    Raises NotConnected, and what `add_connection` raises.
    """
    await get_connection(database, settings, workspace_id)
    choose_workspace(await fetch_visible_workspaces(settings, token, token_kind), workspace_id)
    changed = await database.fetch(
        "set_connection_token",
        workspace_id=workspace_id,
        token_kind=token_kind,
        token_encrypted=_encrypt(settings, workspace_id, token),
    )
    if not changed:
        raise not_connected(workspace_id)
    log.info("workspace.token_replaced", workspace_id=workspace_id, token_kind=token_kind)
    return await get_connection(database, settings, workspace_id)


async def change_connection(
    database: Database,
    settings: Settings,
    workspace_id: str,
    *,
    state: Literal["active", "paused"] | None = None,
    name: str | None = None,
) -> Connection:
    """Has a workspace be synced or not for now, or gives it another name. Raises NotConnected."""
    async with database.transaction() as tx:
        if state and not await tx.fetch("set_connection_state", workspace_id=workspace_id, state=state):
            raise not_connected(workspace_id)
        given = _given_name(name)
        if given and not await tx.fetch("set_connection_name", workspace_id=workspace_id, name=given):
            raise not_connected(workspace_id)
    if state:
        log.info("workspace.state_changed", workspace_id=workspace_id, state=state)
    return await get_connection(database, settings, workspace_id)


def with_token(settings: Settings, token: SecretStr) -> Settings:
    """The same settings with this token, for a client of one workspace."""
    return settings.model_copy(update={"clickup_api_token": token})


async def fetch_visible_workspaces(
    settings: Settings, token: SecretStr, token_kind: TokenKind = "personal"
) -> dict[str, str]:
    """Names of the workspaces that a token sees, by id. Raises InvalidRequest for one that is rejected."""
    if not _TOKEN.fullmatch(token.get_secret_value()):
        raise InvalidRequest(
            "the token is empty, cut off, or has blanks in it; copy it anew from ClickUp, Settings, Apps"
        )
    own = with_token(settings, authorization_of(token, token_kind)).model_copy(update=_IMPATIENT)
    async with ClickUp.open(own) as clickup:
        try:
            answer = await clickup.fetch(wire.workspaces())
        except TokenRejected as error:
            raise InvalidRequest(
                f"ClickUp rejects the token ({error.reason}); make a new one in ClickUp, Settings, Apps"
            ) from None
    return list_visible_workspaces(answer.content)


def _encrypt(settings: Settings, workspace_id: str, token: SecretStr) -> str:
    return ensure_secret_keys(settings).encrypt(token.get_secret_value(), WORKSPACE_TOKEN, workspace_id)


def _given_name(name: str | None) -> str | None:
    """Raises InvalidRequest for what cannot be shown on a line."""
    if name is None:
        return None
    text = name.strip()
    if not text.isprintable() or not 0 < len(text) <= _LONGEST_NAME:
        raise InvalidRequest(f"a name has 1 to {_LONGEST_NAME} characters that can be shown")
    return text
