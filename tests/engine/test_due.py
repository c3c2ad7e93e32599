"""What a background check reads next."""

from datetime import timedelta

import pytest

from app.context import open_context
from app.engine.verification import list_due
from tests.engine.mirror import Mirror
from tests.engine.test_deletion import listed_task


async def due(mirror: Mirror) -> list[str]:
    """The tasks whose comments a background check would read now, of those read within the last hour."""
    async with open_context(mirror.settings()) as context:
        found = await list_due(context.database, mirror.sim.team_id, timedelta(hours=1), 100)
    return [row["clickup_task_id"] for row in found.comments]


async def test_a_changed_task_is_left_to_the_run_that_wrote_it(mirror: Mirror) -> None:
    """For half a minute; what that run left unread is read then, and before everything else."""
    task_id = listed_task(mirror)
    change = "UPDATE tasks SET date_updated = now(), updated_at = now() - %s WHERE clickup_task_id = %s"
    assert await due(mirror) == []
    mirror.rows(change, timedelta(seconds=5), task_id)
    assert await due(mirror) == []
    mirror.rows(change, timedelta(seconds=40), task_id)
    assert await due(mirror) == [task_id]


async def test_what_was_read_longest_ago_is_read_first(mirror: Mirror) -> None:
    """And what was read within the pause is not read again."""
    quiet = "SELECT clickup_task_id FROM tasks WHERE assigned_comment IS NULL AND NOT is_deleted LIMIT 2"
    older, newer = (row["clickup_task_id"] for row in mirror.rows(quiet))
    for task_id, hours in ((newer, 2), (older, 3)):
        mirror.rows(
            "UPDATE task_reads SET comments_read_at = now() - %s WHERE clickup_task_id = %s",
            timedelta(hours=hours),
            task_id,
        )
    assert await due(mirror) == [older, newer]


@pytest.mark.parametrize(
    ("short_reads", "seconds", "is_due"),
    [(1, 20, False), (1, 40, True), (2, 40, False), (2, 130, True), (4, 1_900, False), (4, 1_930, True),
     (5, 3_500, False), (1_000, 3_500, False), (1_000, 3_700, True)],
)  # fmt: skip
async def test_after_a_short_answer_a_task_is_read_again_soon(
    mirror: Mirror, short_reads: int, seconds: int, is_due: bool
) -> None:
    """Half a minute later, then after two, eight and thirty-two minutes; after that no more than others."""
    task_id = listed_task(mirror)
    mirror.rows(
        "UPDATE task_reads SET comments_short_reads = %s, comments_read_at = now() - %s"
        " WHERE clickup_task_id = %s",
        short_reads,
        timedelta(seconds=seconds),
        task_id,
    )
    assert await due(mirror) == ([task_id] if is_due else [])
