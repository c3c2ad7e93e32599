"""A service to which ClickUp refuses something: everybody can see it, and it heals by itself."""

from pathlib import Path

import orjson
import pytest

from tests.cli import command
from tests.engine.mirror import Mirror
from tests.engine.service.running import runs, serving, until
from tests.engine.test_refusals import refusals, say_something


async def refuse_comments(mirror: Mirror) -> str:
    """One task's comments, which nobody may read; its id."""
    task_id = say_something(mirror, 1)[0]
    mirror.faults.add("no_permission", f"/task/{task_id}/comment", times=None)
    await mirror.sync("incremental")
    assert len(refusals(mirror)) == 1
    return task_id


async def test_everybody_is_told_what_is_refused(mirror: Mirror, tmp_path: Path) -> None:
    """REST, the page, the metrics, `status` and `doctor`: how much, of which kind, and why."""
    await refuse_comments(mirror)
    reason = "Team not authorized (OAUTH_027)"
    async with serving(mirror) as running:
        await until(lambda: runs(mirror, "incremental", "timer"))
        [told] = (await running.get("/status")).json()["refused"]
        assert (told["kind"], told["what"], told["objects"]) == ("comments", "the comments of 1 task", 1)
        assert (told["reason"], told["is_many"]) == (reason, False)
        assert told["since"] < told["retry_at"]
        page = (await running.get("/")).text
        assert "Refused by ClickUp" in page and reason in page
        numbers = (await running.get("/metrics")).text
        labels = f'{{kind="comments",workspace="{mirror.sim.team_id}"}}'
        assert f"clickup_sync_refused_objects{labels} 1.0" in numbers
        assert f"clickup_sync_refused_oldest_seconds{labels}" in numbers
        # The rest of the mirror may be relied upon.
        assert (await running.get("/readyz")).status_code == 200
    settings = {
        "database_url": mirror.database_url,
        "clickup_api_token": mirror.sim.token,
        "clickup_base_url": mirror.sim.base_url,
    }
    text = command.run(tmp_path, "status", database_url=mirror.database_url).stdout
    assert "Refused by ClickUp" in text and "the comments of 1 task" in text
    document = orjson.loads(
        command.run(tmp_path, "status", "--json", database_url=mirror.database_url).stdout
    )
    assert document[0]["refused"][0]["reason"] == reason
    found = orjson.loads(command.run(tmp_path, "doctor", "--json", **settings).stdout)
    [finding] = [one for one in found if one["subject"] == "refusals"]
    assert finding["verdict"] == "mind" and "the comments of 1 task" in finding["found"]


async def test_a_webhook_makes_it_asked_for_at_once(mirror: Mirror) -> None:
    """Whatever the webhook is about: the comments are tried long before their next try."""
    async with serving(mirror, webhooks=True):
        await until(
            lambda: runs(mirror, "incremental", "timer") and mirror.value("SELECT true FROM webhooks")
        )
        task_id = say_something(mirror, 1)[0]
        rule = mirror.faults.add("no_permission", f"/task/{task_id}/comment", times=None)
        await until(lambda: refusals(mirror, "comments"))
        rule.times = 0
        mirror.world.post_comment(task_id, "another one")
        await until(lambda: not refusals(mirror))
        await until(lambda: mirror.differences() == [])


@pytest.mark.parametrize("code", ["OAUTH_018", "OAUTH_021"])
async def test_while_the_token_is_refused_there_is_one_state(mirror: Mirror, code: str) -> None:
    """Since when, and why; no runs pile up, no object is marked, and afterwards all arrives."""
    async with serving(mirror, sync_interval_seconds=1, token_probe_seconds=1) as running:
        await until(lambda: runs(mirror, "incremental", "timer"))
        refused = mirror.faults.add("dead_token", times=None, ecode=code)
        await until(lambda: mirror.value("SELECT token_rejected_at FROM workspace_states"))
        since = mirror.value("SELECT token_rejected_at FROM workspace_states")
        say_something(mirror, 8)
        seen = mirror.value("SELECT seen_at FROM workspace_states")
        await until(lambda: mirror.value("SELECT seen_at > %s FROM workspace_states", seen))
        assert mirror.value("SELECT token_rejected_at FROM workspace_states") == since
        answer = await running.get("/readyz")
        assert answer.status_code == 503
        assert code in answer.json()["reasons"][0] and f"{since:%F %T}" in answer.json()["reasons"][0]
        assert mirror.value("SELECT count(*) FROM runs WHERE status = 'failed'") <= 2
        assert refusals(mirror) == []
        refused.times = 0
        await until(lambda: mirror.differences() == [], 30)
        await until(lambda: mirror.value("SELECT token_rejected_at IS NULL FROM workspace_states"))
        assert (await running.get("/readyz")).status_code == 200
