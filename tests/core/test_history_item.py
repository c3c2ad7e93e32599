"""History items: what ClickUp's deliveries tell of changes, as the mirror stores it."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.clickup.history_item import UNTOLD, HistoryItem, read_history
from app.core.clickup.stamps import from_millis

JOHN = {"id": 183, "username": "John", "email": "john@company.com", "color": "#7b68ee", "initials": "J"}
SAM = {"id": 184, "username": "Sam", "email": "sam@company.com", "color": "#7b68ee", "initials": "S"}
NOT_YET = {"status": None, "color": "#000000", "type": "removed", "orderindex": -1}
TO_DO = {"status": "to do", "color": "#f9d900", "orderindex": 0, "type": "open"}
IN_PROGRESS = {"status": "in progress", "color": "#7C4DFF", "orderindex": 1, "type": "custom"}
HIGH = {"id": "2", "priority": "high", "color": "#ffcc00", "orderindex": "2"}
OPTION = "5048f827-f16a-47b0-afec-5fd0e51b5f50"
DROP_DOWN_ID = "862a38bb-eaba-4b9b-a4b5-c09d2a8c082f"
DROP_DOWN = {
    "id": DROP_DOWN_ID,
    "name": "Selection Dropdown",
    "type": "drop_down",
    "type_config": {"default": 0, "options": [{"id": OPTION, "name": "Monthly", "orderindex": 0}]},
}
SPACE = {"id": "7002367", "name": "This is my API Space"}
FIRST = {
    "id": "162641062",
    "name": "Webhook payloads",
    "category": {"id": "96771950", "name": "hidden", "hidden": True},
    "project": SPACE,
}
SECOND = {
    "id": "162641285",
    "name": "webhook payloads 2",
    "category": {"id": "96772049", "name": "hidden", "hidden": True},
    "project": SPACE,
}
COMMENT = {
    "id": "648893191",
    "date": "1642737045116",
    "parent": "1vj38vv",
    "text_content": "comment abc1234\n",
}
SESSION = {
    "id": "2800809188061119507",
    "start": "1642736476215",
    "end": "1642737376215",
    "time": "900000",
    "source": "clickup",
    "date_added": "1642737376354",
}
AT = 1642736073330


def item(
    field: str, before: Any = None, after: Any = None, date: Any = str(AT), **more: Any
) -> dict[str, Any]:
    told = {"id": "28", "type": 1, "date": date, "field": field, "parent_id": "162641062", "user": JOHN}
    return told | {"before": before, "after": after} | more


def read(*items: Any, event: str = "taskUpdated", **more: Any) -> list[HistoryItem]:
    body = {"event": event, "history_items": items, "task_id": "1vj38vv", "webhook_id": "7fa3ec74"}
    return list(read_history(orjson.dumps(body | more)))


def told(items: list[HistoryItem]) -> list[tuple[Any, ...]]:
    """Field, before and after, or added and removed."""
    return [
        (one.field, one.before, one.after)
        if one.added is None and one.removed is None
        else (one.field, one.added, one.removed)
        for one in items
    ]


# The items of ClickUp's published examples, and what each tells.
TASK_EXAMPLES: list[tuple[dict[str, Any], list[tuple[Any, ...]]]] = [
    (
        item("status", NOT_YET, TO_DO, data={"status_type": "open"}),
        [("status", None, "to do"), ("status_type", None, "open")],
    ),
    (item("task_creation"), [("created", UNTOLD, UNTOLD)]),
    (item("content", None, '{"ops":[{"insert":"text"}]}'), [("description", UNTOLD, UNTOLD)]),
    (
        item("custom_field", None, OPTION, custom_field=DROP_DOWN),
        [(f"custom_fields:{DROP_DOWN_ID}", None, "Monthly")],
    ),
    (item("priority", None, HIGH), [("priority", None, "high")]),
    (
        item("status", TO_DO, IN_PROGRESS),
        [("status", "to do", "in progress"), ("status_type", "open", "custom")],
    ),
    (item("assignee_add", None, SAM), [("assignee_ids", ("184",), ())]),
    (
        item("due_date", "1642701600000", "1643608800000"),
        [("due_at", "2022-01-20T18:00:00+00:00", "2022-01-31T06:00:00+00:00")],
    ),
    (item("tag", None, [{"name": "def", "tag_fg": "#FF4081"}]), [("tags", ("def",), ())]),
    (
        item("section_moved", FIRST, SECOND),
        [
            ("list_id", "162641062", "162641285"),
            ("list_name", "Webhook payloads", "webhook payloads 2"),
        ],
    ),
    (item("time_estimate", None, "5400000"), [("time_estimate_minutes", None, 90)]),
]


@pytest.mark.parametrize(("example", "expected"), TASK_EXAMPLES, ids=lambda one: None)
def test_clickups_examples_of_tasks_are_read(
    example: dict[str, Any], expected: list[tuple[Any, ...]]
) -> None:
    """Each tells the columns of the mirror, the values as they are stored there, when, and who did it."""
    found = read(example)
    assert told(found) == expected
    assert {(one.object_kind, one.object_id, one.changed_at) for one in found} == {
        ("task", "1vj38vv", datetime(2022, 1, 21, 3, 34, 33, 330_000, UTC))
    }
    assert {(one.user_id, one.user_name) for one in found} == {("183", "John")}


def test_clickups_example_of_a_new_comment_is_read() -> None:
    """It names the comment; what was said is read afresh."""
    found = read(item("comment", None, "648893191", comment=COMMENT), event="taskCommentPosted")
    assert [(one.object_kind, one.object_id) for one in found] == [("comment", "648893191")]
    assert told(found) == [("created", UNTOLD, UNTOLD)]


def test_a_changed_comment_tells_a_time_only_where_it_is_not_the_comments_own() -> None:
    """ClickUp's example of a changed comment has the date at which it was posted."""
    example = item("comment", None, "648893191", COMMENT["date"], comment=COMMENT)
    assert read(example, event="taskCommentUpdated") == []
    found = read(example | {"date": "1642737999999"}, event="taskCommentUpdated")
    assert told(found) == [("updated", UNTOLD, UNTOLD)]


