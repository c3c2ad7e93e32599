"""A deletion needs proof: the scope was read to its end without an error, and a 404 for the task itself."""

from typing import Any

import pytest

from app.core.errors import SyncError
from tests.engine.conftest import MakeMirror, small_world
from tests.engine.mirror import Mirror


def listed_task(mirror: Mirror, *, leaf: bool = True) -> str:
    """A live task that the workspace's listing shows."""
    tasks = mirror.world.truth()["tasks"]
    parents = {task["parent"] for task in tasks.values()}
    return next(
        task_id
        for task_id, task in tasks.items()
        if not task["put_away"] and not task["archived"] and not (leaf and task_id in parents)
    )


def gone(mirror: Mirror) -> list[str]:
    return [row["id"] for row in mirror.rows("SELECT clickup_task_id AS id FROM tasks WHERE is_deleted")]


async def test_a_404_for_the_task_itself_is_the_proof(mirror: Mirror) -> None:
    """A task in the trash is marked deleted, with the instant, and no other is touched."""
    task_id = listed_task(mirror)
    mirror.world.delete_task(task_id)
    report = await mirror.sync("full")
    assert gone(mirror) == [task_id]
    assert mirror.task(task_id)["deleted_at"] is not None
    assert report.counts["tasks deleted"] == 1


async def test_a_deleted_parent_takes_its_subtasks_along(mirror: Mirror) -> None:
    """Each is proved by its own 404."""
    place = next(one for one in mirror.world.lists.values() if not one.archived)
    parent = mirror.world.create_task(place.id)
    child = mirror.world.create_task(place.id, parent=parent.id)
    await mirror.sync("incremental")
    mirror.world.delete_task(parent.id)
    await mirror.sync("full")
    assert set(gone(mirror)) == {parent.id, child.id}


async def test_absence_alone_proves_nothing(mirror: Mirror) -> None:
    """A search index that lost rows for good deletes nobody: each task itself answers 200."""
    mirror.faults.add("miss_rows", "/team/*/task", times=None, amount=0.15)
    await mirror.sync("full")
    assert gone(mirror) == []
    assert mirror.differences() == []


async def test_rows_missing_everywhere_delete_nothing(mirror: Mirror) -> None:
    """A third of all rows of every listing is missing, again and again."""
    for path in ("/team/*", "/space/*", "/folder/*", "/list/*", "/task/*", "/comment/*"):
        mirror.faults.add("miss_rows", path, times=None, amount=0.33)
    for kind in ("full", "deep", "incremental"):
        await mirror.sync(kind)
    assert gone(mirror) == []
    mirror.faults.clear()
    await mirror.sync("deep")
    assert mirror.differences() == []


@pytest.mark.parametrize(
    ("action", "details"),
    [
        ("no_permission", {}),
        ("error", {"amount": 403}),
        ("error", {"amount": 400}),
        ("error", {"amount": 500}),
        ("ok_with_error", {}),
    ],
)
async def test_any_other_refusal_keeps_the_task(mirror: Mirror, action: Any, details: Any) -> None:
    """401, 403, 400, 500 or an error inside a 200 for the task itself is no proof."""
    task_id = listed_task(mirror)
    mirror.world.delete_task(task_id)
    mirror.faults.add(action, f"/task/{task_id}", times=None, **details)
    try:
        await mirror.sync("full", request_attempts=1)
    except SyncError:
        assert action in ("error", "ok_with_error")
    assert gone(mirror) == []
    mirror.faults.clear()
    await mirror.sync("full")
    assert gone(mirror) == [task_id]


@pytest.mark.parametrize("action", ["error", "cut", "reset"])
async def test_a_listing_that_breaks_off_fails_the_run(make_mirror: MakeMirror, action: Any) -> None:
    """It deletes nothing, not even what really is gone; the next run does."""
    mirror = make_mirror(small_world(2, tasks=220, comments=5))
    await mirror.sync("incremental")
    task_id = listed_task(mirror)
    mirror.world.delete_task(task_id)
    mirror.faults.add(action, "/team/*/task", after=2, times=None)
    with pytest.raises(SyncError):
        await mirror.sync("full", request_attempts=2)
    assert gone(mirror) == []
    assert mirror.last_run()["status"] == "failed"
    mirror.faults.clear()
    await mirror.sync("full")
    assert gone(mirror) == [task_id]


async def test_a_lagging_index_deletes_nothing(mirror: Mirror) -> None:
    """Tasks that the listing does not show yet are asked for themselves."""
    place = next(one for one in mirror.world.lists.values() if not one.archived)
    fresh = [mirror.world.create_task(place.id).id for _ in range(3)]
    await mirror.sync("incremental")
    mirror.faults.add("lag", "/team/*/task", times=None, amount=3_600)
    for _ in range(2):
        await mirror.sync("full")
    assert gone(mirror) == []
    assert {mirror.task(task_id)["is_deleted"] for task_id in fresh} == {False}


