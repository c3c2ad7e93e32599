"""Syncs that are asked for over HTTP: made by whoever holds the workspace, joined, followed, told truly."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any
from uuid import UUID

import httpx2
import orjson
import pytest

from app.api import syncs
from app.api.syncs import Sync
from app.logging_config import configure_logging
from tests.api.door import READER, WRITER
from tests.api.reading import reading, typed
from tests.engine.conftest import MakeMirror, small_world
from tests.engine.mirror import Mirror
from tests.engine.service.running import RunningService, client_of, runs, serving, until, until_quiet

Answer = httpx2.Response
PATHS = ("/sync/tasks", "/sync/employees", "/sync/daily")


@pytest.fixture
async def held(mirror: Mirror) -> AsyncIterator[RunningService]:
    """A service that holds the workspace and has nothing more to do by itself."""
    async with serving(mirror) as running:
        await until_quiet(mirror)
        yield running


async def ask(running: RunningService, path: str, method: str = "GET", **params: Any) -> Answer:
    async with client_of(running.url, 40) as client:
        return await client.request(method, path, params=params)


def asked_for(mirror: Mirror) -> list[tuple[str, str]]:
    """Kind and status of each run that was asked for over HTTP."""
    rows = mirror.rows("SELECT kind, status FROM runs WHERE trigger = 'api' ORDER BY started_at")
    return [(row["kind"], row["status"]) for row in rows]


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    ("path", "params", "kind"),
    [
        ("/sync/tasks", {}, "full"),
        ("/sync/tasks", {"kind": "incremental"}, "incremental"),
        ("/sync/tasks", {"kind": "full"}, "full"),
        ("/sync/tasks", {"kind": "deep"}, "deep"),
        ("/sync/tasks", {"full": True}, "full"),
        ("/sync/tasks", {"full": False}, "incremental"),
        ("/sync/tasks", {"full": True, "deep": True}, "deep"),
        ("/sync/employees", {}, "employees"),
        ("/sync/daily", {}, "snapshot"),
    ],
)
async def test_a_sync_is_started(
    held: RunningService, method: str, path: str, params: dict[str, Any], kind: str
) -> None:
    """202 at once, with the run that will do it; its address leads to how it ended."""
    answer = await ask(held, path, method, **params)
    assert answer.status_code == 202, answer.text
    sync = typed(Sync, answer.json())
    assert (sync.kind, sync.trigger, sync.joined) == (kind, "api", False)
    assert sync.status in ("waiting", "running")
    assert answer.headers["location"] == f"/runs/{sync.run_id}"
    assert answer.headers["cache-control"] == "no-store"
    await until(lambda: asked_for(held.mirror) == [(kind, "succeeded")])
    run = await ask(held, answer.headers["location"])
    assert (run.json()["status"], run.json()["run_id"]) == ("succeeded", str(sync.run_id))


async def test_who_waits_is_answered_when_it_is_done(held: RunningService) -> None:
    """200 with counts, and the mirror has what changed before it was asked."""
    mirror = held.mirror
    task = mirror.world.create_task(next(iter(mirror.world.truth()["lists"])), "just now")
    answer = await ask(held, "/sync/tasks", wait=True)
    assert answer.status_code == 200, answer.text
    sync = typed(Sync, answer.json())
    assert (sync.status, sync.counts["tasks written"]) == ("succeeded", 1)
    assert sync.ended_at and sync.seconds is not None and sync.requests > 0
    assert mirror.task(task.id)["title"] == "just now"
    daily = (await ask(held, "/sync/daily", wait=True)).json()
    assert daily["counts"]["snapshot tasks"] == (await ask(held, "/daily-sync")).json()["count"]


async def test_a_sync_under_way_is_joined(held: RunningService) -> None:
    """Whoever asks meanwhile, by whichever way, follows the same run; afterwards it is another one."""
    mirror = held.mirror
    with mirror.locked("employees"):
        first = (await ask(held, "/sync/employees")).json()
        await until(lambda: asked_for(mirror) == [("employees", "running")])
        second = (await ask(held, "/sync/employees", "POST")).json()
        assert (first["joined"], second["joined"]) == (False, True)
        assert (first["run_id"], second["status"]) == (second["run_id"], "running")
        other = (await ask(held, "/sync/daily")).json()
        assert other["run_id"] != first["run_id"]
        waiting = asyncio.create_task(ask(held, "/sync/employees", wait=True))
        await asyncio.sleep(0.5)
        assert not waiting.done()
    done = await waiting
    assert (done.status_code, done.json()["run_id"], done.json()["joined"]) == (200, first["run_id"], True)
    again = (await ask(held, "/sync/employees", wait=True)).json()
    assert (again["joined"], again["run_id"] != first["run_id"]) == (False, True)


async def test_patience_has_an_end(held: RunningService) -> None:
    """After `timeout` seconds 202 again, with how it stands; the sync goes on."""
    with held.mirror.locked("employees"):
        answer = await ask(held, "/sync/employees", wait=True, timeout=1)
        assert (answer.status_code, answer.json()["status"]) == (202, "running")
        assert (await ask(held, "/sync/employees", wait=True, timeout=0)).status_code == 202
    await until(lambda: asked_for(held.mirror) == [("employees", "succeeded")])


async def test_a_sync_that_clickup_does_not_answer_is_a_502(held: RunningService) -> None:
    """As a problem that names the run and says why; never 200."""
    held.mirror.faults.add("error", "/team", times=None)
    answer = await ask(held, "/sync/employees", wait=True)
    assert answer.status_code == 502
    assert answer.headers["content-type"] == "application/problem+json"
    run = held.mirror.rows("SELECT run_id, error FROM runs WHERE trigger = 'api'")[0]
    assert answer.json()["detail"] == f"run {run['run_id']} failed: {run['error']}"


async def test_a_sync_with_a_refused_token_is_a_503(held: RunningService) -> None:
    """It is not ClickUp that is out of order: the token has to be replaced."""
    held.mirror.world.kill_token()
    await ask(held, "/sync/employees", wait=True)
    await until(lambda: held.mirror.value("SELECT token_rejected_at FROM workspace_states") is not None)
    answer = await ask(held, "/sync/employees", wait=True)
    assert answer.status_code == 503
    assert "CLICKUP_API_TOKEN" in answer.json()["detail"]


async def test_a_run_that_the_database_refuses_is_a_503_in_general_words(
    held: RunningService, capsys: pytest.CaptureFixture[str]
) -> None:
    """ClickUp has no part in it; what the database says of itself is for the log, and in no answer."""
    held.mirror.rows("ALTER TABLE daily_syncs RENAME TO elsewhere")
    configure_logging("warning", "json")
    answer = await ask(held, "/sync/daily", wait=True)
    assert (answer.status_code, asked_for(held.mirror)) == (503, [("snapshot", "failed")])
    assert "the database refused the query" in answer.json()["detail"]
    await until(lambda: held.mirror.rows("SELECT 1 FROM failed_jobs"))
    run = answer.json()["detail"].split()[1]
    for path in (f"/runs/{run}", "/runs", "/status", "/readyz"):
        told = (await ask(held, path)).text
        assert "daily_syncs" not in told + answer.text, path
    assert (await ask(held, f"/runs/{run}")).json()["fault"] == "database"
    assert "daily_syncs" in capsys.readouterr().err


async def test_a_run_that_fails_by_our_own_fault_is_a_500(held: RunningService) -> None:
    """Nobody else can fix it: neither ClickUp nor an administrator of the database."""
    held.mirror.rows("ALTER TABLE daily_snapshots ADD CHECK (snapshot_date < '2000-01-01') NOT VALID")
    held.mirror.world.edit_task(next(iter(held.mirror.world.truth()["tasks"])), name="changed today")
    await ask(held, "/sync/tasks", wait=True)
    answer = await ask(held, "/sync/daily", wait=True)
    assert (answer.status_code, asked_for(held.mirror)[-1]) == (500, ("snapshot", "failed"))
    assert "PostgreSQL cannot store a value" in answer.json()["detail"]
    assert "snapshot_date" not in answer.text + (await ask(held, "/runs")).text


async def test_of_a_worker_of_an_older_version_nobody_knows_whose_fault_it_was(mirror: Mirror) -> None:
    """It writes no fault: 500 is as good as any."""
    async with reading(mirror) as reader:
        waiting = asyncio.create_task(reader.ask("/sync/employees", wait=True))
        await until(lambda: asked_for(mirror) == [("employees", "waiting")])
        mirror.rows(
            "UPDATE runs SET status = 'failed', ended_at = now(), error = 'no' WHERE ended_at IS NULL"
        )
        assert (await waiting).status_code == 500


async def test_a_service_without_a_worker_has_it_done_by_another(held: RunningService) -> None:
    """Both answer alike, and one run is made."""
    async with serving(held.mirror, worker="none") as other:
        answer = await ask(other, "/sync/employees", wait=True)
        assert answer.status_code == 200
    assert asked_for(held.mirror) == [("employees", "succeeded")]


@pytest.mark.parametrize("path", PATHS)
async def test_without_a_worker_nothing_is_requested(mirror: Mirror, path: str) -> None:
    """503 at once, also for who would wait; nobody finds a request that is days old."""
    async with reading(mirror) as reader:
        mirror.rows("DELETE FROM worker_processes")
        for wait in (False, True):
            answer = await reader.ask(path, wait=wait)
            assert answer.status_code == 503
            assert "no worker is running for this workspace" in answer.json()["detail"]
            assert answer.headers["retry-after"] == "5"
    assert asked_for(mirror) == []


async def test_nobody_waits_for_a_worker_that_ended(mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was requested and nobody is left to do it: 503 after a while, in which another could begin."""
    monkeypatch.setattr(syncs, "_ORPHANED_SECONDS", 1.0)
    async with reading(mirror) as reader:
        waiting = asyncio.create_task(reader.ask("/sync/tasks", wait=True))
        await until(lambda: asked_for(mirror) == [("full", "waiting")])
        mirror.rows("DELETE FROM worker_processes")
        answer = await waiting
    assert answer.status_code == 503
    assert "no worker is running" in answer.json()["detail"]


