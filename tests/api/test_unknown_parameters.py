"""What a request says and the endpoint does not know is refused, and the nearest name is offered."""

import re

import pytest

from tests.api.reading import Reader


async def test_every_endpoint_refuses_unknown_parameters(reader: Reader) -> None:
    """Instead of answering what was not asked for; the page's, and all that OpenAPI lists."""
    document = await reader.get("/openapi.json")
    listed = [path for path, operations in document["paths"].items() if "get" in operations]
    for path in (*listed, "/ui/tasks", "/ui/hours", "/ui/people", "/ui/tasks/x", "/"):
        asked = re.sub(r"{\w+}", "overdue", path)
        assert "unknown parameter" in await reader.refused(asked, "stauts_x", stauts_x="open")


@pytest.mark.parametrize(
    ("path", "given", "nearest"),
    [
        ("/tasks", "asignee", "assignee"),
        ("/tasks", "stauts", "status"),
        ("/tasks", "places", "place"),
        ("/timesheets", "persons", "person"),
        ("/time-entries", "frm", "from"),
        ("/ui/tasks", "statustype", "status_type"),
        ("/ui/hours", "fro", "from"),
    ],
)
async def test_the_nearest_parameter_is_offered(reader: Reader, path: str, given: str, nearest: str) -> None:
    """By the name that the address has."""
    assert f"did you mean `{nearest}`?" in await reader.refused(path, given, **{given: "x"})


@pytest.mark.parametrize(
    ("path", "field", "given", "nearest"),
    [
        ("/tasks", "status_type", "opne", "open"),
        ("/tasks", "priority", "Hihg", "high"),
        ("/tasks", "sort", "-updatd", "-updated"),
        ("/tasks", "deleted", "included", "include"),
        ("/timesheets", "group_by", "persons", "person"),
        ("/timesheets", "format", "cvs", "csv"),
        ("/attention/overdu", "condition", "", "overdue"),
        ("/runs", "status", "fail", "failed"),
        ("/ui/tasks", "status_type", "opne", "open"),
    ],
)
async def test_an_unknown_value_is_told_the_nearest(
    reader: Reader, path: str, field: str, given: str, nearest: str
) -> None:
    """And all values there are; OpenAPI has them as an enum."""
    reason = await reader.refused(path, field, **{field: given} if given else {})
    assert reason.startswith("must be one of ") and f"did you mean `{nearest}`?" in reason


async def test_what_is_known_is_passed(reader: Reader) -> None:
    """Also parameters with another name in Python, and those of several dependencies."""
    for path in ("/timesheets?from=2026-01-01&to=2026-01-02&zone=UTC&per=day", "/tasks?q=a&sort=due&limit=1"):
        assert (await reader.client.get(path)).status_code == 200
    page = await reader.client.get("/ui/hours?from=2026-01-01&to=2026-01-02&group_by=list")
    assert page.status_code == 200


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/tasks?asignee=x", "unknown-parameter"),
        ("/tasks?sort=x", "invalid-parameter"),
        ("/tasks?status=nothing%20has%20this", "unknown-value"),
        ("/tasks?assignee=nobody-we-know", "unknown-name"),
        ("/tasks?place=nowhere", "unknown-name"),
        ("/nowhere", "not-found"),
    ],
)
async def test_a_program_can_tell_problems_apart(reader: Reader, path: str, kind: str) -> None:
    """By `type`, whatever the words."""
    assert (await reader.client.get(path)).json()["type"] == f"/problems/{kind}"
