"""Keys and report links of the database: let in while they live, as whom they stand for, and no longer."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from app.context import open_context
from app.core.answers.access import CredentialKind, read_lifetime, read_link_path
from app.engine.retention import delete_history
from app.http.credentials import create_credential, end_credentials
from tests.api.door import READER, WRITER, WRONG
from tests.api.reading import pretend_worker
from tests.engine.mirror import Mirror
from tests.engine.service.running import RunningService, client_of, serving, until


@pytest.fixture
async def served(mirror: Mirror, keys: str) -> AsyncIterator[RunningService]:
    """The API of a mirror that asks for keys."""
    pretend_worker(mirror)
    async with serving(mirror, api_keys=keys) as running:
        await until(lambda: running.service.workspace_id)
        yield running


async def create(running: RunningService, kind: CredentialKind, name: str = "x", **more: Any) -> str:
    database = running.service.database
    secret, _ = await running.call(create_credential(database, kind, name, **more))
    return secret


async def status(url: str, path: str = "/status", key: str | None = None, method: str = "GET") -> int:
    async with client_of(url) as client:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return (await client.request(method, path, headers=headers)).status_code


async def comes_to(wanted: int, url: str, path: str = "/status", key: str | None = None) -> None:
    for _ in range(1_000):
        if await status(url, path, key) == wanted:
            return
    raise AssertionError(f"it never came to {wanted}")


async def test_a_key_that_was_made_counts_at_once_and_until_it_is_revoked(served: RunningService) -> None:
    """Without a restart; it reads, and writes where it may. A revoked one is refused soon everywhere."""
    reader = await create(served, "api_key", "reads")
    writer = await create(served, "api_key", "writes", scope="write")
    assert (await status(served.url, key=reader), await status(served.url, key=writer)) == (200, 200)
    assert await status(served.url, "/sync/daily", reader) == 403
    assert await status(served.url, "/sync/daily", writer) != 403
    ended = await served.call(end_credentials(served.service.database, "api_key", "reads"))
    assert [row["name"] for row in ended] == ["reads"]
    await comes_to(401, served.url, key=reader)
    assert await status(served.url, key=writer) == 200
    assert await status(served.url, key=READER) == 200


async def test_once_a_key_was_made_a_key_is_needed(mirror: Mirror) -> None:
    """Also after it was revoked or has expired: a service must not open on that day."""
    pretend_worker(mirror)
    async with serving(mirror) as running:
        await until(lambda: running.service.workspace_id)
        assert await status(running.url) == 200
        key = await create(running, "api_key")
        await comes_to(401, running.url)
        assert await status(running.url, key=key) == 200
        mirror.rows("UPDATE access_credentials SET expires_at = now() - interval '1 year'")
        await comes_to(401, running.url, key=key)
        await create(running, "report_link", path="/status", lifetime=timedelta(hours=1))
        mirror.rows("UPDATE access_credentials SET expires_at = now() - interval '1 year'")
        async with open_context(mirror.settings()) as context:
            await delete_history(context, mirror.sim.team_id)
        assert [row["kind"] for row in mirror.rows("SELECT kind FROM access_credentials")] == ["api_key"]
        assert await status(running.url) == 401


@pytest.mark.parametrize("limit", ["space_ids", "person_ids"])
@pytest.mark.parametrize("value", ["{1}", "{}"])
async def test_a_limit_that_nothing_keeps_to_is_not_ignored(
    served: RunningService, mirror: Mirror, limit: str, value: str
) -> None:
    """Whoever has one is refused: by key and by link; and a session of such a key is not opened."""
    key = await create(served, "api_key")
    link = await create(served, "report_link", "report", path="/status")
    mirror.rows(f"UPDATE access_credentials SET {limit} = '{value}'")
    await comes_to(403, served.url, key=key)
    assert await status(served.url, f"/links/{link}") == 403
    async with client_of(served.url) as client:
        answer = await client.post(
            "/ui/sign-in", data={"key": key}, headers={"Sec-Fetch-Site": "same-origin"}
        )
        assert answer.status_code == 403 and "set-cookie" not in answer.headers


async def test_when_it_was_used_last_is_noted(served: RunningService, mirror: Mirror) -> None:
    """Beside the requests, once a minute; what was not used has none."""
    key = await create(served, "api_key")
    await create(served, "api_key", "unused")
    for _ in range(5):
        assert await status(served.url, key=key) == 200
    await until(lambda: mirror.value("SELECT last_used_at FROM access_credentials WHERE name = 'x'"))
    noted = mirror.value("SELECT last_used_at FROM access_credentials WHERE name = 'x'")
    assert await status(served.url, key=key) == 200
    assert mirror.value("SELECT last_used_at FROM access_credentials WHERE name = 'x'") == noted
    assert mirror.value("SELECT last_used_at FROM access_credentials WHERE name = 'unused'") is None


async def test_a_link_opens_one_path_with_its_query_and_nothing_else(served: RunningService) -> None:
    """By GET; whatever is added to its address changes nothing."""
    path = "/timesheets?from=2026-01-01&to=2026-01-31&group_by=person"
    link = await create(served, "report_link", "January", path=path)
    async with client_of(served.url) as client:
        wanted = await client.get(path, headers={"Authorization": f"Bearer {READER}"})
        assert wanted.status_code == 200
        for more in ("", "?from=2020-01-01", "?format=csv"):
            opened = await client.get(f"/links/{link}{more}")
            assert opened.status_code == 200
            assert opened.json() | {"as_of": None} == wanted.json() | {"as_of": None}
            assert opened.headers["referrer-policy"] == "no-referrer"
            assert link not in str(opened.headers) and "ratelimit" in opened.headers
        assert (await client.head(f"/links/{link}")).status_code == 200
        for method in ("POST", "PUT", "DELETE", "OPTIONS"):
            assert (await client.request(method, f"/links/{link}")).status_code == 405
    for tried in (f"/links/{link}/", f"/links/{link}x", f"/links/{WRITER}", "/links/", "/links/../status"):
        assert await status(served.url, tried) in (401, 404), tried
    assert await status(served.url, key=link) == 401
    assert (
        await status(served.url, "/links/" + await create(served, "report_link", path="/sync/daily")) == 403
    )


async def test_a_link_ends(served: RunningService, mirror: Mirror) -> None:
    """When it is revoked, and by itself."""
    database = served.service.database
    link = await create(served, "report_link", "a", path="/status", lifetime=timedelta(days=1))
    other = await create(served, "report_link", "b", path="/status")
    assert await status(served.url, f"/links/{link}") == 200
    mirror.rows("UPDATE access_credentials SET expires_at = now() WHERE name = 'a'")
    await comes_to(404, served.url, f"/links/{link}")
    await served.call(end_credentials(database, "report_link", "b"))
    await comes_to(404, served.url, f"/links/{other}")


async def test_no_secret_is_in_the_log_or_in_an_error(
    mirror: Mirror, keys: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither a link's, which stands in the path, nor a key's, right or wrong; names are."""
    pretend_worker(mirror)
    async with serving(mirror, api_keys=keys, log_level="debug", log_format="json") as running:
        await until(lambda: running.service.workspace_id)
        key = await create(running, "api_key", "made here")
        link = await create(running, "report_link", "January", path="/status")
        bad = await create(running, "report_link", "wrong", path="/timesheets?from=nonsense")
        told = ""
        async with client_of(running.url) as client:
            for path in (f"/links/{link}", f"/links/{link}{WRONG}", f"/links/{bad}", "/status"):
                answer = await client.get(path, headers={"X-API-Key": key})
                told += answer.text + json.dumps(dict(answer.headers))
    captured = capsys.readouterr()
    told += captured.out + captured.err
    for secret in (key, link, bad, WRONG):
        assert secret not in told
    for name in ('"key": "made here"', '"key": "January"', '"route": "/status"'):
        assert name in told


