"""Many slow clients, as a process: `python -m tests.api.flooding PORT SLOW SILENT`, until it is ended."""

import asyncio
import sys

# Half a line, half a header, half a body, a body that is refused, an answer that nobody reads.
BEGUN = (
    b"GET /heal",
    b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: " + b"x" * 8_000,
    b"POST /webhooks/clickup HTTP/1.1\r\nHost: localhost\r\nContent-Length: 8388608\r\n\r\n" + b"x" * 50_000,
    b"POST /webhooks/clickup HTTP/1.1\r\nHost: localhost\r\nContent-Length: 8388608\r\nX-Signature: "
    + b"0" * 64 + b"\r\n\r\n" + b"x" * 50_000,
    b"GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: localhost\r\n\r\n",
)  # fmt: skip


async def main(port: int, slow: int, silent: int) -> None:
    """All of them; some go on with a byte now and then, the others say nothing."""
    async with asyncio.TaskGroup() as clients:
        for number in range(slow):
            clients.create_task(_client(port, BEGUN[number % len(BEGUN)]))
        for _ in range(silent):
            clients.create_task(_client(port, b""))


async def _client(port: int, begun: bytes) -> None:
    """It comes again whenever it is cut off."""
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port, limit=1)
        except OSError:
            await asyncio.sleep(0.1)
            continue
        writer.write(begun)
        while not writer.is_closing():
            await asyncio.sleep(1)
            if begun:
                writer.write(b"x")
        writer.transport.abort()


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:])))
