"""A receiver of webhooks that answers as told and remembers what came."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self

import orjson


@dataclass(slots=True)
class Delivery:
    body: bytes
    signature: str
    content_type: str

    @property
    def payload(self) -> dict[str, Any]:
        return dict(orjson.loads(self.body))


class _Server(ThreadingHTTPServer):
    request_queue_size = 256


@dataclass
class Receiver:
    """Answers with `status`, or with the next of `statuses` while there are any, after `delay_s`."""

    status: int = 200
    statuses: list[int] = field(default_factory=list)
    delay_s: float = 0.0
    got: list[Delivery] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/hook?of=clickup"

    def events(self) -> list[str]:
        return [one.payload["event"] for one in tuple(self.got)]

    def told(self, event: str, count: int = 1) -> list[dict[str, Any]]:
        """The payloads of that event, as soon as there are so many."""

        def heard() -> list[dict[str, Any]]:
            return [one.payload for one in tuple(self.got) if one.payload["event"] == event]

        wait_for(lambda: len(heard()) >= count)
        return heard()

    def items(self, event: str, count: int = 1) -> list[dict[str, Any]]:
        """The first item of each."""
        return [one["history_items"][0] for one in self.told(event, count)]

    def names(self) -> list[str]:
        """The names of the tasks as the deliveries tell them, as they arrived."""
        return [one.payload["history_items"][0]["after"] for one in tuple(self.got)]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append(Delivery(body, self.headers["X-Signature"], self.headers["Content-Type"]))
                time.sleep(receiver.delay_s)
                self.send_response(receiver.statuses.pop(0) if receiver.statuses else receiver.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Says nothing."""

        return Handler


def wait_for(condition: Callable[[], bool], seconds: float = 120) -> None:
    """Returns as soon as it holds; an AssertionError when it never does."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came to pass"
        time.sleep(0.005)
