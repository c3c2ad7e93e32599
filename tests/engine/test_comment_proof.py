"""A comment or reply is deleted here only when that is proved; an answer that is short proves nothing."""

import os
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app.core.sync.comment_proof import MOST_SHORT_READS
from app.simulator.model import Comment
from app.simulator.server import RunningSimulator
from tests.conftest import Server
from tests.engine.conftest import silent_world, small_world
from tests.engine.mirror import Mirror
from tests.engine.test_comments import COMMENTS, REPLIES, a_task, waiting


def touch(mirror: Mirror, task_id: str) -> None:
    mirror.world.edit_task(task_id, name=f"touched {len(mirror.last_run()['notes'])}")


def ids(mirror: Mirror) -> set[str]:
    return {row["id"] for row in mirror.rows("SELECT clickup_comment_id AS id FROM comments")}


def reads(mirror: Mirror, task_id: str) -> dict[str, Any]:
    return mirror.rows("SELECT * FROM task_reads WHERE clickup_task_id = %s", task_id)[0]


def asked_reply(mirror: Mirror, task_id: str) -> tuple[Comment, Comment]:
    """A comment with one reply that waits, both mirrored."""
    said = mirror.world.post_comment(task_id, "a question")
    return said, mirror.world.reply(said.id, "please answer", assignee=mirror.world.owner().id)


async def test_an_empty_thread_deletes_no_reply_that_is_counted(silent: Mirror) -> None:
    """`reply_count` says 1, the thread shows none: the reply stays and waits, and the run says so."""
    task_id = a_task(silent)
    said, reply = asked_reply(silent, task_id)
    await silent.sync("incremental")
    silent.faults.add("miss_rows", "/comment/*/reply", times=None, amount=1)
    for kind in ("full", "deep"):
        report = await silent.sync(kind)
        assert waiting(silent, task_id) == "please answer"
        kept = "stored ones are kept and read again"
        assert f"the replies to comment {said.id}: ClickUp says 1, showed 0; {kept}" in report.notes
        assert report.counts["comments kept without proof"] == 1
    assert reads(silent, task_id)["comments_absent"].keys() == {reply.id}
    silent.faults.clear()
    report = await silent.sync("incremental")
    assert not report.notes
    assert reads(silent, task_id)["comments_absent"] is None
    assert silent.differences() == []


async def test_a_reply_is_gone_when_the_count_agrees(silent: Mirror) -> None:
    """Two of three are shown, and two is what the comment counts: one request, and the third is gone."""
    task_id = a_task(silent)
    said = silent.world.post_comment(task_id, "a question")
    replies = [silent.world.reply(said.id, f"{number}") for number in range(3)]
    await silent.sync("incremental")
    silent.world.delete_comment(replies[1].id)
    with silent.counting() as seen:
        report = await silent.sync("deep")
    assert (seen[REPLIES], report.notes) == (1, [])
    assert silent.differences() == []


async def test_the_last_reply_is_gone_when_an_empty_thread_agrees(silent: Mirror) -> None:
    """A count of 0 alone proves nothing; the thread has to be empty too."""
    task_id = a_task(silent)
    _, reply = asked_reply(silent, task_id)
    await silent.sync("incremental")
    silent.world.delete_comment(reply.id)
    with silent.counting() as seen:
        await silent.sync("full")
    assert seen[REPLIES] == 1
    assert waiting(silent, task_id) is None
    assert silent.differences() == []


@pytest.mark.parametrize("share", [1, 0.6])
async def test_a_short_page_deletes_no_comment_that_is_there(silent: Mirror, share: float) -> None:
    """Comments that an answer lacks are asked for themselves, and whoever answers stays."""
    task_id = a_task(silent)
    for number in range(8):
        silent.world.post_comment(task_id, f"{number}", assignee=silent.world.owner().id)
    await silent.sync("incremental")
    known = ids(silent)
    silent.faults.add("miss_rows", "/task/*/comment", times=None, amount=share)
    with silent.counting() as seen:
        report = await silent.sync("full")
    assert ids(silent) == known
    assert 1 <= seen[REPLIES] <= 3
    assert any(f"the comments of task {task_id}: ClickUp did not show" in note for note in report.notes)
    silent.faults.clear()
    await silent.sync("incremental")
    assert reads(silent, task_id)["comments_short_reads"] == 0
    assert silent.differences() == []


async def test_a_deleted_comment_is_proved_by_its_own_404(silent: Mirror) -> None:
    """One request for each; its replies go with it, and no other comment is asked for."""
    task_id = a_task(silent)
    kept, dropped = (silent.world.post_comment(task_id, text) for text in ("kept", "dropped"))
    silent.world.reply(dropped.id, "goes with it", assignee=silent.world.owner().id)
    silent.world.reply(kept.id, "stays")
    await silent.sync("incremental")
    silent.world.delete_comment(dropped.id)
    with silent.counting() as seen:
        report = await silent.sync("full")
    assert report.counts["comments deleted"] == 2
    assert seen[REPLIES] == 1
    assert silent.differences() == []


