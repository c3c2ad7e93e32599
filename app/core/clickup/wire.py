"""What ClickUp's HTTP means, without moving a byte: requests to send, answers made into meaning.

Paths and parameters are those of ClickUp's API v2 (https://developer.clickup.com/reference). Its
parameter names are spelt out here once: a misspelt filter is ignored in silence and returns
everything (observed).
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from app.core.clickup.values import Json, mapping
from app.core.errors import (
    ClickUpError,
    NoPermission,
    NotFound,
    RateLimited,
    RequestRejected,
    TokenRejected,
    Transient,
)

TASK_PAGE = 100
COMMENT_PAGE = 25
STATUS_TIMES_AT_ONCE = 100

# What an answer with one of these says of an object is believed only in ClickUp's own words.
_DECISIVE = frozenset({401, 403, 404})

# Only these codes say that the token itself is refused (source: ClickUp's page of common errors; 018
# observed); other 401s are about one object (observed).
DEAD_TOKEN_CODES = frozenset({"OAUTH_018", "OAUTH_019", "OAUTH_021", "OAUTH_025", "OAUTH_077"})

# A task's custom field stands five levels deep; a hundred more are refused when it is read.
_DEEPEST = 300
_BRACKET = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)

# "You may not ask for other people's time" (observed on lists of assignees).
OTHERS_TIME_CODE = "TIMEENTRY_059"


@dataclass(frozen=True, slots=True)
class Request:
    """One call: `path` below the base URL, what it is about in plain words, query parameters.

    `body` is JSON, and None for none. `headers`: those that ClickUp's document requires of this call alone.
    """

    path: str
    subject: str
    params: tuple[tuple[str, str], ...] = field(default=())
    method: str = "GET"
    body: Json | None = None
    headers: tuple[tuple[str, str], ...] = field(default=())


# The document requires it of all calls about time, also of GET, which has no body.
_REQUIRED_BY_TIME = (("Content-Type", "application/json"),)


def _get(path: str, subject: str, headers: tuple[tuple[str, str], ...] = (), /, **params: object) -> Request:
    given = ((name, _param(value)) for name, value in params.items() if value is not None)
    return Request(path, subject, tuple(given), headers=headers)


def _param(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def oauth_authorization(token: str) -> str:
    """The Authorization header of an OAuth token; a personal token stands alone there.

    Source: ClickUp's page "Authentication".
    """
    return f"Bearer {token}"


def access_token(client_id: str, client_secret: str, code: str) -> Request:
    """Exchanges the code of an OAuth authorization for a token, once."""
    body: Json = {"client_id": client_id, "client_secret": client_secret, "code": code}
    return Request("/oauth/token", "the OAuth token", method="POST", body=body)


def user() -> Request:
    """The token's owner, and their time zone."""
    return _get("/user", "the token's owner")


def workspaces() -> Request:
    """Every workspace the token can see, with its members; not paged."""
    return _get("/team", "the workspaces of the token")


def plan(workspace_id: str) -> Request:
    """The plan, which decides the rate limit."""
    return _get(f"/team/{workspace_id}/plan", "the workspace's plan")


def task_types(workspace_id: str) -> Request:
    """The workspace's own task types."""
    return _get(f"/team/{workspace_id}/custom_item", "the task types")


def spaces(workspace_id: str, *, archived: bool) -> Request:
    """Spaces; `archived=true` returns only archived ones, here and one level down (observed)."""
    return _get(f"/team/{workspace_id}/space", "the spaces", archived=archived)


def folders(space_id: str, *, archived: bool) -> Request:
    """Folders of a space, each with its active lists inlined."""
    return _get(f"/space/{space_id}/folder", f"the folders of space {space_id}", archived=archived)


def folderless_lists(space_id: str, *, archived: bool) -> Request:
    """Lists that stand in a space without a folder."""
    return _get(f"/space/{space_id}/list", f"the lists of space {space_id}", archived=archived)


def folder_lists(folder_id: str, *, archived: bool) -> Request:
    """Lists of a folder."""
    return _get(f"/folder/{folder_id}/list", f"the lists of folder {folder_id}", archived=archived)


def place(kind: str, place_id: str) -> Request:
    """One space, folder or list by its id; 404 proves that it is gone."""
    return _get(f"/{kind}/{place_id}", f"{kind} {place_id}")


