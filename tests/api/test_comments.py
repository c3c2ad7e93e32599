"""Who is waited for, as the source has it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from app.api.comments import CommentPage
from app.reports.comments import CommentFilter
from app.reports.places import Within
from tests.api.plans import Connection, filled, pages_read, plan, read_whole
from tests.api.reading import Json, Reader, typed
from tests.campaigns import seeds
from tests.conftest import Server

PATH = "/comments/assigned"


def waiting(reader: Reader) -> dict[str, Json]:
    """The source's comments and replies that are assigned to a person or a team and not resolved."""
    said = reader.mirror.world.truth()["comments"]
    return {
        key: one for key, one in said.items() if (one["assignee"] or one["group"]) and not one["resolved"]
    }


def add(reader: Reader, name: str, **columns: Any) -> None:
    """A waiting comment in the mirror alone."""
    row = {
        "workspace_id": reader.mirror.sim.team_id, "clickup_comment_id": name, "clickup_task_id": "nowhere",
        "text": "please", "assignee_id": "77", "resolved": False, "read_at": datetime.now(UTC), **columns,
    }  # fmt: skip
    reader.mirror.rows(
        f"INSERT INTO comments ({', '.join(row)}) VALUES ({', '.join(['%s'] * len(row))})", *row.values()
    )


def ids(answer: Json) -> list[str]:
    return [comment["clickup_comment_id"] for comment in answer["comments"]]


async def test_everything_that_waits_is_here(own: Reader) -> None:
    """Comments and replies, newest first, with who is waited for, and the task with its list and address."""
    task, person = next(iter(own.mirror.world.truth()["tasks"])), own.mirror.world.owner().id
    add(own, "reply", clickup_task_id=task, parent_comment_id="c", assignee_id=str(person),
        commented_at=datetime.now(UTC))  # fmt: skip
    answer = await own.get(PATH, limit=1_000)
    page, truth = typed(CommentPage, answer), waiting(own)
    assert answer["total"] == answer["count"] == len(truth) + 1 > 1
    assert {one.clickup_comment_id for one in page.comments} == truth.keys() | {"reply"}
    dates = [one.commented_at for one in page.comments if one.commented_at]
    assert dates == sorted(dates, reverse=True)
    tasks = own.mirror.world.truth()["tasks"]
    for one in page.comments[1:]:
        said = truth[one.clickup_comment_id]
        place = tasks[said["task_id"]]
        assert (one.text, one.assignee_id, one.parent_comment_id) == (
            said["text"], said["assignee"], said["parent"],
        )  # fmt: skip
        assert (one.assignee_group_id, one.assignee_group_name) == (said["group"], said["group_name"])
        assert sum(one.reaction_counts.values()) == len(said["reactions"])
        assert (one.task_title, one.list_name, one.space_id) == (
            place["title"], place["list"], place["space_id"],
        )  # fmt: skip
        assert one.task_url and one.task_url.endswith(said["task_id"])
    assert (page.comments[0].parent_comment_id, page.comments[0].age_days) == ("c", 0)


async def test_age_is_in_whole_days(own: Reader) -> None:
    """Of 24 hours, cut off; none where it is not known when it was said; never below nothing."""
    now = datetime.now(UTC)
    for name, age in (("a", timedelta(hours=23)), ("b", timedelta(hours=49)), ("c", -timedelta(hours=5))):
        add(own, name, commented_at=now - age)
    add(own, "d", commented_at=None)
    answer = await own.get(PATH, person="77")
    assert [(one["clickup_comment_id"], one["age_days"]) for one in answer["comments"]] == [
        ("c", 0),
        ("a", 0),
        ("b", 2),
        ("d", None),
    ]


