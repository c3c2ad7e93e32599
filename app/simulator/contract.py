"""What ClickUp's published OpenAPI document requires of requests, for a server that is strict about it.

ClickUp itself ignores unknown parameters in silence (observed); gateways and mock servers do not.
"""

from collections.abc import Mapping
from typing import Any

Query = Mapping[str, tuple[str, ...]]

_PAGED = frozenset(
    {"page", "order_by", "reverse", "subtasks", "include_closed", "include_markdown_description"}
)
_DATES = frozenset(
    f"{name}_{end}"
    for name in ("due_date", "date_created", "date_updated", "date_done")
    for end in ("gt", "lt")
)
_CUSTOM_IDS = frozenset({"custom_task_ids", "team_id"})

# Query parameters by route; a route that is not named takes none.
PARAMETERS: Mapping[str, frozenset[str]] = {
    "/team/{team_id}/space": frozenset({"archived"}),
    "/space/{space_id}/folder": frozenset({"archived"}),
    "/space/{space_id}/list": frozenset({"archived"}),
    "/folder/{folder_id}": frozenset({"include_subfolders"}),
    "/folder/{folder_id}/list": frozenset({"archived"}),
    # `archived` is not in the document for this call, and works (observed).
    "/team/{team_id}/task": _PAGED
    | _DATES
    | {"space_ids[]", "project_ids[]", "list_ids[]", "statuses[]", "assignees[]", "tags[]", "custom_fields"}
    | {"parent", "custom_items[]", "archived"},
    "/list/{list_id}/task": _PAGED
    | _DATES
    | {
        "archived",
        "statuses",
        "include_timl",
        "assignees",
        "watchers",
        "tags",
        "custom_fields",
        "custom_field",
    }
    | {"custom_items"},
    "/task/bulk_time_in_status/task_ids": _CUSTOM_IDS | {"task_ids"},
    "/task/{task_id}": _CUSTOM_IDS | {"include_subtasks", "include_markdown_description", "custom_fields"},
    "/task/{task_id}/time": _CUSTOM_IDS,
    "/task/{task_id}/time_in_status": _CUSTOM_IDS,
    "/task/{task_id}/comment": _CUSTOM_IDS | {"start", "start_id"},
    # Not in the document either: a client that pages replies was seen.
    "/comment/{comment_id}/reply": frozenset({"start", "start_id"}),
    "/team/{team_id}/time_entries": _CUSTOM_IDS
    | {"start_date", "end_date", "assignee", "space_id", "folder_id", "list_id", "task_id", "is_billable"}
    | {"include_task_tags", "include_location_names", "include_approval_history", "include_approval_details"},
    "/team/{team_id}/time_entries/{timer_id}": frozenset(
        {
            "include_task_tags",
            "include_location_names",
            "include_approval_history",
            "include_approval_details",
        }
    ),
}

# Of these `Content-Type: application/json` is required, also of GET.
CONTENT_TYPE_REQUIRED = frozenset(
    {
        "/task/bulk_time_in_status/task_ids",
        "/task/{task_id}/time",
        "/task/{task_id}/time_in_status",
        "/team/{team_id}/time_entries",
        "/team/{team_id}/time_entries/{timer_id}",
    }
)


class ContractBroken(Exception):
    """A request that the document does not allow; answered 422 without ClickUp's error object."""

    def __init__(self, where: str, name: str, message: str) -> None:
        super().__init__(message)
        self.where, self.name, self.message = where, name, message

    def details(self) -> dict[str, Any]:
        """The body, in the shape of the mock server Prism."""
        problem = {"location": [self.where, self.name], "severity": "Error", "message": self.message}
        return {"title": "Invalid request", "status": 422, "validation": [problem]}


def check_contract(method: str, pattern: str, query: Query, headers: Mapping[str, str]) -> None:
    """Raises ContractBroken for an unknown parameter, and for a header that is missing."""
    for name in query.keys() - PARAMETERS.get(pattern, frozenset()):
        raise ContractBroken("query", name, f"Request has no parameter '{name}'")
    json_wanted = pattern in CONTENT_TYPE_REQUIRED or method in ("POST", "PUT")
    if json_wanted and headers.get("content-type", "").split(";")[0].strip() != "application/json":
        raise ContractBroken(
            "header", "content-type", "Request header must have 'Content-Type: application/json'"
        )
