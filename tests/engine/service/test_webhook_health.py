"""Whoever asks is told whether ClickUp's deliveries arrive, why not, since when, and what to do."""

import asyncio
import json
from pathlib import Path
from typing import Any

import orjson
import pytest
from prometheus_client.parser import text_string_to_metric_families

from app.core.clickup.webhook import endpoint_of
from app.simulator.webhooks import EVENTS
from tests.cli import command
from tests.dashboard.pages import HTML, Page, said
from tests.engine.mirror import SECRET_KEY, Mirror
from tests.engine.service.running import RunningService, client_of, runs, serving, until
from tests.engine.service.test_webhooks import sign, some_task

PUBLIC_URL = "https://mirror.example.com"
Json = dict[str, Any]


async def health(running: RunningService) -> Json:
    """As `/status` tells it, once it is known of which workspace."""
    await until(lambda: running.service.workspace_id)
    answer = await running.get("/status")
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["webhook_health"])


async def until_told(running: RunningService, *codes: str) -> Json:
    """The health, as soon as it has these problems and no others."""
    async with asyncio.timeout(30):
        while True:
            found = await health(running)
            if tuple(problem["code"] for problem in found["problems"]) == codes:
                return found
            await asyncio.sleep(0.1)


def counts(found: Json) -> dict[str, int]:
    return {one["reason"]: one["last_day"] for one in found["refused"]}


async def until_counted(running: RunningService, **wanted: int) -> Json:
    async with asyncio.timeout(30):
        while True:
            found = await health(running)
            if counts(found) == wanted:
                return found
            await asyncio.sleep(0.1)


