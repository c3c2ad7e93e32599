"""Comments and replies: pages, order and shapes."""

import httpx2
import pytest

from app.simulator.model import Comment
from app.simulator.server import RunningSimulator
from app.simulator.world import World
from tests.simulator.conftest import NOON
from tests.simulator.reading import all_comments, ids, refusal


def crowded(world: World, count: int) -> list[str]:
    """A new task's comments, newest first; several share one instant."""
    task = world.create_task(next(iter(world.lists)))
    with world.lock:
        for number in range(count):
            comment = world.post_comment(task.id, f"comment {number}")
            world.put_comment(
                Comment(comment.id, task.id, comment.user_id, comment.text, NOON + number // 10)
            )
    return [one.id for one in world.comments_newest_first(task.id)]


@pytest.mark.parametrize("count", [0, 1, 25, 26, 60])
def test_pages_together_are_all(http: httpx2.Client, sim: RunningSimulator, count: int) -> None:
    """25 a page, newest first, every comment exactly once, also where many share one instant."""
    wanted = crowded(sim.world, count)
    task_id = list(sim.world.tasks)[-1]
    assert ids(all_comments(http, task_id)) == wanted
    first = http.get(f"/task/{task_id}/comment").json()
    assert ids(first["comments"]) == wanted[:25]
    assert first.keys() == {"comments"}
    dates = [int(one["date"]) for one in first["comments"]]
    assert dates == sorted(dates, reverse=True)


def test_one_half_of_the_cursor_is_ignored(http: httpx2.Client, sim: RunningSimulator) -> None:
    """`start` without `start_id`, or the reverse, answers with the first page again."""
    wanted = crowded(sim.world, 30)
    path = f"/task/{list(sim.world.tasks)[-1]}/comment"
    last = http.get(path).json()["comments"][-1]
    assert ids(http.get(path, params={"start": last["date"]}).json()["comments"]) == wanted[:25]
    assert ids(http.get(path, params={"start_id": last["id"]}).json()["comments"]) == wanted[:25]
    both = {"start": last["date"], "start_id": last["id"]}
    assert ids(http.get(path, params=both).json()["comments"]) == wanted[25:]


def test_a_comment_posted_while_paging_shifts_nothing(http: httpx2.Client, sim: RunningSimulator) -> None:
    """The cursor is a place among the comments, not a count: the next page is the same."""
    wanted = crowded(sim.world, 30)
    task_id = list(sim.world.tasks)[-1]
    last = http.get(f"/task/{task_id}/comment").json()["comments"][-1]
    new = sim.world.post_comment(task_id, "meanwhile")
    both = {"start": last["date"], "start_id": last["id"]}
    assert ids(http.get(f"/task/{task_id}/comment", params=both).json()["comments"]) == wanted[25:]
    assert ids(all_comments(http, task_id))[0] == new.id


def test_replies(http: httpx2.Client, sim: RunningSimulator) -> None:
    """Replies are not among the comments; `reply_count` says as text how many there are."""
    world, assignee = sim.world, sim.world.members()[1].id
    task = world.create_task(next(iter(world.lists)))
    comment, lonely = world.post_comment(task.id), world.post_comment(task.id)
    first, second = world.reply(comment.id, "one"), world.reply(comment.id, "two", assignee=assignee)
    rows = {one["id"]: one for one in all_comments(http, task.id)}
    assert {key: row["reply_count"] for key, row in rows.items()} == {comment.id: "2", lonely.id: "0"}
    replies = http.get(f"/comment/{comment.id}/reply").json()["comments"]
    assert ids(replies) == [second.id, first.id]
    assert (replies[0]["comment_text"], replies[0]["assignee"]["id"]) == ("two", assignee)
    assert http.get(f"/comment/{lonely.id}/reply").json() == {"comments": []}
    world.delete_comment(first.id)
    assert next(one for one in all_comments(http, task.id) if one["id"] == comment.id)["reply_count"] == "1"


def test_threads_paged(http: httpx2.Client, sim: RunningSimulator) -> None:
    """Replies come as comments do: 25 a page, the next after date and id of the last."""
    comment = sim.world.post_comment(next(iter(sim.world.tasks)))
    made = [sim.world.reply(comment.id, f"reply {number}").id for number in range(30)][::-1]
    sim.world.doubts.threads_paged = True
    path = f"/comment/{comment.id}/reply"
    first = http.get(path).json()["comments"]
    assert ids(first) == made[:25]
    last = {"start": first[-1]["date"], "start_id": first[-1]["id"]}
    assert ids(http.get(path, params=last).json()["comments"]) == made[25:]


def test_threads_capped(http: httpx2.Client, sim: RunningSimulator) -> None:
    """The newest 25, whatever is asked for; the count says how many there are."""
    task_id = next(iter(sim.world.tasks))
    comment = sim.world.post_comment(task_id)
    made = [sim.world.reply(comment.id, f"reply {number}").id for number in range(30)][::-1]
    sim.world.doubts.threads_capped = True
    path = f"/comment/{comment.id}/reply"
    assert ids(http.get(path).json()["comments"]) == made[:25]
    last = {"start": "1", "start_id": made[24]}
    assert ids(http.get(path, params=last).json()["comments"]) == made[:25]
    assert http.get(f"/task/{task_id}/comment").json()["comments"][0]["reply_count"] == "30"


def test_deleted_replies_counted(http: httpx2.Client, sim: RunningSimulator) -> None:
    """A reply that is gone stays in the count of its comment."""
    task_id = next(iter(sim.world.tasks))
    comment = sim.world.post_comment(task_id)
    sim.world.delete_comment(sim.world.reply(comment.id).id)
    path = f"/task/{task_id}/comment"
    assert http.get(path).json()["comments"][0]["reply_count"] == "0"
    sim.world.doubts.deleted_replies_counted = True
    assert http.get(path).json()["comments"][0]["reply_count"] == "1"


def test_deleted_threads_answer(http: httpx2.Client, sim: RunningSimulator) -> None:
    """The thread of a deleted comment is 404, or empty where that is in doubt; an unknown one's is 404."""
    comment = sim.world.post_comment(next(iter(sim.world.tasks)))
    sim.world.delete_comment(comment.id)
    assert http.get(f"/comment/{comment.id}/reply").status_code == 404
    sim.world.doubts.deleted_threads_answer = True
    assert http.get(f"/comment/{comment.id}/reply").json() == {"comments": []}
    assert http.get("/comment/1/reply").status_code == 404


def test_replies_are_not_paged(http: httpx2.Client, sim: RunningSimulator) -> None:
    """Thirty replies come at once."""
    comment = sim.world.post_comment(next(iter(sim.world.tasks)))
    made = [sim.world.reply(comment.id, f"reply {number}").id for number in range(30)]
    assert ids(http.get(f"/comment/{comment.id}/reply").json()["comments"]) == made[::-1]


def test_rows_say_what_the_truth_says(reader: httpx2.Client, calm: RunningSimulator) -> None:
    """Text, author, assignee, by whom, resolved and date agree with the truth for every comment and reply."""
    truth = calm.world.truth()["comments"]
    found = [row for task_id in calm.world.truth()["tasks"] for row in all_comments(reader, task_id)]
    answered = [row["id"] for row in found if row["reply_count"] != "0"]
    found += [row for one in answered for row in reader.get(f"/comment/{one}/reply").json()["comments"]]
    assert {row["id"] for row in found} == truth.keys()
    for row in found:
        said = truth[row["id"]]
        assert (row["comment"], row["date"]) == (said["blocks"], str(said["date"]))
        assert (row["comment_text"] == said["text"]) or "\n" in row["comment_text"]
        team = said["group"] and {"id": said["group"], "name": said["group_name"]}
        given = [{"reaction": one["reaction"], "user_id": str(one["user"]["id"])} for one in row["reactions"]]
        assert (row["group_assignee"], given) == (team, said["reactions"])
        assert (row["resolved"], row["reply_count"]) == (said["resolved"], str(said["replies"]))
        people = (row["user"], row["assignee"], row["assigned_by"])
        shown = tuple(one and str(one["id"]) for one in people)
        assert shown == (said["user_id"], said["assignee"], said["assigned_by"])
    assert {said["resolved"] for said in truth.values()} == {True, False}
    assert None in {said["assignee"] for said in truth.values()} != {None}
    assert None in {said["group"] for said in truth.values()} != {None}
    assert any(said["reactions"] for said in truth.values())
    kinds = {block.get("type", "text") for said in truth.values() for block in said["blocks"]}
    assert {"text", "image", "table-embed", "tag", "attachment", "bookmark", "whiteboard_embed"} <= kinds


def test_assigning_resolving_reopening(http: httpx2.Client, sim: RunningSimulator) -> None:
    """A comment waits while it is assigned and not resolved; the truth counts those that wait."""
    world, person = sim.world, sim.world.members()[1].id
    task = world.create_task(next(iter(world.lists)))
    comment = world.post_comment(task.id, "please")

    def seen() -> tuple[bool, bool]:
        row = http.get(f"/task/{task.id}/comment").json()["comments"][0]
        waits = bool(row["assignee"]) and not row["resolved"]
        assert [one["id"] for one in world.truth()["tasks"][task.id]["assigned_comments"]] == (
            [comment.id] if waits else []
        )
        return bool(row["assignee"]), row["resolved"]

    assert seen() == (False, False)
    world.assign_comment(comment.id, person)
    assert seen() == (True, False)
    world.resolve_comment(comment.id)
    assert seen() == (True, True)
    world.reopen_comment(comment.id)
    assert seen() == (True, False)
    world.assign_comment(comment.id, None)
    assert seen() == (False, False)


def test_comments_go_with_their_task(http: httpx2.Client, sim: RunningSimulator) -> None:
    """A deleted comment takes its replies along; those of a deleted task are 404, as unknown ones are."""
    world = sim.world
    task = world.create_task(next(iter(world.lists)))
    comment, other = world.post_comment(task.id), world.post_comment(task.id)
    reply = world.reply(comment.id)
    world.delete_comment(comment.id)
    assert ids(all_comments(http, task.id)) == [other.id]
    assert not {comment.id, reply.id} & world.truth()["comments"].keys()
    assert http.get(f"/comment/{comment.id}/reply").status_code == 404
    world.delete_task(task.id)
    assert refusal(http.get(f"/task/{task.id}/comment")) == (404, "ITEM_013")
    assert http.get(f"/comment/{other.id}/reply").status_code == 404


@pytest.mark.parametrize("cursor", [{"start": "x", "start_id": "1"}, {"start": "1", "start_id": "1.5"}])
def test_cursors_are_numbers(reader: httpx2.Client, calm: RunningSimulator, cursor: dict[str, str]) -> None:
    """A cursor that is none is refused."""
    task_id = next(iter(calm.world.truth()["tasks"]))
    assert refusal(reader.get(f"/task/{task_id}/comment", params=cursor))[0] == 400