async def test_all_comments_of_a_task_may_be_deleted(silent: Mirror) -> None:
    """An empty answer is right when each comment is 404; more than a page of them go at once."""
    task_id = a_task(silent)
    made = [silent.world.post_comment(task_id, f"{number}") for number in range(40)]
    await silent.sync("incremental")
    for one in made:
        silent.world.delete_comment(one.id)
    await silent.sync("deep")
    assert ids(silent) == set()


@pytest.mark.parametrize("action", ["no_permission", "error", "ok_with_error"])
async def test_any_other_answer_proves_nothing(silent: Mirror, action: Any) -> None:
    """401, 500 or an error inside a 200 for the thread of a missing comment: it stays, the run succeeds."""
    task_id = a_task(silent)
    said = silent.world.post_comment(task_id, "deleted soon", assignee=silent.world.owner().id)
    await silent.sync("incremental")
    silent.world.delete_comment(said.id)
    silent.faults.add(action, f"/comment/{said.id}/reply", times=None)
    report = await silent.sync("full", request_attempts=1)
    assert waiting(silent, task_id) == "deleted soon"
    assert len(report.notes) == 1
    assert silent.rows("SELECT kind FROM refusals") == []
    silent.faults.clear()
    await silent.sync("incremental")
    assert silent.differences() == []


async def test_a_thread_that_is_404_though_its_comment_is_shown_proves_nothing(silent: Mirror) -> None:
    """Two answers that do not agree: what is known stays until they do."""
    task_id = a_task(silent)
    said, reply = asked_reply(silent, task_id)
    await silent.sync("incremental")
    silent.faults.add("error", f"/comment/{said.id}/reply", amount=404, times=None)
    await silent.sync("deep")
    assert ids(silent) == {said.id, reply.id}
    silent.faults.clear()
    await silent.sync("deep")
    assert silent.differences() == []


async def test_repeated_rows_delete_none(silent: Mirror) -> None:
    """Rows that come twice push others off the page; each comment is stored once."""
    task_id = a_task(silent)
    for number in range(30):
        silent.world.post_comment(task_id, f"{number}", assignee=silent.world.owner().id)
    await silent.sync("incremental")
    silent.faults.add("repeat_rows", "/task/*/comment", times=None, amount=0.5)
    await silent.sync("deep")
    assert len(ids(silent)) == 30
    silent.faults.clear()
    await silent.sync("deep")
    assert silent.differences() == []


async def test_a_whole_page_of_garbage_ends_the_reading(silent: Mirror) -> None:
    """Rows without an id or a date lead nowhere: no endless loop, and nothing is lost."""
    task_id = a_task(silent)
    for number in range(26):
        silent.world.post_comment(task_id, f"{number}")
    await silent.sync("incremental")
    silent.faults.add("garbage", "/task/*/comment", times=None)
    silent.faults.add("miss_rows", "/task/*/comment", times=None, amount=1)
    with silent.counting() as seen:
        await silent.sync("deep")
    assert seen[COMMENTS] <= 2 * len(silent.world.truth()["tasks"])
    assert len(ids(silent)) == 26


@pytest.mark.parametrize("doubt", ["threads_paged", "threads_capped", None])
async def test_threads_longer_than_a_page(silent: Mirror, doubt: str | None) -> None:
    """Whole where ClickUp shows them whole, page by page too; a capped one is no endless loop and no loss."""
    task_id = a_task(silent)
    said = silent.world.post_comment(task_id, "a question")
    for number in range(60):
        silent.world.reply(said.id, f"{number}")
    if doubt:
        setattr(silent.world.doubts, doubt, True)
    with silent.counting() as seen:
        report = await silent.sync("incremental")
    if doubt == "threads_capped":
        assert (len(ids(silent)), seen[REPLIES]) == (26, 2)
        assert "ClickUp says 60, showed 25" in report.notes[0]
    else:
        assert seen[REPLIES] == (3 if doubt else 1)
        assert silent.differences() == []


async def test_a_capped_thread_keeps_what_newer_replies_push_out(silent: Mirror) -> None:
    """30 are known, the newest 25 of 31 are shown: 31 are known."""
    task_id = a_task(silent)
    said = silent.world.post_comment(task_id, "a question")
    for number in range(30):
        silent.world.reply(said.id, f"{number}")
    await silent.sync("incremental")
    silent.world.doubts.threads_capped = True
    silent.world.reply(said.id, "the newest")
    await silent.sync("deep")
    assert len(ids(silent)) == 32
    silent.world.doubts.threads_capped = False
    await silent.sync("deep")
    assert silent.differences() == []


