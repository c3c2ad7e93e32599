"""What ClickUp refuses: an outage is no permission, and a permission is asked about again soon."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.core.errors import SyncError, TokenRejected
from app.simulator.model import Role
from tests.engine.conftest import MakeMirror, small_world
from tests.engine.mirror import Mirror, Row
from tests.engine.test_deletion import listed_task

OUTAGES: dict[str, tuple[Any, dict[str, Any]]] = {
    "another code for everything": ("no_permission", {}),
    "HTML of a firewall": ("proxy_page", {}),
    "HTML with 401": ("proxy_page", {"amount": 401}),
    "an empty 401": ("empty", {}),
    "an empty 403": ("empty", {"amount": 403}),
}


def refusals(mirror: Mirror, kind: str = "%") -> list[Row]:
    return mirror.rows("SELECT * FROM refusals WHERE kind LIKE %s ORDER BY kind, object_id", kind)


def say_something(mirror: Mirror, number: int) -> list[str]:
    """So many listed tasks get a new comment."""
    tasks = [key for key, task in mirror.world.truth()["tasks"].items() if not task["put_away"]][:number]
    assert len(tasks) == number
    for task_id in tasks:
        mirror.world.post_comment(task_id, "said while ClickUp was out of order")
    return tasks


@pytest.mark.parametrize(
    ("outage", "path"), [*((one, "*") for one in OUTAGES), *((one, "/task/*") for one in list(OUTAGES)[1:])]
)
async def test_an_outage_leaves_no_record(mirror: Mirror, outage: str, path: str) -> None:
    """Runs fail while it lasts, no object is marked; afterwards one sync reads all that was missed."""
    action, details = OUTAGES[outage]
    say_something(mirror, 8)
    mirror.faults.add(action, path, times=None, **details)
    for kind in ("incremental", "full", "deep"):
        with pytest.raises(SyncError):
            await mirror.sync(kind, request_attempts=1)
    assert refusals(mirror) == []
    mirror.faults.clear()
    await mirror.sync("incremental")
    assert mirror.differences() == []


@pytest.mark.parametrize("code", ["OAUTH_018", "OAUTH_019", "OAUTH_021", "OAUTH_025", "OAUTH_077"])
async def test_a_refused_token_leaves_no_record_either(mirror: Mirror, code: str) -> None:
    """Each of the codes stops the run at once; when the token is well again, all is read that was missed."""
    say_something(mirror, 8)
    mirror.faults.add("dead_token", "/task/*", times=None, ecode=code)
    with pytest.raises(TokenRejected, match=code):
        await mirror.sync("incremental")
    assert refusals(mirror) == []
    mirror.faults.clear()
    await mirror.sync("incremental")
    assert mirror.differences() == []


async def test_a_refused_object_has_a_record_with_its_reason_and_the_next_try(mirror: Mirror) -> None:
    """One task's comments, in ClickUp's own words, while everything else is answered."""
    task_id = say_something(mirror, 3)[1]
    mirror.faults.add("no_permission", f"/task/{task_id}/comment", times=None)
    report = await mirror.sync("incremental")
    [refused] = refusals(mirror)
    assert (refused["kind"], refused["object_id"]) == ("comments", task_id)
    assert refused["reason"] == "Team not authorized (OAUTH_027)"
    assert refused["retry_at"] - refused["since"] == timedelta(hours=1)
    assert datetime.now(UTC) - refused["since"] < timedelta(minutes=1)
    assert any("the comments of 1 task: Team not authorized" in note for note in report.notes)


async def test_one_look_confirms_many_refusals(make_mirror: MakeMirror) -> None:
    """Comments that may never be read: the look at the token's owner is shared by all that wait for it."""
    mirror = make_mirror(small_world(4, tasks=60))
    mirror.faults.add("no_permission", "/task/*/comment", times=None)
    with mirror.counting() as seen:
        await mirror.sync("incremental")
    asked = seen["GET /task/{task_id}/comment"]
    assert len(refusals(mirror, "comments")) == asked >= 50
    assert seen["GET /user"] < asked


