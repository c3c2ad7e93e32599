"""Whatever a tool is given, it answers or refuses in a sentence; nothing of its insides comes out."""

import json
import os
from collections.abc import Iterator
from functools import cache
from typing import Any

import httpx2
import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from app.mcp.registry import TOOLS
from tests.hostile import HOSTILE, commands_in
from tests.mcp.asking import BOTH, Json, call

NAMES = sorted(tool.__name__ for tool in TOOLS)
_CASES = int(os.environ.get("FUZZ_CASES", "15"))
# By itself each parameter is given a fourth of the texts; every text is given to some parameter.
_SHARE = 1 if "FUZZ_CASES" in os.environ else 4
_INSIDES = ("Traceback", "psycopg", '.py"', "site-packages", "went wrong", "pydantic.dev")
# PostgreSQL's own words, which only `query` gives back, so that a model can correct itself.
_DATABASE = ("SELECT ", 'relation "')
_TEXTS = [
    "", " ", "'", '"', "'; DROP TABLE tasks; --", "' OR 1=1 --", "%", "_", "%s", "%(workspace_id)s",
    "{0}", "\\", "\u0000", "a\u0000b", "\u202e", "\ufeff", "\U0001f468\u200d\U0001f469", "null", "true",
    "0", "-1", "1e309", "NaN", "2026-02-30", "0001-01-01", "9999-12-31", "today", "list:", ":",
    "space:space:x", "../../etc/passwd", "<script>", "${jndi:ldap://x}", "x" * 200, "x" * 201, "ß" * 199,
    "i\u0307", "e30", "eyJxdWVzdGlvbiI6IngifQ", "[]", "{}", "00000000-0000-0000-0000-000000000000",
    "901200838519", "86abc1", "open", "overdue", "-updated", "person", *HOSTILE,
]  # fmt: skip
_ATOMS = some.one_of(
    some.sampled_from(_TEXTS),
    some.text(max_size=300),
    some.none(),
    some.booleans(),
    some.integers(min_value=-(10**40), max_value=10**40),
    some.integers(min_value=-3, max_value=200),
    some.floats(allow_nan=False, allow_infinity=False),
)
_ANYTHING = some.recursive(
    _ATOMS,
    lambda inner: some.one_of(
        some.lists(inner, max_size=4), some.dictionaries(some.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=url, timeout=300, headers={"Accept": BOTH}) as client:
        yield client


@cache
def _listed(client: httpx2.Client) -> dict[str, Json]:
    message = {"jsonrpc": "2.0", "method": "tools/list", "params": {}, "id": 1}
    tools = client.post("/mcp", json=message).json()["result"]["tools"]
    return {tool["name"]: tool for tool in tools}


def judge(client: httpx2.Client, tool: str, arguments: Json) -> Json:
    """What comes back is an answer as its schema says, or a sentence; or the message itself is refused."""
    body = json.dumps(call(tool) | {"params": {"name": tool, "arguments": arguments}})
    answer = client.post("/mcp", content=body.encode(), headers={"Content-Type": "application/json"})
    said = f"{tool} {arguments}: {answer.status_code} {answer.text[:2000]}"
    assert answer.status_code == 200, said
    result: Json = answer.json()["result"]
    if not result["isError"]:
        jsonschema.validate(result["structuredContent"], _listed(client)[tool]["outputSchema"])
        return result
    sentence = result["content"][0]["text"]
    assert sentence and len(sentence) < 3_000, said
    assert commands_in(sentence) == [], said
    forbidden = _INSIDES if tool == "query" else (*_INSIDES, *_DATABASE)
    assert not [inside for inside in forbidden if inside in sentence], said
    return result


def values_of(schema: Json) -> some.SearchStrategy[Any]:
    """What fits a parameter, often; and what does not, as often."""
    fitting: list[some.SearchStrategy[Any]] = [_ANYTHING]
    for part in (schema, *schema.get("anyOf", ())):
        if "enum" in part:
            fitting.append(some.sampled_from(part["enum"]))
        elif part.get("type") == "boolean":
            fitting.append(some.booleans())
        elif part.get("type") == "integer":
            fitting.append(some.integers(part.get("minimum", -5), part.get("maximum", 5_000)))
        elif part.get("type") == "array":
            fitting.append(some.lists(values_of(part.get("items", {})), max_size=3))
        elif part.get("type") == "string":
            fitting.append(some.sampled_from(_TEXTS))
    return some.one_of(*fitting)


@pytest.mark.slow
@pytest.mark.parametrize("tool", NAMES)
def test_anything_may_be_asked(client: httpx2.Client, tool: str) -> None:
    """Of every tool: wrong types, huge numbers, NUL bytes, statements, ids of other things."""
    schema = _listed(client)[tool]["inputSchema"]
    known = {name: values_of(one) for name, one in schema["properties"].items()}
    needed = {name: known[name] for name in schema.get("required", ())}
    optional = {name: values for name, values in known.items() if name not in needed}

    @settings(max_examples=_CASES, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
    @given(some.fixed_dictionaries(needed, optional=optional))
    def ask(arguments: Json) -> None:
        judge(client, tool, arguments)

    ask()


@pytest.mark.parametrize("tool", NAMES)
def test_every_text_in_every_place(client: httpx2.Client, tool: str) -> None:
    """Nasty texts as the value of each parameter, beside what else the tool needs."""
    schema = _listed(client)[tool]["inputSchema"]
    needed = {name: _plain(schema["properties"][name]) for name in schema.get("required", ())}
    for number, name in enumerate(schema["properties"]):
        for text in _TEXTS[number % _SHARE :: _SHARE]:
            judge(client, tool, needed | {name: text})


def _plain(schema: Json) -> Any:
    return schema["enum"][0] if "enum" in schema else "today"


@pytest.mark.parametrize(
    "arguments", [{"mirror": {"workspace_id": "1"}}, {"known": None}, {"context": {}}, {"x": 1}]
)
def test_nobody_gives_what_is_the_server_s_own(client: httpx2.Client, arguments: Json) -> None:
    """An argument that no tool has is refused by name, the server's own among them."""
    for tool in ("find_tasks", "get_spaces"):
        result = judge(client, tool, arguments)
        assert result["isError"] and next(iter(arguments)) in result["content"][0]["text"]


@pytest.mark.parametrize("arguments", [None, [], "x", 7, [1]])
def test_arguments_that_are_no_object(client: httpx2.Client, arguments: Any) -> None:
    """The message is refused, or taken for one without arguments."""
    message = call("get_spaces") | {"params": {"name": "get_spaces", "arguments": arguments}}
    answer = client.post("/mcp", json=message)
    assert answer.status_code in (200, 400)
    assert not [inside for inside in (*_INSIDES, *_DATABASE) if inside in answer.text]


def test_half_a_surrogate(client: httpx2.Client) -> None:
    """A text that is none cannot be asked for, and breaks nothing."""
    body = json.dumps(call("find_tasks", q="PLACE")).replace("PLACE", "\\ud800")
    answer = client.post("/mcp", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (200, 400)
    assert "went wrong" not in answer.text and "Traceback" not in answer.text


def test_tables_are_still_there(client: httpx2.Client) -> None:
    """After all that, everything is as it was."""
    result = judge(client, "get_sync_status", {"detail": "full"})
    assert result["structuredContent"]["counts"]["tasks"] > 0
