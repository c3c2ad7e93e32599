"""A ClickUp that misbehaves: nothing is lost, nothing falsely deleted, nothing goes round for ever."""

import asyncio
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from app.core.errors import ClickUpError, SyncError, TokenRejected
from app.simulator.faults import Faults
from tests.campaigns import seeds
from tests.engine.conftest import MakeMirror, small_world
from tests.engine.mirror import Mirror

_TROUBLE = ("rate_limit", "error", "reset", "cut", "ok_with_error", "slow")


def add_trouble(faults: Faults, share: float) -> None:
    """That share of all requests is struck by each kind in turn: together `share`."""
    for action in _TROUBLE:
        faults.add(
            action, times=None, probability=share / len(_TROUBLE), amount=0.01 if action == "slow" else 0
        )


@pytest.mark.slow
@pytest.mark.parametrize("seed", seeds())
async def test_random_faults_cost_at_most_a_few_runs(make_mirror: MakeMirror, seed: int) -> None:
    """3 % of all requests are struck, in the first sync, a full and a deep one: each ends equal."""
    faults = Faults(seed)
    add_trouble(faults, 0.03)
    mirror = make_mirror(small_world(seed, tasks=260), served={"faults": faults})
    for kind in ("incremental", "full", "deep"):
        await mirror.sync_until_done(kind)
        assert mirror.falsely_deleted() == []
        wrong = mirror.differences()
        assert [line for line in wrong if kind != "full" or not _in_no_listing(line)] == []
        mirror.world.mutate(Random(seed), 40)
    assert mirror.falsely_deleted() == []


def _in_no_listing(line: str) -> bool:
    return line.startswith("comment ") or ": assigned_comment is " in line


async def test_every_answer_spoilt_once_is_asked_for_again(mirror: Mirror) -> None:
    """The first answer to each route is struck; the run is not."""
    place = next(one for one in mirror.world.lists.values() if not one.archived)
    mirror.world.post_comment(mirror.world.create_task(place.id).id)
    for path in (
        "/user",
        "/team",
        "/team/*/task",
        "/team/*/space",
        "/space/*",
        "/list/*",
        "/team/*/time_entries",
    ):
        for action in ("error", "cut", "reset", "rate_limit"):
            mirror.faults.add(action, path)
    await mirror.sync("full", request_attempts=6)
    assert mirror.differences() == []
    assert mirror.faults.rules[0].struck == 1


async def test_a_server_that_ignores_page_makes_no_loop(make_mirror: MakeMirror) -> None:
    """More tasks share an instant than fit on a page, and `page` does nothing: the lists show the rest."""
    mirror = make_mirror(small_world(3, tasks=350, same_instant=130, comments=0))
    mirror.faults.add("ignore_page", times=None)
    async with asyncio.timeout(300):
        await mirror.sync("incremental")
    assert mirror.differences() == []


async def test_what_no_list_shows_either_is_owned_up_to(make_mirror: MakeMirror) -> None:
    """One list holds more tasks of one instant than a page: some stay unseen, and the run says so."""
    mirror = make_mirror(small_world(3, tasks=350, lists=1, same_instant=0, comments=0))
    await mirror.sync("incremental")
    instant = mirror.world.clock.stamp()
    for task in list(mirror.world.tasks.values()):
        mirror.world.put_task(replace(task, date_updated=instant))
    mirror.faults.add("ignore_page", times=None)
    report = await mirror.sync("full")
    assert mirror.falsely_deleted() == []
    assert any("not all rows of it were seen" in note for note in report.notes)


@pytest.mark.parametrize("action", ["false_last_page", "no_last_page"])
async def test_the_flag_for_the_last_page_is_not_trusted(make_mirror: MakeMirror, action: Any) -> None:
    """It lies, or it is missing: every task arrives, and the walk ends."""
    mirror = make_mirror(small_world(4, tasks=350, same_instant=130, comments=0))
    mirror.faults.add(action, times=None)
    async with asyncio.timeout(300):
        await mirror.sync("incremental")
    assert mirror.differences() == []
    await mirror.sync("full")
    assert mirror.differences() == []


async def test_archived_tasks_that_are_capped_arrive_all(make_mirror: MakeMirror) -> None:
    """A hundred rows and a false `last_page`: the walk goes on behind the last row."""
    world = small_world(5, tasks=260, same_instant=0, comments=0)
    for task_id in list(world.tasks)[:230]:
        world.archive_task(task_id)
    mirror = make_mirror(world)
    mirror.faults.add("cap_archived", times=None)
    await mirror.sync("incremental")
    assert mirror.value("SELECT count(*) FROM tasks WHERE archived") > 200
    assert mirror.differences() == []


