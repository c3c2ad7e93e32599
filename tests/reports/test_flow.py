"""Flow over time: each figure as the simulated ClickUp, which remembers its past, would count it itself."""

from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.core.answers.day import whole_day
from app.core.clickup.stamps import from_millis, to_millis
from app.reports import Reports
from app.reports.flow import ChosenTasks, Parts, ScopeFilter, Unit
from app.reports.places import Within
from app.simulator.request import Json
from app.supabase_db import Database
from tests.engine.conftest import silent, silent_template
from tests.engine.mirror import Mirror

__all__ = ["silent", "silent_template"]

DAY = timedelta(days=1)
HOUR = 3_600
DAYS = 6
# What changes what is counted; places do not, which are another matter.
KINDS = frozenset(
    {"create_task", "status", "archive_task", "delete_task", "move_task", "tags", "estimate", "priority"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Days:
    """Days on which something happened in the simulated ClickUp, each synced on the same day."""

    mirror: Mirror
    first: date

    @property
    def zone(self) -> ZoneInfo:
        return self.mirror.zone

    @property
    def id(self) -> str:
        return self.mirror.sim.team_id

    @property
    def now(self) -> datetime:
        return from_millis(self.mirror.world.clock.now_ms())

    def parts(self, **more: Any) -> Parts:
        return Parts(self.first, self.first + (DAYS - 1) * DAY, self.zone, self.now, **more)

    def truth(self, day: date) -> Json:
        """At the end of the day; of the present one now."""
        end = to_millis(whole_day(day, self.zone).end) - 1
        return self.mirror.world.truth_at(min(end, self.mirror.world.clock.now_ms()))

    async def ask(self, question: Callable[[Reports, datetime], Awaitable[Any]]) -> Any:
        """What the reports say, and since when history is known."""
        async with Database.open(self.mirror.database_url) as database:
            reports = Reports(database)
            history = await reports.history.state(self.id)
            assert history is not None
            return await question(reports, history.since)


async def lived(mirror: Mirror, change: Callable[[Random], object], seed: int) -> Days:
    """Some days, on each of which `change` happens several times, beginning the day after the next."""
    world, random = mirror.world, Random(seed)
    world.remember()
    # Noon, on whatever day.
    here = from_millis(world.clock.now_ms()).astimezone(mirror.zone)
    noon = datetime.combine(here.date() + 2 * DAY, datetime.min.time(), mirror.zone) + DAY / 2
    world.clock.advance((noon - here).total_seconds())
    for _ in range(DAYS):
        for _ in range(8):
            world.clock.advance(60)
            change(random)
        world.clock.advance(HOUR)
        await mirror.sync("deep", max_deleted_percent=100)
        world.clock.advance(23 * HOUR - 8 * 60)
    return Days(mirror, noon.date())


def shown(truth: Json) -> dict[str, Json]:
    """Tasks that are counted: neither deleted nor archived."""
    return {key: task for key, task in truth["tasks"].items() if not task["archived"]}


async def flow(days: Days, chosen: ChosenTasks | None = None, **more: Any) -> dict[tuple[date, str], int]:
    found = await days.ask(
        lambda reports, since: reports.flow.flow(days.id, days.parts(), since, chosen=chosen, **more)
    )
    return {(row.day, row.status or row.status_type): row.tasks for row in found.counts}


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
async def test_flow_is_what_was_in_each_status_at_the_end_of_each_day(silent: Mirror, seed: int) -> None:
    """Created, archived and deleted tasks, changes of status, and moves between spaces among them;
    by type, and of tasks with a tag, in a place or of a priority as they are now.
    """
    days = await lived(silent, lambda random: silent.world.mutate(random, 1, KINDS), seed)
    present = days.truth(days.first + DAYS * DAY)
    outside = {key for key, task in present["tasks"].items() if task["put_away"]}
    # Of deleted tasks the mirror knows what they last were.
    ever: dict[str, Json] = {}
    for number in range(DAYS):
        ever |= days.truth(days.first + number * DAY)["tasks"]

    def expected(passes: Callable[[Json], bool], name: str = "status") -> dict[tuple[date, str], int]:
        counts: Counter[tuple[date, str]] = Counter()
        for number in range(DAYS):
            day = days.first + number * DAY
            for key, task in shown(days.truth(day)).items():
                if key not in outside and passes(present["tasks"].get(key, ever[key])):
                    counts[day, task[name]] += 1
        return dict(counts)

    assert await flow(days) == expected(lambda task: not task["put_away"])
    by_type = await flow(days, by="status_type")
    assert sum(by_type.values()) == sum(expected(lambda task: not task["put_away"]).values())
    tag = next((tag for task in present["tasks"].values() for tag in task["tags"]), "none")
    assert await flow(days, ChosenTasks(tags=[tag])) == expected(
        lambda task: tag in task["tags"] and not task["put_away"]
    )
    list_id = next(task["list_id"] for task in present["tasks"].values() if not task["put_away"])
    assert await flow(days, ChosenTasks(Within(lists=[list_id]))) == expected(
        lambda task: task["list_id"] == list_id
    )
    assert await flow(days, ChosenTasks(priorities=["high"])) == expected(
        lambda task: task["priority"] == "high" and not task["put_away"]
    )
    some = next(iter({status for _, status in await flow(days)}))
    assert {status for _, status in await flow(days, statuses=[some])} == {some}


def in_scope(task: Json) -> bool:
    """Archived ones count when they are done."""
    return not task["archived"] or is_done(task)


def is_done(task: Json) -> bool:
    return task["status_type"] in ("done", "closed")


AMOUNTS: dict[Unit, Callable[[Json], Any]] = {
    "tasks": lambda task: 1,
    "points": lambda task: task["points"] or 0,
    "estimate": lambda task: (task["time_estimate_ms"] or 0) // 60_000,
}


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("unit", AMOUNTS)
async def test_burnup_is_what_was_in_scope_and_done(silent: Mirror, seed: int, unit: Unit) -> None:
    """Of a list, of a tag, of a custom field's value and of everything, as each task was at the end of each
    day; what came into scope and left it is each task's difference to the day before.
    """
    world, kinds = silent.world, KINDS | {"field"}
    days = await lived(silent, lambda random: world.mutate(random, 1, kinds), seed)
    truths = [days.truth(days.first + number * DAY)["tasks"] for number in range(-1, DAYS)]
    tasks = [task for truth in truths for task in truth.values()]
    list_id, _ = Counter(task["list_id"] for task in tasks).most_common(1)[0]
    tag, _ = Counter(tag for task in tasks for tag in task["tags"]).most_common(1)[0]
    texts = Counter(
        (name, value)
        for task in tasks
        for name, value in task["custom_fields"].items()
        if isinstance(value, str) and value.strip() == value
    )
    named = texts.most_common(1)[0][0]
    scopes: list[tuple[ScopeFilter, Callable[[Json], bool]]] = [
        (ScopeFilter(), lambda task: True),
        (ScopeFilter(Within(lists=[list_id])), lambda task: task["list_id"] == list_id),
        (ScopeFilter(tags=[tag]), lambda task: tag in task["tags"]),
        (ScopeFilter(custom_field=named), lambda task: task["custom_fields"].get(named[0]) == named[1]),
    ]
    for scope, passes in scopes:
        rows = await days.ask(
            lambda reports, since, scope=scope: reports.flow.burnup(days.id, days.parts(), since, scope, unit)
        )
        amounts = [
            {key: AMOUNTS[unit](task) for key, task in truth.items() if in_scope(task) and passes(task)}
            for truth in truths
        ]
        for number, row in enumerate(rows):
            before, after = amounts[number], amounts[number + 1]
            steps = [after.get(key, 0) - before.get(key, 0) for key in before.keys() | after.keys()]
            done = sum(amount for key, amount in after.items() if is_done(truths[number + 1][key]))
            expected = (
                days.first + number * DAY, sum(after.values()), done, sum(step for step in steps if step > 0),
                -sum(step for step in steps if step < 0),
            )  # fmt: skip
            assert (row.day, row.scope, row.done, row.added, row.removed) == expected, scope
        assert len(rows) == DAYS


def percentile(values: list[int], share: float) -> int | None:
    """The smallest of them that at least this share does not exceed."""
    ordered = sorted(values)
    return next((one for rank, one in enumerate(ordered, 1) if rank >= share * len(ordered)), None)


async def test_cycle_times_are_those_between_the_changes(silent: Mirror) -> None:
    """Lead time from creation, cycle time from the first activity, time per status; a task that was never in
    an active status has no cycle time.
    """
    world, random = silent.world, Random(1)
    space = world.lists[next(iter(world.lists))].space_id
    place = next(one.id for one in world.lists.values() if one.space_id == space)
    statuses = world.spaces[space].statuses
    first = statuses[0]
    active = next(one for one in statuses if one.type == "custom")
    done = next(one for one in statuses if one.type in ("done", "closed"))
    world.clock.advance(48 * HOUR)
    began = from_millis(world.clock.now_ms()).astimezone(silent.zone).date()
    made: dict[str, list[int]] = {}
    for number in range(5):
        task_id = world.create_task(place, f"Task {number}", status=first).id
        made[task_id] = [world.tasks[task_id].date_created]
        await silent.sync("incremental")
        for status in (active, done) if number else (done,):
            world.clock.advance(random.randint(60, 40 * HOUR))
            made[task_id].append(world.edit_task(task_id, status=status.name).date_updated)
            await silent.sync("incremental")
    days = Days(silent, began)
    parts = Parts(began, days.now.astimezone(silent.zone).date(), silent.zone, days.now, "week")
    found = await days.ask(
        lambda reports, since: reports.flow.cycle_times(
            days.id, parts, ChosenTasks(Within(tasks=list(made))), limit=3, offset=1
        )
    )
    leads = {key: (times[-1] - times[0]) // 60_000 for key, times in made.items()}
    cycles = {key: (times[-1] - times[1]) // 60_000 for key, times in made.items() if len(times) == 3}
    total = found.total
    # Polling tells when a task changed last: its status may have changed since the read before.
    assert (total.tasks, total.without_cycle, total.imprecise) == (5, 1, 4)
    assert (total.lead_minutes_p50, total.lead_minutes_p85) == (
        percentile(list(leads.values()), 0.5),
        percentile(list(leads.values()), 0.85),
    )
    assert (total.cycle_minutes_p50, total.cycle_minutes_p85) == (
        percentile(list(cycles.values()), 0.5),
        percentile(list(cycles.values()), 0.85),
    )
    assert sum(part.tasks for part in found.parts) == 5
    assert [part.day for part in found.parts] == sorted(part.day for part in found.parts)
    latest = sorted(made, key=lambda key: made[key][-1], reverse=True)[1:4]
    assert [task.clickup_task_id for task in found.tasks] == latest
    for task in found.tasks:
        assert task.lead_minutes == leads[task.clickup_task_id]
        assert task.cycle_minutes == cycles.get(task.clickup_task_id)
        if task.active_at:
            times = made[task.clickup_task_id]
            assert task.active_latest == task.active_at == from_millis(times[1])
            assert task.active_earliest is not None
            assert from_millis(times[0]) <= task.active_earliest
    spent = {row.status: row for row in found.statuses}
    waited = [(times[1] - times[0]) // 60_000 for times in made.values()]
    assert spent[first.name].tasks == 5
    assert spent[first.name].minutes_p50 == percentile(waited, 0.5)
    assert spent[active.name].minutes_p85 == percentile(list(cycles.values()), 0.85)


async def test_a_task_whose_activity_began_before_history_is_marked(silent: Mirror) -> None:
    """What was not seen is no exact figure: the task was first read in its active status."""
    world = silent.world
    world.clock.advance(48 * HOUR)
    day = from_millis(world.clock.now_ms()).astimezone(silent.zone).date()
    space = next(iter(world.spaces.values()))
    place = next(one.id for one in world.lists.values() if one.space_id == space.id and not one.archived)
    active = next(one for one in space.statuses if one.type == "custom")
    done = next(one for one in space.statuses if one.type in ("done", "closed"))
    task_id = world.create_task(place).id
    world.clock.advance(HOUR)
    world.edit_task(task_id, status=active.name)
    await silent.sync("incremental")
    world.clock.advance(HOUR)
    world.edit_task(task_id, status=done.name)
    await silent.sync("incremental")
    days = Days(silent, day)
    parts = Parts(day, day + 2 * DAY, silent.zone, days.now, "total")
    found = await days.ask(
        lambda reports, since: reports.flow.cycle_times(
            days.id, parts, ChosenTasks(Within(tasks=[task_id])), limit=1
        )
    )
    task = found.tasks[0]
    assert (found.total.imprecise, task.lead_minutes) == (1, 120)
    assert task.active_earliest == task.date_created
    assert task.active_latest == from_millis(world.clock.now_ms() - HOUR * 1_000)


async def test_due_dates_that_moved_are_told_one_by_one_and_in_sums(silent: Mirror) -> None:
    """By how many days, by task and list; a first due date, and another hour of the same day, are no move."""
    world = silent.world
    world.clock.advance(48 * HOUR)
    place = next(one for one in world.lists.values() if not one.archived)
    noon = datetime.combine(date(2027, 3, 1), datetime.min.time(), silent.zone) + DAY / 2
    one, other = (world.create_task(place.id, due_date=to_millis(noon)).id for _ in range(2))
    unset = world.create_task(place.id).id
    await silent.sync("incremental")
    began = from_millis(world.clock.now_ms())
    moves: dict[str, list[int | None]] = {one: [3, -1], other: [None], unset: []}
    steps: list[tuple[str, datetime | None]] = [
        (one, noon + 3 * DAY), (unset, noon), (one, noon + 3 * DAY + DAY / 24), (one, noon + 2 * DAY),
        (other, None),
    ]  # fmt: skip
    for task_id, due in steps:
        world.clock.advance(HOUR)
        world.edit_task(task_id, due_date=to_millis(due) if due else None)
        await silent.sync("incremental")
    days = Days(silent, began.date())
    end = from_millis(world.clock.now_ms()) + DAY

    async def ask(by: Any, people: list[str] | None = None) -> Any:
        return await days.ask(
            lambda reports, since: reports.flow.due_date_changes(
                days.id, began, end, by=by, chosen=ChosenTasks(), people=people, limit=10
            )
        )

    found = await ask("task")
    told = defaultdict(list)
    for change in reversed(found.changes):
        told[change.clickup_task_id].append(change.days)
        assert change.earliest <= change.changed_at <= change.latest
    assert told == {task_id: known for task_id, known in moves.items() if known}
    assert found.total == 3
    figures = [
        (row.id, row.tasks, row.changes, row.later, row.earlier, row.removed, row.days) for row in found.moves
    ]
    assert figures == [(one, 1, 2, 1, 1, 0, 2), (other, 1, 1, 0, 0, 1, 0)]
    by_list, by_person, in_all = (await ask("list"), await ask("person"), await ask("all"))
    assert [(row.id, row.name, row.tasks, row.changes) for row in by_list.moves] == [
        (place.id, place.name, 2, 3)
    ]
    # Polling does not tell who it was.
    assert [(row.id, row.changes) for row in by_person.moves] == [(None, 3)]
    assert [(row.id, row.changes, row.days) for row in in_all.moves] == [(None, 3, 2)]
    assert (await ask("all", ["1"])).changes == []