@pytest.mark.parametrize(
    ("before", "after", "description", "expected"),
    [
        (None, SESSION, "Time Tracking Created", [("created", UNTOLD, UNTOLD)]),
        (None, SESSION, "Time Tracking Updated", [("updated", UNTOLD, UNTOLD)]),
        (SESSION, None, "Time Tracking Deleted", [("deleted", UNTOLD, UNTOLD)]),
        (SESSION, SESSION | {"time": "60000"}, "Time Tracking Updated", [("duration_ms", 900_000, 60_000)]),
        (
            SESSION,
            SESSION | {"end": None, "time": "-1"},
            None,
            [("ended_at", "2022-01-21T03:56:16.215000+00:00", None), ("duration_ms", 900_000, None)],
        ),
    ],
)
def test_tracked_time_names_the_entry(
    before: Any, after: Any, description: str | None, expected: list[tuple[Any, ...]]
) -> None:
    """ClickUp's example is the first; what an entry had is told only where it stands in `before`."""
    data = {"description": description, "interval_id": SESSION["id"]}
    found = read(item("time_spent", before, after), event="taskTimeTrackedUpdated", data=data)
    assert {(one.object_kind, one.object_id) for one in found} == {("time_entry", SESSION["id"])}
    assert told(found) == expected


def test_clickups_example_of_a_renamed_list_is_read() -> None:
    """A place has its own columns, and those of tasks are not looked for in it."""
    body = {
        "event": "listUpdated",
        "history_items": [
            item("name", "webhook payloads 2", "Webhook payloads round 2", type=6),
            item("status", TO_DO, IN_PROGRESS),
        ],
        "list_id": "162641285",
    }
    found = read_history(orjson.dumps(body))
    assert [(one.object_kind, one.object_id) for one in found] == [("list", "162641285")]
    assert told(list(found)) == [("name", "webhook payloads 2", "Webhook payloads round 2")]


@pytest.mark.parametrize(
    "body",
    [
        {"event": f"{kind}{verb}", f"{kind}_id": "96772212", "webhook_id": "7fa3ec74"}
        for kind in ("task", "list", "folder", "space", "goal")
        for verb in ("Created", "Updated", "Deleted")
    ],
    ids=lambda body: body["event"],
)
def test_clickups_examples_without_items_tell_nothing(body: dict[str, Any]) -> None:
    """They have no time and nobody who did it."""
    assert read_history(orjson.dumps(body)) == ()


