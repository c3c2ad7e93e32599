"""Nobody comes in who may not: without keys only this machine, with keys only who has one."""

import asyncio
import json
import socket
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.http.addresses import is_loopback
from app.http.auth import AuthMiddleware
from app.http.local import reason_not_local
from tests.api.door import READER, WRITER, WRONG, open_door

OPEN = ("/healthz", "/docs", "/docs/swagger-ui.css", "/openapi.json")


def own_address() -> str:
    """This machine's address in its network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            pytest.skip("this machine is in no network")
        return str(probe.getsockname()[0])


async def test_without_keys_this_machine_is_served() -> None:
    """By each of its names, and it may do everything."""
    async with open_door() as door:
        port = door.url.rpartition(":")[2]
        for host in (f"localhost:{port}", f"127.0.0.1:{port}", f"[::1]:{port}", "LOCALHOST"):
            answer = await door.ask(host=host)
            assert (answer.status_code, answer.json()) == (200, {"caller": "local"})
        assert (await door.ask(method="POST")).status_code == 200
        assert (await door.ask("/sync/all")).status_code == 200


async def test_without_keys_another_machine_is_refused() -> None:
    """It comes from another address, whatever it says; and it is told what to set."""
    address = own_address()
    async with open_door(address) as door:
        for headers in ({}, {"host": "localhost"}, {"x_forwarded_for": "127.0.0.1", "host": "localhost"}):
            answer = await door.ask(**headers)
            assert answer.status_code == 403
            assert "without an API key" in answer.json()["detail"]
        assert (await door.ask("/sync/all", host="localhost")).status_code == 403
        for path in OPEN:
            assert (await door.ask(path)).status_code == 200
        assert (await door.ask("/webhooks/clickup", "GET")).status_code == 405


PROXIED = [
    {"forwarded": "for=203.0.113.9"},
    {"x_forwarded_for": "127.0.0.1"},
    {"x_forwarded_for": ""},
    {"X_Forwarded_Proto": "https"},
    {"x_real_ip": "127.0.0.1"},
    {"via": "1.1 proxy"},
    {"cf_connecting_ip": "203.0.113.9"},
    {"host": "mirror.example.com"},
    {"host": "127.0.0.1.example.com"},
    {"host": "localhost.example.com:8000"},
    {"host": "localhost@example.com"},
    {"host": ""},
    {"origin": "https://evil.example.com"},
    {"origin": "null"},
    {"origin": "http://localhost:1"},
    {"sec_fetch_site": "cross-site"},
    {"sec_fetch_site": "same-site"},
    {"sec_fetch_site": "same-site", "referer": "http://localhost:3000/"},
    {"referer": "http://localhost:3000/"},
    {"referer": "https://evil.example.com/page"},
    {"referer": "nonsense"},
    {"x_cluster_client_ip": "203.0.113.9"},
    {"fly_client_ip": "203.0.113.9"},
    {"x_envoy_external_address": "203.0.113.9"},
]


@pytest.mark.parametrize("headers", PROXIED, ids=str)
async def test_without_keys_whoever_comes_by_a_detour_is_refused(headers: dict[str, str]) -> None:
    """A proxy on this machine, a name that was bent to it, a page of another website: with any method."""
    async with open_door() as door:
        for method in ("GET", "HEAD", "POST", "DELETE", "OPTIONS"):
            answer = await door.ask(method=method, **headers)
            assert answer.status_code == 403
        assert (await door.ask("/sync/all", **headers)).status_code == 403
        for path in OPEN[:2]:
            assert (await door.ask(path, **headers)).status_code == 200


async def test_without_keys_a_page_of_another_port_starts_nothing() -> None:
    """Not by a picture's address either: an old browser that does not say which page asks may only look."""
    old = {"user_agent": "Mozilla/5.0 (X11; Linux x86_64; rv:60.0) Gecko/20100101 Firefox/60.0"}
    new = {"user_agent": "Mozilla/5.0", "sec_fetch_mode": "no-cors", "sec_fetch_dest": "image"}
    async with open_door() as door:
        for headers in (
            new | {"sec_fetch_site": "same-site", "referer": "http://localhost:3000/"},
            new | {"sec_fetch_site": "cross-site"},
            old | {"referer": "http://localhost:3000/"},
            old,
        ):
            assert (await door.ask("/sync/all", **headers)).status_code == 403, headers
            assert (await door.ask(method="POST", **headers)).status_code == 403, headers
        assert (await door.ask(**old)).status_code == 200
        port = door.url.rpartition(":")[2]
        for headers in (
            new | {"sec_fetch_site": "none"},
            new | {"sec_fetch_site": "same-origin"},
            old | {"referer": f"http://localhost:{port}/docs"},
            old | {"origin": f"http://localhost:{port}"},
            {"user_agent": "curl/8.5.0"},
        ):
            answer = await door.ask("/sync/all", host=f"localhost:{port}", **headers)
            assert answer.status_code == 200, headers


