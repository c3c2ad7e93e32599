"""The overview says whether the mirror can be relied upon, and why, whatever state it is in."""

from typing import Any

import pytest

from tests.api.door import READER, WRITER
from tests.api.reading import pretend_worker, reading
from tests.dashboard.pages import HTML, Browsing, Page, said
from tests.engine.conftest import MakeMirror, small_world
from tests.engine.mirror import Mirror
from tests.engine.service.running import client_of, runs, serving, until


def verdict(page: Page) -> tuple[str, str]:
    """Its colour and its sentence."""
    shown = page.one("p", class_="verdict")
    return shown.get("class", "").split()[1], said(shown)


async def look(url: str) -> Page:
    async with client_of(url) as client:
        return Page(await client.get("/", headers=HTML))


async def test_a_level_mirror_is_green(own_browsing: Browsing) -> None:
    """One sentence, no reason, and when ClickUp was asked last."""
    own_browsing.mirror.rows("UPDATE streams SET blind_spot = NULL")
    own_browsing.mirror.rows("UPDATE runs SET started_at = now()")
    page = await own_browsing.open("/")
    assert verdict(page) == ("good", "In sync with ClickUp.")
    assert page.all("ul", class_="reasons") == []
    assert "Last check for changes:" in page.words


async def test_gaps_are_amber(own_browsing: Browsing) -> None:
    """What the token cannot see, and what was skipped, stand as reasons and below."""
    own_browsing.mirror.rows(
        "UPDATE streams SET blind_spot = 'the owner''s <b>time</b>' WHERE stream = 'time'"
    )
    own_browsing.mirror.rows(
        "INSERT INTO skipped_objects (workspace_id, kind, object_id, reason, run_id)"
        " SELECT workspace_id, 'task', 'abc1', 'its id is <i>no</i> text', run_id FROM runs LIMIT 1"
    )
    own_browsing.mirror.rows("UPDATE runs SET started_at = now()")
    page = await own_browsing.open("/")
    assert verdict(page)[0] == "mind"
    reasons = [said(item) for item in page.one("ul", class_="reasons")]
    assert "time: the owner's <b>time</b>" in reasons
    assert any(reason.startswith("1 object could not be read") for reason in reasons)
    unseen = said(page.one("div", id="unseen"))
    assert "the owner's <b>time</b>" in unseen and "task abc1: its id is <i>no</i> text" in unseen


async def test_changes_by_others_are_amber(own_browsing: Browsing) -> None:
    """How many rows, in which tables."""
    mirror = own_browsing.mirror
    mirror.edit("UPDATE lists SET name = 'edited' WHERE ctid = (SELECT ctid FROM lists LIMIT 1)")
    mirror.rows("UPDATE runs SET started_at = now()")
    page = await own_browsing.open("/")
    assert verdict(page)[0] == "mind"
    assert any("1 in lists" in said(item) for item in page.one("ul", class_="reasons"))


async def test_rows_that_were_restored_are_told(own_browsing: Browsing) -> None:
    """How many there were, and by which sync."""
    own_browsing.mirror.rows(
        "UPDATE runs SET kind = 'full', counts = jsonb_build_object('rows restored', 3)"
        " WHERE run_id = (SELECT run_id FROM runs LIMIT 1)"
    )
    page = await own_browsing.open("/")
    assert "Another program had changed 3 rows in the database; a full sync" in said(
        page.one("div", id="unseen")
    )


async def test_a_stale_mirror_is_red(own_browsing: Browsing) -> None:
    """And says since when."""
    own_browsing.mirror.rows("UPDATE runs SET started_at = started_at - interval '6 hours'")
    page = await own_browsing.open("/")
    assert verdict(page) == ("bad", "Not in sync: data may be out of date.")
    assert any("no sync succeeded for 36" in said(item) for item in page.one("ul", class_="reasons"))


async def test_a_refused_token_is_red(mirror: Mirror) -> None:
    """With ClickUp's own words."""
    mirror.world.kill_token()
    async with serving(mirror) as running:
        await until(lambda: mirror.rows("SELECT 1 FROM workspace_states WHERE token_rejected_at IS NOT NULL"))
        page = await look(running.url)
    assert verdict(page)[0] == "bad"
    assert "ClickUp refuses the token since" in page.words