async def metrics(running: RunningService) -> dict[tuple[str, str], float]:
    """The samples about webhooks, by name and the label beside the workspace."""
    text = (await running.get("/metrics")).text
    return {
        (sample.name.removeprefix("clickup_sync_webhook_"), "".join(map(str, labels.values()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name.startswith("clickup_sync_webhook_")
        if (labels := {key: one for key, one in sample.labels.items() if key != "workspace"}) is not None
    }


async def card(running: RunningService) -> str:
    """What the overview shows of webhooks; read after its figures are old enough to be asked for again."""
    async with client_of(running.url) as client:
        return said(Page(await client.get("/", headers=HTML)).one("div", id="webhooks"))


async def said_by(mirror: Mirror, folder: Path, *words: str, **settings: Any) -> tuple[int, str]:
    """Exit code and words of a command."""
    known = {
        "clickup_api_token": mirror.sim.token, "clickup_base_url": mirror.sim.base_url,
        "clickup_team_id": mirror.sim.team_id, "database_url": mirror.database_url, "secret_key": SECRET_KEY,
    }  # fmt: skip
    done = await asyncio.to_thread(command.run, folder, *words, **{**known, **settings})
    return done.returncode, done.stdout + done.stderr


async def registered(mirror: Mirror) -> None:
    await until(lambda: mirror.value("SELECT true FROM webhook_checks WHERE outcome = 'in_force'"))


async def test_deliveries_that_a_proxy_rewrites_are_told_everywhere(mirror: Mirror, tmp_path: Path) -> None:
    """Six changes, five tries each: thirty refused, why, since when and what to do; after a restart too."""
    mirror.sim.webhooks.rewrite = lambda body: orjson.dumps(orjson.loads(body), option=orjson.OPT_INDENT_2)
    async with serving(mirror, webhooks=True) as running:
        await registered(mirror)
        for number in range(6):
            mirror.world.edit_task(some_task(mirror), name=f"rewritten {number}")
        found = await until_counted(running, body_changed=30)
        (problem,) = found["problems"]
        assert problem["code"] == "deliveries_refused" and problem["since"] is not None
        assert "30 deliveries" in problem["message"] and "reformatted on the way" in problem["message"]
        assert (await running.get("/readyz")).status_code == 200
        told = await metrics(running)
        assert told["working", ""] == 0 and told["problems", "deliveries_refused"] == 1
        assert told["refused_deliveries", "body_changed"] == 30
        shown = await card(running)
        assert problem["message"] in shown and problem["remedy"] in shown
        code, text = await said_by(mirror, tmp_path, "doctor", public_url=running.url)
        assert code == 1 and problem["message"] in text and problem["remedy"] in text
    _, text = await said_by(mirror, tmp_path, "status")
    assert problem["message"] in text and problem["remedy"] in text and "(since " in text
    _, document = await said_by(mirror, tmp_path, "status", "--json")
    assert json.loads(document)[0]["webhook_health"]["problems"][0]["code"] == "deliveries_refused"


async def test_it_is_told_until_it_is_fixed(mirror: Mirror) -> None:
    """A delivery that arrives ends it; what was refused is still counted for a day."""
    mirror.sim.webhooks.drops_signature = True
    async with serving(mirror, webhooks=True) as running:
        await registered(mirror)
        mirror.world.edit_task(some_task(mirror), name="unsigned")
        found = await until_counted(running, signature_missing=5)
        assert "X-Signature" in found["problems"][0]["message"]
        mirror.sim.webhooks.drops_signature = False
        mirror.world.edit_task(some_task(mirror), name="signed again")
        await until_told(running)
        # Its queries run side by side: the first answer without a problem may know no delivery yet.
        found = await health(running)
        assert counts(found) == {"signature_missing": 5} and found["last_delivery_at"] is not None
        assert (await metrics(running))["working", ""] == 1


async def test_a_signature_with_another_secret_is_told(mirror: Mirror) -> None:
    """The body is whole: a new secret is needed."""
    async with serving(mirror, webhooks=True) as running:
        await registered(mirror)
        next(iter(mirror.sim.webhooks.known.values())).secret = "another"
        mirror.world.edit_task(some_task(mirror), name="signed by another secret")
        found = await until_counted(running, signature_wrong=5)
        assert "webhooks register" in found["problems"][0]["remedy"]


async def test_what_anybody_posts_is_counted_and_is_no_problem(mirror: Mirror) -> None:
    """Two rows for a thousand requests; the mirror does not look broken."""
    async with serving(mirror, webhooks=True) as running, client_of(running.url) as client:
        await registered(mirror)
        for number in range(250):
            body = f"rubbish {number}".encode()
            await asyncio.gather(
                client.post("/webhooks/clickup", content=body),
                client.post("/webhooks/clickup", content=body, headers={"X-Signature": "0" * 64}),
            )
        found = await until_counted(running, unsigned=250, unknown_webhook=250)
        assert found["problems"] == []
        assert mirror.value("SELECT count(*) FROM refused_deliveries") <= 4
        assert mirror.value("SELECT count(*) FROM deliveries") == 0
        told = await metrics(running)
        assert told["working", ""] == 1 and told["refused_deliveries", "unsigned"] == 250
        assert "250 deliveries refused in the last 24 hours" in await card(running)


async def test_an_unsigned_body_is_not_read_to_its_end(mirror: Mirror) -> None:
    """It is refused whatever it is; 413 is for what ClickUp signed."""
    async with serving(mirror, webhooks=True) as running, client_of(running.url) as client:
        await registered(mirror)
        answer = await client.post("/webhooks/clickup", content=b"x" * 9_000_000)
        assert answer.status_code == 403


async def test_what_cannot_be_counted_now_is_counted_later(mirror: Mirror) -> None:
    """The database is away for a moment; nothing is counted twice."""
    async with serving(mirror, webhooks=True) as running:
        await registered(mirror)
        mirror.rows("ALTER TABLE refused_deliveries RENAME TO elsewhere")
        assert (await running.post(b"rubbish", "")).status_code == 403
        await asyncio.sleep(3)
        mirror.rows("ALTER TABLE elsewhere RENAME TO refused_deliveries")
        await until_counted(running, unsigned=1)


async def test_another_persons_webhook_at_our_address_is_told_until_it_is_gone(
    mirror: Mirror, tmp_path: Path
) -> None:
    """Our list does not show it, and ClickUp refuses a second one."""
    other = next(one for one in mirror.world.members() if one.id != mirror.world.owner().id)
    theirs = mirror.sim.webhooks.register(other.id, endpoint_of(PUBLIC_URL), EVENTS)
    async with serving(mirror, public_url=PUBLIC_URL, webhook_check_seconds=1) as running:
        found = await until_told(running, "owned_by_other")
        (problem,) = found["problems"]
        assert "another person's token" in problem["message"] and "webhooks remove" in problem["remedy"]
        assert problem["since"] is not None
        assert (await metrics(running))["problems", "owned_by_other"] == 1
        assert problem["message"] in await card(running)
        await asyncio.sleep(2.5)
        assert (await health(running))["problems"][0]["since"] == problem["since"]
        code, text = await said_by(mirror, tmp_path, "doctor", public_url=PUBLIC_URL)
        assert code == 1 and problem["remedy"] in text
        code, text = await said_by(mirror, tmp_path, "webhooks", "register", public_url=PUBLIC_URL)
        assert code == 1 and "another person's token" in text and "webhooks remove" in text
        del mirror.sim.webhooks.known[theirs.id]
        await until_told(running)


async def test_a_registration_that_clickup_refuses_is_told(mirror: Mirror) -> None:
    """In ClickUp's own words, until it is allowed; a time-out in between says nothing."""
    mirror.faults.add("no_permission", "/team/*/webhook", times=None, method="POST")
    async with serving(mirror, public_url=PUBLIC_URL, webhook_check_seconds=1, request_attempts=1) as running:
        found = await until_told(running, "registration_refused")
        assert "OAUTH_027" in found["problems"][0]["message"]
        mirror.faults.clear()
        mirror.faults.add("error", "/team/*/webhook", times=None, amount=502)
        await asyncio.sleep(2.5)
        assert [one["code"] for one in (await health(running))["problems"]] == ["registration_refused"]
        mirror.faults.clear()
        await until_told(running)


async def test_a_suspended_webhook_is_told_until_a_delivery_arrives(mirror: Mirror) -> None:
    """To have revived it proves nothing."""
    async with serving(mirror, webhooks=True, webhook_check_seconds=1) as running:
        await registered(mirror)
        next(iter(mirror.sim.webhooks.known.values())).suspend()
        await until_told(running, "suspended")
        await until(lambda: mirror.value("SELECT revived_at FROM webhooks"))
        assert [one["code"] for one in (await health(running))["problems"]] == ["suspended"]
        mirror.world.edit_task(some_task(mirror), name="heard again")
        await until_told(running)


async def test_an_address_that_clickup_cannot_reach_is_told(mirror: Mirror, tmp_path: Path) -> None:
    """By its failures, as ClickUp counts them."""
    mirror.sim.webhooks.is_unreachable = True
    async with serving(mirror, webhooks=True, webhook_check_seconds=1) as running:
        await registered(mirror)
        mirror.world.edit_task(some_task(mirror), name="lost")
        found = await until_told(running, "failing")
        assert running.url in found["problems"][0]["remedy"]
        code, text = await said_by(mirror, tmp_path, "doctor", public_url=running.url)
        assert code == 1 and "failing, 1 event lost in a row" in text


async def test_deliveries_that_never_arrive_are_told(mirror: Mirror) -> None:
    """ClickUp counts no failure; polling finds changes of which nobody told."""
    mirror.sim.webhooks.lost = 1
    async with serving(mirror, webhooks=True) as running:
        await registered(mirror)
        await until(lambda: runs(mirror, "incremental", "timer"))
        for number in range(3):
            mirror.world.edit_task(some_task(mirror), name=f"never told {number}")
            await mirror.sync("incremental")
        assert (await health(running))["problems"] == []
        mirror.rows("UPDATE webhooks SET created_at = created_at - interval '1 hour'")
        mirror.rows("UPDATE runs SET started_at = started_at - interval '20 minutes' WHERE trigger = 'test'")
        found = await until_told(running, "silent")
        assert "Polling finds changes" in found["problems"][0]["message"]
        mirror.sim.webhooks.lost = 0
        mirror.world.edit_task(some_task(mirror), name="told")
        await until_told(running)


async def test_a_webhook_of_the_token_before_goes_on(mirror: Mirror) -> None:
    """Another person's token may register none beside it; what the first one delivers is accepted still."""
    async with serving(mirror, public_url=PUBLIC_URL):
        await registered(mirror)
    other = next(one for one in mirror.world.members() if one.id != mirror.world.owner().id)
    token = mirror.world.token_for(other.id)
    async with serving(mirror, public_url=PUBLIC_URL, clickup_api_token=token) as running:
        await until_told(running, "owned_by_other")
        body = orjson.dumps({"event": "taskUpdated", "task_id": some_task(mirror)})
        assert (await running.post(body, sign(mirror, body))).status_code == 200
        await until_told(running)


@pytest.mark.parametrize("public_url", [None, PUBLIC_URL])
async def test_when_all_is_well_doctor_says_so(
    mirror: Mirror, tmp_path: Path, public_url: str | None
) -> None:
    """With a webhook in force; without PUBLIC_URL it has nothing to say of webhooks."""
    async with serving(mirror, public_url=public_url):
        if public_url:
            await registered(mirror)
        await until(lambda: runs(mirror, "incremental", "timer"))
        code, text = await said_by(mirror, tmp_path, "doctor", public_url=public_url)
    assert code == 0
    assert ("✓ webhook: active" in text and "✓ deliveries:" in text) == (public_url is not None)
