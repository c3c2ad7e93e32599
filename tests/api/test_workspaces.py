"""`/workspaces`: workspaces connected and removed over HTTP."""

from collections.abc import AsyncIterator

import pytest

from app.simulator.world import World
from tests.api.door import READER, WRITER
from tests.api.reading import Reader
from tests.engine.conftest import MakeMirror, small_world
from tests.engine.service.running import STILL, client_of, serving, until

ADMIN = "admin-" + "a" * 26
KEYS = f"dashboard:read:{READER},script:write:{WRITER},boss:admin:{ADMIN}"


@pytest.fixture
def world() -> World:
    return small_world(3, tasks=8, lists=3, people=3, workspaces=3)


@pytest.fixture
async def served(make_mirror: MakeMirror, world: World) -> AsyncIterator[Reader]:
    """The API of a mirror of one of the token's three workspaces; it is asked with the key of the admin."""
    mirror = make_mirror(world)
    await mirror.sync("incremental")
    async with serving(mirror, api_keys=KEYS, **STILL) as running, client_of(running.url) as client:
        client.headers["Authorization"] = f"Bearer {ADMIN}"
        yield Reader(mirror, client)


async def test_a_workspace_is_connected_changed_and_removed(served: Reader, world: World) -> None:
    """Each by one request; the token is never shown."""
    other, token = world.other_workspaces[0], world.token
    made = await served.client.post("/workspaces", json={"token": token, "team_id": other.id})
    assert made.status_code == 201, made.text
    assert (made.json()["name"], made.json()["added_by"]) == (other.name, "boss")
    known = await served.get("/workspaces")
    assert {one["workspace_id"]: one["token_kind"] for one in known["workspaces"]} == {
        other.id: "personal", world.workspace.id: "environment",
    }  # fmt: skip
    again = await served.client.post("/workspaces", json={"token": token, "team_id": other.id})
    assert again.status_code == 409
    changed = await served.client.patch(f"/workspaces/{other.id}", json={"state": "paused", "name": "Ours"})
    assert (changed.json()["state"], changed.json()["name"]) == ("paused", "Ours")
    replaced = await served.client.patch(f"/workspaces/{other.id}", json={"token": world.replace_token()})
    assert replaced.status_code == 200, replaced.text
    removed = await served.client.delete(f"/workspaces/{other.id}", params={"data": "erase"})
    assert (removed.status_code, removed.json()["state"]) == (202, "removing")
    counted = "SELECT count(*) FROM workspace_connections"
    await until(lambda: served.mirror.value(counted) == 1)
    shown = "".join(answer.text for answer in (made, again, changed, replaced, removed)) + str(known)
    assert token not in shown and world.token not in shown and "token_encrypted" not in shown


async def test_what_is_wrong_is_said(served: Reader, world: World) -> None:
    """A token that is rejected or sees other workspaces: 422; an unknown workspace: 404."""
    dead = await served.client.post("/workspaces", json={"token": "pk_1_NOBODYHASTHIS"})
    assert dead.status_code == 422 and "ClickUp rejects the token" in dead.json()["detail"]
    assert "NOBODYHASTHIS" not in dead.text
    several = await served.client.post("/workspaces", json={"token": world.token})
    assert several.status_code == 422
    assert all(one.id in several.json()["detail"] for one in world.other_workspaces)
    own = f"/workspaces/{world.workspace.id}"
    assert (await served.client.patch(own, json={"token": "pk_1_NOBODYHASIT"})).status_code == 422
    for answer in (
        await served.client.patch("/workspaces/1", json={"state": "paused"}),
        await served.client.delete("/workspaces/1", params={"data": "keep"}),
    ):
        assert answer.status_code == 404 and "workspace 1 is not connected" in answer.json()["detail"]
    of_setting = await served.client.delete(own, params={"data": "erase"})
    assert of_setting.status_code == 422 and "CLICKUP_API_TOKEN" in of_setting.json()["detail"]
    assert (await served.client.delete(own)).status_code == 422


@pytest.mark.parametrize("key", [READER, WRITER])
async def test_other_keys_may_only_look(served: Reader, world: World, key: str) -> None:
    """403 for every change, also for a key that may start syncs."""
    served.client.headers["Authorization"] = f"Bearer {key}"
    path = f"/workspaces/{world.workspace.id}"
    assert (await served.get("/workspaces"))["count"] == 1
    for method, where, body in (
        ("POST", "/workspaces", {"token": "x"}),
        ("PATCH", path, {}),
        ("DELETE", path, None),
    ):
        answer = await served.client.request(method, where, json=body)
        assert answer.status_code == 403, answer.text
    assert served.mirror.value("SELECT state FROM workspace_connections") == "active"
