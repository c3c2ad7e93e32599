"""Somebody may be in two workspaces of one mirror: no report of one shows what is in the other."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

import pytest

from app.core.answers.day import whole_day
from app.reports import Reports
from app.reports.attention import CONDITIONS, AttentionFilter
from app.reports.places import Within
from app.reports.progress import Of
from app.reports.time import By, TimeFilter, TimesheetQuery
from tests.reports.ground import BERLIN, DAY, NOW, TODAY, Ground, columns

Row = dict[str, Any]
DONE = {"status_type": "done", "date_done": NOW - timedelta(hours=1), "time_estimate_minutes": 60}


@pytest.fixture
def ada(ground: Ground) -> str:
    """Who is in this workspace, where she has nothing to do, and at work in another one."""
    ada = ground.person("ada")
    other = Ground(ground.url, "other")
    blocked_by = other.task(people=[ada], due_date=TODAY)
    other.task(people=[ada], due_date=TODAY - DAY, waits_on=[blocked_by], date_updated=NOW - 50 * DAY)
    other.task(people=[ada], due_date=TODAY)
    other.task(people=[ada], **DONE)
    other.task(people=[ada], is_deleted=True, deleted_at=NOW - timedelta(hours=1))
    spent = other.task(people=[ada], **DONE)
    other.entry(spent, ada, NOW - timedelta(hours=2), 3_600_000)
    other.entry(blocked_by, ada, NOW - timedelta(hours=2), None)
    other.entry(None, ada, None, 60_000)
    other.comment(blocked_by, ada)
    other.close()
    return ada


async def test_no_task_of_the_other_needs_attention(asked: Reports, ada: str) -> None:
    """Though all of them do there."""
    for condition in CONDITIONS:
        for people in (None, [ada]):
            wanted = AttentionFilter(condition, people)
            assert await asked.attention.count("w", wanted, TODAY, NOW) == 0
            assert await asked.attention.page("w", wanted, today=TODAY, now=NOW, limit=9) == []
            assert await asked.attention.count("other", wanted, TODAY, NOW) > 0


async def test_a_task_of_the_other_blocks_nothing(ground: Ground, asked: Reports, ada: str) -> None:
    """Ids of two workspaces that point to each other are no dependency."""
    foreign = ground.rows("SELECT clickup_task_id AS id FROM tasks WHERE workspace_id = 'other'")
    ground.task(waits_on=[row["id"] for row in foreign])
    assert await asked.attention.count("w", AttentionFilter("blocked"), TODAY, NOW) == 0


async def test_nothing_of_the_other_is_anybodys_load(asked: Reports, ada: str) -> None:
    """No task, no time, no timer and no comment, whatever place is asked for."""
    for within in (Within(), Within(tasks=["other-t1"])):
        rows = columns(await asked.workload.people("w", today=TODAY, now=NOW, zone=BERLIN, within=within))
        assert [row["name"] for row in rows] == ["ada", None]
        figures = {value for row in rows for value in row.values() if isinstance(value, int)}
        assert figures == {0}


@pytest.mark.parametrize("by", ["all", "person", "list", "space"])
async def test_nothing_of_the_other_is_progress(asked: Reports, ada: str, by: Of) -> None:
    """Nothing was made, done, changed, deleted, tracked or estimated."""
    start, end = NOW - 900 * DAY, NOW + DAY
    for row in columns(await asked.progress.since("w", start, end, by=by)):
        assert {value for value in row.values() if value is not None} == {0}
    assert await asked.progress.accuracy("w", start, end, by=by) == []
    assert await asked.progress.completed("w", start, end, limit=9) == []
    assert await asked.progress.count_completed("w", start, end) == 0
    assert await asked.progress.count_statuses("w", today=TODAY) == []
    assert len(await asked.progress.accuracy("other", start, end, by=by)) == 1


@pytest.mark.parametrize("by", ["person", "task", "list", "space", "all"])
async def test_no_time_of_the_other_is_on_a_sheet(asked: Reports, ada: str, by: By) -> None:
    """Neither finished, nor running, nor without a start."""
    wanted = TimesheetQuery(TODAY - 9 * DAY, TODAY, BERLIN, by, TimeFilter(), "week")
    found = await asked.time.sheets("w", wanted, NOW)
    assert (found.sheets, set(asdict(found.total).values())) == ([], {0})
    there = (await asked.time.sheets("other", wanted, NOW)).total
    assert (there.milliseconds, there.running, there.undated) == (3_600_000, 1, 1)


async def test_nothing_of_the_other_is_told(asked: Reports, ada: str) -> None:
    """Neither of a day nor of a week."""
    assert await asked.digest.standup("w", whole_day(TODAY, BERLIN), now=NOW) == []
    assert len(await asked.digest.standup("other", whole_day(TODAY, BERLIN), now=NOW)) == 1
    week = await asked.digest.week("w", TODAY, zone=BERLIN, now=NOW)
    known = [week.created, week.done, week.overdue, week.blocked, week.waiting_comments]
    assert (known, week.by_person, week.by_space, week.most_time) == ([0] * 5, [], [], [])
