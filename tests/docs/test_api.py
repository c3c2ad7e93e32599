"""docs/api.md is the API: every path, every parameter and every status, and none beyond them."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from app.api.metrics import Metrics
from app.http import problems
from app.http.problem_types import MEANINGS, PREFIX
from app.main import create_app
from tests.docs.metrics_text import metrics
from tests.docs.reading import ROOT, anchors, cells, prose, read, rows, section

PAGE = "docs/api.md"
_CALL = re.compile(r"`(GET|POST|PATCH|DELETE) (/[^`\s]*)`")
_EVENT = re.compile(
    r'(?:log\.(?:debug|info|warning|error)|went_wrong)\(\s*"([a-z_.]+)"|\.log\([^"]*"([a-z_.]+)"'
)


@cache
def openapi() -> dict[str, Any]:
    """The document of an application that was made and not started."""
    return create_app().openapi()


@cache
def sections() -> dict[str, str]:
    """What stands under each heading that names calls, by that heading."""
    headings = re.findall(r"^### (.+)$", prose(read(PAGE)), re.MULTILINE)
    return {heading: section(read(PAGE), heading) for heading in headings if _CALL.search(heading)}


def calls() -> dict[tuple[str, str], str]:
    """The section of each call."""
    return {call: text for heading, text in sections().items() for call in _CALL.findall(heading)}


def offered() -> dict[tuple[str, str], dict[str, Any]]:
    """The operation of each call that OpenAPI offers."""
    return {
        (method.upper(), path): operation
        for path, methods in openapi()["paths"].items()
        for method, operation in methods.items()
    }


def own_rows(heading: str) -> set[str]:
    """The parameters that stand below a heading, but not below the next one of any level."""
    return set(rows(re.split(r"^#", section(read(PAGE), heading), maxsplit=1, flags=re.MULTILINE)[0]))


def shared_rows(text: str) -> set[str]:
    """The parameters of the sections of this page that a section refers to."""
    headings = [h for h in re.findall(r"^#+ (.+)$", prose(read(PAGE)), re.MULTILINE) if not _CALL.search(h)]
    linked = set(re.findall(r"\]\(#([^)]+)\)", re.sub(r"^\|.*$", "", text, flags=re.MULTILINE)))
    return {name for h in headings if anchors(f"# {h}") & linked for name in own_rows(h)}


def test_every_path_stands_in_the_page_and_no_other() -> None:
    """Each call of the OpenAPI document has its heading, and no heading names another one."""
    assert calls().keys() == offered().keys()


@pytest.mark.parametrize("call", offered(), ids=" ".join)
def test_every_parameter_is_explained(call: tuple[str, str]) -> None:
    """Each parameter has a row below its call, or in the part of the page that the call refers to."""
    asked = {one["name"] for one in offered()[call].get("parameters", ()) if one["in"] == "query"}
    text = calls()[call]
    # Nearly every call has it, so that no section refers to it.
    everywhere = {"workspace_id"} & own_rows("Common parameters")
    assert asked - set(rows(text)) - shared_rows(text) - everywhere == set()
    assert set(rows(text)) - asked == set()


@pytest.mark.parametrize("call", offered(), ids=" ".join)
def test_the_values_of_a_choice_are_named(call: tuple[str, str]) -> None:
    """Each value that a parameter of a call's own row may have stands in that row."""
    for parameter in offered()[call].get("parameters", ()):
        row = rows(calls()[call]).get(parameter["name"])
        for value in re.findall(r"'enum': \[([^\]]*)\]", str(parameter["schema"])) if row else ():
            for name in re.findall(r"'([^']+)'", value):
                assert f"`{name.lstrip('-')}`" in row[1], f"{parameter['name']}: {name}"


@pytest.mark.parametrize("call", offered(), ids=" ".join)
def test_every_bound_is_that_of_the_code(call: tuple[str, str]) -> None:
    """A parameter's greatest value and its default number stand in its row."""
    text = calls()[call]
    for parameter in offered()[call].get("parameters", ()):
        row = rows(text).get(parameter["name"]) or rows(read(PAGE)).get(parameter["name"], ["", ""])
        schema = parameter["schema"]
        bounds = [schema.get("maximum"), schema.get("default") if schema.get("type") == "integer" else None]
        for bound in bounds:
            assert bound is None or re.search(rf"\b{bound}\b", row[1]), f"{parameter['name']}: {bound}"


