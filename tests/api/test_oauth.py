"""Workspaces are connected by ClickUp's OAuth: from the first request to the browser that comes back."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from app.adapters.secret_keys import read_secret_keys
from app.core.encryption import WORKSPACE_TOKEN
from app.simulator.oauth import AUTHORIZE, CLIENT_ID, CLIENT_SECRET
from tests.api.door import READER
from tests.engine.conftest import MakeMirror, small_world
from tests.engine.mirror import Mirror
from tests.engine.service.running import STILL, client_of, serving

ADMIN = "admin-" + "a" * 26
KEYS = f"dashboard:read:{READER},boss:admin:{ADMIN}"


@dataclass(slots=True)
class Connecting:
    mirror: Mirror
    client: httpx2.AsyncClient

    async def begin(self, **body: str) -> str:
        """The address to open."""
        headers = {"Authorization": f"Bearer {ADMIN}"}
        answer = await self.client.post("/oauth/authorizations", json=body, headers=headers)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["authorize_url"])

    async def start(self, page: str) -> str:
        """The page of ClickUp to which the browser is sent, which gets a cookie."""
        there = urlsplit(page)
        assert f"{there.scheme}://{there.netloc}{there.path}" == "https://mirror.example.com/oauth/start"
        sent = await self.client.get(f"{there.path}?{there.query}")
        assert sent.status_code == 303, sent.text
        assert {"HttpOnly", "SameSite=lax", "Max-Age=600"} <= set(sent.headers["set-cookie"].split("; "))
        return sent.headers["location"]

    async def agree(self, page: str) -> httpx2.Response:
        """What the browser is shown at last, which has no key: it goes where ClickUp sends it."""
        sent = await self.client.get(await self.start(page))
        back = urlsplit(sent.headers["location"])
        assert f"{back.scheme}://{back.netloc}{back.path}" == "https://mirror.example.com/oauth/callback"
        return await self.client.get(f"{back.path}?{back.query}")


@pytest.fixture
async def connecting(make_mirror: MakeMirror) -> AsyncIterator[Connecting]:
    """A service whose token sees three workspaces, one of which is mirrored."""
    mirror = make_mirror(small_world(3, tasks=8, lists=3, people=3, workspaces=3))
    await mirror.sync("incremental")
    authorize = mirror.sim.base_url.removesuffix("/api/v2") + AUTHORIZE
    app = {
        "clickup_client_id": CLIENT_ID,
        "clickup_client_secret": CLIENT_SECRET,
        "clickup_authorize_url": authorize,
        "public_url": "https://mirror.example.com",
    }
    async with serving(mirror, api_keys=KEYS, **app, **STILL) as running, client_of(running.url) as client:
        yield Connecting(mirror, client)


async def test_the_workspaces_that_were_chosen_are_connected(connecting: Connecting) -> None:
    """With a token that is stored encrypted; one that is connected already keeps its own, which works."""
    shown = await connecting.agree(await connecting.begin())
    assert shown.status_code == 200 and "<h1>Connected</h1>" in shown.text
    rows = connecting.mirror.rows("SELECT * FROM workspace_connections ORDER BY workspace_id")
    world = connecting.mirror.world
    kinds = {one.id: "oauth" for one in world.other_workspaces} | {world.workspace.id: "environment"}
    assert {row["workspace_id"]: row["token_kind"] for row in rows} == kinds
    again = await connecting.agree(await connecting.begin())
    assert again.status_code == 422 and "is connected already" in again.text
    own = await connecting.agree(await connecting.begin(team_id=world.workspace.id))
    assert own.status_code == 200
    rows = connecting.mirror.rows("SELECT * FROM workspace_connections")
    assert {row["token_kind"] for row in rows} == {"oauth"}
    keys = read_secret_keys(connecting.mirror.settings())
    tokens = {keys.decrypt(row["token_encrypted"], WORKSPACE_TOKEN, row["workspace_id"]) for row in rows}
    assert tokens <= world.tokens.keys()
    assert not any(token in shown.text for token in tokens)
    assert connecting.mirror.value("SELECT count(*) FROM oauth_states") == 0


async def test_one_workspace_alone_can_be_asked_for(connecting: Connecting) -> None:
    """By a name that is given; the others are left alone."""
    other = connecting.mirror.world.other_workspaces[0]
    shown = await connecting.agree(await connecting.begin(team_id=other.id, name="Client"))
    assert f"<strong>Client</strong> ({other.id})" in shown.text
    kinds = connecting.mirror.rows("SELECT workspace_id, token_kind, added_by FROM workspace_connections")
    assert {(row["workspace_id"], row["token_kind"], row["added_by"]) for row in kinds} == {
        (other.id, "oauth", "boss"), (connecting.mirror.sim.team_id, "environment", None),
    }  # fmt: skip


async def test_a_state_counts_once_and_for_ten_minutes(connecting: Connecting) -> None:
    """Who has none connects nothing, whatever code they bring; a code that ClickUp does not know is told."""
    page = await connecting.begin()
    state = parse_qs(urlsplit(page).query)["state"][0]
    assert (await connecting.agree(page)).status_code == 200
    assert (await connecting.agree(page)).status_code == 422
    for stranger in ("x" * 43, state[:-1]):
        answer = await connecting.client.get("/oauth/callback", params={"code": "c", "state": stranger})
        assert answer.status_code == 422 and "begin again" in answer.json()["detail"]
    late = await connecting.begin()
    connecting.mirror.rows("UPDATE oauth_states SET expires_at = now()")
    assert (await connecting.agree(late)).status_code == 422
    page = await connecting.begin()
    wrong = parse_qs(urlsplit(page).query)["state"][0]
    await connecting.start(page)
    refused = await connecting.client.get("/oauth/callback", params={"code": "forged", "state": wrong})
    assert refused.status_code == 422 and "begin again" in refused.json()["detail"]
    assert "Code not found" not in refused.text


async def test_only_the_browser_that_began_comes_back(connecting: Connecting) -> None:
    """Another one connects nothing and uses up no state; an address that nobody signed leads nowhere."""
    page = await connecting.begin()
    back = urlsplit((await connecting.client.get(await connecting.start(page))).headers["location"])
    async with client_of(str(connecting.client.base_url)) as other:
        answer = await other.get(f"{back.path}?{back.query}")
        assert answer.status_code == 422 and "another browser" in answer.json()["detail"]
        there = urlsplit(page)
        forged = await other.get(f"{there.path}?{there.query}0")
        assert forged.status_code == 422 and "set-cookie" not in forged.headers
    assert connecting.mirror.value("SELECT count(*) FROM oauth_states") == 1
    assert (await connecting.client.get(f"{back.path}?{back.query}")).status_code == 200


async def test_the_page_quotes_nothing_of_the_address(connecting: Connecting) -> None:
    """Whoever sends somebody a link does not choose what the page says."""
    params = {"error": "call 0900 123", "state": "x"}
    answer = await connecting.client.get("/oauth/callback", params=params)
    assert answer.status_code == 422 and "0900" not in answer.text


async def test_only_an_admin_begins(connecting: Connecting) -> None:
    """403 for a key that reads, 401 without one."""
    for headers, status in (({"Authorization": f"Bearer {READER}"}, 403), ({}, 401)):
        answer = await connecting.client.post("/oauth/authorizations", json={}, headers=headers)
        assert answer.status_code == status
