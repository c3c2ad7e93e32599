"""People over HTTP, as the source has them."""

from app.api.people import Employees
from tests.api.reading import Reader, typed


async def test_people_are_as_the_source_has_them(reader: Reader) -> None:
    """The documented envelope; everybody who is here, with role and e-mail, by name."""
    answer = await reader.get("/employees")
    people = typed(Employees, answer).employees
    here = {key: one for key, one in reader.mirror.world.truth()["people"].items() if not one["left"]}
    assert answer["count"] == len(people)
    assert {one.clickup_user_id: one.email for one in people if one.is_active} == {
        key: one["email"] for key, one in here.items()
    }
    names = [one.name.lower() for one in people]
    assert names == sorted(names)
    stored = reader.mirror.rows("SELECT id, clickup_user_id FROM employees")
    assert {one.clickup_user_id: one.id for one in people} == {
        row["clickup_user_id"]: row["id"] for row in stored
    }


async def test_who_left_is_told_from_who_is_here(own: Reader) -> None:
    """`active` is either of them; without it both, and who left says since when, in the mirror's zone."""
    gone = own.mirror.rows(
        "UPDATE memberships SET is_active = false, left_at = now()"
        " WHERE clickup_user_id = (SELECT min(clickup_user_id) FROM memberships)"
        " RETURNING clickup_user_id, left_at"
    )[0]
    own.mirror.rows(
        "INSERT INTO refusals (workspace_id, kind, object_id, retry_at, reason)"
        " VALUES (%s, 'person_time', %s, now(), 'no')",
        own.mirror.sim.team_id,
        gone["clickup_user_id"],
    )
    everybody = typed(Employees, await own.get("/employees")).employees
    here = typed(Employees, await own.get("/employees", active=True)).employees
    left = typed(Employees, await own.get("/employees", active=False)).employees
    assert len(here) + len(left) == len(everybody)
    assert [(one.clickup_user_id, one.left_at, one.is_time_hidden) for one in left] == [
        (gone["clickup_user_id"], gone["left_at"], True)
    ]
    assert (
        left[0].left_at
        and left[0].left_at.utcoffset() == gone["left_at"].astimezone(own.mirror.zone).utcoffset()
    )


async def test_an_answer_that_did_not_change_is_a_304(own: Reader) -> None:
    """Until somebody is renamed."""
    tag = (await own.ask("/employees")).headers["etag"]
    assert (await own.ask("/employees", {"If-None-Match": tag})).status_code == 304
    own.mirror.rows("UPDATE employees SET name = 'Somebody else'")
    assert (await own.ask("/employees", {"If-None-Match": tag})).status_code == 200


async def test_a_wrong_parameter_is_named(reader: Reader) -> None:
    """With the reason."""
    assert "boolean" in await reader.refused("/employees", "active", active="perhaps")


async def test_nobody_is_told_from_nothing_known(own: Reader) -> None:
    """A workspace without people is an empty list; there is no error in it."""
    own.mirror.rows("DELETE FROM employees")
    assert await own.get("/employees") == {"count": 0, "employees": []}


async def test_a_person_is_found_by_id_email_or_name(own: Reader) -> None:
    """By every filter alike; a name that is not known is answered with one that is."""
    row = own.mirror.rows(
        "SELECT e.id, e.clickup_user_id FROM employees AS e JOIN time_entries USING (clickup_user_id)"
        " JOIN tasks AS t ON e.id = t.employee_id WHERE NOT t.is_deleted LIMIT 1"
    )[0]
    own.mirror.rows(
        "UPDATE employees SET name = 'Zoë O’Hara', email = 'zoe@example.com' WHERE id = %s", row["id"]
    )
    names = [str(row["id"]), row["clickup_user_id"], "ZOE@example.com", "zoe", "zoe o'hara"]
    for path, filter_ in (("/tasks", "assignee"), ("/time-entries", "person"), ("/workload", "person")):
        answers = [await own.get(path, **{filter_: name}) for name in names]
        counts = {answer["count"] for answer in answers}
        assert len(counts) == 1 and counts != {0}, (path, counts)
        assert "did you mean Zoë O’Hara (person " in await own.unknown(path, **{filter_: "Zooe"})


async def test_who_left_before_the_first_sync_can_be_asked_for(own: Reader) -> None:
    """By the name that the task has, though `/employees` knows nobody of it."""
    task = own.mirror.value("SELECT min(clickup_task_id) FROM tasks WHERE NOT is_deleted")
    own.mirror.rows(
        "INSERT INTO task_people (workspace_id, clickup_task_id, relation, clickup_user_id, position, name)"
        " SELECT workspace_id, clickup_task_id, 'assignee', '4711', 9, 'Frances Allen' FROM tasks"
        " WHERE clickup_task_id = %s", task,
    )  # fmt: skip
    for name in ("frances", "4711"):
        found = await own.get("/tasks", assignee=name)
        assert [row["clickup_task_id"] for row in found["tasks"]] == [task]