def workspace_tasks(
    workspace_id: str, *, archived: bool, keyset: Mapping[str, object], list_id: str | None = None
) -> Request:
    """A page of the workspace's tasks, oldest change first, subtasks and closed ones included.

    `list_id` narrows it to one list's, also where the list itself is closed to the token.
    `order_by=updated&reverse=true` is oldest first (observed). `archived=true` returns only
    archived tasks and is not in ClickUp's document for this call.
    """
    subject = "the archived tasks" if archived else "the tasks"
    page = _task_page(archived, keyset) | {"list_ids[]": list_id}
    return _get(f"/team/{workspace_id}/task", subject, **page)


def list_tasks(list_id: str, *, archived: bool, keyset: Mapping[str, object]) -> Request:
    """A page of one list's tasks: the only view of an archived list's tasks (observed)."""
    return _get(f"/list/{list_id}/task", f"the tasks of list {list_id}", **_task_page(archived, keyset))


def _task_page(archived: bool, keyset: Mapping[str, object]) -> dict[str, object]:
    fixed: dict[str, object] = {
        "order_by": "updated",
        "reverse": True,
        "subtasks": True,
        "include_closed": True,
        "archived": True if archived else None,
    }
    return fixed | dict(keyset)


def task(task_id: str) -> Request:
    """One task; 404 is the only proof that it was deleted (observed)."""
    return _get(f"/task/{task_id}", f"task {task_id}")


def time_entries(workspace_id: str, start_ms: int, end_ms: int, assignees: Iterable[str]) -> Request:
    """Everyone's time entries that start in a window (epoch ms); not paged.

    Without a window and assignees ClickUp answers with the token owner's last 30 days only.
    """
    people = ",".join(assignees) or None
    return _get(
        f"/team/{workspace_id}/time_entries",
        "the time entries",
        _REQUIRED_BY_TIME,
        start_date=start_ms,
        end_date=end_ms,
        assignee=people,
    )


def task_time(task_id: str) -> Request:
    """Everyone's intervals on one task, also of people who left, without a window (observed)."""
    return _get(f"/task/{task_id}/time", f"the time of task {task_id}", _REQUIRED_BY_TIME)


def comments(task_id: str, *, start: int | None = None, start_id: str | None = None) -> Request:
    """25 comments of a task, newest first; both parameters, of the last row, open the next page."""
    return _get(f"/task/{task_id}/comment", f"the comments of task {task_id}", start=start, start_id=start_id)


def replies(comment_id: str, *, start: int | None = None, start_id: str | None = None) -> Request:
    """The thread under a comment; whether it comes in pages as a task's comments do is not certain."""
    subject = f"the replies to comment {comment_id}"
    return _get(f"/comment/{comment_id}/reply", subject, start=start, start_id=start_id)


def status_times(task_ids: Iterable[str]) -> Request:
    """Since when each of at most 100 tasks is in its status; only where the workspace has the ClickApp."""
    params = tuple(("task_ids", task_id) for task_id in task_ids)
    path = "/task/bulk_time_in_status/task_ids"
    return Request(path, "the times in status", params, headers=_REQUIRED_BY_TIME)


def webhooks(workspace_id: str) -> Request:
    """The webhooks that this token's user made; nobody else's (source: ClickUp docs)."""
    return _get(f"/team/{workspace_id}/webhook", "the webhooks")


def create_webhook(workspace_id: str, endpoint: str, events: Iterable[str]) -> Request:
    """A webhook of the whole workspace; the answer brings the secret it signs with."""
    body = {"endpoint": endpoint, "events": list(events)}
    return Request(f"/team/{workspace_id}/webhook", "the new webhook", method="POST", body=body)


def revive_webhook(webhook_id: str, endpoint: str, events: Iterable[str]) -> Request:
    """Sets what a webhook is told of, and wakes a suspended one."""
    body = {"endpoint": endpoint, "events": list(events), "status": "active"}
    return Request(f"/webhook/{webhook_id}", f"webhook {webhook_id}", method="PUT", body=body)


def delete_webhook(webhook_id: str) -> Request:
    """Nothing is delivered to it any more."""
    return Request(f"/webhook/{webhook_id}", f"webhook {webhook_id}", method="DELETE")