async def test_the_first_sync_is_amber_and_shows_how_far_it_is(make_mirror: MakeMirror) -> None:
    """While it is under way; every other page says that nothing is there yet."""
    mirror = make_mirror()
    mirror.faults.add("slow", "/team/*/time_entries", times=None, amount=20.0)
    async with serving(mirror) as running:
        await until(lambda: mirror.rows("SELECT 1 FROM runs WHERE status = 'running' AND progress <> '{}'"))
        page = await look(running.url)
        assert verdict(page) == ("mind", "The first sync is running: data is not complete yet.")
        assert "first running" in said(page.one("div", id="work"))
        assert page.all("progress")
        async with client_of(running.url) as client:
            for path in ("/ui/tasks", "/ui/hours", "/ui/people"):
                assert Page(await client.get(path, headers=HTML)).status == 200


async def test_every_page_says_as_of_when_it_is(own_browsing: Browsing) -> None:
    """In the colour of the overview, with a way to it where something is missing."""
    own_browsing.mirror.rows("UPDATE streams SET blind_spot = NULL")
    for blind_spot, colour in ((None, "good"), ("the time of Ada", "mind")):
        own_browsing.mirror.rows("UPDATE streams SET blind_spot = %s WHERE stream = 'time'", blind_spot)
        assert verdict(await own_browsing.open("/"))[0] == colour
        line = (await own_browsing.open("/ui/tasks")).one("p", class_="sync-status")
        assert colour in line.get("class", "").split()
        assert said(line).startswith("In sync with ClickUp as of")
        assert ("known gaps" in said(line)) == (colour == "mind")


async def test_an_empty_workspace_has_pages(make_mirror: MakeMirror) -> None:
    """Each says what there is not."""
    mirror = make_mirror(small_world(tasks=0, entries=0, comments=0))
    await mirror.sync()
    async with reading(mirror) as reader:
        browsing = Browsing(mirror, reader.client)
        assert "0 tasks" in (await browsing.open("/")).words
        assert "There are no tasks yet." in (await browsing.open("/ui/tasks")).words
        assert "No time was tracked on these days." in (await browsing.open("/ui/hours")).words
        assert "No comments to answer." in (await browsing.open("/ui/people")).words


async def test_without_a_workspace_the_page_stands(make_mirror: MakeMirror) -> None:
    """A token that never lived: each says why, and when to come again."""
    mirror = make_mirror()
    mirror.world.kill_token()
    async with serving(mirror, clickup_team_id=None) as running:
        await until(lambda: running.service.blocked_by)
        page = await look(running.url)
        assert verdict(page) == ("bad", "The workspace is not known yet.")
        async with client_of(running.url) as client:
            answer = await client.get("/ui/tasks", headers=HTML)
        assert (answer.status_code, Page(answer).title) == (503, "Not available")
        assert Page(answer).one("meta", http_equiv="refresh").get("content") == "5"
        assert str(running.service.blocked_by) in Page(answer).words


