"""Many webhook deliveries: each is answered, and each object is read after the last that names it."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.error import URLError
from urllib.request import Request, urlopen

from bench.scale.campaign import Campaign
from bench.scale.comparison import seconds_until_equal
from bench.scale.deliveries import Hook, deliver
from bench.scale.processes import environment, free_port, processor_seconds

_ROUNDS = 4
_CONNECTIONS = 64
_PATIENCE_SECONDS = 900.0
# Polling finds nothing meanwhile: what is read is read because of a delivery.
_NEVER = 86_400


def measure_webhooks(campaign: Campaign) -> None:
    """Rounds of changes, each followed by deliveries that name every task, many of them many times."""
    plan, report = campaign.plan, campaign.report
    with receiving(campaign, sync_interval=_NEVER) as (url, receiver):
        chosen = registered(campaign, url)[: plan.webhook_workspaces]
        before, number = processor_seconds(receiver.pid), 0
        statuses, seconds = dict[str, int](), 0.0
        for one in range(_ROUNDS):
            for workspace_id in chosen:
                campaign.simulator.tell("mass_edit", workspace_id, n=plan.tasks)
            answers = deliver(
                f"{url}/webhooks/clickup", [_hook(campaign, workspace_id) for workspace_id in chosen],
                number=plan.deliveries // _ROUNDS, connections=_CONNECTIONS, seed=one,
            )  # fmt: skip
            seconds += answers.seconds
            for status, count in answers.statuses.items():
                statuses[status] = statuses.get(status, 0) + count
            number += sum(answers.statuses.values())
        spent = processor_seconds(receiver.pid) - before
        took = campaign.until(lambda: not campaign.server.value(_UNREAD), "the deliveries")
        equal = seconds_until_equal(campaign, chosen, _PATIENCE_SECONDS)
    report.claim(
        f"{plan.deliveries:,} webhook deliveries for {len(chosen)} workspaces are all answered with 200",
        statuses == {"200": number} and number >= plan.deliveries // _ROUNDS * _ROUNDS,
        ", ".join(f"{count:,} × {status}" for status, count in statuses.items()),
    )
    report.add("deliveries answered a second", number / seconds)
    report.add("processor time of the receiving process a delivery", 1_000 * spent / number, "ms")
    report.add("the last object was read after the last answer by", took, "s")
    report.claim(
        "each object is read after the last delivery that names it",
        equal is not None,
        "all are as in ClickUp, without polling" if equal is not None else "not all are as in ClickUp",
    )


_UNREAD = "SELECT count(*) FROM deliveries WHERE handled_at IS NULL"


@contextmanager
def receiving(campaign: Campaign, *, sync_interval: int) -> "Iterator[tuple[str, subprocess.Popen[bytes]]]":
    """A process that receives deliveries, and workers that know its address and poll at this interval."""
    port, workers = free_port(), campaign.workers
    url = f"http://127.0.0.1:{port}"
    known = dict(workers.settings)
    workers.restart_all({**known, "PUBLIC_URL": url, "SYNC_INTERVAL_SECONDS": str(sync_interval)})
    first, token = next(iter(campaign.simulator.tokens.items()))
    settings = {**known, "PUBLIC_URL": url, "CLICKUP_API_TOKEN": token, "CLICKUP_TEAM_ID": first}
    command = [sys.executable, "-m", "app", "serve", "--no-worker", "--port", str(port)]
    with (campaign.folder / "receiver.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=campaign.folder, env=environment(settings), stdout=log, stderr=log
        )
    try:
        campaign.until(lambda: _answers(f"{url}/healthz"), "the receiving process")
        yield url, process
    finally:
        process.kill()
        process.wait()
        workers.restart_all(known)


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=10) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def registered(campaign: Campaign, url: str) -> list[str]:
    """The workspaces, when all of them have a webhook at this address."""
    count = "SELECT count(DISTINCT workspace_id) FROM webhooks WHERE endpoint LIKE %(url)s || '%%'"
    workspace_ids = campaign.workspace_ids
    campaign.until(lambda: campaign.server.value(count, url=url) >= len(workspace_ids), "the webhooks")
    time.sleep(1)
    return workspace_ids


def _hook(campaign: Campaign, workspace_id: str) -> Hook:
    """As ClickUp tells it to who has the token."""
    request = Request(
        f"{campaign.simulator.base_url}/team/{workspace_id}/webhook",
        headers={"Authorization": campaign.simulator.tokens[workspace_id]},
    )
    with urlopen(request, timeout=60) as answer:
        webhook = json.loads(answer.read())["webhooks"][0]
    return Hook(webhook["id"], webhook["secret"], [*campaign.simulator.ask("truth", workspace_id)["tasks"]])
