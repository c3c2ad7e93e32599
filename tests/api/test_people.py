"""People over HTTP, as the source has them."""

from app.api.people_schemas import Employees
from tests.api.reading import Reader


async def test_people_are_as_the_source_has_them(reader: Reader) -> None:
    """The documented envelope; everybody who is here, with role and e-mail, by name."""
    answer = await reader.get("/employees")
    people = Employees.model_validate(answer).employees
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
    everybody = Employees.model_validate(await own.get("/employees")).employees
    here = Employees.model_validate(await own.get("/employees", active=True)).employees
    left = Employees.model_validate(await own.get("/employees", active=False)).employees
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
