"""A browser signs in with a key and is known by a cookie, on the page's own paths and nowhere else."""

from collections.abc import AsyncIterator
from urllib.parse import quote

import httpx2
import pytest

from tests.api.door import READER, WRITER, WRONG
from tests.api.reading import pretend_worker
from tests.dashboard.pages import HTML, Page
from tests.engine.mirror import Mirror
from tests.engine.service.running import RunningService, client_of, serving, until

SAFE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
async def guarded(mirror: Mirror, keys: str) -> AsyncIterator[RunningService]:
    """The page of a mirror that asks for keys."""
    pretend_worker(mirror)
    async with serving(mirror, api_keys=keys) as running:
        await until(lambda: running.service.workspace_id)
        yield running


async def sign_in(client: httpx2.AsyncClient, key: str, **headers: str) -> httpx2.Response:
    sent = HTML | SAFE | {name.replace("_", "-"): value for name, value in headers.items()}
    return await client.post(
        "/ui/sign-in", data={"key": key, "next": "/ui/hours?group_by=space"}, headers=sent
    )


@pytest.mark.parametrize("path", ["/", "/ui/tasks?status_type=open&q=a+b", "/ui/nowhere"])
async def test_a_browser_without_a_key_is_led_to_the_form(guarded: RunningService, path: str) -> None:
    """And from there back to where it wanted; programs have their 401."""
    async with client_of(guarded.url) as client:
        answer = await client.get(path, headers=HTML)
        assert answer.status_code == 303
        assert answer.headers["location"] == f"/ui/sign-in?next={quote(path, safe='')}"
        form = Page(await client.get(answer.headers["location"], headers=HTML))
        assert form.one("input", name="next").get("value") == path
        assert form.one("input", name="key").get("type") == "password"
        for headers in ({}, {"Accept": "application/json"}):
            refused = await client.get(path, headers=headers)
            assert refused.status_code == 401
            assert refused.headers["content-type"] == "application/problem+json"
        part = await client.get("/ui/sync-status", headers={"HX-Request": "true"})
        assert (part.status_code, part.headers["hx-redirect"]) == (401, "/ui/sign-in?next=%2F")


async def test_a_key_opens_the_page_until_one_signs_out(guarded: RunningService) -> None:
    """The form leads back; the cookie is out of reach of scripts and other websites; the key is not in it."""
    async with client_of(guarded.url) as client:
        answer = await sign_in(client, f"  {WRITER} ")
        assert (answer.status_code, answer.headers["location"]) == (303, "/ui/hours?group_by=space")
        cookie = answer.headers["set-cookie"]
        for part in ("HttpOnly", "SameSite=strict", "Max-Age=2592000", "Path=/"):
            assert part in cookie
        assert "Secure" not in cookie and WRITER not in cookie
        page = Page(await client.get("/", headers=HTML))
        assert (page.status, page.title) == (200, "Overview")
        assert "script" in page.words and page.all("form", action="/ui/sign-out")
        answer = await client.post("/ui/sign-out", headers=HTML | SAFE)
        assert (answer.status_code, answer.headers["location"]) == (303, "/ui/sign-in")
        assert (await client.get("/", headers=HTML)).status_code == 303


@pytest.mark.parametrize("proto", ["https", "https, http"])
async def test_behind_tls_the_cookie_goes_by_tls_alone(guarded: RunningService, proto: str) -> None:
    """As the proxy says."""
    async with client_of(guarded.url) as client:
        assert "Secure" in (await sign_in(client, WRITER, X_Forwarded_Proto=proto)).headers["set-cookie"]


async def test_a_wrong_key_is_told_and_counted(guarded: RunningService) -> None:
    """The form says so; after some of them nothing is looked at, not even the right one."""
    async with client_of(guarded.url) as client:
        for number in range(30):
            answer = await sign_in(client, f"{WRONG}{number}")
            assert answer.status_code == 401 and "set-cookie" not in answer.headers
        assert "Unknown API key." in Page(answer).words
        assert WRONG not in answer.text
        answer = await sign_in(client, WRITER)
        assert (answer.status_code, Page(answer).title) == (429, "Too many requests")
        assert "retry-after" in answer.headers
        assert (await client.get("/tasks", headers={"X-API-Key": WRONG})).status_code == 429


async def test_a_read_key_changes_nothing(guarded: RunningService) -> None:
    """No button, and 403 for who asks nevertheless; it may sign out."""
    async with client_of(guarded.url) as client:
        await sign_in(client, READER)
        page = Page(await client.get("/", headers=HTML))
        assert page.all("form", action="/ui/sync") == [] and "(read only)" in page.words
        answer = await client.post("/ui/sync", headers=HTML | SAFE)
        assert (answer.status_code, Page(answer).title) == (403, "Not allowed")
        assert (await client.post("/ui/sign-out", headers=HTML | SAFE)).status_code == 303


