"""The mirror beside the simulated ClickUp, workspace by workspace."""

import time

from bench.scale.campaign import Campaign

_STORED = (
    "SELECT clickup_task_id AS id, title, status, priority FROM tasks"
    " WHERE workspace_id = %(workspace_id)s AND NOT is_deleted"
)


def differing(campaign: Campaign, workspace_ids: list[str]) -> list[str]:
    """Those of which a task is missing, is one too many, or is not as in ClickUp."""
    return [one for one in workspace_ids if _differs(campaign, one)]


def _differs(campaign: Campaign, workspace_id: str) -> bool:
    stored, truth = _stored(campaign, workspace_id), campaign.simulator.ask("truth", workspace_id)["tasks"]
    # Changes in archived lists are for full syncs.
    seen = {key: task for key, task in truth.items() if not task["put_away"]}
    expected = {key: (task["title"], task["status"], task["priority"]) for key, task in seen.items()}
    return {key: task for key, task in stored.items() if key in expected or key not in truth} != expected


def seconds_until_equal(campaign: Campaign, workspace_ids: list[str], patience: float) -> float | None:
    """How long until the last one was found equal; None where one is not in time."""
    began, left = time.monotonic(), workspace_ids
    while left := differing(campaign, left):
        if time.monotonic() - began > patience:
            return None
        time.sleep(0.5)
    return time.monotonic() - began


def _stored(campaign: Campaign, workspace_id: str) -> dict[str, tuple[object, ...]]:
    rows = campaign.server.rows(_STORED, workspace_id=workspace_id)
    return {row["id"]: (row["title"], row["status"], row["priority"]) for row in rows}