async def test_it_is_not_asked_for_until_the_next_try(mirror: Mirror) -> None:
    """Nothing happened to it meanwhile; when the time has come it is read and the record is gone."""
    task_id = say_something(mirror, 1)[0]
    rule = mirror.faults.add("no_permission", f"/task/{task_id}/comment", times=None)
    await mirror.sync("incremental")
    with mirror.counting() as seen:
        await mirror.sync("incremental")
    assert seen.get("GET /task/{task_id}/comment", 0) == 0
    rule.times = 0
    mirror.rows("UPDATE refusals SET retry_at = now()")
    await mirror.sync("incremental")
    assert refusals(mirror) == []
    assert mirror.differences() == []


async def test_the_pause_grows_from_an_hour_to_a_day(mirror: Mirror) -> None:
    """Twice as long each time; since when it is refused stays."""
    task_id = say_something(mirror, 1)[0]
    mirror.faults.add("no_permission", f"/task/{task_id}/comment", times=None)
    hours = []
    for _ in range(7):
        await mirror.sync("incremental")
        [refused] = refusals(mirror)
        hours.append(round((refused["retry_at"] - refused["refused_at"]).total_seconds() / 3_600))
        mirror.rows("UPDATE refusals SET retry_at = now()")
    assert hours == [1, 2, 4, 8, 16, 24, 24]
    assert refused["since"] < refused["refused_at"]


@pytest.mark.parametrize("sign", ["a newer change", "a full sync"])
async def test_a_sign_of_life_makes_it_asked_for_at_once(mirror: Mirror, sign: str) -> None:
    """Long before the next try."""
    task_id = say_something(mirror, 1)[0]
    rule = mirror.faults.add("no_permission", f"/task/{task_id}/comment", times=None)
    await mirror.sync("incremental")
    rule.times = 0
    if sign == "a newer change":
        mirror.world.edit_task(task_id, name="changed again")
    await mirror.sync("full" if sign == "a full sync" else "incremental")
    assert refusals(mirror) == []
    assert mirror.differences() == []


async def test_a_listing_that_shows_a_refused_task_takes_the_record_back(make_mirror: MakeMirror) -> None:
    """A task that came back into sight is there, whatever was refused of it before."""
    mirror = make_mirror(small_world(6, private_spaces=1))
    await mirror.sync("incremental")
    task_id = listed_task(mirror)
    home = mirror.task(task_id)["list_id"]
    private = next(one for one in mirror.world.lists.values() if mirror.world.spaces[one.space_id].private)
    mirror.world.move_task(task_id, private.id)
    await mirror.sync("full")
    assert [row["object_id"] for row in refusals(mirror, "task")] == [task_id]
    mirror.world.move_task(task_id, home)
    mirror.world.edit_task(task_id, name="back in sight")
    await mirror.sync("incremental")
    assert refusals(mirror, "task") == []


async def test_what_is_deleted_is_refused_no_more(mirror: Mirror) -> None:
    """The record goes with its object."""
    task_id = say_something(mirror, 1)[0]
    mirror.faults.add("no_permission", f"/task/{task_id}/comment", times=None)
    await mirror.sync("incremental")
    mirror.world.delete_task(task_id)
    await mirror.sync("full")
    assert mirror.task(task_id)["is_deleted"]
    assert refusals(mirror) == []


async def test_many_that_could_be_read_before_are_one_record(make_mirror: MakeMirror) -> None:
    """Forty tasks' comments at once: that may be an outage. Healed, the next try reads them all."""
    mirror = make_mirror(small_world(4, tasks=80))
    await mirror.sync("incremental")
    say_something(mirror, 40)
    rule = mirror.faults.add("no_permission", "/task/*/comment", times=None)
    report = await mirror.sync("incremental")
    [many] = refusals(mirror)
    assert (many["object_id"], many["objects"]) == ("", 40)
    assert many["retry_at"] - many["since"] == timedelta(minutes=1)
    assert any("may be an outage" in note for note in report.notes)
    with mirror.counting() as seen:
        await mirror.sync("incremental")
    assert seen.get("GET /task/{task_id}/comment", 0) == 0
    rule.times = 0
    mirror.rows("UPDATE refusals SET retry_at = now()")
    await mirror.sync("incremental")
    assert refusals(mirror) == []
    assert mirror.differences() == []


