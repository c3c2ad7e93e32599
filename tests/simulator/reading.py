"""Reading the simulated ClickUp to the end, as a careful client would."""

from typing import Any

import httpx2

ALL = {"subtasks": "true", "include_closed": "true"}


def all_tasks(http: httpx2.Client, path: str, **params: Any) -> list[dict[str, Any]]:
    """Every page of a listing until `last_page`."""
    found: list[dict[str, Any]] = []
    page = 0
    while True:
        answer = http.get(path, params={**ALL, **params, "page": page}).raise_for_status().json()
        found += answer["tasks"]
        if answer["last_page"]:
            return found
        page += 1


def ids(rows: list[dict[str, Any]]) -> list[str]:
    return [str(row["id"]) for row in rows]


def all_comments(http: httpx2.Client, task_id: str) -> list[dict[str, Any]]:
    """Every page of a task's comments until an empty one."""
    found: list[dict[str, Any]] = []
    params: dict[str, str] = {}
    while rows := http.get(f"/task/{task_id}/comment", params=params).raise_for_status().json()["comments"]:
        found += rows
        params = {"start": rows[-1]["date"], "start_id": rows[-1]["id"]}
    return found


def entries(http: httpx2.Client, team_id: str, **params: Any) -> list[dict[str, Any]]:
    """Time entries as one call gives them."""
    answer = http.get(f"/team/{team_id}/time_entries", params=params)
    return list(answer.raise_for_status().json()["data"])


def refusal(answer: httpx2.Response) -> tuple[int, str]:
    """Status and code of a refusal, which says `{"err", "ECODE"}` and nothing else."""
    body = answer.json()
    assert body.keys() == {"err", "ECODE"}
    assert body["err"]
    return answer.status_code, body["ECODE"]