@pytest.mark.parametrize("heading", sections())
def test_every_call_has_an_example_and_its_answer(heading: str) -> None:
    """Below each call stand a curl command that asks its path, and what comes back."""
    text = sections()[heading]
    asked = re.findall(r"```sh\n(curl .+?)\n```\n\n```(?:json|text)\n", text, re.DOTALL)
    path = re.sub(r"\{[^}]+\}", '[^/?"]+', _CALL.findall(heading)[0][1])
    assert asked
    assert re.search(rf'\$URL{path}["?]', asked[0])


def test_the_answers_that_are_shown_are_json() -> None:
    """Each block of JSON in the page can be read."""
    for block in re.findall(r"```json\n(.*?)```", read(PAGE), re.DOTALL):
        json.loads(block)


def test_what_an_answer_shows_is_in_its_model() -> None:
    """The names at the top of an answer are those that OpenAPI gives it."""
    for (method, path), text in calls().items():
        success = min(offered()[method, path]["responses"])
        answer = offered()[method, path]["responses"][success].get("content", {}).get("application/json")
        shown = re.search(r"```json\n(.*?)```", text, re.DOTALL)
        if answer and shown:
            model = openapi()["components"]["schemas"][answer["schema"]["$ref"].rpartition("/")[2]]
            assert json.loads(shown[1]).keys() - {"…"} <= model["properties"].keys(), path


def test_every_status_is_explained() -> None:
    """Each status that OpenAPI knows of, and each that a problem may have, has a row."""
    known = {status for operation in offered().values() for status in operation["responses"]}
    table = {row[0] for row in cells(section(read(PAGE), "Errors"))}
    assert known | set(map(str, problems._MEANINGS)) <= table


def test_every_metric_of_the_registry_is_documented() -> None:
    """The generated table has each one, but for Python's own figures of the process."""
    kept = {f"{one.name}_total" if one.type == "counter" else one.name for one in _families()}
    names = {name.removeprefix("clickup_sync_") for name in kept}
    assert names
    assert names <= {metric.name for metric in metrics()}
    assert all(metric.help.endswith(".") for metric in metrics())


def _families() -> list[Any]:
    return [one for one in Metrics().registry.collect() if one.name.startswith("clickup_sync_")]


def test_the_events_that_operations_names_are_logged() -> None:
    """Each event in the table of the logs is one of the engine's."""
    found = {name for file in _engine() for pair in _EVENT.findall(file.read_text("utf-8")) for name in pair}
    shown = rows(section(read("docs/operations.md"), "Logs")).keys()
    assert shown
    assert shown <= found


def _engine() -> list[Path]:
    return [file for file in (ROOT / "app").rglob("*.py") if "simulator" not in file.parts]


def test_every_kind_of_problem_is_explained() -> None:
    """What programs tell errors apart by, with its meaning, and no other."""
    listed = {
        name: cells[1] for name, cells in rows(read("docs/api.md")).items() if name.startswith("/problems/")
    }
    assert listed == {PREFIX + name: meaning for name, meaning in MEANINGS.items()}


def test_the_document_is_fit_for_generators() -> None:
    """Each operation has a name of its own that one would type; tags and headers are explained."""
    document = create_app().openapi()
    operations = [one for path in document["paths"].values() for one in path.values()]
    names = [one["operationId"] for one in operations]
    assert len(set(names)) == len(names) and {"list_tasks", "get_task", "sync_tasks"} <= set(names)
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", name) and len(name) < 30 for name in names)
    assert document["servers"] and document["info"]["description"] and document["info"]["contact"]
    assert {tag for one in operations for tag in one["tags"]} <= {tag["name"] for tag in document["tags"]}
    assert all(tag["description"] for tag in document["tags"])
    for one in operations:
        assert any(status.startswith("4") for status in one["responses"])
        assert all("X-Request-ID" in answer["headers"] for answer in one["responses"].values())
    parameters = {one["name"]: one for one in document["paths"]["/tasks"]["get"]["parameters"]}
    assert parameters["priority"]["schema"]["anyOf"][0]["items"]["enum"] == [
        "urgent",
        "high",
        "normal",
        "low",
    ]
