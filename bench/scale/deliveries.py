"""Webhook deliveries over real HTTP, as fast as they are answered.

    python -m bench.scale.deliveries < PLAN

In a process of its own, so that nothing else takes its turns. The plan is one JSON object,
`{url, connections, number, seed, webhooks: [{id, secret, tasks}]}`; so is the answer: `{statuses, seconds}`.
"""

import asyncio
import hashlib
import hmac
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from random import Random
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

_EVENTS = ("taskUpdated", "taskStatusUpdated", "taskPriorityUpdated", "taskTimeEstimateUpdated")


@dataclass(frozen=True, slots=True)
class Hook:
    """One webhook, and the tasks that its deliveries name."""

    id: str
    secret: str
    tasks: list[str]


@dataclass(frozen=True, slots=True)
class Answers:
    """How many answers there were of each status, and how long all of it took."""

    statuses: dict[str, int]
    seconds: float


def deliver(url: str, hooks: list[Hook], *, number: int, connections: int, seed: int) -> Answers:
    """So many deliveries in any order: each task is named, and named in the end as often as the others."""
    plan = {
        "url": url, "connections": connections, "number": number, "seed": seed,
        "webhooks": [asdict(hook) for hook in hooks],
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "bench.scale.deliveries"],
        input=json.dumps(plan), capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(done.stderr)
    return Answers(**json.loads(done.stdout))


def _requests(plan: dict[str, Any]) -> Iterator[bytes]:
    """Round after round over all tasks, each in another order."""
    hooks = [Hook(**hook) for hook in plan["webhooks"]]
    named = [(hook, task_id) for hook in hooks for task_id in hook.tasks]
    random, address, left = Random(plan["seed"]), urlsplit(plan["url"]), plan["number"]
    while left > 0:
        random.shuffle(named)
        for hook, task_id in named[:left]:
            event = {
                "event": random.choice(_EVENTS),
                "task_id": task_id,
                "webhook_id": hook.id,
                "history_items": [],
            }
            yield _request(address.netloc, address.path, hook.secret, json.dumps(event).encode())
        left -= len(named)


def _request(host: str, path: str, secret: str, body: bytes) -> bytes:
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        f"X-Signature: {signature}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _deliver(plan: dict[str, Any]) -> Answers:
    waiting, statuses, began = _requests(plan), Counter[str](), monotonic()
    address = urlsplit(plan["url"])

    async def send_on() -> None:
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        for request in waiting:
            writer.write(request)
            try:
                statuses[await _read_status(reader)] += 1
            except (OSError, asyncio.IncompleteReadError) as error:
                statuses[type(error).__name__] += 1
                reader, writer = await asyncio.open_connection(address.hostname, address.port)
        writer.close()

    await asyncio.gather(*(send_on() for _ in range(plan["connections"])))
    return Answers(dict(statuses), monotonic() - began)


async def _read_status(reader: asyncio.StreamReader) -> str:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    _, _, rest = head.partition("content-length:")
    await reader.readexactly(int(rest.split()[0]) if rest else 0)
    return head.split()[1]


def main() -> None:
    """Delivers as standard input says."""
    answers = asyncio.run(_deliver(json.load(sys.stdin)))
    sys.stdout.write(json.dumps(asdict(answers)))


if __name__ == "__main__":
    main()
