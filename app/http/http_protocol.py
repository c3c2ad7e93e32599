"""uvicorn's HTTP/1.1 with bounds: on headers, on what waits to be answered, and on time.

uvicorn itself bounds how long an idle connection is kept, and how much of a body waits for the application.
What it leaves to a proxy is done here: see decision 25.
"""

import asyncio
import time
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from app.http.connection_watch import watch_of
from app.http.connections import Phase

_MOST_HEADERS = 100
# Requests that were sent before the one before them was answered. Browsers send none.
_MOST_PIPELINED = 8
# Of what is answered already, and read by nobody. Were the connection closed at once, the client would see
# that instead of the answer.
_DISCARDED_BYTES = 1024 * 1024
_SENTENCES = {
    400: "Invalid HTTP request received.",
    408: "The request did not arrive in time.",
    431: "The request's line and headers are too large.",
    503: "Too many connections are open. Try again in a moment.",
}


class _TooLarge(Exception):
    """The request has more headers, or larger ones, than are read."""


class _TooManyPipelined(Exception):
    """Too many requests wait on one connection."""


class HttpProtocol(HttpToolsProtocol):
    """One connection. Of a server without a tracker the first connection makes one, from the settings."""

    def __init__(
        self,
        config: Any,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._watch = watch_of(server_state)
        self._tracker = self._watch.tracker
        self._limits = self._tracker.limits
        self.timeout_keep_alive = self._limits.idle_seconds
        self._requests = 0
        self._is_reading_headers = True
        self._has_begun = self._is_whole = self._is_refused = False
        self._refusal = 400
        self._header_bytes = self._received_bytes = self._body_bytes = self._ignored_bytes = 0

    # ---- what the tracker asks

    @property
    def state(self) -> tuple[Phase, int]:
        """What this connection waits for, and how many requests it had."""
        return self._phase(), self._requests

    @property
    def unsent_bytes(self) -> int:
        """How much of its answer waits for the client to read."""
        return self.transport.get_write_buffer_size()

    def end(self, phase: Phase) -> None:
        """Closes it; where a request is incomplete, with a 408."""
        if phase is Phase.BODY or (phase is Phase.HEADERS and self._has_begun):
            self._say(408)
        self._hang_up()

    def _phase(self) -> Phase:
        if self.transport.is_closing():
            return Phase.CLOSING
        if self._is_refused:
            return Phase.DISCARDING
        if self._is_answering:
            if self.flow.write_paused:
                return Phase.BLOCKED
            return Phase.BODY if self._lacks_body and not self.pipeline else Phase.ANSWERING
        if self.unsent_bytes:
            return Phase.BLOCKED
        if self._is_reading_headers:
            return Phase.HEADERS
        return Phase.IDLE if self._is_whole else Phase.DISCARDING

    # ---- what the transport says

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Takes the connection in, or answers 503 where all others are at work."""
        super().connection_made(transport)
        self._watch.start(self.loop)
        if not self._tracker.admit(self, self.client[0] if self.client else None, time.monotonic()):
            self._say(503, b"retry-after: 5\r\n")
            self._hang_up()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is closed."""
        self._tracker.remove(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parses it; a request that takes more than it may is refused."""
        if self.transport.is_closing():
            return
        if self._is_refused:
            self._discard(len(data))
            return
        if self._is_whole and not self._is_answering:
            self._is_reading_headers, self._is_whole = True, False
            self._received_bytes = 0
        self._received_bytes += len(data)
        super().data_received(data)
        if not (self.transport.is_closing() or self._is_refused):
            self._look_at_size()

    def _look_at_size(self) -> None:
        """Also what the parser keeps to itself counts: a header without an end, the framing of chunks."""
        if self._is_reading_headers:
            if self._received_bytes > self._limits.header_bytes:
                self._refuse(431)
        elif self._received_bytes - 2 * self._body_bytes - self._header_bytes > 2 * self._limits.header_bytes:
            self._refuse(400)

    # ---- what the parser says

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._is_reading_headers, self._has_begun, self._is_whole = True, True, False
        self._header_bytes = self._body_bytes = self._ignored_bytes = self._received_bytes = 0

    def on_url(self, url: bytes) -> None:
        """A part of the address."""
        self._count_header(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or a trailer after a body in chunks."""
        self._count_header(len(name) + len(value) + 4)
        if not self._is_reading_headers:
            # A proxy that takes headers away may leave trailers: no trailer becomes a header.
            return
        if len(self.headers) >= _MOST_HEADERS:
            self._refusal = 431
            raise _TooLarge
        super().on_header(name, value)

    def _should_upgrade(self) -> bool:
        """Nothing here speaks another protocol; what asks for one is answered as if it had not."""
        return False

    def on_headers_complete(self) -> None:
        """A request can be answered."""
        if len(self.pipeline) >= _MOST_PIPELINED:
            raise _TooManyPipelined
        super().on_headers_complete()
        self._is_reading_headers = False
        self._requests += 1
        if self.parser.should_upgrade():
            # What follows may be the other protocol.
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        self._body_bytes += len(body)
        if self.cycle.response_complete:
            self._discard(len(body))
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is here."""
        self._is_whole, self._has_begun = True, False
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Whatever the parser could not take."""
        self._refuse(self._refusal)

    def _count_header(self, size: int) -> None:
        self._header_bytes += size
        if self._header_bytes > self._limits.header_bytes:
            self._refusal = 431
            raise _TooLarge

    # ---- how it ends

    @property
    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    @property
    def _lacks_body(self) -> bool:
        return not self._is_whole and not self._is_reading_headers

    def _refuse(self, status: int) -> None:
        """Says why, and reads no more; what the client still sends is discarded for a moment."""
        if not self._say(status):
            self._hang_up()
            return
        self._is_refused = True
        self._ignored_bytes = 0
        self._tell_application()
        self.flow.resume_reading()
        if self.transport.can_write_eof():
            self.transport.write_eof()

    def _say(self, status: int, headers: bytes = b"") -> bool:
        """False where it would stand within or behind another answer."""
        if self._is_reading_headers:
            is_turn = not self._is_answering
        else:
            is_turn = self._lacks_body and self._is_answering
            is_turn = is_turn and not (self.cycle.response_started or self.pipeline)
        if is_turn:
            sentence = _SENTENCES[status].encode()
            self.transport.write(
                b"HTTP/1.1 %d %s\r\ncontent-type: text/plain; charset=utf-8\r\n%scontent-length: %d\r\n"
                b"connection: close\r\n\r\n%s"
                % (status, HTTPStatus(status).phrase.encode(), headers, len(sentence), sentence)
            )
        return is_turn

    def _discard(self, size: int) -> None:
        self._ignored_bytes += size
        if self._ignored_bytes > _DISCARDED_BYTES:
            self._hang_up()

    def _tell_application(self) -> None:
        """It learns of it as of a client that went away."""
        self.pipeline.clear()
        if self._is_answering:
            self.cycle.disconnected = True
            self.cycle.message_event.set()

    def _hang_up(self) -> None:
        """At once: who does not read what was written is not waited for."""
        self._tell_application()
        self.transport.close()
        if self.transport.get_write_buffer_size():
            self.transport.abort()