FOREIGN = [
    {},
    {"Origin": "https://evil.example.com"},
    {"Origin": "null"},
    {"Origin": "http://localhost"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "{own}"},
]


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
async def test_other_websites_change_nothing_with_the_cookie(
    guarded: RunningService, headers: dict[str, str]
) -> None:
    """Neither sync, nor sign in, nor sign out, whatever the browser sends along."""
    sent = HTML | {name: value.replace("{own}", guarded.url) for name, value in headers.items()}
    async with client_of(guarded.url) as client:
        await sign_in(client, WRITER)
        for path in ("/ui/sync", "/ui/sign-out"):
            assert (await client.post(path, headers=sent)).status_code == 403
        answer = await client.post("/ui/sign-in", data={"key": WRITER}, headers=sent)
        assert answer.status_code == 403 and "set-cookie" not in answer.headers
    assert guarded.mirror.rows("SELECT 1 FROM runs WHERE trigger = 'api'") == []


async def test_the_page_itself_may_ask(guarded: RunningService) -> None:
    """By either header; a browser that is not served safely sends its origin alone."""
    async with client_of(guarded.url) as client:
        await sign_in(client, WRITER)
        for headers in (SAFE, {"Origin": guarded.url}):
            assert (await client.post("/ui/sync", headers=HTML | headers)).status_code == 303


async def test_the_cookie_is_good_for_the_page_alone(guarded: RunningService) -> None:
    """And for the file that the page links to; the API asks for a key, and no other method passes."""
    async with client_of(guarded.url) as client:
        await sign_in(client, WRITER)
        assert (await client.get("/timesheets?format=csv")).status_code == 200
        assert (await client.head("/timesheets?format=csv")).status_code == 200
        for path in ("/tasks", "/employees", "/status", "/metrics", "/runs"):
            assert (await client.get(path)).status_code == 401, path
        for path in ("/sync/tasks", "/timesheets"):
            assert (await client.post(path, headers=SAFE)).status_code == 401, path


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example.com",
        "//evil.example.com",
        "/\\evil.example.com",
        "/ui/\t/x",
        "javascript:x",
        "/tasks",
    ],
)
async def test_the_form_leads_nowhere_else(guarded: RunningService, wanted: str) -> None:
    """But to the page."""
    async with client_of(guarded.url) as client:
        form = Page(await client.get("/ui/sign-in", params={"next": wanted}, headers=HTML))
        assert form.one("input", name="next").get("value") == "/"
        answer = await client.post("/ui/sign-in", data={"key": WRITER, "next": wanted}, headers=HTML | SAFE)
        assert answer.headers["location"] == "/"


async def test_a_link_from_elsewhere_finds_who_has_signed_in(guarded: RunningService) -> None:
    """The browser sends no cookie then: the page asks again by itself, and only then for a key."""
    async with client_of(guarded.url) as client:
        answer = await client.get("/ui/tasks?q=a", headers=HTML | {"Sec-Fetch-Site": "cross-site"})
        assert Page(answer).one("meta", http_equiv="refresh").get("content") == "0;url=/ui/tasks?q=a"
        again = await client.get("/ui/tasks?q=a", headers=HTML | SAFE)
        assert again.status_code == 303


async def test_a_body_that_is_no_form_is_refused(guarded: RunningService) -> None:
    """However large, or whatever it is."""
    async with client_of(guarded.url) as client:
        large = await client.post("/ui/sign-in", content=b"x" * 100_000, headers=HTML | SAFE)
        assert large.status_code == 413
        for body in (b"", b"\xff\xfe", b"key", b"key=&key=", b"&" * 1_000):
            answer = await client.post("/ui/sign-in", content=body, headers=HTML | SAFE)
            assert answer.status_code == 401


async def test_without_keys_there_is_nothing_to_sign_in_to(mirror: Mirror) -> None:
    """Who is on this machine is in; the form leads to the overview."""
    async with serving(mirror) as running, client_of(running.url) as client:
        for answer in (await client.get("/ui/sign-in", headers=HTML), await sign_in(client, WRITER)):
            assert (answer.status_code, answer.headers["location"]) == (303, "/")
        page = Page(await client.get("/", headers=HTML))
        assert page.all("form", action="/ui/sign-out") == []
        refused = await client.get("/", headers=HTML | {"X-Forwarded-For": "203.0.113.9"})
        assert (refused.status_code, Page(refused).title) == (403, "Not allowed")
        refused = await client.post("/ui/sync", headers=HTML | {"Origin": "https://evil.example.com"})
        assert refused.status_code == 403