async def test_people_and_places_filter(reader: Reader) -> None:
    """Who should answer, by either id; and where the task stands."""
    truth, tasks = waiting(reader), reader.mirror.world.truth()["tasks"]
    person = next(one["assignee"] for one in truth.values() if one["assignee"])
    mine = {key for key, one in truth.items() if one["assignee"] == person}
    uuid = reader.mirror.value("SELECT id FROM employees WHERE clickup_user_id = %s", person)
    for name in filter(None, (person, uuid)):
        assert set(ids(await reader.get(PATH, person=str(name), limit=1_000))) == mine
    for kind in ("list", "space"):
        place = tasks[next(iter(truth.values()))["task_id"]][f"{kind}_id"]
        there = {key for key, one in truth.items() if tasks[one["task_id"]][f"{kind}_id"] == place}
        assert set(ids(await reader.get(PATH, limit=1_000, place=place))) == there


async def test_a_team_is_waited_for_like_a_person(own: Reader) -> None:
    """It is named, asked for by id or name, and in nobody's own list; both may be waited for at once."""
    person = own.mirror.value("SELECT clickup_user_id FROM employees LIMIT 1")
    before = await own.get(PATH, person=person, limit=1_000)
    team = {"assignee_group_id": "g1", "assignee_group_name": "Team A"}
    add(own, "team's", assignee_id=None, **team)
    add(own, "both's", assignee_id=person, assignee_name="Ada", **team)
    add(own, "other's", assignee_id=None, assignee_group_id="g2", assignee_group_name="Team B")
    for name in ("g1", "Team A"):
        answer = await own.get(PATH, team=name)
        typed(CommentPage, answer)
        assert {one["clickup_comment_id"]: one["waits_for"] for one in answer["comments"]} == {
            "team's": "Team A",
            "both's": "Ada, Team A",
        }
    mine = await own.get(PATH, person=person, limit=1_000)
    assert set(ids(mine)) == {*ids(before), "both's"}
    assert (await own.get(PATH, team="nobody"))["total"] == 0
    load = await own.get("/workload")
    teams = {team["name"]: team["waiting_comments"] for team in load["teams"]}
    assert (teams["Team A"], teams["Team B"]) == (2, 1)
    assert [row["waiting_comments"] for row in load["people"] if row["clickup_user_id"] == person] == [
        mine["total"]
    ]
    assert (await own.get("/workload", person=person))["teams"] == []
    assert {team["name"] for team in (await own.get("/standup"))["teams"]} >= {"Team A", "Team B"}
    total = (await own.get(PATH))["total"]
    assert (await own.get("/digest/week"))["waiting_comments"] == total


async def test_comments_of_deleted_tasks_and_resolved_ones_wait_for_nobody(own: Reader) -> None:
    """They are left out, and so is what is assigned to nobody."""
    task = next(one["task_id"] for one in waiting(own).values())
    own.mirror.rows("UPDATE tasks SET is_deleted = true, deleted_at = now() WHERE clickup_task_id = %s", task)
    add(own, "resolved", resolved=True)
    add(own, "nobody's", assignee_id=None)
    left = {key for key, one in waiting(own).items() if one["task_id"] != task}
    assert set(ids(await own.get(PATH, limit=1_000))) == left


async def test_unknown_ids_are_told_from_nobody_waited_for(own: Reader) -> None:
    """A 404 that names what is not known; somebody for whom nobody waits has an empty answer."""
    assert "no person '4711'" in await own.unknown(PATH, person="4711")
    assert "no place 'nowhere'" in await own.unknown(PATH, place="nowhere")
    own.mirror.rows("UPDATE comments SET resolved = true")
    person = own.mirror.value("SELECT clickup_user_id FROM employees LIMIT 1")
    answer = await own.get(PATH, person=person)
    assert (answer["count"], answer["total"], answer["comments"]) == (0, 0, [])


