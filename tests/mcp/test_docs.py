"""docs/mcp.md is what the server offers: every tool with its parameters, every resource and prompt."""

import json
import re
from typing import Any

import jsonschema
import pytest

from app.mcp.registry import PROMPTS, RESOURCES, TEMPLATES, TOOLS
from bench.questions import QUESTIONS
from tests.docs.reading import read, rows, section
from tests.engine.mirror import Mirror
from tests.mcp.asking import asking

PAGE = read("docs/mcp.md")


@pytest.fixture
async def listed(mirror: Mirror) -> dict[str, Any]:
    async with asking(mirror) as tools:
        return {tool.name: tool for tool in (await tools.client.list_tools()).tools}


def test_every_tool_has_a_row() -> None:
    """Each tool, each resource and each prompt stands in its table, and none that does not exist."""
    assert set(rows(section(PAGE, "The tools"))) == {tool.__name__ for tool in TOOLS}
    shown = set(rows(section(PAGE, "Resources and prompts")))
    assert shown == set(RESOURCES) | set(TEMPLATES) | {prompt.__name__ for prompt in PROMPTS}


def test_every_parameter_is_named(listed: dict[str, Any]) -> None:
    """What a tool takes stands in its row, and what it needs is bold."""
    for name, row in rows(section(PAGE, "The tools")).items():
        schema = listed[name].input_schema
        common = set() if name == "get_workspaces" else {"workspace_id"}
        assert set(re.findall(r"`(\w+)`", row[2])) | common == set(schema["properties"]), name
        assert set(re.findall(r"\*\*`(\w+)`\*\*", row[2])) == set(schema.get("required", ())), name


def test_every_field_of_every_answer_is_explained(listed: dict[str, Any]) -> None:
    """The fields that each answer has are those of the page."""
    shown = set(rows(section(PAGE, "Fields of every answer")))
    for name, tool in listed.items():
        assert shown <= set(tool.output_schema["required"]), name


def test_ten_questions_stand_in_the_page_as_they_are_asked(listed: dict[str, Any]) -> None:
    """Each question of the command has its heading, its call and an answer with fields that the tool has."""
    asked = section(PAGE, "Ten questions")
    assert len(QUESTIONS) == 10
    for number, (question, tool, arguments) in enumerate(QUESTIONS, 1):
        text = section(asked, f"{number}. {question}")
        assert f"`{tool}`" in text
        if arguments:
            assert f"`{json.dumps(arguments, ensure_ascii=False)}`" in text
        jsonschema.validate(arguments, listed[tool].input_schema)
        answer = re.search(r"```json\n(.*?)```", text, re.DOTALL)
        assert answer
        assert json.loads(answer[1]).keys() <= listed[tool].output_schema["properties"].keys()


def test_the_events_are_those_of_the_code() -> None:
    """Each event of the table is logged by the server."""
    source = read("app/mcp/middleware.py") + read("app/mcp/mcp_server.py")
    told = set(re.findall(r'(?:log\.\w+|_telling)\(\s*"([\w.]+)"', source))
    assert set(rows(section(PAGE, "Log events"))) == told


def test_the_answers_that_are_shown_are_json() -> None:
    """Each block of JSON in the page can be read."""
    for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL):
        json.loads(block)