async def test_without_a_database_the_page_stands(
    own_browsing: Browsing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The overview is red and says why, in words that are for everybody."""
    monkeypatch.setattr("app.dashboard.overview._PATIENCE_SECONDS", 2)
    with own_browsing.mirror.locked("runs"):
        page = await own_browsing.open("/")
    assert verdict(page) == ("bad", "The database cannot be read.")
    assert [said(item) for item in page.one("ul", class_="reasons")] == [
        "the database did not answer within 2 seconds"
    ]


FIGURES = {
    "tasks": "SELECT count(*) FROM tasks WHERE NOT is_deleted",
    "comments to answer": "SELECT count(*) FROM comments LEFT JOIN tasks USING (clickup_task_id)"
    " WHERE is_waiting AND is_deleted IS NOT TRUE",
    "running timers": "SELECT count(*) FROM time_entries LEFT JOIN tasks USING (clickup_task_id)"
    " WHERE is_running AND is_deleted IS NOT TRUE",
}


async def test_the_totals_are_what_sql_counts(browsing: Browsing) -> None:
    """Tasks, comments that wait, timers that run."""
    page = await browsing.open("/")
    tiles = [said(tile) for tile in page.all("a", class_="tile")]
    for name, query in FIGURES.items():
        count = browsing.mirror.value(query)
        singular = name.replace("tasks", "task").replace("comments", "comment").replace("timers", "timer")
        assert f"{count} {singular if count == 1 else name}" in tiles


async def test_the_last_runs_are_shown_with_what_they_did(own_browsing: Browsing) -> None:
    """Counts, notes and errors; latest first."""
    run: dict[str, Any] = {"counts": '{"tasks read": 1234}', "notes": '["look <here>"]'}
    own_browsing.mirror.rows(
        "INSERT INTO runs (workspace_id, kind, trigger, status, fence, started_at, ended_at, requests,"
        " rows_written, counts, notes, error) SELECT workspace_id, 'full', 'cli', 'failed', 1, now(),"
        " now() + interval '90 seconds', 4321, 7, %s, %s, 'ClickUp <broke>' FROM workspaces",
        *run.values(),
    )
    first = (await own_browsing.open("/")).rows("Syncs that ended")[0]
    assert first[:2] == ["full", "cli"]
    assert first[3:7] == ["90.000", "4,321", "7", "failed"]
    assert first[7] == "ClickUp <broke>tasks read 1,234look <here>"


async def test_a_first_sync_is_shown_when_it_ended(own_browsing: Browsing) -> None:
    """Like every other sync that people wait for."""
    own_browsing.mirror.rows(
        "INSERT INTO runs (workspace_id, kind, trigger, status, fence, started_at, ended_at)"
        " SELECT workspace_id, 'first', 'timer', 'succeeded', 1, now(), now() FROM workspaces"
    )
    assert (await own_browsing.open("/")).rows("Syncs that ended")[0][:2] == ["first", "timer"]


async def test_sync_now_has_a_sync_made(mirror: Mirror, keys: str) -> None:
    """Whoever may write has the button; without scripts it leads back to the overview."""
    async with serving(mirror, api_keys=keys) as running, client_of(running.url) as client:
        await until(lambda: runs(mirror, "incremental", "timer"))
        page = Page(await client.get("/", headers=HTML | {"X-API-Key": WRITER}))
        assert page.one("form", action="/ui/sync").get("method") == "post"
        answer = await client.post("/ui/sync", headers=HTML | {"X-API-Key": WRITER})
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        await until(lambda: runs(mirror, "incremental", "page"))
        page = Page(await client.get("/", headers=HTML | {"X-API-Key": READER}))
        assert page.all("form", action="/ui/sync") == []
        answer = await client.post("/ui/sync", headers=HTML | {"X-API-Key": READER})
        assert (answer.status_code, Page(answer).title) == (403, "Not allowed")


async def test_a_sync_that_waits_is_joined(mirror: Mirror) -> None:
    """Two who ask at once have one sync, and are told so."""
    pretend_worker(mirror)
    async with serving(mirror, worker="none") as running, client_of(running.url) as client:
        told = [(await client.post("/ui/sync", headers={"HX-Request": "true"})).text for _ in range(2)]
    assert "Sync started." in told[0]
    assert "A sync is running already" in told[1]
    assert mirror.value("SELECT count(*) FROM runs WHERE trigger = 'page'") == 1


async def test_failed_jobs_are_tried_again(own_browsing: Browsing) -> None:
    """By whoever may write; the answer says how many, or that there is none."""
    told = await own_browsing.client.post("/ui/jobs/retry", headers={"HX-Request": "true"})
    assert "No job failed." in told.text
    own_browsing.mirror.rows(
        "INSERT INTO failed_jobs (workspace_id, kind, error, attempts)"
        " SELECT workspace_id, 'employees', 'ClickUp did not answer', 1 FROM workspaces"
    )
    told = await own_browsing.client.post("/ui/jobs/retry", headers={"HX-Request": "true"})
    assert "1 job will be tried again." in told.text
    queued = "SELECT args ->> 'trigger' FROM clickup_jobs.procrastinate_jobs WHERE task_name = 'employees'"
    assert own_browsing.mirror.value(queued) == "retry"


async def test_without_a_worker_sync_now_says_so(own_browsing: Browsing) -> None:
    """503, in a sentence for the place where notices stand."""
    own_browsing.mirror.rows("DELETE FROM worker_processes")
    answer = await own_browsing.client.post("/ui/sync", headers={"HX-Request": "true"})
    assert answer.status_code == 503
    assert "No worker is running for this workspace" in answer.text and "<html" not in answer.text


@pytest.mark.slow
async def test_without_a_database_other_pages_say_so(
    own_browsing: Browsing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In time, as a page that tries again by itself."""
    monkeypatch.setattr("app.dashboard.errors._PATIENCE_SECONDS", 2)
    with own_browsing.mirror.locked("tasks"):
        page = await own_browsing.open("/ui/tasks", 503)
    assert page.title == "Not available"
    assert "the database did not answer within 2 seconds" in page.words
    assert page.one("meta", http_equiv="refresh").get("content") == "5"