async def test_what_was_requested_is_done_by_a_worker_that_starts_later(mirror: Mirror) -> None:
    """Its job waits in the queue."""
    await mirror.sync("incremental")
    async with reading(mirror) as reader:
        answer = await reader.ask("/sync/tasks", wait=True, timeout=1)
        assert (answer.status_code, answer.json()["status"]) == (202, "waiting")
    async with serving(mirror):
        await until(lambda: asked_for(mirror) == [("full", "succeeded")])


async def test_a_run_whose_worker_ends_is_done_by_the_next(mirror: Mirror) -> None:
    """Whoever waits for it goes on waiting, and is answered."""
    async with serving(mirror, worker="none") as other:
        async with AsyncExitStack() as worker:
            await worker.enter_async_context(serving(mirror))
            await until(lambda: runs(mirror, "incremental", "timer"))
            with mirror.locked("employees"):
                waiting = asyncio.create_task(ask(other, "/sync/employees", wait=True))
                await until(lambda: asked_for(mirror) == [("employees", "running")])
                await worker.aclose()
        async with serving(mirror):
            answer = await waiting
    assert (answer.status_code, answer.json()["status"]) == (200, "succeeded")


async def test_a_run_that_is_cancelled_is_not_cancelled_for_others(mirror: Mirror) -> None:
    """Somebody at the keyboard asked first and went away: whoever joined is given a run of their own."""
    async with reading(mirror) as reader:
        mirror.rows(
            "INSERT INTO runs (workspace_id, kind, trigger, status, fence)"
            " VALUES (%s, 'employees', 'cli', 'waiting', 0)",
            mirror.sim.team_id,
        )
        waiting = asyncio.create_task(reader.ask("/sync/employees", wait=True))
        await asyncio.sleep(0.5)
        assert asked_for(mirror) == []
        mirror.rows("UPDATE runs SET status = 'interrupted', ended_at = now() WHERE status = 'waiting'")
        await until(lambda: asked_for(mirror) == [("employees", "waiting")])
        async with serving(mirror):
            answer = await waiting
    assert (answer.status_code, answer.json()["joined"], answer.json()["trigger"]) == (200, False, "api")


