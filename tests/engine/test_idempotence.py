"""Nothing is written that did not change, and nothing is asked for twice."""

from typing import Any

import pytest

from tests.engine.conftest import MakeMirror, small_world
from tests.engine.mirror import Mirror, fingerprint_of


@pytest.mark.parametrize("kind", ["incremental", "full", "deep"])
async def test_a_second_pass_writes_nothing(mirror: Mirror, kind: Any) -> None:
    """Neither by its own count nor by the place of a single row on disk."""
    await mirror.sync(kind)
    before = fingerprint_of(mirror)
    report = await mirror.sync(kind)
    assert report.rows_written == 0
    assert mirror.last_run()["rows_written"] == 0
    assert fingerprint_of(mirror) == before


async def test_one_change_writes_one_row(mirror: Mirror) -> None:
    """A full pass over everything touches the renamed task and no other."""
    task_id = next(iter(mirror.world.truth()["tasks"]))
    await mirror.sync("full")
    before = {row[-1] for row in fingerprint_of(mirror)["tasks"]}
    mirror.world.edit_task(task_id, name="renamed")
    report = await mirror.sync("full")
    after = {row[-1] for row in fingerprint_of(mirror)["tasks"]}
    assert len(after - before) == 1
    assert report.rows_written == 1


async def test_a_quiet_cycle_costs_three_requests(mirror: Mirror) -> None:
    """Tasks, archived tasks, recent time."""
    with mirror.counting() as seen:
        report = await mirror.sync("incremental")
    assert seen["total"] <= 3
    assert report.requests == seen["total"]


async def test_a_full_pass_costs_pages_and_places(make_mirror: MakeMirror) -> None:
    """Two calls a space for folders and for lists each, up to two a folder, pages, windows, and a few."""
    mirror = make_mirror(small_world(9, tasks=450, lists=10, comments=0))
    await mirror.sync("incremental")
    with mirror.counting() as seen:
        await mirror.sync("full")
    truth = mirror.world.truth()
    places = 2 + 4 * len(truth["spaces"]) + 2 * len(truth["folders"])
    hidden = 2 * sum(one["put_away"] for one in truth["lists"].values())
    lanes = 8
    pages = len(truth["tasks"]) // 99 + 1 + lanes
    windows = 6
    assert seen["total"] <= places + hidden + pages + windows + 5
    assert seen.get("GET /task/{task_id}", 0) == 0


async def test_a_first_sync_costs_one_request_a_task_and_a_full_pass(make_mirror: MakeMirror) -> None:
    """Comments once a task; for the rest what a full pass costs, and the time of people who left."""
    mirror = make_mirror(small_world(9, tasks=200, left=0, comments=20))
    with mirror.counting() as seen:
        await mirror.sync("incremental")
    assert seen["GET /task/{task_id}/comment"] <= 200 + 3
    with mirror.counting() as again:
        await mirror.sync("full")
    rest = (
        seen["total"] - seen["GET /task/{task_id}/comment"] - seen.get("GET /comment/{comment_id}/reply", 0)
    )
    assert rest <= again["total"] + 5


async def test_the_run_row_says_what_the_report_says(mirror: Mirror) -> None:
    """Kind, trigger, requests, rows and counts."""
    report = await mirror.sync("full")
    run = mirror.last_run()
    assert str(run["run_id"]) == report.run_id
    assert (run["kind"], run["trigger"], run["status"], run["error"]) == ("full", "test", "succeeded", None)
    assert (run["requests"], run["rows_written"]) == (report.requests, report.rows_written)
    assert run["counts"] == report.counts


async def test_an_employees_run_reads_people_alone(mirror: Mirror) -> None:
    """Three requests at most, none of them for a task, and a person who joined is there."""
    mirror.world.join("Новый человек")
    with mirror.counting() as seen:
        await mirror.sync("employees")
    assert seen["total"] <= 3
    assert not any("task" in route or "space" in route for route in seen)
    assert mirror.value("SELECT count(*) FROM employees WHERE name = 'Новый человек'") == 1


async def test_an_employee_who_arrives_after_the_task_is_linked_to_it(mirror: Mirror) -> None:
    """Soft keys: `employee_ids` follows when the person's row comes."""
    person = mirror.world.join("Late")
    task_id = next(iter(mirror.world.truth()["tasks"]))
    mirror.world.edit_task(task_id, assignees=(person.id,))
    await mirror.sync("incremental")
    await mirror.sync("employees")
    wanted = mirror.value("SELECT id FROM employees WHERE name = 'Late'")
    assert mirror.task(task_id)["employee_ids"] == [wanted]


async def test_two_workspaces_share_a_database(make_mirror: MakeMirror) -> None:
    """Each row carries its workspace, and a full pass of one leaves the other's rows alone."""
    first = make_mirror(small_world(1, tasks=10))
    second = make_mirror(small_world(2, tasks=10))
    await first.sync("incremental")
    await second.sync("incremental")
    await first.sync("full", max_deleted_percent=100)
    assert first.value("SELECT count(*) FROM tasks WHERE is_deleted") == 0
    counts = first.rows("SELECT workspace_id, count(*) AS n FROM tasks GROUP BY 1 ORDER BY 1")
    assert [(row["workspace_id"], row["n"]) for row in counts] == [
        (one.sim.team_id, len(one.world.truth()["tasks"])) for one in (first, second)
    ]
