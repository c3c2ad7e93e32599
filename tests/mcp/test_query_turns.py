"""Queries of one key run one after the other, so that another key's need not wait for all of them."""

import asyncio
import threading
from typing import Any

import httpx2
import pytest

from app.core.answers.sql_text import NotOffered
from app.reports.sql import SqlReports
from tests.engine.mirror import Mirror
from tests.engine.service.running import until
from tests.mcp.asking import BOTH, READER, WRITER, call, served


async def test_one_keys_queries_leave_room_for_anothers(
    mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of them runs, eight wait, and more are refused; another key's runs beside."""
    await mirror.sync("incremental")
    at_work = list[str]()
    is_over = threading.Event()

    async def answer(self: SqlReports, text: str, **_: Any) -> None:
        at_work.append(text)
        await asyncio.to_thread(is_over.wait, 120)
        raise NotOffered("it is over")

    monkeypatch.setattr(SqlReports, "answer", answer)
    keys = f"one:read:{READER},two:read:{WRITER}"
    async with (
        served(mirror.settings(log_level="error", api_keys=keys)) as url,
        httpx2.AsyncClient() as client,
    ):

        def ask(key: str, sql: str) -> asyncio.Task[httpx2.Response]:
            headers = {"Accept": BOTH, "X-API-Key": key}
            return asyncio.create_task(
                client.post(f"{url}/mcp", json=call("query", sql=sql), headers=headers, timeout=120)
            )

        first = [ask(READER, "one") for _ in range(10)]
        done, _ = await asyncio.wait(first, timeout=120, return_when=asyncio.FIRST_COMPLETED)
        (refused,) = done
        assert "8 queries of this key are waiting already" in refused.result().text
        other = ask(WRITER, "two")
        await until(lambda: "two" in at_work)
        assert sorted(at_work) == ["one", "two"]
        is_over.set()
        told = await asyncio.gather(*first, other)
        assert sum("it is over" in answer.text for answer in told) == 10