@pytest.mark.parametrize(
    ("example", "expected"),
    [
        (item("name", "Old", "New"), [("title", "Old", "New")]),
        (item("start_date", None, 1643608800000), [("start_at", None, "2022-01-31T06:00:00+00:00")]),
        (item("due_date", "1643608800000"), [("due_at", "2022-01-31T06:00:00+00:00", None)]),
        (item("due_date", "soon", None), [("due_at", UNTOLD, None)]),
        (item("due_date", 10**17, "-1e99"), [("due_at", UNTOLD, UNTOLD)]),
        (item("points", 3, "5.5"), [("points", "3", "5.5")]),
        (item("archived", "false", True), [("archived", False, True)]),
        (item("archived", None, True), [("archived", UNTOLD, True)]),
        (item("priority", 4, "1"), [("priority", "low", "urgent")]),
        (item("time_estimate", "119999", -1), [("time_estimate_minutes", 1, UNTOLD)]),
        (item("assignee_rem", SAM), [("assignee_ids", (), ("184",))]),
        (item("assignee_rem", None, SAM), [("assignee_ids", (), ("184",))]),
        (item("assignee_rem", SAM, {}), [("assignee_ids", (), ("184",))]),
        (item("assignee_rem", SAM, JOHN), [("assignee_ids", (), ("184",))]),
        (item("assignee_add", JOHN, SAM), [("assignee_ids", ("184",), ())]),
        (item("assignee_add"), []),
        (item("tag", [{"name": "a"}, {"name": "b"}], [{"name": "b"}]), [("tags", (), ("a",))]),
        (item("tag_removed", [{"name": "a"}]), [("tags", (), ("a",))]),
        # Whether it was removed, or is what is left, nobody knows.
        (item("tag_removed", None, [{"name": "a"}]), [("tags", UNTOLD, UNTOLD)]),
        (item("tag", "a", 7), [("tags", UNTOLD, UNTOLD)]),
        (
            item("section_moved", FIRST, FIRST | {"category": {"id": "5", "name": "Folder"}}),
            [
                ("folder_id", None, "5"),
                ("folder_name", None, "Folder"),
            ],
        ),
        (item("name", "x" * 5_000, "New"), [("title", UNTOLD, "New")]),
        (item("name", "a\x00b", "c"), [("title", "ab", "c")]),
        (item("watcher_add", None, SAM), []),
        (item("name", "a", "a"), []),
        (item("status", TO_DO, TO_DO), []),
        (item("custom_field", None, OPTION, custom_field={"name": "no id"}), []),
    ],
)
def test_other_items_are_read(example: dict[str, Any], expected: list[tuple[Any, ...]]) -> None:
    """A value that cannot be read is not told, and the change still is; what is not mirrored is no item."""
    assert told(read(example)) == expected


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ({"type": "number"}, "12.50", "12.50"),
        ({"type": "currency", "type_config": {"currency_type": "EUR", "precision": 2}}, "5", "5.00 EUR"),
        ({"type": "checkbox"}, "true", "yes"),
        ({"type": "short_text"}, "hello", "hello"),
        ({"type": "text"}, '{"ops":[{"insert":"hello"}]}', UNTOLD),
        ({"type": "users"}, [JOHN, SAM], "John, Sam"),
        ({"type": "users"}, [183], UNTOLD),
        # A date's text depends on the zone of the mirror.
        ({"type": "date"}, "1643608800000", UNTOLD),
        ({"type": "drop_down", "type_config": DROP_DOWN["type_config"]}, "another", UNTOLD),
        ({"type": "labels", "type_config": DROP_DOWN["type_config"]}, [OPTION], "Monthly"),
        ({"type": "number"}, [1], UNTOLD),
        ({"type": "of the future"}, "x", UNTOLD),
        ({}, "x", UNTOLD),
    ],
)
def test_values_of_custom_fields_are_those_that_people_read(
    field: dict[str, Any], value: Any, expected: Any
) -> None:
    """Where a task has them in another form than an item, they are not told."""
    found = read(item("custom_field", value, None, custom_field={"id": "f1", "name": "Field"} | field))
    assert told(found) == [("custom_fields:f1", expected, None)]


@pytest.mark.parametrize("date", [None, "", "x", "0", -1, 10**17, "9" * 400, 253402128000000, [], {}, True])
def test_an_item_without_a_sensible_time_is_none(date: Any) -> None:
    """History has no use for a change of whose time nothing is known."""
    assert read(item("name", "a", "b", date)) == []


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        (None, (None, None)),
        ({}, (None, None)),
        (7, (None, None)),
        ({"id": None, "username": "Nobody"}, (None, None)),
        ({"id": "7", "username": None, "email": "a@b.c"}, ("7", "a@b.c")),
        ({"id": -1, "username": "ClickBot"}, ("-1", "ClickBot")),
        ({"id": 1, "username": "n" * 1_000}, ("1", "n" * 200)),
    ],
)
def test_nobody_may_be_named(user: Any, expected: tuple[str | None, str | None]) -> None:
    """A change of which nobody says who made it is a change."""
    (found,) = read(item("name", "a", "b", user=user))
    assert (found.user_id, found.user_name) == expected


