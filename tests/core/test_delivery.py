"""Deliveries: signed by ClickUp or not, and which object each names."""

import hashlib
import hmac
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.clickup.delivery import EVENTS, Delivery, PendingObject, find_signer, read_delivery


def sign(secret: str, body: bytes) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


@given(st.binary(max_size=200), st.text(min_size=1, max_size=30), st.text(min_size=1, max_size=30))
def test_only_the_right_secret_signs(body: bytes, secret: str, other: str) -> None:
    """Among several secrets the one that signed is found; a changed body or signature is nobody's."""
    signature, secrets = sign(secret, body), {"a": f"not {secret}", "b": secret}
    assert find_signer(body, signature, secrets) == "b"
    assert find_signer(body, signature.upper(), secrets) == "b"
    assert find_signer(body + b" ", signature, secrets) is None
    assert find_signer(body, signature[:-1], secrets) is None
    assert find_signer(body, signature, {}) is None
    if other != secret:
        assert find_signer(body, signature, {"c": other}) is None


@given(st.text())
def test_a_signature_of_any_letters_is_only_wrong(signature: str) -> None:
    """Also one that is no hex and no ASCII."""
    assert find_signer(b"x", signature, {"a": "s3cret"}) in (None, "a")


@pytest.mark.parametrize("event", EVENTS)
def test_every_event_names_its_object(event: str) -> None:
    """taskUpdated names a task, listDeleted a list; numbers and texts are ids alike."""
    kind = next(kind for kind in ("task", "list", "folder", "space") if event.startswith(kind))
    body = orjson.dumps({"event": event, f"{kind}_id": 123, "webhook_id": "w", "history_items": []})
    assert read_delivery(body) == Delivery("w", event, ((kind, "123"),))


@pytest.mark.parametrize(
    ("content", "subjects"),
    [
        ({"event": "taskTagsUpdated", "task_id": "t"}, [("task", "t")]),
        ({"event": "somethingNew", "list_id": 5}, [("list", "5")]),
        ({"event": {"a": 1}, "task_id": "t"}, [("task", "t")]),
        ({"task_id": "t", "list_id": "l", "space_id": "s"}, [("task", "t")]),
        ({"event": "listMerged", "list_id": "l", "task_id": "t"}, [("list", "l")]),
        ({"event": "taskUpdated", "list_id": "5"}, [("list", "5")]),
        ({"event": "taskFlown", "task": {"id": "t", "name": "x"}}, [("task", "t")]),
        ({"event": "taskFlown", "payload": {"id": "t"}}, [("task", "t")]),
        ({"event": "somethingNew", "payload": {"task_id": "t", "id": "x"}}, [("task", "t")]),
        ({"event": "somethingNew", "payload": {"id": "x"}}, []),
        ({"event": "listRenamed", "history_items": [{"type": 6, "parent_id": "l"}]}, [("list", "l")]),
        ({"event": "taskRenamed", "history_items": [{"parent_id": "l"}]}, []),
        (
            {"event": "taskCommentEdited", "history_items": [{"parent_id": "l", "comment": {"parent": "t"}}]},
            [("task", "t")],
        ),
        ({"event": "bulk", "history_items": [{"task_id": n % 3} for n in range(9)]},
         [("task", "0"), ("task", "1"), ("task", "2")]),
    ],
    ids=str,
)  # fmt: skip
def test_what_an_event_of_any_name_names_is_found(content: Any, subjects: list[Any]) -> None:
    """By its ids, the nearest to the top first; ClickUp sends names that are in no document."""
    assert list(read_delivery(orjson.dumps(content)).subjects) == subjects


def test_a_delivery_does_not_fill_the_table() -> None:
    """However many objects it names."""
    items = [{"task_id": number} for number in range(10_000)]
    assert len(read_delivery(orjson.dumps({"event": "bulk", "history_items": items})).subjects) == 50


@pytest.mark.parametrize(
    "content", [None, [], 3, "x", {}, {"event": "goalCreated", "goal_id": "g"}, {"event": "taskUpdated"},
                {"event": "taskUpdated", "task_id": [1]}, {"event": "taskUpdated", "payload": [1]},
                {"event": "taskUpdated", "history_items": {"task_id": 1}}],
)  # fmt: skip
def test_what_names_nothing_that_is_mirrored_rings_for_nothing(content: Any) -> None:
    """It is no error either."""
    assert read_delivery(orjson.dumps(content)).subjects == ()


@given(st.binary(max_size=300))
def test_no_body_is_an_error(body: bytes) -> None:
    """Rubbish names nothing."""
    assert {kind for kind, _ in read_delivery(body).subjects} <= {"task", "list", "folder", "space"}


@pytest.mark.parametrize("task_id", ["x" * 10**6, "a/../b", "a b", "%2e%2e", "a?b=c", "é", "\x00"])
def test_what_is_no_id_rings_for_nothing(task_id: str) -> None:
    """It would lead to another address, or fill a table."""
    body = orjson.dumps({"event": "taskUpdated", "task_id": task_id, "webhook_id": "w" * 10**6})
    assert read_delivery(body) == Delivery("", "taskUpdated", ())


def pending(*events: str) -> PendingObject:
    return PendingObject("task", "t", frozenset(events), 1)


def test_a_pending_object_knows_what_else_to_read() -> None:
    """Comments and time are read where an event speaks of them, and what no listing shows is not listed."""
    assert pending("taskUpdated", "taskCommentPosted").concerns_comments
    assert not pending("taskUpdated").concerns_comments
    assert pending("taskTimeTrackedUpdated").concerns_time
    assert pending("taskUpdated", "taskMoved").is_listed
    assert not pending("taskUpdated", "taskDeleted").is_listed


@pytest.mark.parametrize(
    ("event", "comments", "time", "listed"),
    [
        ("taskTagsUpdated", False, False, True),
        ("somethingNew", False, False, True),
        ("", False, False, True),
        ("taskTimeEstimateUpdated", False, False, True),
        ("taskDueDateUpdated", False, False, True),
        ("taskCommentDeleted", True, False, False),
        ("taskReplyPosted", True, False, False),
        ("taskTimeTrackedDeleted", False, True, False),
        ("TASKTIMEENTRYCREATED", False, True, False),
        ("tasksRemoved", False, False, False),
    ],
)
def test_the_words_of_a_name_tell_what_an_unknown_event_is_about(
    event: str, comments: bool, time: bool, listed: bool
) -> None:
    """As for the names that are documented."""
    one = pending(event)
    assert (one.concerns_comments, one.concerns_time, one.is_listed) == (comments, time, listed)


def test_the_words_are_right_about_every_documented_event() -> None:
    """Those that no listing shows, and no others."""
    unlisted = {event for event in EVENTS if event.startswith("task") and not pending(event).is_listed}
    assert unlisted == {"taskDeleted", "taskCommentPosted", "taskCommentUpdated", "taskTimeTrackedUpdated"}
    assert [event for event in EVENTS if pending(event).concerns_time] == ["taskTimeTrackedUpdated"]
    comments = [event for event in EVENTS if pending(event).concerns_comments]
    assert comments == ["taskCommentPosted", "taskCommentUpdated"]
