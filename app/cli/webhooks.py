"""`clickup-sync webhooks`: list, register and remove webhooks."""

import dataclasses
from typing import Any

from rich.table import Table
from rich.text import Text

from app.adapters.secret_keys import read_secret_keys
from app.cli.outcome import run_command, with_logging
from app.cli.output import console, print_json
from app.config import load_settings
from app.context import Context
from app.core.clickup.webhook import Webhook
from app.core.encryption import describe_unknown_key
from app.core.errors import SettingsError, SyncError
from app.core.visible_text import visible
from app.jobs.stored_secrets import list_secret_key_ids
from app.jobs.webhook_registration import fetch_webhooks, remove_webhook, tend_webhook
from app.jobs.workspace_token import open_workspace
from app.reports import Reports
from app.sync import find_workspace_id


def show_webhooks(json: bool) -> None:
    """Those of the token's user, and which of them this mirror registered."""
    run_command(_list(json))


async def _list(json: bool) -> None:
    async with open_workspace(with_logging(load_settings())) as context:
        workspace_id = await find_workspace_id(context)
        hooks = await fetch_webhooks(context, workspace_id)
        own = await _own(context, workspace_id)
    if json:
        print_json([_plain(hook, own) for hook in hooks])
    elif hooks:
        console.print(_table(hooks, own))
    else:
        console.print("There are no webhooks. If PUBLIC_URL is set, the service registers one.")


def register_webhook(public_url: str | None) -> None:
    """For this address, PUBLIC_URL where none is given."""
    run_command(_register(public_url))


async def _register(public_url: str | None) -> None:
    settings = with_logging(load_settings(**({"public_url": public_url} if public_url else {})))
    if settings.public_url is None:
        raise SettingsError("PUBLIC_URL is not set: set it to the address where ClickUp reaches this machine")
    async with open_workspace(settings) as context:
        workspace_id = await find_workspace_id(context)
        await _refuse_other_key(context)
        hook = await tend_webhook(context, workspace_id, settings.public_url)
    console.print(f"Webhook {hook.webhook_id} delivers to {hook.endpoint}.", soft_wrap=True)


async def _refuse_other_key(context: Context) -> None:
    """A webhook that is created with another key than the service's is useless to the service."""
    keys = read_secret_keys(context.settings)
    unknown = (await list_secret_key_ids(context.database)).keys() - keys.ids
    if unknown and await Reports(context.database).runs.has_worker():
        raise SettingsError(describe_unknown_key(", ".join(sorted(unknown)), keys))


def remove_webhooks(webhook_id: str | None) -> None:
    """All that were registered here, where none is named."""
    run_command(_remove(webhook_id))


async def _remove(webhook_id: str | None) -> None:
    async with open_workspace(with_logging(load_settings())) as context:
        own = await _own(context, await find_workspace_id(context))
        wanted = [webhook_id] if webhook_id else sorted(own)
        removed = [each for each in wanted if await remove_webhook(context, each)]
    if webhook_id and not removed:
        raise SyncError(f"webhook {webhook_id} not found; `clickup-sync webhooks list` lists all")
    console.print(f"Removed: {', '.join(removed)}." if removed else "There was no webhook to remove.")


async def _own(context: Context, workspace_id: str) -> set[str]:
    rows = await context.database.fetch("list_own_webhooks", workspace_id=workspace_id)
    return {row["webhook_id"] for row in rows}


def _plain(hook: Webhook, own: set[str]) -> dict[str, Any]:
    plain = dataclasses.asdict(hook) | {"events": sorted(hook.events), "own": hook.webhook_id in own}
    del plain["secret"]
    return plain


def _table(hooks: list[Webhook], own: set[str]) -> Table:
    table = Table(show_edge=False)
    table.add_column("Webhook", no_wrap=True, overflow="fold", min_width=36)
    for title in ("Delivers to", "Status", "Failures", "Registered here"):
        table.add_column(title, overflow="fold")
    for hook in hooks:
        ours = "yes" if hook.webhook_id in own else "no"
        table.add_row(
            Text(visible(hook.webhook_id)),
            Text(visible(hook.endpoint)),
            Text(visible(hook.status)),
            str(hook.fail_count),
            ours,
        )
    return table
