"""People who leave, places that go: each on the proof that its own answer gives."""

from tests.engine.conftest import MakeMirror, small_world
from tests.engine.mirror import Mirror
from tests.engine.test_deletion import gone, listed_task


async def test_deleting_a_list_deletes_list_and_tasks(mirror: Mirror) -> None:
    """Each on its own proof."""
    place_id = mirror.task(listed_task(mirror))["list_id"]
    mirror.world.delete_list(place_id)
    await mirror.sync("full", max_deleted_percent=100)
    assert mirror.value("SELECT is_deleted FROM lists WHERE list_id = %s", place_id) is True
    assert mirror.differences() == []


async def test_a_place_that_is_denied_is_kept(mirror: Mirror) -> None:
    """401 for a space's folders hides them for now and deletes none."""
    mirror.faults.add("no_permission", "/space/*", times=None)
    report = await mirror.sync("full")
    assert mirror.value("SELECT count(*) FROM lists WHERE is_deleted") == 0
    assert any("not visible" in note for note in report.notes)
    assert gone(mirror) == []


async def test_people_who_left_are_marked_and_their_hours_stay(mirror: Mirror) -> None:
    """Absence from the member list, which is not paged, is proof here."""
    leaver = mirror.world.members()[2].id
    before = mirror.value("SELECT count(*) FROM time_entries WHERE clickup_user_id = %s", str(leaver))
    mirror.world.leave(leaver)
    await mirror.sync("employees")
    row = mirror.rows("SELECT * FROM employees WHERE clickup_user_id = %s", str(leaver))[0]
    assert (row["is_active"], row["left_at"] is not None) == (False, True)
    await mirror.sync("full")
    assert before > 0
    after = mirror.value("SELECT count(*) FROM time_entries WHERE clickup_user_id = %s", str(leaver))
    assert after == before


async def test_an_empty_member_list_is_believed_by_nobody(mirror: Mirror) -> None:
    """A workspace whose token sees no member has lost the answer, not its people."""
    mirror.faults.add("distort", "/team", times=None)
    for _ in range(4):
        await mirror.sync("employees")
    assert mirror.value("SELECT count(*) FROM employees WHERE is_active") == len(mirror.world.members())


async def test_every_workspace_of_the_token_is_known(make_mirror: MakeMirror) -> None:
    """The mirrored one and the others, with what ClickUp says of each; one no longer shown is forgotten."""
    mirror = make_mirror(small_world(3, workspaces=3))
    seen = "SELECT name, plan_name, members_count FROM visible_workspaces WHERE workspace_id = %s ORDER BY 1"
    await mirror.sync("employees")
    first, second, own = (tuple(row.values()) for row in mirror.rows(seen, mirror.sim.team_id))
    assert (first, second) == (("Side project 1", "Free Forever", 1), ("Side project 2", "Free Forever", 1))
    assert own[1:] == ("Business", len(mirror.world.members()))
    outdated = "INSERT INTO visible_workspaces VALUES (%s, '1', 'gone', NULL, NULL, NULL, 1) RETURNING name"
    assert mirror.value(outdated, mirror.sim.team_id) == "gone"
    await mirror.sync("employees")
    assert len(mirror.rows(seen, mirror.sim.team_id)) == 3


async def test_the_plan_of_another_workspace_is_asked_once(make_mirror: MakeMirror) -> None:
    """Each further look costs no request more than that of a token with one workspace."""
    mirror = make_mirror(small_world(3, workspaces=3))
    first, second = await mirror.sync("employees"), await mirror.sync("employees")
    assert first.requests - second.requests == 2
