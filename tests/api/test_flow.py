"""Flow over time, over HTTP: each parameter reaches the reports, whose figures `tests/reports` shows."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import BaseModel

from app.api.flow import BurnupAnswer, CycleTimesAnswer, DueDateChangesAnswer, FlowAnswer
from tests.api.reading import Reader, typed

SHAPES: dict[str, type[BaseModel]] = {
    "/progress/flow": FlowAnswer,
    "/progress/burnup": BurnupAnswer,
    "/progress/cycle-time": CycleTimesAnswer,
    "/progress/due-date-changes": DueDateChangesAnswer,
}
BY_PERSON = [path for path in SHAPES if path != "/progress/burnup"]


def somewhere(reader: Reader) -> str:
    """A space with tasks."""
    return str(reader.mirror.value("SELECT space_id FROM tasks GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"))


@pytest.mark.parametrize("path", SHAPES)
async def test_an_answer_has_its_shape_and_says_since_when_history_is_known(
    reader: Reader, path: str
) -> None:
    """Nothing beyond it; instants are in the chosen zone."""
    zone = ZoneInfo("Asia/Kolkata")
    told = await reader.get(path, zone=zone.key, place=somewhere(reader))
    typed(SHAPES[path], told)
    known = datetime.fromisoformat(told["history_since"])
    assert known == reader.mirror.value("SELECT since FROM history_states")
    assert (told["history_off_since"], known.utcoffset()) == (None, timedelta(hours=5, minutes=30))


@pytest.mark.parametrize("path", SHAPES)
async def test_names_are_looked_up(reader: Reader, path: str) -> None:
    """Who and what is not known is an error that names it."""
    assert "no place 'nowhere'" in await reader.unknown(path, place="nowhere")
    assert "nothing" in await reader.refused(path, "tag", tag="nothing")
    if path in BY_PERSON:
        assert "no person 'nobody'" in await reader.unknown(path, assignee="nobody")


async def test_flow_today_is_what_is_in_each_status_now(reader: Reader) -> None:
    """As `/progress/statuses` counts it: in all, of a list, of one status, and by type."""
    list_id = reader.mirror.value(
        "SELECT list_id FROM mirror.tasks WHERE NOT is_archived GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"
    )
    for wanted in ({}, {"place": list_id}):
        now = (await reader.get("/progress/statuses", **wanted))["statuses"]
        counts: dict[Any, int] = {}
        for row in now:
            counts[row["status"]] = counts.get(row["status"], 0) + row["tasks"]
        told = await reader.get("/progress/flow", **wanted)
        assert {row["status"]: row["tasks"] for row in told["flow"] if row["date"] == told["to"]} == counts
    status = now[0]["status"]
    one = await reader.get("/progress/flow", status=status, per="total")
    assert {row["status"] for row in one["flow"]} == {status}
    types = await reader.get("/progress/flow", group_by="status_type", status_type=["open", "custom"])
    assert {row["status_type"] for row in types["flow"]} <= {"open", "custom"}
    assert {row["status"] for row in types["flow"]} == {None}


async def test_days_before_history_have_no_rows(reader: Reader) -> None:
    """What was then is not known, and is not guessed."""
    for path, name in (("/progress/flow", "flow"), ("/progress/burnup", "burnup")):
        told = await reader.get(path, from_="2026-01-01", to="2026-01-31", place=somewhere(reader))
        assert (told["count"], told[name]) == (0, [])


async def test_burnup_takes_a_scope_and_units(reader: Reader) -> None:
    """Without any scope it is refused, and so is what is no `Name=value`."""
    path, place = "/progress/burnup", somewhere(reader)
    for unit in ("tasks", "points", "estimate"):
        told = await reader.get(path, unit=unit, place=place)
        assert told["unit"] == unit
        assert all(0 <= row["done"] <= row["scope"] for row in told["burnup"])
    assert (await reader.get(path, place=place))["burnup"][-1]["scope"] > 0
    none = await reader.get(path, custom_field="No such field=x")
    assert none["burnup"][-1]["scope"] == 0
    assert "give `place`" in await reader.refused(path, "place")
    for wrong in ("Sprint", "=x", "Sprint="):
        assert "Name=value" in await reader.refused(path, "custom_field", custom_field=wrong)


async def test_too_many_days_are_refused(reader: Reader) -> None:
    """As for timesheets; the same days in months are few."""
    years: dict[str, Any] = {"from_": "2020-01-01", "to": "2022-01-01", "place": somewhere(reader)}
    for path in ("/progress/flow", "/progress/burnup"):
        assert "400 are the maximum" in await reader.refused(path, "from", **years)
        assert await reader.get(path, **years, per="month")


async def test_tasks_that_were_done_come_in_pages(reader: Reader) -> None:
    """The latest first; the sums are of all of them."""
    long_ago = {"from_": "2015-01-01", "per": "month"}
    whole = await reader.get("/progress/cycle-time", **long_ago, limit=1_000)
    done = [task["clickup_task_id"] for task in whole["tasks"]]
    assert whole["total"]["tasks"] == len(done) == whole["count"] > 2
    page = await reader.get("/progress/cycle-time", **long_ago, limit=2, offset=1)
    assert [task["clickup_task_id"] for task in page["tasks"]] == done[1:3]
    assert page["total"] == whole["total"]
