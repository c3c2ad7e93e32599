"""`python -m tests.engine.fetching SETTINGS`: sends requests as fast as the budget of the token allows."""

import asyncio
import json
import sys
from contextlib import suppress

from app.adapters.token_budget import TokenBudgets
from app.clickup import Caller, ClickUp
from app.config import Settings
from app.core.clickup import wire
from app.core.sync.throttle import Priority
from app.supabase_db import Database

_AT_ONCE = 8


async def main(url: str, token: str, base_url: str, priority: str, seconds: float) -> int:
    """How many were answered within so many seconds."""
    settings = Settings(_env_file=None, clickup_api_token=token, clickup_base_url=base_url)
    answered = 0

    async def fetch(clickup: ClickUp) -> None:
        nonlocal answered
        while True:
            await clickup.fetch(wire.user(), Caller(Priority[priority]))
            answered += 1

    async with (
        Database.open(url) as database,
        TokenBudgets.open(settings, database) as budgets,
        ClickUp.open(settings, budgets) as clickup,
    ):
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await asyncio.gather(*(fetch(clickup) for _ in range(_AT_ONCE)))
    return answered


if __name__ == "__main__":
    sys.stdout.write(str(asyncio.run(main(**json.loads(sys.argv[1])))))
