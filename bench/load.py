"""Load over real HTTP: so many connections that ask one after the other, for so many seconds.

    python -m bench.load BASE_URL CONNECTIONS SECONDS PATH...

In a process of its own, so that nothing else takes its turns; prints one JSON object.
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import count
from time import monotonic
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Load:
    """What came back: answers a second, and the time an answer took in ms, half of them and 99 of 100."""

    per_second: float
    median_ms: float
    p99_ms: float


def press(base_url: str, paths: Sequence[str], *, connections: int, seconds: float) -> Load:
    """Asks for each path in turn, again and again. Raises SystemExit for any answer but a 200."""
    command = [sys.executable, "-m", "bench.load", base_url, str(connections), str(seconds), *paths]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return Load(**json.loads(done.stdout))


async def _press(base_url: str, paths: Sequence[str], connections: int, seconds: float) -> Load:
    took: list[float] = []
    numbers, until = count(), monotonic() + seconds

    async def ask_on() -> None:
        address = urlsplit(base_url)
        reader, writer = await asyncio.open_connection(address.hostname, address.port, limit=2**22)
        while (began := monotonic()) < until:
            target = paths[next(numbers) % len(paths)]
            writer.write(f"GET {target} HTTP/1.1\r\nHost: {address.netloc}\r\n\r\n".encode())
            await _read_answer(reader, target)
            took.append((monotonic() - began) * 1000)
        writer.close()

    await asyncio.gather(*(ask_on() for _ in range(connections)))
    took.sort()
    return Load(len(took) / seconds, took[len(took) // 2], took[int(len(took) * 0.99)])


async def _read_answer(reader: asyncio.StreamReader, target: str) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    if b" 200 " not in head.split(b"\r\n", 1)[0]:
        raise RuntimeError(f"{target}: {head.splitlines()[0].decode()}")
    length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
    await reader.readexactly(int(length))


def main() -> None:
    """Presses as the command line says."""
    base_url, connections, seconds, *paths = sys.argv[1:]
    load = asyncio.run(_press(base_url, paths, int(connections), float(seconds)))
    sys.stdout.write(json.dumps(asdict(load)))


if __name__ == "__main__":
    main()
