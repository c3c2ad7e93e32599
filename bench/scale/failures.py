"""Workers are killed, told to end, and paused, while people work in every workspace."""

import time

from bench.scale import audit
from bench.scale.campaign import Campaign
from bench.scale.comparison import differing, seconds_until_equal

_PATIENCE_SECONDS = 300.0
_IN_TIME_SECONDS = 60.0
_CHANGES_EACH = 3
# Longer than a worker may be silent before others do its jobs.
_PAUSE_SECONDS = 45.0
_SETTLED_SECONDS = 10.0


_KEPT = "SELECT count(*) FROM clickup_jobs.procrastinate_jobs WHERE status NOT IN ('todo', 'doing')"
_FAILED = (
    "SELECT kind, error, count(*) AS count FROM runs WHERE status = 'failed'"
    " GROUP BY kind, error ORDER BY count DESC"
)


def kill_and_restart(campaign: Campaign) -> None:
    """Kill -9 for one worker, an orderly end for another one; both are started again."""
    _change_all(campaign)
    began = time.monotonic()
    campaign.workers.kill(0)
    campaign.workers.end(0)
    campaign.workers.start()
    campaign.workers.start()
    equal = seconds_until_equal(campaign, campaign.workspace_ids, _PATIENCE_SECONDS)
    took = None if equal is None else time.monotonic() - began
    campaign.report.claim(
        "every workspace is in sync again within 60 s of kill -9 and a restart",
        took is not None and (took <= _IN_TIME_SECONDS or not campaign.plan.timed),
        "not at all" if took is None else f"{took:.0f} s",
    )


def pause_one(campaign: Campaign) -> None:
    """One worker stands still for longer than it may be silent, and then goes on with what it was doing."""
    _change_all(campaign)
    campaign.workers.pause(0)
    time.sleep(_PAUSE_SECONDS)
    _change_all(campaign)
    equal = seconds_until_equal(campaign, campaign.workspace_ids, _PATIENCE_SECONDS)
    campaign.report.claim(
        "while a worker is paused, the others keep every workspace in sync",
        equal is not None,
        "not all"
        if equal is None
        else f"{_PAUSE_SECONDS:.0f} s after the pause began, {equal:.0f} s after a change",
    )
    since = campaign.now()
    campaign.workers.go_on(0)
    time.sleep(_SETTLED_SECONDS)
    late = audit.count_late_writes(campaign.server, campaign.workers.names[0], since)
    equal = seconds_until_equal(campaign, campaign.workspace_ids, _PATIENCE_SECONDS)
    campaign.report.claim(
        "what a paused worker writes late changes nothing",
        late == 0 and equal is not None,
        f"{late} rows written outside of its jobs, all in sync: {'yes' if equal is not None else 'no'}",
    )


def check_jobs(campaign: Campaign) -> None:
    """What the database saw of the jobs, from the beginning of the campaign on."""
    server, report = campaign.server, campaign.report
    count = server.value("SELECT count(*) FROM scale.job_changes WHERE new = 'doing'")
    report.add("jobs done", count)
    until = time.monotonic() + _IN_TIME_SECONDS
    while audit.count_lost(server) and time.monotonic() < until:
        time.sleep(1)
    lost, twice, beside = (
        audit.count_lost(server),
        audit.count_twice(server),
        audit.count_side_by_side(server),
    )
    report.claim("no job is lost", lost == 0, f"{lost} lost")
    report.claim("no job is done twice", twice == 0, f"{twice} begun twice")
    report.claim("no two jobs of a kind and workspace run side by side", beside == 0, f"{beside} pairs")
    kept = server.value(
        "SELECT count(*) FROM clickup_jobs.procrastinate_jobs WHERE status NOT IN ('todo', 'doing')"
    )
    report.add("ended jobs that are kept (failed, cut off)", kept)
    failed = server.rows(
        "SELECT kind, error, count(*) FROM runs WHERE status = 'failed' GROUP BY 1, 2 ORDER BY 3 DESC"
    )
    report.claim("no sync fails", not failed, f"{sum(row['count'] for row in failed)} failed")
    report.failures += [
        f"{row['count']} syncs of kind {row['kind']} failed: {row['error']}" for row in failed[:5]
    ]


def check_limits(campaign: Campaign) -> None:
    """What the simulated ClickUp counted for each token."""
    told = [campaign.simulator.ask("requests", one) for one in campaign.workspace_ids]
    total, refused = sum(one["total"] for one in told), sum(one["refused"] for one in told)
    most, limit = max(one["most_in_window"] for one in told), campaign.plan.rate_limit
    free = limit * campaign.plan.free_percent // 100
    report = campaign.report
    report.add("requests to ClickUp", total)
    share = 100 * refused / total
    report.claim(
        "no token goes over its limit: fewer than 0.5 % answers are 429",
        share < 0.5,
        f"{refused} of {total:,}",
    )
    report.claim(
        f"{campaign.plan.free_percent} % of each token's limit stay free",
        most <= limit - free,
        f"the busiest token used {most} of {limit} in a minute",
    )


def check_equality(campaign: Campaign) -> None:
    """At the end, when nothing happens any more."""
    equal = seconds_until_equal(campaign, campaign.workspace_ids, _PATIENCE_SECONDS)
    wrong = [] if equal is not None else differing(campaign, campaign.workspace_ids)
    campaign.report.claim("at the end every workspace is as in ClickUp", not wrong, f"{len(wrong)} differ")


def _change_all(campaign: Campaign) -> None:
    for workspace_id in campaign.workspace_ids:
        campaign.change(workspace_id, _CHANGES_EACH)