async def test_a_lagging_index_raises_no_dead(mirror: Mirror) -> None:
    """A deleted task that the listing still shows stays deleted, for it answers 404 itself."""
    task_id = listed_task(mirror)
    mirror.world.delete_task(task_id)
    await mirror.sync("full")
    mirror.faults.add("lag", "/team/*/task", times=None, amount=3_600)
    await mirror.sync("full")
    assert gone(mirror) == [task_id]


async def test_a_lagging_index_takes_nothing_back(mirror: Mirror) -> None:
    """An older read never overwrites a newer one."""
    task_id = listed_task(mirror)
    mirror.world.edit_task(task_id, name="newest")
    await mirror.sync("incremental")
    mirror.faults.add("lag", "/team/*/task", times=None, amount=3_600)
    await mirror.sync("full")
    assert mirror.task(task_id)["title"] == "newest"


async def test_too_many_deletions_are_withheld(mirror: Mirror) -> None:
    """None goes, not even one, and the run says why and how to allow it; then allowed, all go."""
    mirror.rows("UPDATE tasks SET assigned_comment = NULL")
    before, dead = delete_half(mirror)
    report = await mirror.sync("full")
    assert gone(mirror) == []
    assert any("MAX_DELETED_PERCENT" in note and "--max-deleted-percent" in note for note in report.notes)
    assert mirror.last_run()["notes"] == report.notes
    await mirror.sync("full", max_deleted_percent=100)
    assert set(gone(mirror)) == dead & before


async def test_withheld_is_withheld_for_tasks_with_waiting_comments_too(silent: Mirror) -> None:
    """Which road found a task missing makes no difference to the limit: one alone goes past it no more
    than all together.
    """
    for entry_id in list(silent.world.entries):
        silent.world.delete_time(entry_id)
    task_id = listed_task(silent)
    silent.world.post_comment(task_id, "who?", assignee=silent.world.owner().id)
    await silent.sync("full", max_deleted_percent=100)
    silent.world.delete_task(task_id)
    delete_half(silent)
    report = await silent.sync("full")
    assert any("MAX_DELETED_PERCENT" in note for note in report.notes)
    assert gone(silent) == []


def delete_half(mirror: Mirror) -> tuple[set[str], set[str]]:
    """Half of the source into the trash; who was there before, and who is dead now."""
    tasks = mirror.world.truth()["tasks"]
    for task_id in list(tasks)[: len(tasks) // 2]:
        mirror.world.delete_task(task_id)
    return set(tasks), set(mirror.world.truth()["deleted_tasks"])


async def test_zero_percent_allows_no_deletion(mirror: Mirror) -> None:
    """Who wants to decide each time sets MAX_DELETED_PERCENT to 0."""
    mirror.world.delete_task(listed_task(mirror))
    report = await mirror.sync("full", max_deleted_percent=0)
    assert gone(mirror) == []
    assert report.notes


@pytest.mark.parametrize("kind", ["incremental", "full", "deep"])
async def test_a_task_comes_back_from_the_trash(mirror: Mirror, kind: Any) -> None:
    """The tombstone is lifted, though restoring moves no `date_updated`."""
    task_id = listed_task(mirror)
    mirror.world.edit_task(task_id, name="of late")
    mirror.world.delete_task(task_id)
    await mirror.sync("full")
    mirror.world.restore_task(task_id)
    await mirror.sync(kind)
    assert gone(mirror) == []
    assert mirror.task(task_id)["deleted_at"] is None
    assert mirror.differences() == []


async def test_a_list_archived_meanwhile_hides_nothing(mirror: Mirror) -> None:
    """Its tasks leave the workspace's listing and stay in the mirror, for the next passes too."""
    place_id = mirror.task(listed_task(mirror))["list_id"]
    mirror.world.archive_list(place_id)
    for _ in range(2):
        await mirror.sync("full", max_deleted_percent=100)
        assert gone(mirror) == []
    assert mirror.differences() == []


async def test_a_list_archived_between_two_requests_hides_nothing(mirror: Mirror) -> None:
    """The hierarchy was read before, the listing after: the tasks themselves answer 200."""
    place_id = mirror.task(listed_task(mirror))["list_id"]
    mirror.faults.add("lag", "/team/*/task", times=0)
    mirror.world.archive_list(place_id)
    mirror.faults.add("miss_rows", "/*/list", times=None, amount=1.0)
    mirror.faults.add("miss_rows", "/*/folder", times=None, amount=1.0)
    await mirror.sync("full", max_deleted_percent=100)
    assert gone(mirror) == []


async def test_a_task_that_moved_out_of_sight_is_kept(make_mirror: MakeMirror) -> None:
    """401 says that it is not for this token any more, and no more than that; a full sync asks again."""
    mirror = make_mirror(small_world(6, private_spaces=1))
    await mirror.sync("incremental")
    private = next(one for one in mirror.world.lists.values() if mirror.world.spaces[one.space_id].private)
    task_id = listed_task(mirror)
    mirror.world.move_task(task_id, private.id)
    await mirror.sync("full")
    assert gone(mirror) == []
    with mirror.counting() as seen:
        await mirror.sync("full")
    assert seen.get("GET /task/{task_id}", 0) == 1
    assert gone(mirror) == []