async def test_without_keys_a_proxy_that_says_nothing_is_known_by_its_version() -> None:
    """HTTP/1.0 is what proxies speak that were told nothing else; and Host must be there, once."""
    async with open_door() as door:
        for request in (
            "GET /read HTTP/1.0\nHost: 127.0.0.1\n\n",
            "GET /read HTTP/1.0\n\n",
            "GET /read HTTP/1.1\nConnection: close\n\n",
            "GET /read HTTP/1.1\nHost: localhost\nHost: evil.example.com\nConnection: close\n\n",
            "GET http://evil.example.com/read HTTP/1.1\nHost: evil.example.com\nConnection: close\n\n",
        ):
            assert (await door.say(request)).split()[1] in ("400", "403")
        said = await door.say("GET /read HTTP/1.1\nHost: localhost\nConnection: close\n\n")
        assert said.split()[1] == "200"


async def test_without_keys_an_allowed_page_may_ask() -> None:
    """Its origin stands in CORS_ORIGINS; a star there does not open what no key guards."""
    async with open_door(cors_origins="http://localhost:3000") as door:
        assert (await door.ask(origin="http://localhost:3000")).status_code == 200
        assert (await door.ask(origin=door.url, method="POST")).status_code == 200
    async with open_door(cors_origins="*") as door:
        assert (await door.ask(origin="https://evil.example.com")).status_code == 403


names = st.sampled_from(
    ["forwarded", "x-forwarded-for", "x-forwarded-host", "via", "x-real-ip", "accept", "a"]
)


@given(st.lists(st.tuples(names, st.text("127.0 localhost", max_size=12))), st.ip_addresses())
def test_no_header_makes_a_stranger_local(headers: list[tuple[str, str]], address: Any) -> None:
    """Only who comes from here, and through nobody, is local."""
    sent = [(b"host", b"localhost"), *((name.encode(), text.encode()) for name, text in headers)]
    scope = {"type": "http", "client": (str(address), 1), "headers": sent, "scheme": "http"}
    through = {name for name, _ in headers} - {"accept", "a"}
    mapped = getattr(address, "ipv4_mapped", None)
    local = address.is_loopback or bool(mapped and mapped.is_loopback)
    assert (reason_not_local(scope) is None) == (local and not through)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1", "localhost"])
def test_what_is_this_machine(address: str) -> None:
    """Loopback, in every way it is written."""
    assert is_loopback(address)


@pytest.mark.parametrize(
    "address", ["", "0.0.0.0", "::", "10.0.0.1", "::ffff:10.0.0.1", "127.1", "localhost.example.com", "*"]
)
def test_what_is_not(address: str) -> None:
    """All of a machine's addresses, others, and what only looks like it."""
    assert not is_loopback(address)


async def test_with_keys_a_key_is_needed(keys: str) -> None:
    """Also here, and for what does not exist; 401 says how to send one."""
    async with open_door(api_keys=keys) as door:
        for path in (
            "/read",
            "/metrics",
            "/nowhere",
            "/docs/",
            "/healthz/",
            "//healthz",
            "/DOCS",
            "/docs/%2e",
        ):
            answer = await door.ask(path)
            assert answer.status_code == 401, path
            assert answer.headers["www-authenticate"] == 'Bearer realm="clickup-sync"'
        for path in OPEN:
            assert (await door.ask(path)).status_code == 200
        assert (await door.ask("/webhooks/clickup")).status_code == 405


async def test_a_key_is_sent_in_either_header(keys: str) -> None:
    """With any client, from anywhere and through any proxy."""
    async with open_door(api_keys=keys) as door:
        for headers in (
            {"authorization": f"Bearer {READER}"},
            {"authorization": f"bearer   {READER}"},
            {"x_api_key": READER},
            {"x_api_key": READER, "authorization": "Basic dTpw"},
            {"x_api_key": READER, "host": "mirror.example.com", "x_forwarded_for": "203.0.113.9"},
        ):
            answer = await door.ask(**headers)
            assert (answer.status_code, answer.json()) == (200, {"caller": "dashboard"})


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": f"Bearer {WRONG}"},
        {"authorization": f"Bearer {READER[:-1]}"},
        {"authorization": f"Bearer {READER}x"},
        {"authorization": f"Bearer {READER.upper()}"},
        {"authorization": f"Bearer {WRONG}", "x_api_key": READER},
        {"x_api_key": WRONG},
        {"x_api_key": f"{READER},{WRITER}"},
        {"x_api_key": f"dashboard:read:{READER}"},
        {"x_api_key": "é"},
    ],
    ids=str,
)
async def test_a_wrong_key_is_refused(keys: str, headers: dict[str, str]) -> None:
    """401, whatever it resembles."""
    async with open_door(api_keys=keys) as door:
        answer = await door.ask(**headers)
        assert answer.status_code == 401
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]


