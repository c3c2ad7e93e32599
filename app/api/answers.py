"""Answers from the mirror: the same question between two changes is answered from memory.

Whether anything changed is asked of PostgreSQL for every request, by its snapshot, which is the same
as long as the same transactions are visible. Requests that come together share one such question.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from hashlib import blake2b
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from fastapi import Request, Response

from app.supabase_db import Database

JSON = "application/json"
_MOST_BYTES, _LARGEST_BYTES = 64 * 1024 * 1024, 4 * 1024 * 1024
_OPTIONS = orjson.OPT_PASSTHROUGH_DATETIME


def to_json(document: Any, zone: ZoneInfo) -> bytes:
    """The document with its instants in this zone, numbers as numbers, and ids as texts."""

    def plain(value: Any) -> Any:
        if isinstance(value, datetime):
            return value.astimezone(zone).isoformat()
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, Decimal):
            return int(value) if value == value.to_integral_value() else float(value)
        return str(value)

    return orjson.dumps(document, default=plain, option=_OPTIONS)


@dataclass(frozen=True, slots=True)
class Kept:
    """A body, what was visible when it was made, and its tag."""

    version: str
    body: bytes
    etag: str


class Versions:
    """What is visible in the database; whoever asks gets an answer that was asked for after that."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._running: asyncio.Future[str] | None = None
        self._next: asyncio.Future[str] | None = None

    async def current(self) -> str:
        """The database's snapshot, as text."""
        if self._next is None:
            self._next = asyncio.ensure_future(self._ask_after(self._running))
        return await asyncio.shield(self._next)

    async def _ask_after(self, running: asyncio.Future[str] | None) -> str:
        if running is not None:
            await asyncio.wait([running])
        self._running, self._next = self._next, None
        return str((await self._database.ask("get_snapshot"))[0]["snapshot"])


class Answers:
    """The answers of late, as many as fit."""

    def __init__(self, database: Database) -> None:
        self._versions = Versions(database)
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._bytes = 0

    async def answer(
        self, request: Request, make: Callable[[], Awaitable[bytes]], media_type: str = JSON
    ) -> Response:
        """The body that `make` makes, or made; 304 where the caller has it already."""
        key, version = f"{request.url.path}?{request.url.query}", await self._versions.current()
        kept = self._kept.get(key)
        if kept is None or kept.version != version:
            body = await make()
            kept = Kept(version, body, f'"{blake2b(body, digest_size=12).hexdigest()}"')
            self._keep(key, kept)
        headers = {"ETag": kept.etag, "Cache-Control": "private, no-cache"}
        if _has(request, kept.etag):
            return Response(status_code=304, headers=headers)
        return Response(kept.body, media_type=media_type, headers=headers)

    def _keep(self, key: str, kept: Kept) -> None:
        if old := self._kept.pop(key, None):
            self._bytes -= len(old.body)
        if len(kept.body) > _LARGEST_BYTES:
            return
        self._kept[key] = kept
        self._bytes += len(kept.body)
        while self._bytes > _MOST_BYTES:
            self._bytes -= len(self._kept.popitem(last=False)[1].body)


def _has(request: Request, etag: str) -> bool:
    tags = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    return etag in tags or "*" in tags
