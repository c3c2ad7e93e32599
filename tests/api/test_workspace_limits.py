"""A key that is limited to workspaces sees no other one, whatever it asks."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx2
import pytest

from app.context import open_database
from app.http.credentials import create_credential
from app.jobs.service import Service
from app.main import create_app
from tests.api.door import WRITER
from tests.engine.conftest import MakeMirror, small_world
from tests.engine.mirror import Mirror
from tests.engine.service.running import STILL, client_of, serving, until, until_quiet
from tests.threads import in_own_thread

PATHS = sorted(
    path
    for path, methods in create_app().openapi()["paths"].items()
    if "get" in methods and not path.startswith("/sync") and "{" not in path
)
PUBLIC = {"/healthz", "/readyz", "/openapi.json"}


@dataclass(slots=True)
class Two:
    """A service of one workspace, and another one in its database: `key` may see that other one alone."""

    served: Mirror
    other: Mirror
    client: httpx2.AsyncClient
    key: str
    service: Service

    async def ask(self, path: str, key: str | None = None, **params: str) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {key or self.key}"}
        return await self.client.get(path, params=params, headers=headers)


@pytest.fixture
async def two(make_mirror: MakeMirror) -> AsyncIterator[Two]:
    served, other = make_mirror(small_world(1, tasks=8)), make_mirror(small_world(2, tasks=8))
    for mirror in (served, other):
        await mirror.sync("incremental")
        await mirror.sync("snapshot")

    async def make_key() -> str:
        async with open_database(served.settings()) as database:
            limit = [other.sim.team_id]
            return (await create_credential(database, "api_key", "B", scope="admin", workspace_ids=limit))[0]

    key = await in_own_thread(make_key())
    async with (
        serving(served, api_keys=f"all:write:{WRITER}", **STILL) as running,
        client_of(running.url) as client,
    ):
        await until(lambda: running.service.workspace_id)
        yield Two(served, other, client, key, running.service)


async def test_no_path_shows_the_other_workspace(two: Two) -> None:
    """Neither at an address whose answer another key got before, nor where the workspace is named."""
    ids = {row["id"] for row in two.served.rows(
        "SELECT clickup_task_id AS id FROM tasks WHERE workspace_id = %s"
        " UNION ALL SELECT space_id FROM spaces WHERE workspace_id = %s",
        two.served.sim.team_id, two.served.sim.team_id,
    )}  # fmt: skip
    told = 0
    for path in PATHS:
        if path in PUBLIC:
            continue
        before = await two.ask(path, WRITER)
        told += any(one in before.text for one in ids)
        for named in ({}, {"workspace_id": two.served.sim.team_id}):
            answer = await two.ask(path, **named)
            assert not any(one in answer.text for one in ids), path
            assert two.served.sim.team_id not in answer.text or "knows no workspace" in answer.text, path
            assert answer.status_code in ((200, 403, 422) if not named else (200, 403, 404, 422)), path
    assert told > 5


async def test_what_blocks_workers_is_told_in_general_words(two: Two) -> None:
    """It may name other workspaces; and what ClickUp says of a token is for readers of its workspace."""
    reason, refusal = "choose one of: 7 (Secret Plans Ltd)", "Token invalid (OAUTH_025)"
    await until_quiet(two.served)
    two.served.rows(
        "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN NEW.error := '{reason}'; RETURN NEW; END $$"
    )
    two.served.rows(
        "CREATE TRIGGER fail BEFORE INSERT OR UPDATE ON worker_processes FOR EACH ROW EXECUTE FUNCTION fail()"
    )
    two.served.rows(
        "UPDATE workspace_states SET token_rejected_at = now(), token_error = %s WHERE workspace_id = %s",
        refusal, two.served.sim.team_id,
    )  # fmt: skip
    await until(lambda: two.service.blocked_by == reason)
    answers = [await two.ask(path) for path in ("/readyz", "/status", "/", "/ui/workspaces")]
    headers = {"Authorization": f"Bearer {two.key}"}
    async with two.client.stream("GET", "/ui/events", headers=headers) as events:
        parts = events.aiter_text()
        shown = ""
        while "event: verdict" not in shown or "event: reasons" not in shown:
            shown += await anext(parts)
    for text in (*(answer.text for answer in answers), shown):
        assert "Secret Plans" not in text
        assert refusal not in text
    assert answers[0].status_code == 503
    unlimited = (await two.ask("/readyz", WRITER)).json()["reasons"]
    assert reason in unlimited
    assert any(refusal in one for one in unlimited)


async def test_its_own_workspace_is_answered_without_naming_it(two: Two) -> None:
    """With its tasks and people; a key without limits gets the same by naming it."""
    count = "SELECT count(*) FROM tasks WHERE workspace_id = %s AND NOT is_deleted"
    for key, named in ((two.key, {}), (WRITER, {"workspace_id": two.other.sim.team_id})):
        answer = (await two.ask("/tasks", key, **named)).json()
        assert {task["workspace_id"] for task in answer["tasks"]} == {two.other.sim.team_id}
        assert answer["total"] == two.other.value(count, two.other.sim.team_id)
        people = (await two.ask("/employees", key, **named)).json()["employees"]
        assert {person["workspace_id"] for person in people} == {two.other.sim.team_id}
    default = (await two.ask("/tasks", WRITER)).json()
    assert {task["workspace_id"] for task in default["tasks"]} == {two.served.sim.team_id}
    status = (await two.ask("/status")).json()
    assert (status["workspace"]["workspace_id"], status["others"]) == (two.other.sim.team_id, [])
    others = (await two.ask("/status", WRITER)).json()["others"]
    assert [one["workspace_id"] for one in others] == [two.other.sim.team_id]


async def test_a_task_of_the_other_workspace_is_not_known(two: Two) -> None:
    """As if it were not there."""
    foreign = two.served.value(
        "SELECT clickup_task_id FROM tasks WHERE workspace_id = %s LIMIT 1", two.served.sim.team_id
    )
    assert (await two.ask(f"/tasks/{foreign}", WRITER)).status_code == 200
    assert (await two.ask(f"/tasks/{foreign}")).status_code == 404


async def test_what_shows_all_workspaces_refuses_the_key(two: Two) -> None:
    """403, with the reason and what to do."""
    answer = await two.ask("/metrics")
    assert answer.status_code == 403
    assert "limited to some workspaces" in answer.text and "use a key that is not limited" in answer.text


async def test_it_changes_no_other_workspace(two: Two) -> None:
    """Though it is the key of an admin: another workspace is not connected, changed, removed or synced."""
    headers = {"Authorization": f"Bearer {two.key}"}
    path = f"/workspaces/{two.served.sim.team_id}"
    changed = await two.client.patch(path, json={"state": "paused"}, headers=headers)
    removed = await two.client.delete(path, params={"data": "erase"}, headers=headers)
    assert (changed.status_code, removed.status_code) == (404, 404)
    added = await two.client.post("/workspaces", json={"token": two.served.sim.token}, headers=headers)
    assert added.status_code == 403
    assert two.served.rows("SELECT DISTINCT state FROM workspace_connections") == [{"state": "active"}]
    before = two.served.value(
        "SELECT count(*) FROM runs WHERE trigger = 'api' AND workspace_id = %s", two.served.sim.team_id
    )
    own = await two.client.post("/sync/employees", headers=headers)
    assert own.status_code == 202
    after = two.served.value(
        "SELECT count(*) FROM runs WHERE trigger = 'api' AND workspace_id = %s", two.served.sim.team_id
    )
    assert before == after
