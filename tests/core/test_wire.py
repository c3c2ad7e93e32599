"""Requests are spelt as ClickUp spells them, and each answer says what to do next."""

import pytest

from app.core.clickup import wire
from app.core.clickup.wire import Request
from app.core.errors import (
    ClickUpError,
    NoPermission,
    NotFound,
    RateLimited,
    RequestRejected,
    TokenRejected,
    Transient,
)

ASKED = Request("/task/abc", "task abc")
KEYSET = {"page": 2, "date_updated_gt": 1_700_000_000_000, "date_updated_lt": None}
TASK_PAGE = {
    "order_by": "updated",
    "reverse": "true",
    "subtasks": "true",
    "include_closed": "true",
    "page": "2",
    "date_updated_gt": "1700000000000",
}


@pytest.mark.parametrize(
    ("request_", "path", "params"),
    [
        (wire.user(), "/user", {}),
        (wire.workspaces(), "/team", {}),
        (wire.plan("9"), "/team/9/plan", {}),
        (wire.task_types("9"), "/team/9/custom_item", {}),
        (wire.spaces("9", archived=False), "/team/9/space", {"archived": "false"}),
        (wire.folders("3", archived=True), "/space/3/folder", {"archived": "true"}),
        (wire.folderless_lists("3", archived=False), "/space/3/list", {"archived": "false"}),
        (wire.folder_lists("4", archived=True), "/folder/4/list", {"archived": "true"}),
        (wire.place("folder", "4"), "/folder/4", {}),
        (wire.workspace_tasks("9", archived=False, keyset=KEYSET), "/team/9/task", TASK_PAGE),
        (
            wire.workspace_tasks("9", archived=True, keyset=KEYSET),
            "/team/9/task",
            TASK_PAGE | {"archived": "true"},
        ),
        (wire.list_tasks("5", archived=False, keyset=KEYSET), "/list/5/task", TASK_PAGE),
        (wire.task("abc"), "/task/abc", {}),
        (
            wire.time_entries("9", 1, 2, ["7", "8"]),
            "/team/9/time_entries",
            {"start_date": "1", "end_date": "2", "assignee": "7,8"},
        ),
        (wire.time_entries("9", 1, 2, []), "/team/9/time_entries", {"start_date": "1", "end_date": "2"}),
        (wire.task_time("abc"), "/task/abc/time", {}),
        (wire.comments("abc"), "/task/abc/comment", {}),
        (wire.comments("abc", start=5, start_id="c"), "/task/abc/comment", {"start": "5", "start_id": "c"}),
        (wire.replies("c"), "/comment/c/reply", {}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_requests_are_spelt_right(request_: Request, path: str, params: dict[str, str]) -> None:
    """Paths and parameters are ClickUp's; booleans are true and false, what is None stays away."""
    assert request_.path == path
    assert dict(request_.params) == params
    assert len(request_.params) == len(params)


def read(status: int, body: bytes, request: Request = ASKED) -> object:
    return wire.read_answer(request, status, body, retry_after=12)


def refusal(status: int, body: bytes) -> ClickUpError:
    with pytest.raises(ClickUpError) as caught:
        read(status, body)
    return caught.value


def test_calls_about_time_say_that_they_are_json() -> None:
    """ClickUp's document requires the header of them, also of GET; of no other call."""
    required = (("Content-Type", "application/json"),)
    for request in (wire.time_entries("9", 1, 2, []), wire.task_time("abc"), wire.status_times(["abc"])):
        assert request.headers == required
    assert wire.task("abc").headers == ()


def test_a_good_answer_is_its_json() -> None:
    """200 and JSON is the answer as it stands."""
    assert read(200, b'{"id": "abc"}') == {"id": "abc"}


@pytest.mark.parametrize("code", ["OAUTH_018", "OAUTH_019", "OAUTH_021", "OAUTH_025", "OAUTH_077"])
def test_only_five_codes_mean_a_refused_token(code: str) -> None:
    """These codes say that the token itself is refused."""
    error = refusal(401, b'{"err": "Token invalid", "ECODE": "%s"}' % code.encode())
    assert type(error) is TokenRejected
    assert error.ecode == code


@pytest.mark.parametrize(
    "code", ["OAUTH_023", "OAUTH_026", "OAUTH_027", "OAUTH_045", "ACCESS_016", "NEW_1", ""]
)
def test_any_other_401_is_about_one_object(code: str) -> None:
    """The token lives; it may only not see this object."""
    assert type(refusal(401, b'{"err": "no", "ECODE": "%s"}' % code.encode())) is NoPermission


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, b'{"err": "Task ID invalid", "ECODE": "INPUT_005"}', RequestRejected),
        (401, b"<html>Unauthorized</html>", Transient),
        (401, b"", Transient),
        (401, b'{"message": "Unauthorized"}', Transient),
        (403, b"<!DOCTYPE html><title>Attention Required! | Firewall</title>", Transient),
        (403, b'["no"]', Transient),
        (404, b"<html>Not found</html>", Transient),
        (403, b'{"err": "no access", "ECODE": "TIMEENTRY_059"}', NoPermission),
        (403, b"", Transient),
        (422, b'{"title": "Invalid request"}', RequestRejected),
        (404, b'{"err": "Task not found, deleted", "ECODE": "ITEM_013"}', NotFound),
        (404, b'{"err": "Team not authorized", "ECODE": "OAUTH_027"}', NoPermission),
        (500, b'{"err": "internal", "ECODE": "ITEMV2_003"}', Transient),
        (502, b"<html>Bad gateway</html>", Transient),
        (302, b"<html>Moved</html>", Transient),
        (204, b"{}", Transient),
        (400, b"<html>Bad request</html>", Transient),
        (200, b'{"err": "no access", "ECODE": "ACCESS_016"}', NoPermission),
        (200, b'{"err": "dead", "ECODE": "OAUTH_019"}', TokenRejected),
        (200, b'{"err": "odd", "ECODE": "ODD_001"}', Transient),
        (200, b"<html>Sign in</html>", Transient),
        (200, b'{"tasks": [{"id": "a"', Transient),
        (200, b"", Transient),
        (200, b"\xff\xfe\xfa", Transient),
    ],
)
def test_each_refusal_says_what_to_do_next(status: int, body: bytes, kind: type[ClickUpError]) -> None:
    """The kind of error follows status and code, also where a 200 or HTML hides it."""
    error = refusal(status, body)
    assert type(error) is kind
    assert error.status == status


