"""Being signed in to the page is a row of the database: it can be seen, and it can be ended."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from app.http.sign_in import SIGN_OUT_PATH
from tests.api.door import READER, WRITER, WRONG
from tests.api.reading import pretend_worker
from tests.dashboard.pages import HTML, Page
from tests.engine.mirror import Mirror
from tests.engine.service.running import RunningService, client_of, serving, until

COOKIE = "clickup_sync_page"
SAFE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
async def guarded(mirror: Mirror, keys: str) -> AsyncIterator[RunningService]:
    """The page of a mirror that asks for keys."""
    pretend_worker(mirror)
    async with serving(mirror, api_keys=keys) as running:
        await until(lambda: running.service.workspace_id)
        yield running


async def sign_in(url: str, key: str, **headers: str) -> str:
    """The cookie of a browser that signs in with this key."""
    own = {name.replace("_", "-"): value.encode("latin-1") for name, value in headers.items()}
    sent = {name: value.encode() for name, value in (HTML | SAFE).items()} | own
    async with client_of(url) as client:
        answer = await client.post("/ui/sign-in", data={"key": key}, headers=sent)
        assert answer.status_code == 303, answer.text
        return answer.headers["set-cookie"].partition(";")[0]


async def ask(url: str, cookie: str, path: str = "/ui/sync-status", **more: Any) -> httpx2.Response:
    method = "POST" if "data" in more else "GET"
    headers = {"Cookie": cookie} | SAFE | more.pop("headers", {})
    async with client_of(url) as client:
        return await client.request(method, path, headers=headers, **more)


def sessions(mirror: Mirror) -> list[dict[str, Any]]:
    return mirror.rows("SELECT * FROM access_credentials WHERE kind = 'page_session' ORDER BY created_at")


async def test_a_copied_cookie_is_refused_as_soon_as_one_signs_out(guarded: RunningService) -> None:
    """Signing out ends the session on the server, and no other one of the same key."""
    cookie, other = await sign_in(guarded.url, WRITER), await sign_in(guarded.url, WRITER)
    assert (await ask(guarded.url, cookie)).status_code == 200
    answer = await ask(guarded.url, cookie, SIGN_OUT_PATH, data={})
    assert answer.status_code == 303 and "Max-Age=0" in answer.headers["set-cookie"]
    assert (await ask(guarded.url, cookie)).status_code == 401
    assert (await ask(guarded.url, other)).status_code == 200


async def test_the_database_has_no_cookie(guarded: RunningService, mirror: Mirror) -> None:
    """But its digest, the key's, until when it is good, and what the browser says it is."""
    cookie = await sign_in(guarded.url, READER, User_Agent="Mozilla/5.0 \x9b2J" + "x" * 300)
    (row,) = sessions(mirror)
    token = cookie.partition("=")[2]
    assert token.encode() not in bytes(row["secret_digest"]) and token not in str(row)
    assert (row["name"], row["scope"], row["opened_by"][:14]) == ("dashboard", "read", "Mozilla/5.0 2J")
    assert len(row["opened_by"]) == 200
    assert (row["expires_at"] - row["created_at"]).days == 30


@pytest.mark.parametrize("statement", ["ended_at = now()", "expires_at = now()"])
async def test_what_is_ended_elsewhere_is_refused_here_soon(
    guarded: RunningService, mirror: Mirror, statement: str
) -> None:
    """By another process, or because its time is over."""
    cookie = await sign_in(guarded.url, WRITER)
    mirror.rows(f"UPDATE access_credentials SET {statement}")

    async def refused() -> bool:
        return (await ask(guarded.url, cookie)).status_code == 401

    for _ in range(1_000):
        if await refused():
            return
    raise AssertionError("it is still let in")


async def test_one_signs_in_at_one_process_and_is_known_to_the_others(
    guarded: RunningService, mirror: Mirror, keys: str
) -> None:
    """At once: behind a load balancer the next request may come to another one."""
    async with serving(mirror, api_keys=keys) as other:
        await until(lambda: other.service.workspace_id)
        for url in (guarded.url, other.url):
            cookie = await sign_in(guarded.url, WRITER)
            assert (await ask(url, cookie)).status_code == 200


