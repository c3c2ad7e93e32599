"""Every error has one shape, tells what to do, and gives nothing of the inside away."""

import json
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.http.problem_types import MEANINGS
from app.http.problems import Problem, problem
from tests.api.door import DELICATE, READER, WRONG, open_door

WHERE = {
    "/nowhere": 404,
    "/typed/x": 422,
    "/typed/1?limit=11": 422,
    "/typed/1?limit=x&limit=%FF%00": 422,
    "/breaks/unknown": 500,
    "/breaks/nothing-of-this-name": 500,
    "/breaks/down": 503,
    "/breaks/refused": 500,
    "/breaks/rejected": 422,
    "/breaks/lost": 503,
    "/breaks/limited": 503,
    "/breaks/other": 500,
    "/breaks/group": 503,
    "/breaks/teapot": 418,
}


@pytest.mark.parametrize("path", WHERE)
async def test_every_error_has_the_same_shape(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Type, title, status, detail, the request's id, and which fields are wrong; nothing of the inside."""
    async with open_door() as door:
        answer = await door.ask(path, x_request_id="id-of-mine")
    assert answer.status_code == WHERE[path]
    assert answer.headers["content-type"] == "application/problem+json"
    told = Problem.model_validate_json(answer.text, strict=True)
    assert set(answer.json()) == set(Problem.model_fields)
    assert told.type.removeprefix("/problems/") in MEANINGS
    assert (told.status, told.instance) == (WHERE[path], "id-of-mine")
    assert told.title and told.detail
    for delicate in (*DELICATE.split(" -- "), "Traceback", "RuntimeError", "KeyError", ".py"):
        assert delicate not in answer.text
    assert (DELICATE in capsys.readouterr().err) == (path.rpartition("/")[2] in _DELICATE)


_DELICATE = ("unknown", "down", "refused", "rejected", "group")


async def test_the_guard_and_the_router_speak_the_same_way() -> None:
    """Refusals by key, by limit and by method; a method that is not there is told which are."""
    async with open_door(api_keys=f"a:read:{READER}", api_rate_limit=4) as door:
        answers = [
            await door.ask(),
            await door.ask(key=WRONG),
            await door.ask(method="POST", key=READER),
            await door.ask("/typed/1", "OPTIONS", READER),
            await door.ask("/nowhere", key=READER),
            await door.ask("/healthz", "PUT"),
            await door.ask("/typed/1?limit=0", key=READER),
            await door.ask(key=READER),
        ]
    assert [answer.status_code for answer in answers] == [401, 401, 403, 405, 404, 405, 422, 429]
    for answer in answers:
        assert set(answer.json()) == set(Problem.model_fields)
        assert answer.json()["instance"] == answer.headers["x-request-id"]
        assert answer.headers["content-type"] == "application/problem+json"
    assert answers[3].headers["allow"] == "GET"


async def test_each_wrong_field_is_named_with_the_reason() -> None:
    """All at once, by the names that the caller knows."""
    async with open_door() as door:
        told = (await door.ask("/typed/x?limit=99")).json()
    assert [error["field"] for error in told["errors"]] == ["number", "limit"]
    assert "less than or equal to 10" in told["errors"][1]["reason"]
    assert "number: " in told["detail"] and "limit: " in told["detail"]


@pytest.mark.parametrize(
    ("how", "seconds"), [("down", "5"), ("limited", "13"), ("lost", "5"), ("group", "5")]
)
async def test_what_heals_says_when_to_ask_again(how: str, seconds: str) -> None:
    """Retry-After, in whole seconds."""
    async with open_door() as door:
        assert (await door.ask(f"/breaks/{how}")).headers["retry-after"] == seconds
        assert "retry-after" not in (await door.ask("/breaks/unknown")).headers


async def test_what_a_route_says_beside_its_error_is_kept() -> None:
    """Headers of an HTTPException."""
    async with open_door() as door:
        assert (await door.ask("/breaks/teapot")).headers["x-kept"] == "yes"


async def test_what_breaks_halfway_is_broken_off(capsys: pytest.CaptureFixture[str]) -> None:
    """The caller cannot take half an answer for a whole one; the log has why."""
    async with open_door() as door:
        said = await door.say("GET /half HTTP/1.1\nHost: localhost\n\n")
    assert "the first half" in said
    assert not said.endswith("0\r\n\r\n")
    assert DELICATE not in said
    assert DELICATE in capsys.readouterr().err


async def test_a_broken_route_leaves_the_others_alone() -> None:
    """And its connection stays open for the next request."""
    async with open_door() as door:
        said = await door.say(
            "GET /breaks/unknown HTTP/1.1\nHost: localhost\n\n"
            "GET /read HTTP/1.1\nHost: localhost\nConnection: close\n\n"
        )
    assert re.findall(r"HTTP/1.1 (\d+)", said) == ["500", "200"]


@example("\ud800")
@given(st.text(st.characters(exclude_categories=[])))
def test_any_text_can_be_told(text: str) -> None:
    """Also half a surrogate, which no UTF-8 can hold."""
    assert json.loads(bytes(problem({}, 400, text).body))["detail"] == text


async def test_openapi_knows_the_shape_and_no_other() -> None:
    """Wrong fields are a Problem too; FastAPI's own shape of errors stands nowhere."""
    async with open_door() as door:
        document = (await door.ask("/openapi.json")).json()
    wrong = document["paths"]["/typed/{number}"]["get"]["responses"]["422"]["content"]
    assert wrong == {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    assert set(document["components"]["schemas"]) >= {"Problem", "FieldProblem"}
    assert "ValidationError" not in json.dumps(document)
    refusals = document["paths"]["/metrics"]["get"]["responses"]
    assert set(refusals) >= {"200", "401", "403", "429", "500", "503"}
