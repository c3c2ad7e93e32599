"""Opens the ClickUp client and the database once, passes them to the engine, and closes them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from app.adapters.secret_keys import ensure_secret_keys
from app.adapters.token_budget import TokenBudgets
from app.clickup import ClickUp
from app.config import Settings
from app.sql.connection import check_connection
from app.sql.migrate import migrate
from app.supabase_db import Database


@dataclass(frozen=True, slots=True)
class Context:
    """Everything a trip needs: settings, ClickUp, the mirror's database."""

    settings: Settings
    clickup: ClickUp
    database: Database


@asynccontextmanager
async def open_context(settings: Settings) -> AsyncIterator[Context]:
    """The adapters, with the database migrated."""
    async with (
        open_database(settings) as database,
        TokenBudgets.open(settings, database) as budgets,
        ClickUp.open(settings, budgets) as clickup,
    ):
        yield Context(settings, clickup, database)


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncIterator[Database]:
    """The mirror's database alone, migrated."""
    url = await resolve_database_url(settings)
    await check_connection(url)
    await asyncio.to_thread(migrate, url, settings.schemas, partial(ensure_secret_keys, settings))
    async with Database.open(url, settings.schemas, connections=settings.database_pool_size) as database:
        yield database


async def resolve_database_url(settings: Settings) -> str:
    """DATABASE_URL, or the address of the embedded server, started where it is not running."""
    if settings.database_url:
        return settings.database_url.get_secret_value()
    # Loaded by who needs it: it takes as long as a tenth of a sync.
    from app.sql.embedded import start_embedded_server  # noqa: PLC0415

    return (await asyncio.to_thread(start_embedded_server, settings.data_dir)).url