async def test_a_count_that_never_agrees_comes_to_rest(silent: Mirror) -> None:
    """ClickUp counts a deleted reply: it is kept, read again a few times and then no more than others, and
    `status` says so.
    """
    task_id = a_task(silent)
    said, reply = asked_reply(silent, task_id)
    await silent.sync("incremental")
    silent.world.doubts.deleted_replies_counted = True
    silent.world.delete_comment(reply.id)
    touch(silent, task_id)
    asked = []
    for _ in range(MOST_SHORT_READS + 3):
        with silent.counting() as seen:
            await silent.sync("incremental")
        asked.append(seen.get(COMMENTS, 0))
    assert asked == [1] * MOST_SHORT_READS + [0] * 3
    assert ids(silent) == {said.id, reply.id}
    with silent.counting() as seen:
        await silent.sync("deep")
    assert ids(silent) == {said.id, reply.id}
    silent.world.doubts.deleted_replies_counted = False
    await silent.sync("deep")
    assert silent.differences() == []


async def test_a_deleted_comment_whose_thread_answers_goes_after_a_day(silent: Mirror) -> None:
    """Where ClickUp gives no 404, only reads that agree for a day prove it."""
    task_id = a_task(silent)
    silent.world.doubts.deleted_threads_answer = True
    said = silent.world.post_comment(task_id, "deleted soon", assignee=silent.world.owner().id)
    await silent.sync("incremental")
    silent.world.delete_comment(said.id)
    for _ in range(3):
        await silent.sync("deep")
    assert ids(silent) == {said.id}
    a_day_earlier(silent, task_id)
    await silent.sync("deep")
    assert ids(silent) == set()
    assert waiting(silent, task_id) is None


async def test_a_comment_with_replies_of_its_own_is_not_gone_after_a_day(silent: Mirror) -> None:
    """However long the listing leaves it out: its thread shows that it is there."""
    task_id = a_task(silent)
    asked_reply(silent, task_id)
    await silent.sync("incremental")
    silent.faults.add("miss_rows", "/task/*/comment", times=None, amount=1)
    for _ in range(2):
        await silent.sync("deep")
        a_day_earlier(silent, task_id)
    assert len(ids(silent)) == 2
    assert waiting(silent, task_id) == "please answer"


def a_day_earlier(mirror: Mirror, task_id: str) -> None:
    """As if what was last missed had been missed a day before."""
    mirror.rows(
        "UPDATE task_reads SET comments_absent = ("
        " SELECT jsonb_object_agg(key, value::timestamptz - interval '1 day')"
        " FROM jsonb_each_text(comments_absent)) WHERE clickup_task_id = %s",
        task_id,
    )


_FAULTS = st.lists(
    st.tuples(
        st.sampled_from(["miss_rows", "repeat_rows", "garbage", "no_permission", "error"]),
        st.sampled_from(["/task/*/comment", "/comment/*/reply"]),
        st.floats(0.1, 1),
        st.integers(0, 3),
    ),
    max_size=4,
)


@pytest.mark.slow
@settings(
    max_examples=int(os.environ.get("PROOF_CASES", "5")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)
@given(seed=st.integers(0, 999), rounds=st.lists(_FAULTS, min_size=1, max_size=3), doubt=st.booleans())
async def test_whatever_is_short_at_any_time_no_comment_is_lost(
    server: Server, template: str, seed: int, rounds: list[list[Any]], doubt: bool
) -> None:
    """Short pages, short threads, garbage and refusals at any moment, while people comment and delete: what
    lives is never deleted, and without faults the mirror equals the source.
    """
    world = small_world(seed, tasks=6, comments=50, entries=0)
    world.doubts.threads_paged = doubt
    name = server.copy(template)
    with RunningSimulator(world) as simulator:
        mirror = Mirror(simulator, server.url_of(name))
        await mirror.sync("incremental")
        for number, faults in enumerate(rounds):
            known = ids(mirror)
            world.mutate(Random(seed + number), 8, COMMENT_CHANGES)
            for action, path, amount, after in faults:
                mirror.faults.add(action, path, amount=_amount(action, amount), after=after, times=None)
            await mirror.sync_until_done("deep")
            lost = known & set(world.comments) - ids(mirror)
            assert not lost, f"deleted though they live: {lost}"
            mirror.faults.clear()
            # What was refused is asked for again after an hour at the earliest.
            mirror.rows("DELETE FROM refusals")
        await mirror.sync("deep")
        assert mirror.differences() == []
    server.drop(name)


COMMENT_CHANGES = frozenset(
    {"post_comment", "reply", "edit_comment", "delete_comment", "assign_comment", "react"}
)


def _amount(action: str, share: float) -> float:
    return 403 if action == "error" else share


async def test_stored_comments_are_read_again_after_the_upgrade(silent: Mirror) -> None:
    """What was stored without blocks is as if its task had changed; a task without comments is left alone."""
    task_id = a_task(silent)
    silent.world.post_comment(task_id, "said before")
    await silent.sync("incremental")
    silent.rows("UPDATE comments SET blocks = NULL")
    silent.rows(
        "UPDATE task_reads AS reads SET comments_for = NULL WHERE EXISTS"
        " (SELECT FROM comments AS c WHERE c.clickup_task_id = reads.clickup_task_id)"
    )
    with silent.counting() as seen:
        await silent.sync("incremental")
    assert seen[COMMENTS] == 1
    assert silent.differences() == []


def test_the_silent_world_is_silent() -> None:
    """What the tests above count on."""
    assert silent_world().comments == {}
