"""Each request keeps to ClickUp's published contract, but for what is deliberately different."""

import inspect
from collections.abc import Callable
from dataclasses import replace

import pytest

from app.core.clickup import wire
from app.core.clickup.wire import Request
from tests.contract import DOCUMENT, every_request, read_contract

pytestmark = pytest.mark.skipif(not DOCUMENT.exists(), reason="ClickUp's OpenAPI document is not here")

# What is sent although the document does not describe it so, and why.
DELIBERATE = {
    "archived tasks": (
        ["query archived: unknown"],
        "ClickUp answers it with the archived tasks (observed); no other call shows them all",
    ),
    "time entries of many": (
        ["query assignee: '7,8' is not of type 'number'"],
        "the parameter's own description says to separate several people by commas",
    ),
    "status times of many": (
        ["query task_ids: ['86abc', '86abd'] is not of type 'string'"],
        "the parameter's own description says to send it once for each task",
    ),
    "webhook revived": (
        ["body $.events: ['taskCreated', 'taskUpdated'] is not of type 'string'"],
        "the body's own description says to send an array of events",
    ),
}


@pytest.mark.parametrize("name", every_request())
def test_a_request_is_what_the_document_describes(name: str) -> None:
    """Path, parameters, headers and body; what differs is exactly what is listed, with its reason."""
    allowed, _ = DELIBERATE.get(name, ([], ""))
    assert read_contract().violations(every_request()[name]) == allowed


def test_no_request_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each function that makes a request is among them."""
    makers = {
        name: function
        for name, function in inspect.getmembers(wire, inspect.isfunction)
        if name[0] != "_" and inspect.signature(function).return_annotation is Request
    }
    called: set[str] = set()

    def noting(name: str) -> Callable[..., Request]:
        def make(*args: object, **kwargs: object) -> Request:
            called.add(name)
            return makers[name](*args, **kwargs)

        return make

    for name in makers:
        monkeypatch.setattr(wire, name, noting(name))
    every_request()
    assert called == makers.keys() != set()


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (replace(wire.task_time("86abc"), headers=()), "header Content-Type: required"),
        (replace(wire.user(), params=(("fast", "true"),)), "query fast: unknown"),
        (wire.replies("no number"), "path comment_id: 'no number' is not of type 'number'"),
        (replace(wire.user(), path="/users"), "path: GET /users is not there"),
        (replace(wire.webhooks("9"), method="POST"), "body $: None is not of type 'object'"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_request_that_breaks_the_contract_is_found(broken: Request, said: str) -> None:
    """A missing header, an unknown parameter, a value of another type, another path, a missing body."""
    assert said in read_contract().violations(broken)
