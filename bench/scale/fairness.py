"""A first sync that lasts for hours, beside everybody else's cycles and webhooks."""

import time

from bench.scale.campaign import Campaign, connect, report_starts
from bench.scale.webhooks import receiving, registered

_CHANGE_SECONDS = 0.5
_PATIENCE_SECONDS = 120.0
_SECONDS_ALLOWED = 10.0
_PROGRESS = (
    "SELECT requests FROM runs"
    " WHERE workspace_id = %(workspace_id)s AND kind = 'first' AND status = 'running'"
)


def measure_fairness(campaign: Campaign) -> None:
    """The last workspace, which was not connected so far, grows, gets a small limit, and begins."""
    plan, report, simulator = campaign.plan, campaign.report, campaign.simulator
    long_one = campaign.spare_workspace_id
    simulator.tell("mutate", long_one, n=plan.long_tasks, seed=1, kinds=["create_task"])
    simulator.tell("limit", long_one, calls=plan.long_rate_limit)
    with receiving(campaign, sync_interval=plan.fair_interval) as (url, _):
        registered(campaign, url)
        connect(campaign.server, campaign.workers.settings, simulator.tokens[long_one])
        campaign.until(lambda: campaign.server.rows(_PROGRESS, workspace_id=long_one), "the long first sync")
        time.sleep(plan.fair_interval)
        since, took, until = campaign.now(), list[float](), time.monotonic() + 2 * plan.fair_interval
        while len(took) < plan.fair_changes or time.monotonic() < until:
            took.append(_seconds_to_arrive(campaign))
        took.sort()
        still = campaign.server.rows(_PROGRESS, workspace_id=long_one)
        report_starts(
            campaign,
            since,
            plan.fair_interval,
            f"beside a first sync that lasts {plan.long_hours():.0f} hours",
        )
    late = took[int(len(took) * 0.99)]
    report.claim(
        "a first sync that lasts for hours delays no webhook",
        bool(still) and (late <= _SECONDS_ALLOWED or not plan.timed),
        f"half of the changes arrive within {took[len(took) // 2]:.2f} s, 99 % within {late:.2f} s",
    )


def _seconds_to_arrive(campaign: Campaign) -> float:
    """From a change in ClickUp to its row."""
    workspace_id = campaign.random.choice(campaign.workspace_ids)
    before = campaign.server.value(_LATEST, workspace_id=workspace_id)
    time.sleep(_CHANGE_SECONDS)
    began = time.monotonic()
    campaign.simulator.tell("mass_edit", workspace_id, n=1)
    while campaign.server.value(_LATEST, workspace_id=workspace_id) == before:
        if time.monotonic() - began > _PATIENCE_SECONDS:
            return float("inf")
        time.sleep(0.02)
    return time.monotonic() - began


_LATEST = "SELECT max(updated_at) FROM tasks WHERE workspace_id = %(workspace_id)s"
