"""Somebody in two workspaces is one person with two memberships."""

from dataclasses import replace
from typing import Any

import pytest

from app.context import open_database
from app.core.sync.progress import Silent
from app.jobs.workspace_removal import remove_workspace
from app.simulator.model import Role
from app.simulator.server import RunningSimulator
from app.simulator.world import World
from app.sql.migrate import migrate
from tests.conftest import Server
from tests.engine.conftest import MakeMirror, small_world
from tests.engine.mirror import Mirror
from tests.engine.test_migrations import bring_to, rows
from tests.threads import in_own_thread

# What does not depend on when and how often a row was written.
_ROWS = {
    "employees": "workspace_id clickup_user_id name email role is_active unreadable_fields",
    "memberships": "workspace_id clickup_user_id role is_active time_zone unreadable_fields",
}
_ASSIGNEES = """
SELECT t.workspace_id, t.clickup_task_id, array_agg(e.clickup_user_id ORDER BY e.clickup_user_id) AS assignees
FROM tasks AS t JOIN employees AS e ON e.id = ANY(t.employee_ids) GROUP BY 1, 2 ORDER BY 1, 2
"""


def two_worlds() -> tuple[World, World]:
    """Two workspaces that share people, of whom some have another role there, and one has left one."""
    one, other = small_world(1, tasks=12), small_world(2, tasks=12)
    for person in one.members()[2:5]:
        other._put_person(replace(person, role=Role.GUEST))
    other.leave(one.members()[3].id)
    return one, other


def shared(mirror: Mirror) -> dict[str, list[Any]]:
    """Every row of people, and whom tasks are assigned to."""
    found = {table: mirror.rows(f"SELECT {', '.join(names.split())} FROM {table} ORDER BY 1, 2")
             for table, names in _ROWS.items()}  # fmt: skip
    return found | {"assignees": mirror.rows(_ASSIGNEES)}


@pytest.mark.parametrize("order", ["ab", "ba", "abab", "bbaab"])
async def test_the_order_of_syncs_changes_nothing(server: Server, template: str, order: str) -> None:
    """Two workspaces that share people have the same rows, whichever is synced first and how often."""
    found = []
    for turns in ("ab", order):
        name = server.copy(template)
        one, other = two_worlds()
        with RunningSimulator(one) as first, RunningSimulator(other) as second:
            mirrors = {"a": Mirror(first, server.url_of(name)), "b": Mirror(second, server.url_of(name))}
            for turn in turns:
                await mirrors[turn].sync("full")
            found.append(shared(mirrors["a"]))
        server.drop(name)
    assert found[0] == found[1]
    assert len({row["clickup_user_id"] for row in found[0]["employees"]}) == len(found[0]["employees"])


async def test_who_leaves_one_workspace_is_active_through_the_other(make_mirror: MakeMirror) -> None:
    """And has left when the other one lists them no longer either; whoever returns is active again."""
    one, other = two_worlds()
    first, second = make_mirror(one), make_mirror(other)
    for mirror in (first, second):
        await mirror.sync("full")
    person = one.members()[2].id
    state = """
    SELECT is_active, left_at IS NULL AS is_here, role, workspace_id FROM employees WHERE clickup_user_id = %s
    """
    before = first.rows(state, str(person))[0]
    assert (before["is_active"], before["workspace_id"]) == (True, first.sim.team_id)
    one.leave(person)
    await first.sync("employees")
    after = first.rows(state, str(person))[0]
    assert after == {"is_active": True, "is_here": True, "role": "guest", "workspace_id": second.sim.team_id}
    members = "SELECT workspace_id FROM memberships WHERE clickup_user_id = %s AND is_active"
    assert first.rows(members, str(person)) == [{"workspace_id": second.sim.team_id}]
    other.leave(person)
    await second.sync("employees")
    gone = first.rows(state, str(person))[0]
    assert (gone["is_active"], gone["is_here"]) == (False, False)
    one.edit_person(person, left=False)
    await first.sync("employees")
    back = first.rows(state, str(person))[0]
    assert (back["is_active"], back["workspace_id"]) == (True, first.sim.team_id)


async def test_erasing_a_workspace_keeps_the_people_of_others(make_mirror: MakeMirror) -> None:
    """Who is in no other one is deleted; who is, keeps the row and its id."""
    one, other = two_worlds()
    first, second = make_mirror(one), make_mirror(other)
    for mirror in (first, second):
        await mirror.sync("full")
    kept = "SELECT id FROM employees AS e WHERE EXISTS (SELECT FROM memberships AS m" \
           " WHERE m.clickup_user_id = e.clickup_user_id AND m.workspace_id = %s) ORDER BY id"  # fmt: skip
    before = first.rows(kept, second.sim.team_id)

    async def erase() -> None:
        # Without CLICKUP_API_TOKEN, whose workspace is not removed.
        settings = first.settings(clickup_api_token=None)
        async with open_database(settings) as database:
            await remove_workspace(database, settings, first.sim.team_id, data="erase", progress=Silent())

    await in_own_thread(erase())
    assert first.rows("SELECT id FROM employees ORDER BY id") == before
    assert first.rows("SELECT DISTINCT workspace_id FROM employees") == [{"workspace_id": second.sim.team_id}]
    people = "SELECT clickup_user_id, workspace_id, name, role, is_active FROM {} ORDER BY 1"
    then = "SET clickup_sync.as_of = '9999-01-01'"
    assert first.edit(people.format("past_employees"), session=then) == first.rows(people.format("employees"))
    await second.sync("full")
    assert first.rows("SELECT id FROM employees ORDER BY id") == before


def test_people_of_before_become_members_of_their_workspace(empty_database_url: str) -> None:
    """With what the mirror knew of them; the zone of the token's owner is that person's."""
    bring_to(empty_database_url, "0024")
    rows(
        empty_database_url,
        "INSERT INTO workspaces (workspace_id, name, token_user_id, owner_time_zone)"
        " VALUES ('w', 'W', '1', 'Asia/Tokyo');"
        "INSERT INTO employees (workspace_id, clickup_user_id, name, role, is_active, left_at)"
        " VALUES ('w', '1', 'Ada', 'owner', true, NULL), ('w', '2', 'Bob', 'guest', false, '2026-01-01Z')",
    )
    migrate(empty_database_url)
    found = rows(
        empty_database_url,
        "SELECT m.workspace_id, e.name, m.role, m.is_active, m.left_at = e.left_at, m.time_zone"
        " FROM memberships AS m JOIN employees AS e ON e.id = m.employee_id ORDER BY 2",
    )
    assert found == [
        ("w", "Ada", "owner", True, None, "Asia/Tokyo"),
        ("w", "Bob", "guest", False, True, None),
    ]
    assert rows(empty_database_url, "SELECT workspace_id, token_kind FROM workspace_connections") == [
        ("w", "environment")
    ]