@pytest.mark.parametrize("seed", seeds())
async def test_a_walk_leaves_nothing_out(own: Reader, seed: int) -> None:
    """Comments are assigned anew and come while it goes on; each once, in order, while nothing changes."""
    random = Random(seed)
    own.mirror.rows("UPDATE comments SET updated_at = now() - interval '1 day'")
    quiet = await own.walk(PATH, "comments", limit=3)
    assert [one["clickup_comment_id"] for one in quiet] == ids(await own.get(PATH, limit=1_000))

    def change_rows() -> None:
        name = str(random.random())
        own.mirror.rows(
            "UPDATE comments SET assignee_id = '77', resolved = false, updated_at = now()"
            " WHERE clickup_comment_id = (SELECT clickup_comment_id FROM comments"
            " ORDER BY md5(clickup_comment_id || %s) LIMIT 1)",
            name,
        )
        if random.random() < 0.5:
            add(own, name, commented_at=datetime.now(UTC) - timedelta(days=random.randrange(200)))

    seen = {one["clickup_comment_id"] for one in await own.walk(PATH, "comments", change_rows, limit=4)}
    assert set(ids(await own.get(PATH, limit=1_000))) - seen == set()


async def test_a_cursor_is_the_same_as_long_as_nothing_is_written(own: Reader) -> None:
    """Whenever it is asked for; a comment that is written makes it another one."""
    add(own, "first", commented_at=datetime.now(UTC))
    cursors = [(await own.get(PATH, limit=1))["next_cursor"] for _ in range(2)]
    assert cursors[0] == cursors[1] != None  # noqa: E711
    add(own, "second", commented_at=datetime.now(UTC))
    assert (await own.get(PATH, limit=1))["next_cursor"] not in cursors


async def test_wrong_parameters_are_named(own: Reader) -> None:
    """Each with its reason."""
    assert await own.refused(PATH, "limit", limit=0)
    assert await own.refused(PATH, "limit", limit=1_001)
    assert await own.refused(PATH, "person", person="\x00")
    cursor = (await own.get(PATH, limit=1))["next_cursor"]
    assert "other filters" in await own.refused(
        PATH, "cursor", cursor=cursor, place=own.mirror.value("SELECT list_id FROM lists LIMIT 1")
    )
    assert await own.refused(PATH, "cursor", cursor=cursor + "A")


_FILL = (
    "INSERT INTO tasks (workspace_id, clickup_task_id, title, type, list_id, space_id, read_at, fingerprint)"
    " SELECT 'w', 't' || n, 'x', 'Task', 'l' || n % 900, 's' || n % 300, now(), 'f'"
    " FROM generate_series(1, 30000) AS n",
    "INSERT INTO comments (workspace_id, clickup_comment_id, clickup_task_id, text, assignee_id, resolved,"
    " commented_at, read_at) SELECT 'w', 'c' || n, 't' || n % 30000, 'x',"
    " CASE WHEN n % 4 = 0 THEN 'u' || n % 300 END, n % 8 = 0, to_timestamp(1.6e9 + n * 600), now()"
    " FROM generate_series(1, 100000) AS n",
    "VACUUM ANALYZE tasks",
    "VACUUM ANALYZE comments",
)


@pytest.fixture(scope="module")
def large(server: Server, template: str) -> Iterator[Connection]:
    """100,000 comments, of which one in eight waits."""
    with filled(server, template, *_FILL) as connection:
        yield connection


FILTERS = {
    "all": (CommentFilter(), None),
    "deep": (CommentFilter(), (datetime.fromtimestamp(1.6e9 + 50_000 * 600, UTC), "c50000")),
    "person": (CommentFilter(people=["u76"]), None),
    "task": (CommentFilter(within=Within(tasks=["t76"])), None),
    "list": (CommentFilter(within=Within(lists=["l7"])), None),
    "space": (CommentFilter(within=Within(spaces=["s7"])), None),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", FILTERS)
def test_every_page_finds_its_comments_by_an_index(large: Connection, name: str) -> None:
    """Nobody walks through all comments, and a deep page costs no more than the first."""
    wanted, after = FILTERS[name]
    time, row_id = after or (None, None)
    since = datetime(2020, 1, 1, tzinfo=UTC)
    place = {"again": False, "after_time": time, "after_id": row_id, "written_since": since, "limit": 100}
    tree = plan(large, "list_waiting_comments", wanted.params("w") | place | {"now": since})
    assert "comments" not in read_whole(tree)
    assert pages_read(tree) < 2_500