async def test_a_key_that_reads_starts_nothing(mirror: Mirror, keys: str) -> None:
    """403 for GET as for POST, though GET only reads elsewhere; a key that writes starts it."""
    async with reading(mirror, api_keys=keys) as reader:
        for path in PATHS:
            for method in ("GET", "POST"):
                statuses = [
                    (await reader.client.request(method, path, headers={"X-API-Key": key})).status_code
                    for key in (READER, WRITER)
                ]
                assert statuses == [403, 202], path
            assert (await reader.client.get(path)).status_code == 401
        looked = await reader.client.get("/runs", headers={"X-API-Key": READER})
        assert looked.status_code == 200


async def test_looking_starts_nothing(held: RunningService) -> None:
    """HEAD is no sync; what is allowed is said."""
    for path in PATHS:
        answer = await ask(held, path, "HEAD")
        assert (answer.status_code, set(answer.headers["allow"].split(", "))) == (405, {"GET", "POST"})
    assert asked_for(held.mirror) == []


async def test_wrong_parameters_are_named(mirror: Mirror) -> None:
    """Each with its reason, before anything is ordered."""
    async with reading(mirror) as reader:
        for timeout in ("-1", "3601", "soon", "1e9"):
            assert await reader.refused("/sync/tasks", "timeout", timeout=timeout)
        assert await reader.refused("/sync/tasks", "full", full="perhaps")
        assert await reader.refused("/sync/daily", "wait", wait="\x00")
    assert asked_for(mirror) == []


