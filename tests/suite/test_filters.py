"""One filter has one name, one form and the same limits in the API, in the tools and on the page."""

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel

from app.config import given_settings
from app.core.answers.filters import (
    FILTERS,
    FORMS,
    FROM_OF_ENTRIES,
    ONE_PERSON,
    ONE_TASK,
    RENAMED,
    TO_OF_ENTRIES,
    describe,
    renamed,
)
from app.dashboard.activity import ActivitySaid
from app.dashboard.hours import HoursSaid
from app.dashboard.people import PeopleSaid
from app.dashboard.task_filters import TasksSaid
from app.main import create_app
from app.mcp.mcp_server import create_server
from app.mcp.request_context import ServerLifespan
from tests.api.reading import Reader
from tests.dashboard.pages import Browsing
from tests.mcp.asking import asking

Json = dict[str, Any]
# The page's parameters by its path; the tools' and the API's come from their documents.
PAGES: dict[str, type[BaseModel]] = {
    "/ui/tasks": TasksSaid,
    "/ui/hours": HoursSaid,
    "/ui/activity": ActivitySaid,
    "/ui/people": PeopleSaid,
}
# What only one interface has, of how an answer is given.
OWN_FORMS = {"detail", "format", "whole_texts"}
NAMES = FILTERS.keys() | FORMS.keys()
# The one thing that an answer is about.
OBJECTS = {"employee_id", "space_id", "folder_id", "list_id", "name", "sql"}
# Paths about the mirror itself: only the API has filters of runs, syncs and snapshots.
OPERATIONS = ("/runs", "/status", "/sync", "/workspaces", "/daily-sync", "/jobs", "/oauth", "/metrics")

# Days are texts for the tools, which may say `today`, and rows are grouped by what there is.
DIFFERENT = {"date", "due_from", "due_to", "from", "to", "updated_since", "since", "until", "group_by"}

# Where a parameter is about less or more than elsewhere.
OTHERS = {
    "from": FROM_OF_ENTRIES, "to": TO_OF_ENTRIES, "person": ONE_PERSON, "task_id": ONE_TASK,
}  # fmt: skip


def of_the_api() -> Iterator[tuple[str, str, Json]]:
    for path, operations in create_app().openapi()["paths"].items():
        for operation in operations.values():
            for one in operation.get("parameters", ()):
                if not path.startswith(OPERATIONS) and one["in"] == "query":
                    yield path, one["name"], one["schema"] | {"description": one["description"]}


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


@pytest.mark.parametrize(
    ("per", "last", "next_day"),
    [
        ("day", "2025-02-03", "2025-02-04"),
        ("week", "2031-08-31", "2031-09-01"),
        ("month", "2057-04-30", "2057-05-01"),
    ],
)
async def test_a_timesheet_has_the_same_largest_range_everywhere(
    own: Reader, per: str, last: str, next_day: str
) -> None:
    """400 days, weeks or months; one more is refused in the same words. The page divides by month."""
    first = "2024-01-01"
    too_many = await own.refused("/timesheets", "from", from_=first, to=next_day, per=per)
    assert too_many == f"{first} to {next_day} are 401 {per}s; 400 are the maximum"
    assert await own.get("/timesheets", from_=first, to=last, per=per)
    async with asking(own.mirror) as tools:
        assert await tools.ask("get_time_report", **{"from": first, "to": last, "per": per})
        asked: list[tuple[str, Json]] = [("get_time_report", {"per": per})]
        if per == "day":
            whose = {"person": own.mirror.value("SELECT clickup_user_id FROM employees LIMIT 1")}
            assert await tools.ask("get_timesheet", **{"from": first, "to": last}, **whose)
            asked.append(("get_timesheet", whose))
        for tool, arguments in asked:
            refused = await tools.refused(tool, **{"from": first, "to": next_day}, **arguments)
            assert refused == f"from: {too_many}"
    if per == "month":
        browsing = Browsing(own.mirror, own.client)
        for group in ("person", "task"):
            await browsing.open("/ui/hours", from_=first, to=last, group_by=group)
            page = await browsing.open("/ui/hours", 422, from_=first, to=next_day, group_by=group)
            assert too_many in page.words


async def test_other_reports_take_any_days(own: Reader) -> None:
    """From the first day that there is to the last: they are not divided."""
    days = {"from": "1900-01-01", "to": "2199-12-31"}
    for path in ("/progress", "/progress/accuracy", "/progress/completed", "/time-entries"):
        assert await own.get(path, **days)
    assert await own.get("/timesheets", **days, per="total")
    async with asking(own.mirror) as tools:
        for tool in ("get_progress", "get_estimate_accuracy", "get_time_report", "find_time_entries"):
            assert await tools.ask(tool, **days)


async def test_every_parameter_is_in_the_one_list_of_filters(taken: list[tuple[str, str, Json]]) -> None:
    """A new one is added there, under the name that all interfaces use; and none is listed in vain."""
    unknown = {(of, name) for of, name, _ in taken if name not in NAMES | OWN_FORMS | OBJECTS}
    assert unknown == set()
    assert {name for _, name, _ in taken} >= NAMES


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


@pytest.mark.parametrize(
    ("path", "tool", "old", "now"),
    [
        ("/tasks", "find_tasks", "list_id", "place"),
        ("/tasks", "find_tasks", "due_before", "due_to"),
        ("/tasks", "find_tasks", "words", "q"),
        ("/timesheets", "get_time_report", "by", "group_by"),
        ("/timesheets", "get_time_report", "people", "person"),
        ("/progress", "get_progress", "since", "from"),
        ("/progress/accuracy", "get_estimate_accuracy", "people", "assignee"),
        ("/standup", "get_standup", "day", "date"),
    ],
)
async def test_a_former_name_is_told_the_one_of_today(
    own: Reader, path: str, tool: str, old: str, now: str
) -> None:
    """By what it means, however it is spelled, and in the same words in the API and the tools."""
    reason = f"unknown parameter; did you mean `{now}`?"
    assert await own.refused(path, old, **{old: "x"}) == reason
    async with asking(own.mirror) as tools:
        assert await tools.refused(tool, **{old: "x"}) == f"{old}: {reason}"
        elsewhere = await tools.refused("get_task", task_id="x", list_id="x")
        assert elsewhere.startswith("list_id: unknown parameter; known are ")


def test_every_former_name_leads_to_a_parameter() -> None:
    """In one step or several, and never in a circle."""
    assert {renamed(old, NAMES) for old in RENAMED} <= NAMES
    assert all(renamed(old, ()) is None for old in RENAMED)


@pytest.mark.parametrize("name", sorted(NAMES))
async def test_a_parameter_has_one_description(taken: list[tuple[str, str, Json]], name: str) -> None:
    """The API and the tools begin it alike; what one of them adds comes after it."""
    told = {
        of: schema["description"] for of, one, schema in taken if one == name and not of.startswith("/ui")
    }
    begins = tuple(describe(one) for one in (name, OTHERS.get(name)) if one)
    assert [(of, text) for of, text in told.items() if not text.startswith(begins)] == []
