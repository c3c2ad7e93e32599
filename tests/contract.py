"""ClickUp's published contract, where it lies beside the repository: what it says of each request."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from app.core.clickup import wire
from app.core.clickup.wire import Request

# The one file outside the repository that a test looks at; it is not part of the product.
DOCUMENT = Path(__file__).resolve().parents[1] / "../shared/clickup/openapi-v2.json"
_KEYSET = {"page": 3, "date_updated_gt": 1_700_000_000_000, "date_updated_lt": 1_800_000_000_000}
_EVENTS = ["taskCreated", "taskUpdated"]


def every_request() -> dict[str, Request]:
    """Each request that the client can send, with all its parameters, by a name for people."""
    asked: dict[str, Request] = {
        "user": wire.user(),
        "workspaces": wire.workspaces(),
        "access token": wire.access_token("client", "secret", "code"),
        "plan": wire.plan("9"),
        "task types": wire.task_types("9"),
        "task": wire.task("86abc"),
        "time entries of one": wire.time_entries("9", 1, 2, ["7"]),
        "time entries of nobody": wire.time_entries("9", 1, 2, []),
        "time entries of many": wire.time_entries("9", 1, 2, ["7", "8"]),
        "time of a task": wire.task_time("86abc"),
        "comments": wire.comments("86abc"),
        "further comments": wire.comments("86abc", start=1_700_000_000_000, start_id="c1"),
        "replies": wire.replies("90"),
        "status times of one": wire.status_times(["86abc"]),
        "status times of many": wire.status_times(["86abc", "86abd"]),
        "webhooks": wire.webhooks("9"),
        "new webhook": wire.create_webhook("9", "https://mirror.example.com/webhooks/clickup", _EVENTS),
        "webhook revived": wire.revive_webhook("w1", "https://mirror.example.com/webhooks/clickup", _EVENTS),
        "webhook deleted": wire.delete_webhook("w1"),
    }
    for archived in (False, True):
        state = "archived" if archived else "active"
        asked |= {
            f"{state} spaces": wire.spaces("9", archived=archived),
            f"{state} folders": wire.folders("3", archived=archived),
            f"{state} folderless lists": wire.folderless_lists("3", archived=archived),
            f"{state} lists": wire.folder_lists("4", archived=archived),
            f"{state} tasks": wire.workspace_tasks("9", archived=archived, keyset=_KEYSET, list_id="5"),
            f"{state} tasks of a list": wire.list_tasks("5", archived=archived, keyset=_KEYSET),
        }
    return asked | {f"{kind} itself": wire.place(kind, "5") for kind in ("space", "folder", "list")}


@dataclass(frozen=True, slots=True)
class Contract:
    """The document's paths below `/v2`."""

    document: dict[str, Any]

    def violations(self, request: Request) -> list[str]:
        """Every way in which the request is not what the document describes; each names where and what."""
        found = self._operation(request)
        if found is None:
            return [f"path: {request.method} {request.path} is not there"]
        operation, in_path = found
        parameters = {(one["in"], one["name"]): one for one in operation.get("parameters", [])}
        headers = {name.lower(): value for name, value in request.headers}
        if request.body is not None:
            headers.setdefault("content-type", "application/json")
        given: dict[tuple[str, str], list[str]] = {("path", name): [text] for name, text in in_path.items()}
        for name, value in request.params:
            given.setdefault(("query", name), []).append(value)
        given |= {
            key: [headers[key[1].lower()]]
            for key in parameters
            if key[0] == "header" and key[1].lower() in headers
        }
        return [
            *(f"{where} {name}: unknown" for where, name in given.keys() - parameters.keys()),
            *(
                f"{where} {name}: required"
                for (where, name), one in parameters.items()
                if one.get("required") and (where, name) not in given
            ),
            *self._wrong_values(parameters, given),
            *self._wrong_body(operation, request),
        ]

    def _operation(self, request: Request) -> tuple[dict[str, Any], dict[str, str]] | None:
        # A path that is spelt out goes before one with a variable in its place.
        for pattern in sorted(self.document["paths"], key=lambda one: one.count("{")):
            shape = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(pattern.removeprefix("/v2")))
            match = re.fullmatch(shape, request.path)
            operation = self.document["paths"][pattern].get(request.method.lower())
            if match and operation:
                return operation, match.groupdict()
        return None

    def _wrong_values(
        self, parameters: dict[tuple[str, str], Any], given: dict[tuple[str, str], list[str]]
    ) -> Iterator[str]:
        for (where, name), one in parameters.items():
            if (where, name) in given:
                schema = self._schema(one["schema"])
                for error in Draft202012Validator(schema).iter_errors(_typed(schema, given[where, name])):
                    yield f"{where} {name}: {error.message}"

    def _wrong_body(self, operation: dict[str, Any], request: Request) -> Iterator[str]:
        described = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if described is None:
            if request.body is not None:
                yield "body: none is described"
        elif request.body is not None or operation["requestBody"].get("required"):
            for error in Draft202012Validator(self._schema(described["schema"])).iter_errors(request.body):
                yield f"body {error.json_path}: {error.message}"

    def _schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return schema | {"components": self.document.get("components", {})}


def _typed(schema: dict[str, Any], values: list[str]) -> Any:
    """The texts of a query as the value that the schema speaks of; what cannot be that stays text."""
    kind = schema.get("type")
    if kind == "array":
        return [_typed(schema.get("items", {}), [value]) for value in values]
    if len(values) > 1:
        return values
    try:
        return json.loads(values[0]) if kind in ("number", "integer", "boolean") else values[0]
    except ValueError:
        return values[0]


@cache
def read_contract() -> Contract:
    """The document, read once."""
    return Contract(json.loads(DOCUMENT.read_text(encoding="utf-8")))