async def post(running: RunningService, body: Any, query: str = "") -> Answer:
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    async with client_of(running.url) as client:
        return await client.post(
            f"/sync/tasks{query}", content=content, headers={"Content-Type": "application/json"}
        )


@pytest.mark.parametrize(
    ("body", "query", "kind"),
    [
        ({"kind": "incremental"}, "", "incremental"),
        ({"kind": "deep"}, "?kind=deep", "deep"),
        ({"kind": "deep"}, "?deep=true", "deep"),
        ({"kind": None}, "?kind=incremental", "incremental"),
        ({}, "", "full"),
        (b"", "", "full"),
        (b" \n", "?full=false", "incremental"),
        ({"full": False, "wait": True, "timeout": 0}, "", "incremental"),
        ({"deep": True}, "?timeout=9", "deep"),
    ],
    ids=str,
)
async def test_the_kind_may_stand_in_the_body(held: RunningService, body: Any, query: str, kind: str) -> None:
    """As JSON; an empty body says nothing. Whoever asks by GET may send it as well."""
    answer = await post(held, body, query)
    assert (answer.status_code, answer.json()["kind"]) == (202, kind), answer.text
    run = await ask(held, answer.headers["location"])
    assert run.json()["kind"] == kind
    if isinstance(body, dict):
        async with client_of(held.url) as client:
            answer = await client.request("GET", f"/sync/tasks{query}", json=body)
        assert (answer.status_code, answer.json()["kind"]) == (202, kind), answer.text