def test_one_change_in_several_deliveries_has_one_key() -> None:
    """ClickUp's id of an item does not count: it differs, and other changes have the same."""
    first = read(item("status", TO_DO, IN_PROGRESS, id="1"), event="taskStatusUpdated")
    again = read(item("status", TO_DO, IN_PROGRESS, id="2"), item("status", TO_DO, IN_PROGRESS))
    assert [one.key for one in first] == [one.key for one in again]


@pytest.mark.parametrize(
    "other",
    [
        item("name", "a", "c"),
        item("name", "A", "b"),
        item("name", {}, "b"),
        item("name", "a", "b", str(AT + 1)),
        item("name", "a", "b", user=SAM),
        item("name", "a", "b", user=None),
    ],
)
def test_another_change_has_another_key(other: dict[str, Any]) -> None:
    """Of another value, at another time, or by somebody else."""
    (one,), (another,) = read(item("name", "a", "b")), read(other)
    assert one.key != another.key


def test_a_text_is_not_taken_for_an_untold_value() -> None:
    """Not even one that says so."""
    (text,), (nothing,) = read(item("name", "untold", "b")), read(item("name", {}, "b"))
    assert text.tells_before and not nothing.tells_before and text.key != nothing.key


def test_a_delivery_has_few_items() -> None:
    """Whatever a body has in it."""
    assert len(read(*(item("name", str(number), "b") for number in range(5_000)))) == 50
    many = [{"name": str(number)} for number in range(101)]
    assert told(read(item("tag", None, many))) == [("tags", UNTOLD, UNTOLD)]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b'"x"',
        b"\xff\xfe",
        b'{"task_id":"1"}',
        b'{"task_id":"1","history_items":7}',
        b'{"task_id":"1","history_items":[7,null,[]]}',
        b'{"event":"taskUpdated","history_items":[{"date":"1642736073330","field":"name"}]}',
        b'{"task_id":"1","history_items":' + b"[" * 5_000 + b"]" * 5_000 + b"}",
        b'{"task_id":"1","history_items":[{"date":"1642736073330","field":"name","after":"\\ud800"}]}',
    ],
    ids=range(11),
)
def test_what_is_no_delivery_tells_nothing(body: bytes) -> None:
    """Nor does one that names no object."""
    assert read_history(body) == ()


_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from(["1642736073330", "\x00", OPTION, "1e999999999", "9" * 500, "{}"])
)
_KEYS = st.sampled_from(
    ["id", "status", "type", "name", "priority", "category", "project", "hidden", "start", "end", "time",
     "options", "type_config", "username", "email", "date", "parent"]
)  # fmt: skip
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=5),
    max_leaves=12,
)
_FIELDS = st.sampled_from(
    ["name", "content", "status", "priority", "due_date", "start_date", "time_estimate", "points", "archived",
     "section_moved", "task_creation", "assignee_add", "assignee_rem", "tag", "tag_removed", "custom_field",
     "comment", "time_spent"]
)  # fmt: skip
_ITEMS = st.fixed_dictionaries(
    {"field": _FIELDS | _VALUES, "date": st.just(str(AT)) | _VALUES, "before": _VALUES, "after": _VALUES},
    optional={"user": _VALUES, "custom_field": _VALUES, "comment": _VALUES, "data": _VALUES},
)


@given(
    st.lists(_ITEMS, max_size=4),
    st.sampled_from(["task", "list", "folder", "space"]),
    st.sampled_from(["Updated", "CommentPosted", "CommentUpdated"]),
    _VALUES,
)
def test_whatever_comes_is_read_without_an_error(items: list[Any], kind: str, verb: str, data: Any) -> None:
    """And what comes out has a time, a key, and values that PostgreSQL can store as JSON."""
    body = {"event": f"{kind}{verb}", f"{kind}_id": "x", "history_items": items, "data": data}
    for found in read_history(orjson.dumps(body)):
        values = [one for one in (found.before, found.after) if one is not UNTOLD]
        stored = orjson.dumps([*values, found.added, found.removed, found.user_id, found.user_name])
        assert b"\\u0000" not in stored and found.object_id and found.field
        assert from_millis(0) < found.changed_at
        assert len(found.key) == 32
