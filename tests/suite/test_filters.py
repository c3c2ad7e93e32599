"""One filter has one name, one form and the same limits in the API, in the tools and on the page."""

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel

from app.config import given_settings
from app.core.answers.filters import FILTERS
from app.dashboard.hours import HoursSaid
from app.dashboard.people import PeopleSaid
from app.dashboard.task_filters import TasksSaid
from app.main import create_app
from app.mcp.mcp_server import create_server
from app.mcp.request_context import ServerLifespan

Json = dict[str, Any]
# The page's parameters by its path; the tools' and the API's come from their documents.
PAGES: dict[str, type[BaseModel]] = {
    "/ui/tasks": TasksSaid,
    "/ui/hours": HoursSaid,
    "/ui/people": PeopleSaid,
}
# What says how an answer is given, and not what it is about.
FORMS = {
    "after", "cursor", "detail", "format", "limit", "offset", "sort", "whole_texts", "workspace_id", "zone",
}  # fmt: skip
# The one thing that an answer is about.
OBJECTS = {"employee_id", "space_id", "folder_id", "list_id", "name", "sql"}
# Paths about the mirror itself: only the API has filters of runs, syncs and snapshots.
OPERATIONS = ("/runs", "/status", "/sync", "/workspaces", "/daily-sync", "/jobs", "/oauth", "/metrics")

# Days are texts for the tools, which may say `today`, and rows are grouped by what there is.
DIFFERENT = {"date", "due_from", "due_to", "from", "to", "updated_since", "since", "until", "group_by"}


def of_the_api() -> Iterator[tuple[str, str, Json]]:
    for path, operations in create_app().openapi()["paths"].items():
        for operation in operations.values():
            for one in operation.get("parameters", ()):
                if not path.startswith(OPERATIONS) and one["in"] == "query":
                    yield path, one["name"], one["schema"]


async def of_the_tools() -> list[tuple[str, str, Json]]:
    server = create_server(ServerLifespan(given_settings(clickup_api_token="pk_1_X")))
    return [
        (tool.name, name, schema)
        for tool in await server.list_tools()
        for name, schema in tool.parameters.get("properties", {}).items()
    ]


def of_the_page() -> Iterator[tuple[str, str, Json]]:
    for path, model in PAGES.items():
        for name, schema in model.model_json_schema(by_alias=True)["properties"].items():
            yield path, name, schema


def limits(schema: Json) -> tuple[Any, ...]:
    """Values, how many, how long, from where to where; a single value is one of a list."""
    real = next((one for one in schema.get("anyOf", ()) if one.get("type") != "null"), schema)
    item = real.get("items", real)
    number = real.get("minimum"), real.get("maximum")
    return tuple(item.get("enum", ())), real.get("maxItems"), item.get("maxLength"), number


@pytest.fixture
async def taken() -> list[tuple[str, str, Json]]:
    """Every parameter of every interface: of what, its name, its schema."""
    return [*of_the_api(), *await of_the_tools(), *of_the_page()]


async def test_every_parameter_is_in_the_one_list_of_filters(taken: list[tuple[str, str, Json]]) -> None:
    """A new one is added there, under the name that all interfaces use; and none is listed in vain."""
    unknown = {(of, name) for of, name, _ in taken if name not in FILTERS.keys() | FORMS | OBJECTS}
    assert unknown == set()
    assert {name for _, name, _ in taken} >= FILTERS.keys()


@pytest.mark.parametrize("name", [name for name in FILTERS if name not in DIFFERENT])
async def test_a_filter_has_the_same_limits_everywhere(taken: list[tuple[str, str, Json]], name: str) -> None:
    """Values, how many, and how long; days from the least to the most."""
    told = {of: limits(schema) for of, one, schema in taken if one == name}
    if name == "days":
        assert {told["list_attention"]} == {told["/attention/{condition}"]}
        assert told["get_workload"] == told["/workload"] == told["/ui/people"]
    else:
        lists = {of: found for of, found in told.items() if found[1] is not None} or told
        assert len(set(lists.values())) == 1, told
