"""Answers without an early end, of which one key cannot take every place.

These are the live view's events, syncs that are waited for, and lists that are sent piece by piece for as
long as the client reads.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from fastapi import HTTPException, Request
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from app.config import Settings
from app.core.answers.concurrency import ConcurrencyLimit, LimitReached
from app.http.auth import caller_of
from app.http.authenticator import LOCAL
from app.http.descriptors import most_connections

_RETRY_SECONDS = "60"


class LongResponse(StreamingResponse):
    """A streamed answer that has a place until its last byte has left."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises the HTTPException where there is no place, before anything is sent."""
        with place_for_long_answer(Request(scope)):
            await super().__call__(scope, receive, send)


def long_answer_limit(settings: Settings) -> ConcurrencyLimit:
    """So many that half of all connections are left to short answers; half of them for one key."""
    total = min(settings.http_max_long_answers, most_connections(settings) // 2)
    return ConcurrencyLimit(total, total // 2)


@contextmanager
def place_for_long_answer(request: Request) -> Iterator[None]:
    """A place until the end of the block.

    Raises the 429 where the caller has taken its share, and the 503 where all are taken.
    """
    limit: ConcurrencyLimit = request.app.state.long_answers
    caller = caller_of(request)
    with ExitStack() as held:
        try:
            # Without keys there is one caller, this machine, which may have all.
            held.enter_context(limit.place(caller.rate_key if caller else "", is_alone=caller == LOCAL))
        except LimitReached as reached:
            raise _refusal(reached) from None
        yield


def _refusal(reached: LimitReached) -> HTTPException:
    what = f"{reached.held} long answers (live pages, syncs with wait, CSV)"
    if reached.is_own:
        sentence = f"{what} are open for this key already; close one, or try again later"
        return HTTPException(429, sentence, {"Retry-After": _RETRY_SECONDS})
    return HTTPException(503, f"{what} are open already; try again later", {"Retry-After": _RETRY_SECONDS})