@pytest.mark.parametrize(
    ("body", "query", "status", "field"),
    [
        (b"", "?kind=incremental&full=true", 422, "kind"),
        (b"", "?kind=full&deep=true", 422, "kind"),
        (b"", "?kind=deep&full=true", 422, "kind"),
        (b"", "?kind=full&full=false", 422, "kind"),
        (b"", "?kind=deep&deep=false", 422, "kind"),
        (b"", "?kind=full&kind=deep", 422, "kind"),
        (b"", "?full=true&full=false", 422, "full"),
        (b"", "?kind=changes", 422, "kind"),
        (b"", "?kind=", 422, "kind"),
        ({"kind": "full"}, "?kind=deep", 422, "kind"),
        ({"kind": "incremental"}, "?full=true", 422, "kind"),
        ({"kind": "everything"}, "", 422, "kind"),
        ({"kind": ["full"]}, "", 422, "kind"),
        ({"knd": "incremental"}, "", 422, "knd"),
        ({"kind": "full", "wait": True}, "?wait=false", 422, "wait"),
        ({"timeout": 3_601}, "", 422, "timeout"),
        ([], "", 422, "body"),
        ("incremental", "", 422, "body"),
        (b"{", "", 422, "body"),
        (b"\xff\xfe", "", 422, "body"),
        (b'{"kind": "full"' + b" " * 5_000 + b"}", "", 413, None),
    ],
    ids=str,
)
async def test_what_contradicts_itself_or_makes_no_sense_starts_nothing(
    mirror: Mirror, body: Any, query: str, status: int, field: str | None
) -> None:
    """A problem that names the field, before anything is ordered."""
    async with reading(mirror) as reader:
        content = body if isinstance(body, bytes) else orjson.dumps(body)
        headers = {"Content-Type": "application/json"}
        answer = await reader.client.post(f"/sync/tasks{query}", content=content, headers=headers)
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert [error["field"] for error in answer.json()["errors"]] == ([field] if field else [])
    assert asked_for(mirror) == []


@pytest.mark.parametrize("path", ["/sync/employees", "/sync/daily"])
async def test_no_body_is_ignored(mirror: Mirror, path: str) -> None:
    """Of what has no kinds too: an unknown field is named, with the one that was meant."""
    async with reading(mirror) as reader:
        for body, field in (({"kind": "full"}, "kind"), ({"wiat": True}, "wiat"), ([], "body")):
            answer = await reader.client.post(path, json=body)
            assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field), answer.text
        assert "did you mean `wait`?" in (await reader.client.post(path, json={"wiat": True})).text
    assert asked_for(mirror) == []


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain", ""])
async def test_a_body_that_is_not_sent_as_json_starts_nothing(mirror: Mirror, kind: str) -> None:
    """415: what is in it is not guessed, and no form of another website starts a sync with it."""
    async with reading(mirror) as reader:
        answer = await reader.client.post(
            "/sync/tasks", content=b'{"kind": "incremental"}', headers={"Content-Type": kind}
        )
        assert answer.status_code == 415
        assert "application/json" in answer.json()["detail"]
    assert asked_for(mirror) == []


async def test_a_full_pass_waits_for_the_first_sync(make_mirror: MakeMirror) -> None:
    """Both read everything: not side by side."""
    mirror = make_mirror(small_world(tasks=12, comments=0))
    mirror.faults.add("slow", "/team/*/time_entries", times=None, amount=3.0)
    async with serving(mirror) as running:
        await until(lambda: mirror.rows("SELECT 1 FROM runs WHERE kind = 'first' AND status = 'running'"))
        answer = await ask(running, "/sync/tasks")
        assert (answer.status_code, answer.json()["status"]) == (202, "waiting")
        await until(lambda: asked_for(mirror) == [("full", "succeeded")], 60)
        first = mirror.rows("SELECT ended_at FROM runs WHERE kind = 'first' ORDER BY started_at")[0]
        full = mirror.rows("SELECT started_at FROM runs WHERE kind = 'full'")[0]
        assert full["started_at"] >= first["ended_at"]


async def test_every_run_that_is_told_of_exists(held: RunningService) -> None:
    """Twenty at once are one run, and all are told its name."""
    answers = await asyncio.gather(*(ask(held, "/sync/employees", wait=True) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    told = {UUID(answer.json()["run_id"]) for answer in answers}
    made = {row["run_id"] for row in held.mirror.rows("SELECT run_id FROM runs WHERE trigger = 'api'")}
    assert told == made
    assert len(made) <= 2
