"""Comments: all of them once, afterwards only where something may have changed; what waits is on the task."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.engine.conftest import MakeMirror, silent_world
from tests.engine.mirror import Mirror

COMMENTS, REPLIES = "GET /task/{task_id}/comment", "GET /comment/{comment_id}/reply"


def a_task(mirror: Mirror) -> str:
    tasks = mirror.world.truth()["tasks"]
    return next(key for key, task in tasks.items() if not task["put_away"] and not task["archived"])


def waiting(mirror: Mirror, task_id: str) -> str | None:
    return mirror.task(task_id)["assigned_comment"]


async def test_comments_beyond_the_first_page_arrive(silent: Mirror) -> None:
    """25 are a page; the 80th is as true as the first, and the oldest may be the one that waits."""
    task_id, who = a_task(silent), silent.world.owner().id
    silent.world.post_comment(task_id, "the oldest", assignee=who)
    for number in range(80):
        silent.world.post_comment(task_id, f"comment {number}")
    await silent.sync("incremental")
    assert silent.value("SELECT count(*) FROM comments") == 81
    assert waiting(silent, task_id) == "the oldest"
    assert silent.differences() == []


@pytest.mark.parametrize("count", [24, 25, 26, 50, 51])
async def test_every_size_of_a_page_is_read_to_its_end(silent: Mirror, count: int) -> None:
    """Also when the last page is exactly full."""
    task_id = a_task(silent)
    for number in range(count):
        silent.world.post_comment(task_id, f"{number}")
    await silent.sync("incremental")
    assert silent.value("SELECT count(*) FROM comments") == count


async def test_what_waits_stands_newest_first(silent: Mirror) -> None:
    """Comments and replies together, joined by ` | `; the unassigned and the resolved are not among them."""
    task_id, who = a_task(silent), silent.world.owner().id
    first = silent.world.post_comment(task_id, "first", assignee=who)
    silent.world.post_comment(task_id, "for nobody")
    done = silent.world.post_comment(task_id, "done", assignee=who)
    silent.world.resolve_comment(done.id)
    silent.world.post_comment(task_id, "third", assignee=who)
    silent.world.reply(first.id, "a reply", assignee=who)
    silent.world.reply(done.id, "नया | 新", assignee=who)
    await silent.sync("incremental")
    assert waiting(silent, task_id) == "नया | 新 | a reply | third | first"


async def test_nothing_waits_is_null(silent: Mirror) -> None:
    """Not an empty text."""
    silent.world.post_comment(a_task(silent), "for nobody")
    await silent.sync("incremental")
    assert silent.value("SELECT count(*) FROM tasks WHERE assigned_comment IS NOT NULL") == 0


Change = Callable[[Mirror, str], Any]


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        (lambda m, c: m.world.resolve_comment(c), None),
        (lambda m, c: m.world.assign_comment(c, None), None),
        (lambda m, c: m.world.delete_comment(c), None),
        (lambda m, c: m.world.edit_comment(c, "another text"), "another text"),
    ],
    ids=["resolved", "unassigned", "deleted", "edited"],
)
@pytest.mark.parametrize("on", ["comment", "reply"])
async def test_a_full_pass_rereads_what_waits(
    silent: Mirror, change: Change, wanted: str | None, on: str
) -> None:
    """Whatever becomes of a waiting comment or reply, though the task's `date_updated` stays."""
    task_id, who = a_task(silent), silent.world.owner().id
    said = silent.world.post_comment(task_id, "what waits", assignee=who if on == "comment" else None)
    if on == "reply":
        said = silent.world.reply(said.id, "what waits", assignee=who)
    await silent.sync("incremental")
    assert waiting(silent, task_id) == "what waits"
    change(silent, said.id)
    await silent.sync("full")
    assert waiting(silent, task_id) == wanted
    assert silent.differences() == []


async def test_only_deep_sees_a_comment_assigned_long_after(silent: Mirror) -> None:
    """No listing shows it; the deep sync, which reads every task's comments, does."""
    task_id = a_task(silent)
    said = silent.world.post_comment(task_id, "later for somebody")
    answer = silent.world.reply(said.id, "and this")
    await silent.sync("incremental")
    silent.world.assign_comment(said.id, silent.world.owner().id)
    silent.world.assign_comment(answer.id, silent.world.owner().id)
    await silent.sync("full")
    assert waiting(silent, task_id) is None
    await silent.sync("deep")
    assert waiting(silent, task_id) == "and this | later for somebody"