async def test_wrong_links_are_counted_as_wrong_keys(served: RunningService) -> None:
    """Whoever tries many waits; whoever has a right one does not."""
    link = await create(served, "report_link", path="/status")
    tries = [status(served.url, f"/links/{WRONG}{number}") for number in range(60)]
    assert set(await asyncio.gather(*tries)) == {404, 429}
    assert await status(served.url, f"/links/{link}") == 200


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("12h", timedelta(hours=12)), (" 90D ", timedelta(days=90)), ("4 w", timedelta(weeks=4))],
)
def test_how_long_is_read_as_people_write_it(text: str, wanted: timedelta) -> None:
    """Hours, days and weeks."""
    assert read_lifetime(text) == wanted


@pytest.mark.parametrize("text", ["", "0d", "90", "d", "-1d", "1y", "99999d", "9999w", "1.5d", "d3"])
def test_what_is_no_length_of_time_is_refused(text: str) -> None:
    """Also more than ten years."""
    with pytest.raises(ValueError, match="is not a duration"):
        read_lifetime(text)


@pytest.mark.parametrize("path", ["/", "/?day=today", "/ui/tasks", "/%75i/tasks", "/sync/tasks?deep=true"])
def test_a_link_is_for_data_alone(path: str) -> None:
    """Neither the page, whatever stands behind its address, nor what changes something."""
    with pytest.raises(ValueError, match=r"a link opens no|write the path"):
        read_link_path(path)