def read_answer(request: Request, status: int, body: bytes, *, retry_after: float) -> Any:
    """The JSON of a good answer; anything else raises the error that says what to do next.

    `retry_after` is in seconds and used for a 429. A 200 whose body is an error object counts
    as that error (observed). A refusal without ClickUp's own error object came from something in between,
    a proxy or a firewall: it says nothing about the token or about the object.
    """
    if status == 429:
        raise RateLimited(request.subject, retry_after)
    if status >= 500:
        raise Transient(request.subject, _described(status, {}, body), status=status)
    if request.method != "GET" and not body.strip() and 200 <= status < 300:
        return {}
    answer = _decode(request, status, body)
    error = mapping(answer)
    if status in _DECISIVE and not (error.get("err") or error.get("ECODE")):
        raise Transient(request.subject, _described(status, {}, body), status=status)
    if status >= 400 or ("err" in error and "ECODE" in error):
        raise _refusal(request, status, error, body)
    if status != 200 and (request.method == "GET" or status >= 300):
        raise Transient(request.subject, _described(status, {}, body), status=status)
    return answer


def _decode(request: Request, status: int, body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return _decode_leniently(request, status, body)


def _decode_leniently(request: Request, status: int, body: bytes) -> Any:
    # The standard decoder accepts lone surrogates, which people's emoji now and then contain. What is nested
    # too deep for both is cut off, and still deep enough to be refused when it is read: it costs one field.
    try:
        return json.loads(_cut_off_below(_DEEPEST, body))
    except (ValueError, RecursionError) as error:
        raise Transient(request.subject, _described(status, {}, body), status=status) from error


def _cut_off_below(depth: int, body: bytes) -> bytes:
    """The JSON with null in the place of every list and object that is nested deeper."""
    kept, level, begin = list[bytes](), 0, 0
    for token in _BRACKET.finditer(body):
        bracket = token[0]
        if bracket in (b"[", b"{"):
            level += 1
            if level == depth + 1:
                kept += [body[begin : token.start()], b"null"]
        elif bracket in (b"]", b"}"):
            if level == depth + 1:
                begin = token.end()
            level -= 1
    return b"".join(kept) + body[begin:] if level <= depth else body


def _refusal(request: Request, status: int, error: Json, body: bytes) -> ClickUpError:
    ecode, described = str(error.get("ECODE") or ""), _described(status, error, body)
    if ecode in DEAD_TOKEN_CODES:
        return TokenRejected(request.subject, described, status=status, ecode=ecode)
    if ecode.startswith(("OAUTH_", "ACCESS_")):
        return NoPermission(request.subject, described, status=status, ecode=ecode)
    # An error that calls itself a success may be gone the next time.
    kinds = {200: Transient, 401: NoPermission, 403: NoPermission, 404: NotFound}
    return kinds.get(status, RequestRejected)(request.subject, described, status=status, ecode=ecode)


def _described(status: int, error: Json, body: bytes) -> str:
    """ClickUp's own sentence and code; without them the status, and how the body begins."""
    reason, ecode = error.get("err"), str(error.get("ECODE") or "")
    if isinstance(reason, str) and reason.strip():
        return f"{excerpt(reason)} ({ecode})" if ecode else excerpt(reason)
    return f"HTTP {status} ({ecode})" if ecode else f"HTTP {status}, {_beginning(body)}"


def _beginning(body: bytes) -> str:
    text = body[:_MOST_LOOKED_AT].decode("utf-8", "replace").strip()
    if not text:
        return "an empty body"
    if not text.startswith("<"):
        return f"not ClickUp's usual answer: {excerpt(text)}"
    title = _TITLE.search(text)
    return f"an HTML page titled {excerpt(title[1])!r}" if title and title[1].strip() else "an HTML page"


_TITLE = re.compile(r"<title[^>]*>([^<]*)", re.IGNORECASE)
# Bytes that are searched for a title, and characters that people are shown.
_MOST_LOOKED_AT, _MOST_SHOWN = 4_000, 400


def excerpt(text: str) -> str:
    """The beginning of a text on one line, for people: no control characters, 400 characters at most."""
    plain = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return plain if len(plain) <= _MOST_SHOWN else f"{plain[:_MOST_SHOWN]}…"


def listed(answer: Any, key: str) -> list[Json] | None:
    """The objects under `key`; None when the answer has no such list, which proves nothing."""
    items = mapping(answer).get(key)
    return items if isinstance(items, list) else None