async def test_a_new_comment_brings_the_whole_thread_up_to_date(silent: Mirror) -> None:
    """Posting moves the task, and with it comes what was edited and deleted in silence."""
    task_id = a_task(silent)
    kept, dropped = (silent.world.post_comment(task_id, text) for text in ("kept", "dropped"))
    silent.world.reply(dropped.id, "goes along")
    await silent.sync("incremental")
    silent.world.edit_comment(kept.id, "kept and edited")
    silent.world.delete_comment(dropped.id)
    silent.world.post_comment(task_id, "new")
    await silent.sync("incremental")
    assert silent.differences() == []
    assert silent.value("SELECT count(*) FROM comments") == 2


async def test_a_reply_that_waits_arrives_with_its_thread(silent: Mirror) -> None:
    """A new reply shows in the count of the comment that it answers, once the task is read again."""
    task_id = a_task(silent)
    said = silent.world.post_comment(task_id, "a question")
    await silent.sync("incremental")
    silent.world.reply(said.id, "for you", assignee=silent.world.owner().id)
    silent.world.edit_task(task_id, name="touched")
    await silent.sync("incremental")
    assert waiting(silent, task_id) == "for you"


async def test_comments_are_read_once_and_then_where_something_changed(make_mirror: MakeMirror) -> None:
    """The first sync reads every task's, a quiet cycle none, a change its own task's, a pass what waits."""
    silent = make_mirror(silent_world())
    other = list(silent.world.truth()["tasks"])[1]
    silent.world.post_comment(other, "what waits", assignee=silent.world.owner().id)
    with silent.counting() as seen:
        await silent.sync("incremental")
    assert seen[COMMENTS] == len(silent.world.truth()["tasks"])
    with silent.counting() as seen:
        await silent.sync("incremental")
    assert seen.get(COMMENTS, 0) == 0
    silent.world.clock.advance(1)
    silent.world.edit_task(a_task(silent), name="changed")
    with silent.counting() as seen:
        await silent.sync("incremental")
    assert seen[COMMENTS] == 1
    with silent.counting() as seen:
        await silent.sync("full")
    assert seen[COMMENTS] == 1
    assert seen.get(REPLIES, 0) == 0


async def test_threads_that_did_not_grow_are_not_read_again(silent: Mirror) -> None:
    """Where something else on the task waits, the replies' count comes for free: the same costs nothing."""
    task_id, someone = a_task(silent), silent.world.owner().id
    said = silent.world.post_comment(task_id, "a question")
    for number in range(3):
        silent.world.reply(said.id, f"answer {number}")
    silent.world.post_comment(task_id, "please look", assignee=someone)
    await silent.sync("incremental")
    with silent.counting() as seen:
        await silent.sync("full")
    assert (seen[COMMENTS], seen.get(REPLIES, 0)) == (1, 0)
    assert silent.differences() == []


async def test_threads_of_a_changed_task_are_read_again(silent: Mirror) -> None:
    """A reply that was assigned long after it was posted is seen with the task's next change."""
    task_id, someone = a_task(silent), silent.world.owner().id
    said = silent.world.post_comment(task_id, "a question")
    reply = silent.world.reply(said.id, "an answer")
    await silent.sync("incremental")
    silent.world.assign_comment(reply.id, someone)
    silent.world.edit_task(task_id, name="touched")
    await silent.sync("incremental")
    assert silent.task(task_id)["assigned_comment"] == "an answer"


@pytest.mark.parametrize("action", ["error", "cut", "no_permission"])
async def test_comments_that_cannot_be_read_are_kept(silent: Mirror, action: Any) -> None:
    """A thread that breaks off or is denied deletes none of what is known of it."""
    task_id = a_task(silent)
    for number in range(30):
        silent.world.post_comment(task_id, f"comment {number}")
    await silent.sync("incremental")
    silent.world.edit_task(task_id, name="touched")
    silent.faults.add(action, f"/task/{task_id}/comment", after=1, times=None)
    try:
        await silent.sync("incremental", request_attempts=1)
    except Exception as error:
        assert action in ("error", "cut"), error
    assert silent.value("SELECT count(*) FROM comments") == 30
    silent.faults.clear()
    await silent.sync("incremental")
    assert silent.differences() == []


async def test_garbage_among_comments_deletes_none(silent: Mirror) -> None:
    """A row without an id could be any of the stored ones."""
    task_id = a_task(silent)
    said = [silent.world.post_comment(task_id, f"comment {number}") for number in range(5)]
    await silent.sync("incremental")
    silent.world.delete_comment(said[0].id)
    silent.faults.add("garbage", "/task/*/comment", times=None)
    await silent.sync("deep")
    assert silent.value("SELECT count(*) FROM comments") == 5
    silent.faults.clear()
    await silent.sync("deep")
    assert silent.value("SELECT count(*) FROM comments") == 4
