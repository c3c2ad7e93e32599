"""The page of connected workspaces: what it shows, and what its forms do."""

from collections.abc import AsyncIterator

import pytest

from app.http.sign_in import SIGN_OUT_PATH
from app.simulator.oauth import AUTHORIZE, CLIENT_ID, CLIENT_SECRET
from app.simulator.world import World
from tests.api.door import READER, WRITER
from tests.dashboard.pages import HTML, Browsing, Page
from tests.dashboard.test_sessions import SAFE, ask, sign_in
from tests.engine.conftest import MakeMirror, small_world
from tests.engine.service.running import STILL, client_of, serving, until

ADMIN = "admin-" + "a" * 26
KEYS = f"dashboard:read:{READER},script:write:{WRITER},boss:admin:{ADMIN}"
PATH = "/ui/workspaces"
CAPTION = "Connected workspaces"


@pytest.fixture
def world() -> World:
    return small_world(3, tasks=8, lists=3, people=3, workspaces=3)


@pytest.fixture
async def desk(make_mirror: MakeMirror, world: World) -> AsyncIterator[Browsing]:
    """The page of a mirror of one of the token's three workspaces, for the key of an admin."""
    mirror = make_mirror(world)
    await mirror.sync("incremental")
    app = {
        "clickup_client_id": CLIENT_ID,
        "clickup_client_secret": CLIENT_SECRET,
        "clickup_authorize_url": mirror.sim.base_url.removesuffix("/api/v2") + AUTHORIZE,
        "public_url": "https://mirror.example.com",
    }
    async with serving(mirror, api_keys=KEYS, **app, **STILL) as running, client_of(running.url) as client:
        client.headers["Authorization"] = f"Bearer {ADMIN}"
        yield Browsing(mirror, client)


async def send(desk: Browsing, path: str, status: int = 303, **fields: str) -> Page:
    """The page after a form was sent, as a browser follows it."""
    answer = await desk.client.post(path, data=fields, headers=HTML | SAFE)
    assert answer.status_code == status, answer.text
    return await desk.open(answer.headers["location"]) if status == 303 else Page(answer)


async def test_a_workspace_is_connected_paused_and_removed(desk: Browsing, world: World) -> None:
    """By forms alone; the list says state, token and last sync, and no page shows the token."""
    other, token = world.other_workspaces[0], world.token
    own = f"{PATH}/{other.id}"
    page = await send(desk, PATH, token=token, team_id=other.id, name="Our client")
    rows = {row[0]: row for row in page.rows(CAPTION)}
    assert rows[f"Our client{other.id}"][1:4] == ["active", "personal, accepted", "never"]
    mirrored = rows[f"{world.workspace.name}{world.workspace.id}"]
    assert mirrored[2] == "CLICKUP_API_TOKEN, accepted" and "ago" in mirrored[3]
    assert "paused" in (await send(desk, f"{own}/pause")).words
    assert "paused" not in (await send(desk, f"{own}/resume")).words
    new = world.token_for(world.owner().id)
    assert "never shown" in (await send(desk, f"{own}/token", token=new)).words
    refused = await send(desk, f"{own}/remove", 422)
    assert "choose whether the mirrored data is kept or erased" in refused.words
    page = await send(desk, f"{own}/remove", data="erase")
    counted = "SELECT count(*) FROM workspace_connections"
    await until(lambda: desk.mirror.value(counted) == 1)
    assert token not in page.answer.text and new not in page.answer.text


async def test_what_is_wrong_is_said_on_the_page(desk: Browsing, world: World) -> None:
    """A token that ClickUp rejects is not repeated; several workspaces are listed; unknown ones are told."""
    page = await send(desk, PATH, 422, token="pk_1_NOBODYHASTHIS")
    assert "ClickUp rejects the token" in page.words and "NOBODYHASTHIS" not in page.answer.text
    page = await send(desk, PATH, 422, token=world.token)
    assert all(one.id in page.words for one in world.other_workspaces)
    page = await send(desk, f"{PATH}/1/pause", 422)
    assert "workspace 1 is not connected" in page.words
    page = await send(desk, f"{PATH}/{world.workspace.id}/remove", 422, data="erase")
    assert "CLICKUP_API_TOKEN" in page.words
    page = await send(desk, PATH, 413, token="x" * 9_000)
    assert "too long" in page.words


async def test_the_way_to_clickup_is_a_link(desk: Browsing) -> None:
    """A form leads nowhere else; the browser that ClickUp sends back is shown what was connected."""
    answer = await desk.client.post(f"{PATH}/authorize", headers=HTML | SAFE)
    (there,) = [link for link in Page(answer).links() if "/oauth/start" in link]
    begun = await desk.client.get(there.removeprefix("https://mirror.example.com"))
    back = (
        (await desk.client.get(begun.headers["location"]))
        .headers["location"]
        .removeprefix("https://mirror.example.com")
    )
    del desk.client.headers["Authorization"]
    shown = await desk.open(back)
    assert shown.title == "Connected" and desk.mirror.world.other_workspaces[0].id in shown.words
    refused = await desk.open("/oauth/callback", 422, error="access_denied", state="x", unknown="1")
    assert "ClickUp allowed nothing: begin again" in refused.words


@pytest.mark.parametrize("key", [READER, WRITER])
async def test_other_keys_see_no_form_and_may_change_nothing(desk: Browsing, key: str) -> None:
    """403 for every form, and the page says which key is needed."""
    desk.client.headers["Authorization"] = f"Bearer {key}"
    page = await desk.open(PATH)
    assert len(page.rows(CAPTION)) == 1 and "a key with scope admin" in page.words
    assert [form.get("action") for form in page.all("form")] == [SIGN_OUT_PATH]
    own = f"{PATH}/{desk.mirror.world.workspace.id}"
    for path in (PATH, f"{PATH}/authorize", f"{own}/pause", f"{own}/token", f"{own}/remove"):
        await send(desk, path, 403, token="pk_1_ABCDEFGH", data="erase")
    assert desk.mirror.value("SELECT state FROM workspace_connections") == "active"


async def test_forms_of_other_websites_are_refused(desk: Browsing) -> None:
    """A browser that is signed in sends its cookie along; where the form stands decides."""
    url = str(desk.client.base_url).rstrip("/")
    cookie = await sign_in(url, ADMIN)
    own = f"{PATH}/{desk.mirror.world.workspace.id}/pause"
    for site in ("cross-site", "same-site"):
        refused = await ask(url, cookie, own, data={}, headers={"Sec-Fetch-Site": site})
        assert refused.status_code in (401, 403)
    assert desk.mirror.value("SELECT state FROM workspace_connections") == "active"
    assert (await ask(url, cookie, own, data={})).status_code == 303
    assert desk.mirror.value("SELECT state FROM workspace_connections") == "paused"