async def test_garbage_costs_no_other_object(make_mirror: MakeMirror) -> None:
    """Rows that are none among those of every listing: the others are right, the junk is counted."""
    mirror = make_mirror(small_world(6, comments=0))
    mirror.faults.add("garbage", "/team/*/task", times=None)
    mirror.faults.add("garbage", "/list/*/task", times=None)
    report = await mirror.sync("incremental")
    assert report.counts["skipped"] > 0
    assert mirror.value("SELECT count(*) FROM skipped_objects WHERE kind = 'task'") >= 1
    assert mirror.differences() == []


@pytest.mark.parametrize("path", ["/team", "/team/*/space", "/space/*", "/folder/*", "/user"])
async def test_garbage_among_places_and_people_costs_none(mirror: Mirror, path: str) -> None:
    """None is lost, none is marked as gone."""
    mirror.faults.add("garbage", path, times=None)
    await mirror.sync("full")
    assert mirror.differences() == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", seeds())
async def test_odd_types_cost_at_most_their_object(make_mirror: MakeMirror, seed: int) -> None:
    """Nulls, texts for numbers, unknown kinds, everywhere and at once: the run succeeds, skips with ids what
    makes no sense, and a sane answer puts all right.
    """
    mirror = make_mirror(small_world(seed, tasks=60), served={"faults": Faults(seed)})
    mirror.faults.add("distort", times=None, probability=0.5)
    await mirror.sync_until_done("incremental")
    await mirror.sync_until_done("deep")
    assert mirror.falsely_deleted() == []
    skipped = mirror.rows("SELECT * FROM skipped_objects")
    assert all(row["reason"] for row in skipped)
    mirror.faults.clear()
    await mirror.sync("deep")
    assert mirror.differences() == []
    assert mirror.value("SELECT count(*) FROM skipped_objects") == 0


async def test_a_dead_token_stops_everything(mirror: Mirror) -> None:
    """One error, at once: no further request leaves, the run says what happened."""
    mirror.faults.add("dead_token", after=5, times=None)
    with mirror.counting() as seen, pytest.raises(TokenRejected):
        await mirror.sync("full")
    # What was under way when the first refusal came may still arrive.
    assert seen["total"] <= 5 + mirror.settings().max_concurrent_requests
    assert "OAUTH_019" in mirror.last_run()["error"]


async def test_a_refusal_that_is_not_about_the_token_stops_nothing(mirror: Mirror) -> None:
    """401 also means "no permission for this object" (observed): the run goes on."""
    mirror.faults.add("no_permission", "/task/*/comment", times=None)
    mirror.faults.add("no_permission", "/team/*/custom_item", times=None)
    report = await mirror.sync("deep")
    assert any("ClickUp refuses the comments of" in note for note in report.notes)
    assert mirror.differences() == []


async def test_an_error_without_end_fails_the_run_and_keeps_the_rest(make_mirror: MakeMirror) -> None:
    """One task's comments answer 500 for ever: all others arrive, the run fails, the next asks again."""
    mirror = make_mirror(small_world(7, tasks=20))
    task_id = next(said["task_id"] for said in mirror.world.truth()["comments"].values())
    mirror.faults.add("error", f"/task/{task_id}/comment", times=None, amount=500)
    with pytest.raises(SyncError):
        await mirror.sync("incremental", request_attempts=2)
    run = mirror.last_run()
    assert run["status"] == "failed" and "could not be read" in run["error"]
    assert mirror.value("SELECT object_id FROM skipped_objects WHERE kind = 'comments of task'") == task_id
    wrong = [line for line in mirror.differences() if not line.startswith(f"task {task_id}")]
    assert all("comment" in line and "missing" in line for line in wrong)
    mirror.faults.clear()
    await mirror.sync("incremental")
    assert mirror.differences() == []


async def test_a_clickup_that_is_down_fails_soon(mirror: Mirror) -> None:
    """Not one error a task: after some it is taken to be out of order."""
    for path in ("/task/*", "/comment/*"):
        mirror.faults.add("error", path, times=None, amount=503)
    with mirror.counting() as seen, pytest.raises(ClickUpError):
        await mirror.sync("deep", request_attempts=1)
    assert seen["total"] < 31 + 26 + mirror.settings().max_concurrent_requests + 24
    assert mirror.falsely_deleted() == []


async def test_a_slow_answer_is_given_up_and_asked_for_again(mirror: Mirror) -> None:
    """Behind REQUEST_TIMEOUT_SECONDS stands another attempt."""
    mirror.faults.add("slow", "/team/*/task", amount=60)
    await mirror.sync("full", request_timeout_seconds=3)
    assert mirror.differences() == []