def test_only_a_404_is_not_found() -> None:
    """No other status proves a deletion, whatever its body says."""
    body = b'{"err": "Task not found, deleted", "ECODE": "ITEM_013"}'
    kinds = {status: type(refusal(status, body)) for status in (200, 400, 401, 403, 404, 410, 429, 500, 503)}
    assert [status for status, kind in kinds.items() if kind is NotFound] == [404]


def test_an_error_tells_the_object_and_the_reason() -> None:
    """The text names the object in plain words, ClickUp's sentence and its code."""
    error = refusal(404, b'{"err": "Task not found, deleted", "ECODE": "ITEM_013"}')
    assert str(error) == "task abc: Task not found, deleted (ITEM_013)"


@pytest.mark.parametrize(
    ("status", "body", "text"),
    [
        (401, b"", "task abc: HTTP 401, an empty body"),
        (
            403,
            b"<html><title> Just a\nmoment </title><body>",
            "task abc: HTTP 403, an HTML page titled 'Just a moment'",
        ),
        (502, b"<html></html>", "task abc: HTTP 502, an HTML page"),
        (400, b'{"err": "", "ECODE": "INPUT_005"}', "task abc: HTTP 400 (INPUT_005)"),
        (
            422,
            b'{"title":"Invalid",\r\n"detail":"\x00header\x1b[31m required"}',
            "task abc: HTTP 422, not ClickUp's usual answer: "
            '{"title":"Invalid", "detail":" header [31m required"}',
        ),
    ],
)
def test_a_refusal_without_clickups_error_shows_its_status_and_its_beginning(
    status: int, body: bytes, text: str
) -> None:
    """One line without control characters and without HTML, so that people see who answered, and what."""
    assert str(refusal(status, body)) == text


@pytest.mark.parametrize(
    "body", [b"\xff" * 9_000, b'{"err": "%s"}' % (b"long " * 2_000), b"<title>" + b"x" * 9_000]
)
def test_a_long_refusal_is_cut_short(body: bytes) -> None:
    """However long the answer is, a message stays one that can be read."""
    assert len(str(refusal(403, body))) < 500


def test_a_429_waits_as_long_as_it_is_told() -> None:
    """The status alone decides; the body is not looked at."""
    error = refusal(429, b"<html>slow down</html>")
    assert isinstance(error, RateLimited)
    assert error.wait == 12


def test_an_err_that_is_data_is_no_error() -> None:
    """A good answer may have a field of that name; only both fields together are an error."""
    assert read(200, b'{"err": null}') == {"err": None}


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (b'{"name": "\\ud83d"}', {"name": "\ud83d"}),
        (b'{"name": "\\ud83d\\ude00"}', {"name": "\U0001f600"}),
    ],
)
def test_lone_surrogates_are_read(body: bytes, answer: object) -> None:
    """Half an emoji does not make the answer unreadable."""
    assert read(200, body) == answer


@pytest.mark.parametrize(
    ("answer", "items"),
    [
        ({"tasks": []}, []),
        ({"tasks": [{"id": 1}]}, [{"id": 1}]),
        ({"tasks": None}, None),
        ({"tasks": {}}, None),
        ({}, None),
        ([], None),
        (None, None),
    ],
)
def test_an_answer_without_its_list_proves_nothing(answer: object, items: object) -> None:
    """An empty list is an answer; a missing one is none."""
    assert wire.listed(answer, "tasks") == items


def test_bottomless_nesting_is_no_json() -> None:
    """A body nested without end is treated as cut off."""
    assert type(refusal(200, b"[" * 100_000)) is Transient


def nested(levels: int) -> bytes:
    """A task with a custom field whose value is nested so many levels deep."""
    value = b'{"a]": [' * levels + b"1" + b"]}" * levels
    return b'{"tasks": [{"id": "1", "fields": [{"value": ' + value + b'}], "name": "\\"[x"}, {"id": "2"}]}'


@pytest.mark.parametrize("levels", [50, 400, 600, 20_000])
def test_one_deep_value_does_not_cost_the_answer(levels: int) -> None:
    """Whatever one value is nested like, the rest is read, and the value stays deep enough to be refused."""
    first, second = read(200, nested(levels))["tasks"]
    assert (first["name"], second) == ('"[x', {"id": "2"})
    depth, value = 0, first["fields"][0]["value"]
    while isinstance(value, list | dict):
        depth, value = depth + 1, next(iter(value.values() if isinstance(value, dict) else value))
    assert depth > 2 * 100 if levels > 50 else depth == 2 * levels