async def test_what_is_no_key_counts_as_none(keys: str) -> None:
    """Another scheme, an empty header, a key in the address."""
    async with open_door(api_keys=keys) as door:
        for headers in ({"authorization": "Bearer"}, {"authorization": f"Basic {READER}"}, {"x_api_key": ""}):
            assert (await door.ask(**headers)).status_code == 401
        assert (await door.ask(f"/read?api_key={READER}&x-api-key={READER}")).status_code == 401


async def test_a_read_key_changes_nothing(keys: str) -> None:
    """403 for every method that may change something, and for a route that changes although it is GET."""
    async with open_door(api_keys=keys) as door:
        for method in ("POST", "PUT", "PATCH", "DELETE", "QUERY", "TRACE"):
            answer = await door.ask(method=method, key=READER)
            assert answer.status_code == 403
            assert "scope write" in answer.json()["detail"]
        assert (await door.ask("/sync/all", key=READER)).status_code == 403
        for method, status in (("GET", 200), ("HEAD", 200), ("OPTIONS", 405)):
            assert (await door.ask(method=method, key=READER)).status_code == status
        assert (await door.ask(method="POST", key=WRITER)).status_code == 200
        assert (await door.ask("/sync/all", key=WRITER)).status_code == 200


async def test_head_is_get_without_a_body_and_starts_nothing(keys: str) -> None:
    """The same headers; but nobody starts a sync by looking."""
    async with open_door(api_keys=keys) as door:
        got, looked = await door.ask(key=READER), await door.ask(method="HEAD", key=READER)
        assert looked.content == b""
        assert looked.headers["content-length"] == got.headers["content-length"]
        assert (await door.ask("/sync/all", "HEAD", WRITER)).status_code == 405
        assert (await door.ask(method="HEAD")).status_code == 401


async def test_a_key_may_ask_so_often_and_no_more(keys: str) -> None:
    """Then 429, which says when; another key is not touched, and open paths are not counted."""
    async with open_door(api_keys=keys, api_rate_limit=3) as door:
        for left in (2, 1, 0):
            answer = await door.ask(key=READER)
            assert answer.status_code == 200
            assert answer.headers["ratelimit-policy"] == '"key";q=3;w=60'
            assert answer.headers["ratelimit"].startswith(f'"key";r={left};t=')
        for path in ("/healthz", "/openapi.json"):
            assert (await door.ask(path, key=READER)).status_code == 200
        refused = await door.ask(key=READER)
        assert refused.status_code == 429
        assert 18 <= int(refused.headers["retry-after"]) <= 20
        assert refused.headers["ratelimit"].startswith('"key";r=0;t=')
        assert refused.headers["content-type"] == "application/problem+json"
        assert (await door.ask(key=WRITER)).status_code == 200


async def test_the_limit_may_be_taken_off(keys: str) -> None:
    """0: nobody counts, and nothing is said of a limit."""
    async with open_door(api_keys=keys, api_rate_limit=0) as door:
        assert "ratelimit" not in (await door.ask(key=READER)).headers


async def test_secrets_cannot_be_guessed_at_speed(keys: str) -> None:
    """After some wrong keys an address is told nothing for a while, not even that a guess was right."""
    async with open_door(api_keys=keys) as door:
        guesses = [await door.ask(key=f"{WRONG}{number}") for number in range(30)]
        assert {answer.status_code for answer in guesses} == {401}
        for key in (WRONG, READER):
            answer = await door.ask(key=key)
            assert answer.status_code == 429
            assert 1 <= int(answer.headers["retry-after"]) <= 2
        assert (await door.ask()).status_code == 401
        elsewhere = await door.ask(key=READER, x_forwarded_for="203.0.113.9")
        assert elsewhere.status_code == 200
        await asyncio.sleep(2.2)
        assert (await door.ask(key=READER)).status_code == 200


async def test_who_shares_an_address_with_a_guesser_is_let_in() -> None:
    """A key of 128 bits needs no wait: nobody guesses it, at whatever speed; a wrong one has to wait."""
    secret = "0123456789abcdef" * 2
    async with open_door(api_keys=f"a:read:{secret}") as door:
        tries = [door.ask(key=f"{secret[:-2]}{number}") for number in range(10, 70)]
        assert {answer.status_code for answer in await asyncio.gather(*tries)} == {401, 429}
        assert (await door.ask(key=secret)).status_code == 200