async def test_a_session_ends_with_its_key_and_may_do_no_more(
    guarded: RunningService, mirror: Mirror
) -> None:
    """A service that does not know the key does not know the session; the lesser scope of both counts."""
    cookie = await sign_in(guarded.url, WRITER)
    for keys, status in ((f"renamed:read:{WRITER}", 200), (f"other:write:{READER}", 401)):
        async with serving(mirror, api_keys=keys) as running:
            await until(lambda found=running: found.service.workspace_id)
            assert (await ask(running.url, cookie)).status_code == status
            refused = await ask(running.url, cookie, "/ui/sync", data={})
            assert refused.status_code == (403 if status == 200 else 401)


async def test_without_the_database_what_was_known_counts(guarded: RunningService, mirror: Mirror) -> None:
    """A session that is known goes on, one that is not stays out, and nothing is open."""
    cookie = await sign_in(guarded.url, WRITER)
    mirror.rows("ALTER TABLE access_credentials RENAME TO elsewhere")
    assert (await ask(guarded.url, cookie)).status_code == 200
    assert (await ask(guarded.url, f"{COOKIE}=unknown")).status_code == 401
    async with client_of(guarded.url) as client:
        assert (await client.get("/tasks")).status_code == 401
        assert (await client.get("/tasks", headers={"X-API-Key": READER})).status_code == 200
        refused = await client.post("/ui/sign-in", data={"key": WRITER}, headers=SAFE)
        assert refused.status_code >= 500 and "set-cookie" not in refused.headers
    assert (await ask(guarded.url, cookie, SIGN_OUT_PATH, data={})).status_code >= 500
    mirror.rows("ALTER TABLE elsewhere RENAME TO access_credentials")


async def test_a_person_sees_their_sessions_and_ends_them(guarded: RunningService, mirror: Mirror) -> None:
    """Those of their own key alone, also with a key that may only read; one, or all."""
    own = await sign_in(guarded.url, READER, User_Agent="Firefox at home")
    lost = await sign_in(guarded.url, READER, User_Agent="Safari on a lost phone")
    stranger = await sign_in(guarded.url, WRITER, User_Agent="of another key")
    page = Page(await ask(guarded.url, own, "/ui/sessions", headers=HTML))
    browsers = [row[0] for row in page.rows("Open sessions")]
    assert browsers == ["Safari on a lost phone", "Firefox at home (this one)"]
    ids = {row["opened_by"]: str(row["credential_id"]) for row in sessions(mirror)}
    for name, status in (("of another key", 200), ("Safari on a lost phone", 401)):
        answer = await ask(guarded.url, own, "/ui/sessions/end", data={"session": ids[name]})
        assert answer.status_code == 303
        cookie = {"of another key": stranger, "Safari on a lost phone": lost}[name]
        assert (await ask(guarded.url, cookie)).status_code == status
    foreign = await ask(
        guarded.url, own, "/ui/sessions/end-all", data={}, headers={"Sec-Fetch-Site": "same-site"}
    )
    assert foreign.status_code == 403
    assert (await ask(guarded.url, own, "/ui/sessions/end", data={})).status_code == 303
    assert (await ask(guarded.url, own)).status_code == 200
    assert (await ask(guarded.url, own, "/ui/sessions/end-all", data={})).status_code == 303
    assert (await ask(guarded.url, own)).status_code == 401
    assert (await ask(guarded.url, stranger)).status_code == 200


async def test_signing_in_anew_ends_the_former_session_of_the_browser(guarded: RunningService) -> None:
    """So a browser has one."""
    former = await sign_in(guarded.url, WRITER)
    latter = await sign_in(guarded.url, READER, Cookie=former)
    assert (await ask(guarded.url, former)).status_code == 401
    assert (await ask(guarded.url, latter)).status_code == 200


async def test_nobody_fills_the_table_by_signing_in(guarded: RunningService, mirror: Mirror) -> None:
    """Of a key there are fifty open sessions; the oldest are ended for the newest."""
    first = await sign_in(guarded.url, READER)
    mirror.rows(
        "INSERT INTO access_credentials (kind, name, scope, secret_digest, key_digest, opened_by)"
        " SELECT kind, name, scope, sha256(n::text::bytea), key_digest, opened_by"
        " FROM access_credentials, generate_series(1, 49) AS n"
    )
    assert (await ask(guarded.url, first)).status_code == 200
    await sign_in(guarded.url, READER)
    assert (await ask(guarded.url, first)).status_code == 401
    assert mirror.value("SELECT count(*) FROM access_credentials WHERE ended_at IS NULL") == 50


