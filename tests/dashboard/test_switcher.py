"""The page shows one workspace at a time: the one that was chosen, and none that the key may not see."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from tests.api.door import WRITER
from tests.api.reading import pretend_worker
from tests.dashboard.pages import HTML, Page, said
from tests.engine.conftest import MakeMirror
from tests.engine.mirror import Mirror
from tests.engine.separation import Detector, Separated, make_separated
from tests.engine.service.running import STILL, RunningService, client_of, serving, until

COOKIE = "clickup_sync_workspace"


@pytest.fixture
async def two(make_mirror: MakeMirror) -> Separated:
    found = await make_separated(make_mirror)
    pretend_worker(found.first)
    return found


@asynccontextmanager
async def served(two: Separated, **settings: object) -> AsyncIterator[RunningService]:
    """The service of the first workspace, which needs a key."""
    known = {"api_keys": f"all:write:{WRITER}", **STILL, **settings}
    async with serving(two.first, **known) as running:
        await until(lambda: running.service.workspace_id or settings)
        yield running


@asynccontextmanager
async def browsing_as(running: RunningService, key: str = WRITER) -> AsyncIterator[httpx2.AsyncClient]:
    """A browser that keeps cookies."""
    async with client_of(running.url) as client:
        client.headers |= {"Authorization": f"Bearer {key}", "Sec-Fetch-Site": "same-origin", **HTML}
        yield client


async def open_page(client: httpx2.AsyncClient, path: str, status: int = 200, **params: str) -> Page:
    answer = await client.get(path, params=params or None)
    assert answer.status_code == status, answer.text
    return Page(answer)


def paths_of(mirror: Mirror) -> list[str]:
    """One of each kind of page, with as much on it as there is."""
    team = mirror.sim.team_id
    tasks = mirror.rows("SELECT clickup_task_id AS id FROM tasks WHERE workspace_id = %s LIMIT 3", team)
    people = mirror.rows("SELECT employee_id AS id FROM memberships WHERE workspace_id = %s LIMIT 2", team)
    return [
        "/", "/ui/tasks", "/ui/tasks?deleted=include&limit=100", "/ui/tasks?overdue=true", "/ui/hours",
        "/ui/hours?group_by=task", "/ui/hours?group_by=list", "/ui/people", "/ui/sync-status", "/ui/sessions",
        *(f"/ui/tasks/{task['id']}" for task in tasks), *(f"/ui/people/{person['id']}" for person in people),
    ]  # fmt: skip


def within(path: str, mirror: Mirror) -> str:
    return f"{path}{'&' if '?' in path else '?'}workspace_id={mirror.sim.team_id}"


def without_switcher(page: Page) -> str:
    """The page but for its list of workspaces, whose names may be seen by who may choose."""
    for form in page.all("form", class_="switcher"):
        form.clear()
    return page.words + " ".join(page.links())


async def test_every_page_is_of_the_chosen_workspace(two: Separated) -> None:
    """It tells nothing of the other one, and each of its links leads to the same workspace."""
    async with served(two) as running, browsing_as(running) as client:
        for own, other in two.both:
            detector, mine, told = Detector.of(other, own), Detector.of(own, other), 0
            for path in paths_of(own):
                page = await open_page(client, within(path, own))
                text = without_switcher(page)
                assert detector.found(text) == [], path
                told += bool(mine.found(page.words))
                for link in page.links():
                    if link == "/" or link.startswith(("/?", "/ui/", "/timesheets")):
                        named = parse_qs(urlsplit(link).query).get("workspace_id")
                        assert named == [own.sim.team_id], (path, link)
                for form in page.all("form", method="get"):
                    if form.get("class") != "switcher" and len(form):
                        fields = {field.get("name"): field.get("value") for field in form.iter("input")}
                        assert fields.get("workspace_id") == own.sim.team_id, path
            assert told > 6


async def test_events_are_of_the_chosen_workspace(two: Separated) -> None:
    """Two who watch two workspaces are sent each their own."""
    async with served(two) as running, browsing_as(running) as client:
        for own, other in two.both:
            detector, parts = Detector.of(other, own), list[str]()
            async with client.stream("GET", within("/ui/events", own), timeout=120) as answer:
                async for line in answer.aiter_lines():
                    parts.append(line)
                    if line.startswith("event: unseen"):
                        break
            text = "\n".join(parts)
            assert detector.found(text) == []
            assert f"workspace_id={own.sim.team_id}" in text
            count = own.value(
                "SELECT count(*) FROM tasks WHERE workspace_id = %s AND NOT is_deleted", own.sim.team_id
            )
            assert f'<span class="figure">{count}</span> tasks' in text


async def test_the_switcher_lists_both_and_keeps_the_choice(two: Separated) -> None:
    """By name; after a choice an address that names none shows the chosen one, in this browser alone."""
    team = two.second.sim.team_id
    async with served(two) as running, browsing_as(running) as client, browsing_as(running) as other:
        page = await open_page(client, "/ui/tasks")
        choices = [said(option) for option in page.one("select", id="workspace")]
        assert choices == ["Birch & Sons", "Maple Works"]
        assert said(page.one("option", selected="")) == "Birch & Sons"
        form = page.one("form", class_="switcher")
        assert (form.get("method"), form.get("action")) == ("get", "/ui/tasks")
        await open_page(client, "/ui/tasks", workspace_id=team)
        for path in ("/", "/ui/people"):
            assert said((await open_page(client, path)).one("option", selected="")) == "Maple Works"
            assert said((await open_page(other, path)).one("option", selected="")) == "Birch & Sons"
        client.cookies.clear()
        client.cookies.set(COOKIE, "no such workspace")
        assert said((await open_page(client, "/")).one("option", selected="")) == "Birch & Sons"


async def test_one_workspace_is_not_spoken_of(mirror: Mirror) -> None:
    """No switcher, no parameter in any link, and no cookie."""
    pretend_worker(mirror)
    async with serving(mirror, **STILL) as running, client_of(running.url) as client:
        await until(lambda: running.service.workspace_id)
        for path in ("/", "/ui/tasks", "/ui/hours", "/ui/people"):
            answer = await client.get(path, headers=HTML)
            assert "workspace_id" not in answer.text and 'class="switcher"' not in answer.text
            assert COOKIE not in answer.headers.get("set-cookie", "")
        named = await client.get("/", params={"workspace_id": mirror.sim.team_id}, headers=HTML)
        assert named.status_code == 200 and "workspace_id" not in named.text


async def test_a_limited_key_sees_its_own_alone(two: Separated) -> None:
    """On every page, without a switcher; the other one is not found, named in the address or in a cookie."""
    async with served(two) as running:
        for own, other in two.both:
            detector = Detector.of(other, own)
            async with browsing_as(running, await two.make_key(own)) as client:
                for path in paths_of(own):
                    for cookies in ({}, {COOKIE: other.sim.team_id}):
                        client.cookies = httpx2.Cookies(cookies)
                        answer = await client.get(path)
                        assert answer.status_code == 200, (path, answer.text)
                        assert detector.found(answer.text) == [], path
                        assert 'class="switcher"' not in answer.text
                client.cookies = httpx2.Cookies()
                for path in (*paths_of(other), "/ui/events"):
                    refused = await client.get(within(path, other))
                    assert refused.status_code == 404, path
                    assert detector.found(refused.text.replace(other.sim.team_id, "")) == [], path
                for path in paths_of(other)[-5:]:
                    assert (await client.get(path)).status_code == 404, path


async def test_a_limited_key_signs_in_to_its_own(two: Separated) -> None:
    """The session of a browser has the limits of the key; so has the CSV file that a page links to."""
    key, detector = await two.make_key(two.second), Detector.of(two.first, two.second)
    async with served(two) as running, client_of(running.url) as client:
        client.headers |= {"Sec-Fetch-Site": "same-origin", **HTML}
        assert (await client.post("/ui/sign-in", data={"key": key})).status_code == 303
        page = await open_page(client, "/ui/hours")
        assert detector.found(page.answer.text) == []
        (csv,) = [link for link in page.links() if link.startswith("/timesheets")]
        file = await client.get(csv)
        assert file.status_code == 200 and detector.found(file.text) == []
        refused = await client.get(csv, params={"workspace_id": two.first.sim.team_id})
        assert refused.status_code == 404


async def test_sync_now_is_of_the_chosen_workspace(two: Separated) -> None:
    """A run of that workspace is requested, and none of the other; a key may start one of its own only."""
    async with served(two) as running, browsing_as(running) as client:
        page = await open_page(client, within("/", two.second))
        (form,) = [one for one in page.all("form", method="post") if "/ui/sync" in one.get("action", "")]
        answer = await client.post(form.get("action", ""))
        assert answer.status_code == 303
        assert answer.headers["location"] == f"/?workspace_id={two.second.sim.team_id}"

        def requested(mirror: Mirror) -> int:
            return int(mirror.value(
                "SELECT count(*) FROM runs WHERE trigger = 'page' AND workspace_id = %s", mirror.sim.team_id
            ))  # fmt: skip

        assert (requested(two.first), requested(two.second)) == (0, 1)
        async with browsing_as(running, await two.make_key(two.first)) as limited:
            assert (await limited.post(form.get("action", ""))).status_code == 404
            assert (await limited.post("/ui/sync")).status_code == 303
        assert (requested(two.first), requested(two.second)) == (1, 1)


async def test_without_a_usual_workspace_the_first_by_name_is_shown(two: Separated) -> None:
    """Where CLICKUP_TEAM_ID is not set and there are several."""
    async with served(two, clickup_team_id=None) as running, browsing_as(running) as client:
        for path in ("/", "/ui/tasks"):
            assert said((await open_page(client, path)).one("option", selected="")) == "Birch & Sons"


async def test_a_workspace_that_nobody_knows_is_not_found(two: Separated) -> None:
    """404 as of the API, with the id."""
    async with served(two) as running, browsing_as(running) as client:
        page = await open_page(client, "/ui/tasks?workspace_id=4711", 404)
        assert "knows no workspace 4711" in page.words
