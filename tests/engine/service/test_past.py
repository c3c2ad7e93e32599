"""The past is what was true then, or says that it does not know: random stories in random worlds.

`make chaos` tells longer ones.
"""

import asyncio
import os
from random import Random
from typing import Any

import pytest

from tests.engine.conftest import MakeMirror, make_mirror, small_world
from tests.engine.mirror import Mirror
from tests.engine.past_story import Story, Verdict
from tests.engine.service.running import serving, until, until_quiet

__all__ = ["make_mirror"]

SEEDS = [int(seed) for seed in os.environ.get("CHAOS_SEEDS", "").split()] or [1]
ROUNDS = 8


async def tell_by_polling(story: Story) -> None:
    """Only syncs: most of what changed, some of everything, now and then minutes without any."""
    await story.sync("full")
    story.begin()
    for _ in range(ROUNDS):
        story.change(12, 5)
        if story.random.random() < 0.2:
            story.mirror.world.clock.advance(story.random.uniform(60, 600))
            continue
        await story.sync(story.random.choice(("incremental", "incremental", "full", "deep")))
        story.mirror.world.clock.advance(story.random.uniform(1, 60))
    await story.sync("deep")


async def tell_by_webhooks(story: Story, polls: bool) -> None:
    """Deliveries, twice or late or, for minutes, lost; few syncs of everything between them."""
    mirror, webhooks = story.mirror, story.mirror.sim.webhooks
    webhooks.duplicates, webhooks.shuffled = 0.3, 0.3
    async with serving(mirror, webhooks=True):
        await until(lambda: webhooks.known and mirror.value("SELECT true FROM webhooks"))
        await until_quiet(mirror)
        await story.sync("full")
        story.begin()
        for number in range(ROUNDS):
            is_outage = number % 4 == 2
            since, webhooks.lost = story.now(), 1.0 if is_outage else 0.0
            story.change(6, 100 if is_outage else 0)
            await settle(mirror)
            if is_outage:
                await story.sync("deep")
                story.outages.append((since, story.now()))
            elif polls:
                await story.sync(story.random.choice(("incremental", "full")))
            await settle(mirror)
            mirror.world.clock.advance(story.random.uniform(0, 20))
        webhooks.lost = 0.0
        await story.sync("deep")


async def settle(mirror: Mirror) -> None:
    """All deliveries have come, and what they name was read."""
    webhooks = mirror.sim.webhooks
    await asyncio.sleep(0.05)
    await until(lambda: not webhooks._on_the_way)
    try:
        await until(lambda: unsettled(mirror) == [], 60)
    except AssertionError as error:
        raise AssertionError(unsettled(mirror)) from error


def unsettled(mirror: Mirror) -> list[Any]:
    """Deliveries that are pending, and jobs that are due."""
    return mirror.rows(
        "SELECT subject_kind AS kind, subject_id AS what, event AS state FROM deliveries"
        " WHERE handled_at IS NULL"
        " UNION ALL SELECT task_name, queueing_lock, status::text FROM clickup_jobs.procrastinate_jobs"
        " WHERE status = 'doing' OR status = 'todo' AND coalesce(scheduled_at, now()) <= now()"
    )


def report(story: Story, verdict: Verdict) -> str:
    """What to look at where the past is wrong."""
    return "\n".join((*verdict.wrong, str(verdict.excused), *story.told))


@pytest.mark.parametrize("seed", SEEDS)
async def test_the_past_that_was_polled_is_true(make_mirror: MakeMirror, seed: int) -> None:
    """At 200 instants each row is as it was, but within the interval of which nothing is known."""
    mirror = make_mirror(small_world(seed))
    story = Story(mirror, Random(f"polled {seed}"))
    await tell_by_polling(story)
    assert mirror.differences() == []
    verdict = story.judge()
    assert verdict.wrong == [], report(story, verdict)
    assert verdict.share_certain > 0.5


@pytest.mark.slow
@pytest.mark.parametrize("polls", [False, True])
@pytest.mark.parametrize("seed", SEEDS)
async def test_the_past_that_deliveries_told_is_true(make_mirror: MakeMirror, seed: int, polls: bool) -> None:
    """The same; what was not changed in an outage is known for certain."""
    mirror = make_mirror(small_world(seed))
    story = Story(mirror, Random(f"delivered {seed}"))
    await tell_by_webhooks(story, polls)
    assert mirror.differences() == []
    verdict = story.judge()
    assert verdict.wrong == [], report(story, verdict)
    assert verdict.share_certain >= 0.9