async def test_many_that_stay_refused_for_an_hour_are_recorded_one_by_one(make_mirror: MakeMirror) -> None:
    """Then it is a permission that was taken away."""
    mirror = make_mirror(small_world(4, tasks=80))
    await mirror.sync("incremental")
    say_something(mirror, 40)
    mirror.faults.add("no_permission", "/task/*/comment", times=None)
    await mirror.sync("incremental")
    mirror.rows("UPDATE refusals SET since = since - interval '1 hour', retry_at = now()")
    await mirror.sync("incremental")
    assert len([row for row in refusals(mirror, "comments") if row["object_id"]]) == 40
    with mirror.counting() as seen:
        await mirror.sync("incremental")
    assert seen.get("GET /task/{task_id}/comment", 0) == 0


async def test_a_place_that_is_refused_is_recorded_until_it_shows_itself(mirror: Mirror) -> None:
    """A space whose folders and lists are refused; the next full sync asks for it as always."""
    space_id = mirror.value("SELECT min(space_id) FROM spaces WHERE NOT archived")
    rule = mirror.faults.add("no_permission", f"/space/{space_id}/*", times=None)
    await mirror.sync("full")
    assert [(row["kind"], row["object_id"]) for row in refusals(mirror)] == [("space", space_id)]
    rule.times = 0
    await mirror.sync("full")
    assert refusals(mirror) == []


async def test_a_member_who_leaves_during_a_run_is_the_true_cause(mirror: Mirror) -> None:
    """An owner's token: the list of people is refused because of one who left, who is then left out."""
    leaver = mirror.world.members()[2].id
    stayer = mirror.world.members()[1].id
    entry = mirror.world.add_time(None, stayer)
    mirror.world.leave(leaver)
    with mirror.counting() as seen:
        await mirror.sync("incremental")
    assert (seen["GET /team"], seen["GET /team/{team_id}/time_entries"]) == (1, 2)
    assert mirror.value("SELECT is_active FROM employees WHERE clickup_user_id = %s", str(leaver)) is False
    assert mirror.value("SELECT count(*) FROM time_entries WHERE clickup_entry_id = %s", entry.id) == 1
    assert refusals(mirror) == []
    assert "may not ask" not in (blind_spot(mirror) or "")


async def test_an_owners_token_that_is_refused_one_person_says_clickups_reason(mirror: Mirror) -> None:
    """Nobody is told to use an owner's token who uses one; a member's token is told so."""
    person = mirror.world.members()[1].id
    everybody = ",".join(sorted(str(one.id) for one in mirror.world.members()))
    for people in (everybody, str(person)):
        mirror.faults.add(
            "error",
            "/team/*/time_entries",
            query={"assignee": people},
            times=None,
            amount=403,
            ecode="TIMEENTRY_059",
        )
    await mirror.sync("incremental")
    said = blind_spot(mirror)
    assert said is not None and "to this owner's token" in said and "TIMEENTRY_059" in said
    assert "only the token of an owner or admin" not in said
    assert [row["object_id"] for row in refusals(mirror)] == [str(person)]


async def test_a_members_token_is_told_what_it_lacks(make_mirror: MakeMirror) -> None:
    """The sentence about an owner's or admin's token is for those who use another one."""
    mirror = make_mirror(small_world(3, owner_role=Role.MEMBER))
    await mirror.sync("incremental")
    assert "only the token of an owner or admin" in (blind_spot(mirror) or "")


def blind_spot(mirror: Mirror) -> str | None:
    found: str | None = mirror.value("SELECT blind_spot FROM streams WHERE stream = 'time'")
    return found
