"""Answers from the mirror: the same question between two changes is answered from memory.

Whether anything changed is asked of PostgreSQL for every request: each statement that writes mirrored data
leaves a mark in its own transaction, and what is visible of the marks is the data's version. For answers that
read internal tables too, it is the database's snapshot, which is the same as long as the same
transactions are visible. Requests that come together share one such question.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from fastapi import Request, Response
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.json_encoding import JSON
from app.core.answers.access import Principal
from app.supabase_db import Database

_MOST_BYTES, _LARGEST_BYTES = 64 * 1024 * 1024, 4 * 1024 * 1024
_MOST_FIGURES = 1_000
# What an entry takes beside its body, about.
_ENTRY_BYTES = 1024


@dataclass(frozen=True, slots=True)
class CacheEntry:
    """A body, what was visible when it was made, by which versions, and its tag.

    `route`: the route that made it, where the address alone says what is asked for; else None.
    """

    versions: "Versions"
    version: str
    body: bytes
    etag: str
    route: Any

    def response(self, headers: Headers) -> Response:
        """304 where the caller has it already."""
        own = {"ETag": self.etag, "Cache-Control": "private, no-cache"}
        if has_tag(headers, self.etag):
            return Response(status_code=304, headers=own)
        return Response(self.body, media_type=JSON, headers=own)


class Versions:
    """What is visible in the database; whoever asks gets an answer that was asked for after that."""

    def __init__(self, database: Database, query: str) -> None:
        # As of the last question; whoever asked it since a request began need not ask again.
        self.latest: str | None = None
        self._database = database
        self._query = query
        self._running: asyncio.Future[str] | None = None
        self._next: asyncio.Future[str] | None = None

    async def current(self) -> str:
        """The version of now, as text."""
        if self._next is None:
            self._next = asyncio.ensure_future(self._ask_after(self._running))
        return await asyncio.shield(self._next)

    async def _ask_after(self, running: asyncio.Future[str] | None) -> str:
        if running is not None:
            await asyncio.wait([running])
        self._running, self._next = self._next, None
        self.latest = str((await self._database.ask(self._query))[0]["version"])
        return self.latest


class ResponseCache:
    """The answers of late, as many as fit."""

    def __init__(self, database: Database) -> None:
        self._data = Versions(database, "get_data_version")
        self._internal = Versions(database, "get_snapshot")
        self._kept: OrderedDict[bytes, CacheEntry] = OrderedDict()
        self._bytes = 0
        self._figures: OrderedDict[str, tuple[str | None, int]] = OrderedDict()

    async def answer(
        self,
        request: Request,
        make: Callable[[], Awaitable[bytes]],
        *,
        by_address: bool = True,
        of_internal_tables: bool = False,
    ) -> Response:
        """The body that `make` makes, or made; 304 where the caller has it already.

        `by_address`: nothing but the address says what is asked for. `of_internal_tables`: it tells of
        more than mirrored data.
        """
        versions = self._internal if of_internal_tables else self._data
        key, version = _key(request.scope), await versions.current()
        kept = self._kept.get(key)
        if kept is None or kept.version != version:
            body = await make()
            etag = f'"{blake2b(body, digest_size=12).hexdigest()}"'
            kept = CacheEntry(versions, version, body, etag, request.scope["route"] if by_address else None)
            self._keep(key, kept)
        return kept.response(request.headers)

    async def remember(self, what: str, make: Callable[[], Awaitable[int]]) -> int:
        """A figure for an answer that is being made, which is the same until something is written: every page
        of a list tells how many there are in all.
        """
        version = self._data.latest
        known = self._figures.get(what)
        if known is None or known[0] != version:
            known = self._figures[what] = (version, await make())
            while len(self._figures) > _MOST_FIGURES:
                self._figures.popitem(last=False)
        return known[1]

    async def recall(self, scope: Scope) -> Response | None:
        """The answer to an address, where it is kept and still true."""
        kept = self._kept.get(_key(scope))
        if kept is None or kept.route is None or kept.version != await kept.versions.current():
            return None
        scope["route"] = kept.route
        return kept.response(Headers(scope=scope))

    def _keep(self, key: bytes, kept: CacheEntry) -> None:
        if old := self._kept.pop(key, None):
            self._bytes -= _bytes_of(old)
        if len(kept.body) > _LARGEST_BYTES:
            return
        self._kept[key] = kept
        self._bytes += _bytes_of(kept)
        while self._bytes > _MOST_BYTES:
            self._bytes -= _bytes_of(self._kept.popitem(last=False)[1])


def _bytes_of(kept: CacheEntry) -> int:
    return len(kept.body) + _ENTRY_BYTES


class CacheMiddleware:
    """Answers what is kept before a route is looked for; that the caller may ask is decided before."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes on what is not kept."""
        answers = getattr(scope["app"].state, "answers", None) if scope["type"] == "http" else None
        kept = await answers.recall(scope) if answers and scope["method"] == "GET" else None
        await (kept or self._app)(scope, receive, send)


def _key(scope: Scope) -> bytes:
    """A digest: of an address may be kept no more than of any other.

    Who is limited to workspaces may get another answer at the same address.
    """
    caller: Principal | None = scope.get("state", {}).get("caller")
    limits = repr(caller.limits).encode() if caller and caller.limits.is_set else b""
    address = b"%b?%b" % (scope["path"].encode(), scope["query_string"])
    return blake2b(address, digest_size=20, key=blake2b(limits, digest_size=32).digest()).digest()


def has_tag(headers: Headers, etag: str) -> bool:
    """Whether the caller says that it has the body with this tag."""
    tags = [tag.strip().removeprefix("W/") for tag in headers.get("if-none-match", "").split(",")]
    return etag in tags or "*" in tags