async def test_a_live_view_ends_with_its_session(guarded: RunningService, mirror: Mirror) -> None:
    """A copied cookie keeps no stream open beyond the session; what changes is told to nobody else."""
    cookie = await sign_in(guarded.url, READER)
    headers = {"Cookie": cookie} | SAFE
    async with (
        client_of(guarded.url) as client,
        client.stream("GET", "/ui/events", headers=headers) as events,
    ):
        assert events.status_code == 200
        lines = events.aiter_lines()
        await anext(lines)
        await ask(guarded.url, cookie, SIGN_OUT_PATH, data={})
        mirror.rows("UPDATE runs SET ended_at = now()")
        async for _ in lines:  # to its end, which comes at the next part or heartbeat
            pass


async def test_signing_in_is_a_request_of_the_key(mirror: Mirror, keys: str) -> None:
    """As many as the key may send in a minute, and no more: each would be a row."""
    async with serving(mirror, api_keys=keys, api_rate_limit=3) as running:
        for _ in range(3):
            await sign_in(running.url, READER)
        async with client_of(running.url) as client:
            sent = HTML | SAFE
            answer = await client.post("/ui/sign-in", data={"key": READER}, headers=sent)
    assert answer.status_code == 429
    assert len(sessions(mirror)) == 3


async def test_who_has_no_session_ends_none(guarded: RunningService, mirror: Mirror) -> None:
    """An invented cookie never reaches the database as a change."""
    mirror.rows(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql"
        " AS $$ BEGIN RAISE EXCEPTION 'written'; END $$;"
        " CREATE TRIGGER refuse BEFORE UPDATE ON access_credentials"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse()"
    )
    answer = await ask(guarded.url, f"{COOKIE}=invented", SIGN_OUT_PATH, data={})
    assert answer.status_code == 303


async def test_by_tls_the_cookie_is_bound_to_this_very_host(guarded: RunningService) -> None:
    """Its name says so to browsers; by TLS a cookie of the other name counts for nothing."""
    tls = {"X-Forwarded-Proto": "https"}
    cookie = await sign_in(guarded.url, WRITER, X_Forwarded_Proto="https")
    assert cookie.startswith(f"__Host-{COOKIE}=")
    assert (await ask(guarded.url, cookie, headers=tls)).status_code == 200
    assert (await ask(guarded.url, cookie.removeprefix("__Host-"), headers=tls)).status_code == 401


@pytest.mark.parametrize("site", ["same-site", "cross-site"])
async def test_what_a_page_of_another_port_loads_is_nobodys(guarded: RunningService, site: str) -> None:
    """A browser sends the cookie along with the pictures of a page on another port of this host."""
    cookie = await sign_in(guarded.url, WRITER)
    picture = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}
    link = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    for path in ("/ui/tasks", "/ui/events", "/timesheets"):
        assert (await ask(guarded.url, cookie, path, headers=picture)).status_code == 401, path
    assert (await ask(guarded.url, cookie, "/ui/tasks", headers=link)).status_code == 200


async def test_a_cookie_is_a_token_of_this_database_and_nothing_else(guarded: RunningService) -> None:
    """A changed one, none, a key, or one that is sent as a key: nobody's."""
    cookie = await sign_in(guarded.url, WRITER)
    token = cookie.partition("=")[2]
    for wrong in (cookie[:-1], f"{cookie}x", f"{COOKIE}=", f"{COOKIE}={WRITER}", f"{COOKIE}={'x' * 4_000}"):
        assert (await ask(guarded.url, wrong)).status_code == 401
    assert (await ask(guarded.url, f"a=b; {cookie}")).status_code == 200
    for headers in ({"Authorization": f"Bearer {token}"}, {"X-API-Key": WRONG, "Cookie": cookie}):
        async with client_of(guarded.url) as client:
            assert (await client.get("/ui/sync-status", headers=headers)).status_code == 401


async def test_requests_by_cookie_are_counted_as_those_by_key(mirror: Mirror, keys: str) -> None:
    """Together, signing in among them: a browser is no way around the limit."""
    pretend_worker(mirror)
    async with serving(mirror, api_keys=keys, api_rate_limit=3) as running:
        await until(lambda: running.service.workspace_id)
        cookie = await sign_in(running.url, READER)
        async with client_of(running.url) as client:
            assert (await client.get("/status", headers={"X-API-Key": READER})).status_code == 200
        assert (await ask(running.url, cookie)).status_code == 200
        assert (await ask(running.url, cookie)).status_code == 429