async def test_guesses_are_counted_for_a_whole_network(keys: str) -> None:
    """Who has 64 bits of addresses has no more guesses."""
    async with open_door(api_keys=keys) as door:
        for number in range(30):
            assert (await door.ask(key=WRONG, x_forwarded_for=f"2001:db8::{number:x}")).status_code == 401
        assert (await door.ask(key=READER, x_forwarded_for="2001:db8::ffff")).status_code == 429
        assert (await door.ask(key=READER, x_forwarded_for="2001:db8:0:1::1")).status_code == 200


async def test_what_the_form_needs_is_open_and_nothing_beside_it(keys: str) -> None:
    """Signing in and out, and how it looks; no other path of the page."""
    async with open_door(api_keys=keys) as door:
        assert (await door.ask("/ui/sign-in")).status_code == 200
        assert (await door.ask("/ui/static/page.css")).status_code == 200
        for path in ("/ui/static", "/ui/sign-in/", "/ui/tasks", "/ui/events", "/", "/ui/"):
            assert (await door.ask(path)).status_code == 401, path
        for path in ("/ui/static/../tasks", "/ui/static/%2e%2e/tasks", "/ui/static//etc/passwd"):
            assert (await door.ask(path)).status_code in (401, 404), path
        assert (await door.ask("/ui/events", "HEAD", READER)).status_code == 405


async def test_pages_of_other_origins_are_kept_out_unless_they_are_named(keys: str) -> None:
    """A browser asks beforehand, without a key; only a named origin is answered what it wants to hear."""
    asked = {"access_control_request_method": "GET", "access_control_request_headers": "authorization"}
    async with open_door(api_keys=keys) as door:
        answer = await door.ask(method="OPTIONS", origin="https://a.example.com", **asked)
        assert answer.status_code == 401
        answer = await door.ask(key=READER, origin="https://a.example.com")
        assert not [name for name in answer.headers if name.startswith("access-control")]
    async with open_door(api_keys=keys, cors_origins="https://a.example.com") as door:
        answer = await door.ask(method="OPTIONS", origin="https://a.example.com", **asked)
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == "https://a.example.com"
        refused = await door.ask(origin="https://a.example.com")
        assert refused.status_code == 401
        assert refused.headers["access-control-allow-origin"] == "https://a.example.com"
        other = await door.ask(key=READER, origin="https://b.example.com")
        assert "access-control-allow-origin" not in other.headers


async def test_nothing_here_speaks_by_websocket(keys: str) -> None:
    """So nobody comes in by one, whatever the server makes of the request."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def nothing(*_: Any) -> None:
        raise AssertionError("it came in")

    await AuthMiddleware(nothing)({"type": "websocket", "path": "/docs"}, nothing, send)
    assert sent == [{"type": "websocket.close", "code": 1008}]
    async with open_door(api_keys=keys) as door:
        said = await door.say(
            "GET /read HTTP/1.1\nHost: localhost\nUpgrade: websocket\nConnection: Upgrade, close\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\nSec-WebSocket-Version: 13\n\n"
        )
        assert said.split()[1] in ("401", "403")


async def test_openapi_says_where_a_key_is_needed(keys: str) -> None:
    """Everywhere but for what is open to everybody; and how it is sent."""
    async with open_door(api_keys=keys) as door:
        document = (await door.ask("/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    assert set(document["components"]["securitySchemes"]) == {"bearer", "header"}
    assert document["security"] == [{"bearer": []}, {"header": []}, {}]
    assert document["paths"]["/healthz"]["get"]["security"] == []
    assert "security" not in document["paths"]["/metrics"]["get"]


async def test_no_secret_is_told(keys: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither right nor wrong keys stand in an answer or in the log, wherever they were sent; names do."""
    secrets = (READER, WRITER, WRONG, "pk_1_HUNTER2")
    answers = []
    async with open_door(api_keys=keys, api_rate_limit=2) as door:
        for secret in secrets:
            for path in ("/read", "/breaks/unknown", f"/typed/x?limit={secret}", f"/read?api_key={secret}"):
                answers.append(await door.ask(path, key=secret))
                answers.append(await door.ask(path, "POST", x_api_key=secret))
        shown = repr(door.application.state.authenticator) + repr(vars(door.application.state.authenticator))
    captured = capsys.readouterr()
    told = captured.out + captured.err + shown
    told += "".join(answer.text + json.dumps(dict(answer.headers)) for answer in answers)
    for secret in secrets:
        assert secret not in told
    assert '"key": "dashboard"' in captured.err


async def test_without_settings_nobody_comes_in(keys: str) -> None:
    """An application that was never set up answers nothing but that it is broken."""
    async with open_door(api_keys=keys) as door:
        del door.application.state.authenticator
        assert (await door.ask(key=READER)).status_code == 500
