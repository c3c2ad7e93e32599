"""What the OpenAPI document says beside the routes' own words: names, tags, servers and headers."""

from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

TAGS: dict[str, str] = {
    "tasks": "Tasks and their dependencies.",
    "people": "The workspace's people.",
    "time": "Time entries and timesheets.",
    "work": "What needs attention, who has how much to do, what was done.",
    "comments": "Comments that wait for somebody.",
    "history": "What changed, when, and by whom.",
    "places": "Spaces, folders and lists.",
    "runs": "Syncs that ran, and how the mirror is.",
    "jobs": "What workers do now and next, and what failed.",
    "syncs": "Start a sync, or join one.",
    "workspaces": "Connect, pause and remove workspaces.",
    "daily": "The daily snapshot.",
    "health": "For monitoring.",
}
_TEXT = {"type": "string"}
_HEADERS: dict[str, dict[str, Any]] = {
    "X-Request-ID": {"description": "The request's id, as in the log.", "schema": _TEXT},
    "ETag": {"description": "Send it as `If-None-Match`: 304 while nothing changed.", "schema": _TEXT},
    "Location": {"description": "The run that does it.", "schema": _TEXT},
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}},
    "X-Precision": {
        "description": "Of CSV with `as_of`: `precision` as JSON.",
        "schema": _TEXT,
    },
    "RateLimit": {"description": "What is left of the key's requests, and until when.", "schema": _TEXT},
    "RateLimit-Policy": {"description": "How many requests the key may send a minute.", "schema": _TEXT},
}


def operation_id(route: APIRoute) -> str:
    """The name of the function; of the GET that does the same as a POST, with `_by_get`."""
    is_second_way = route.path.startswith("/sync/") and route.methods == {"GET"}
    return f"{route.name}_by_get" if is_second_way else route.name


def describe_api(application: FastAPI) -> None:
    """Has the document name its server, explain its tags, and declare the headers of every response."""
    make = application.openapi

    def openapi() -> dict[str, Any]:
        document = make()
        document["servers"] = [{"url": "/", "description": "Where this document is served."}]
        document["tags"] = [{"name": name, "description": text} for name, text in TAGS.items()]
        document["info"]["contact"] = {"name": "The clickup-sync authors"}
        document["info"]["license"] = {"name": "MIT", "identifier": "MIT"}
        document["components"]["headers"] = _HEADERS
        for path in document["paths"].values():
            for operation in path.values():
                _declare_headers(operation)
        return document

    application.openapi = openapi  # type: ignore[method-assign]


def _declare_headers(operation: dict[str, Any]) -> None:
    has_tag = "304" in operation["responses"]
    has_past = any(one["name"] == "as_of" for one in operation.get("parameters", ()))
    is_limited = operation.get("security") != []
    for status, response in operation["responses"].items():
        names = ["X-Request-ID"]
        names += ["ETag"] if has_tag and status in ("200", "304") else []
        names += ["X-Precision"] if has_past and "text/csv" in response.get("content", ()) else []
        names += (
            ["Location"] if status == "202" or ("202" in operation["responses"] and status == "200") else []
        )
        names += ["Retry-After"] if status in ("429", "503") else []
        names += ["RateLimit", "RateLimit-Policy"] if is_limited and status != "401" else []
        response["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
