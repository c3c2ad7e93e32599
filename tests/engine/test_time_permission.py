"""Time that the token may not see: said, worked around, and never written as a zero over what is known."""

from app.simulator.model import Role
from app.simulator.world import World
from tests.engine.conftest import MakeMirror, small_world
from tests.engine.mirror import Mirror


def tracked(mirror: Mirror) -> int:
    return int(mirror.value("SELECT sum(tracked_minutes) FROM tasks") or 0)


def members_world() -> World:
    """The token's owner is no admin: others' time is not for this token by person."""
    return small_world(3, owner_role=Role.MEMBER)


async def test_a_members_token_reads_time_task_by_task(make_mirror: MakeMirror) -> None:
    """Refused for everybody and for each person, the mirror asks the tasks: nothing is lost, nothing zero."""
    mirror = make_mirror(members_world())
    await mirror.sync("incremental")
    truth = mirror.world.truth()
    owner = str(mirror.world.owner().id)
    others = {key: entry for key, entry in truth["entries"].items() if entry["user_id"] != owner}
    finished = {key for key, entry in others.items() if entry["task_id"] and not entry["running"]}
    wrong = [line for line in mirror.differences() if line.startswith("entry")]
    missing = {line.split()[1] for line in wrong if line.endswith("is missing")}
    assert len(wrong) == len(missing)
    assert missing <= others.keys() - finished
    for task_id, task in truth["tasks"].items():
        assert mirror.task(task_id)["tracked_minutes"] in (None, task["tracked_ms"] // 60_000)
        if task["tracked_ms"]:
            assert mirror.task(task_id)["tracked_minutes"] is not None


async def test_what_a_members_token_cannot_see_is_said(make_mirror: MakeMirror) -> None:
    """The stream names the people, and the next syncs do not ask for them again and again."""
    mirror = make_mirror(members_world())
    await mirror.sync("incremental")
    blind_spot = mirror.value("SELECT blind_spot FROM streams WHERE stream = 'time'")
    assert f"the time of {len(mirror.world.members()) - 1} members" in blind_spot
    with mirror.counting() as seen:
        await mirror.sync("incremental")
    assert seen["GET /team/{team_id}/time_entries"] == 1


async def test_losing_the_right_to_see_time_zeroes_nothing(mirror: Mirror) -> None:
    """An admin's token becomes a member's: what is known stays, entry by entry."""
    entries, minutes = mirror.value("SELECT count(*) FROM time_entries"), tracked(mirror)
    mirror.world.edit_person(mirror.world.owner().id, role=Role.MEMBER)
    for kind in ("incremental", "full"):
        await mirror.sync(kind)
        assert mirror.value("SELECT count(*) FROM time_entries") == entries
        assert tracked(mirror) == minutes


async def test_time_that_is_hidden_everywhere_is_null_and_not_zero(make_mirror: MakeMirror) -> None:
    """Neither the workspace nor the tasks show time: a task that has some says NULL."""
    mirror = make_mirror(members_world())
    mirror.faults.add("no_permission", "/task/*/time", times=None)
    mirror.faults.add("no_permission", "/team/*/time_entries", times=None)
    report = await mirror.sync("incremental")
    for task_id, task in mirror.world.truth()["tasks"].items():
        assert mirror.task(task_id)["tracked_minutes"] == (None if task["tracked_ms"] else 0)
    assert any("refuses this token the time of" in note for note in report.notes)


async def test_hiding_time_later_keeps_what_is_known(mirror: Mirror) -> None:
    """Not even a deep sync turns a refusal into a zero."""
    entries, minutes = mirror.value("SELECT count(*) FROM time_entries"), tracked(mirror)
    mirror.faults.add("no_permission", "/task/*/time", times=None)
    mirror.faults.add("no_permission", "/team/*/time_entries", times=None)
    await mirror.sync("deep")
    assert mirror.value("SELECT count(*) FROM time_entries") == entries
    assert tracked(mirror) == minutes


async def test_one_person_out_of_scope_costs_only_that_person(mirror: Mirror) -> None:
    """A list with one forbidden id is refused whole; one by one, the others still arrive."""
    blind, seen = mirror.world.members()[1].id, mirror.world.members()[2].id
    everybody = ",".join(sorted(str(person.id) for person in mirror.world.members()))
    for people in (everybody, str(blind)):
        mirror.faults.add("error", "/team/*/time_entries", query={"assignee": people}, times=None, amount=403)
    entry = mirror.world.add_time(None, seen)
    await mirror.sync("full")
    assert mirror.value("SELECT count(*) FROM time_entries WHERE clickup_entry_id = %s", entry.id) == 1
    denied = mirror.rows("SELECT object_id AS id FROM refusals WHERE kind = 'person_time'")
    assert [row["id"] for row in denied] == [str(blind)]


async def test_an_answer_that_leaves_time_out_is_no_zero(make_mirror: MakeMirror) -> None:
    """The tasks answer, but with nobody's time: what ClickUp counts for them stays unknown, each time."""
    mirror = make_mirror(members_world())
    mirror.faults.add("no_permission", "/team/*/time_entries", times=None)
    mirror.faults.add("miss_rows", "/task/*/time", times=None, amount=1.0)
    for kind in ("incremental", "full", "incremental"):
        await mirror.sync(kind)
        for task_id, task in mirror.world.truth()["tasks"].items():
            assert mirror.task(task_id)["tracked_minutes"] == (None if task["tracked_ms"] else 0)
    assert "do not add up" in mirror.value("SELECT blind_spot FROM streams WHERE stream = 'time'")


async def test_a_half_blind_answer_deletes_nothing_that_the_totals_count(mirror: Mirror) -> None:
    """A task without subtasks that answers with nobody's time loses no entry while its total stands."""
    counted = (
        "SELECT count(*) FROM time_entries WHERE NOT is_running AND clickup_task_id IS NOT NULL"
        " AND clickup_task_id NOT IN (SELECT parent FROM tasks WHERE parent IS NOT NULL)"
    )
    entries = mirror.value(counted)
    mirror.faults.add("no_permission", "/team/*/time_entries", times=None)
    mirror.faults.add("miss_rows", "/task/*/time", times=None, amount=1.0)
    await mirror.sync("deep")
    assert mirror.value(counted) == entries > 0
