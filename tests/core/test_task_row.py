"""A task becomes the same row however loosely ClickUp writes it, or is refused by name."""

from copy import deepcopy
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.errors import BadObject
from app.core.models import FieldDefinition, TaskPerson, TaskRow
from app.core.stamps import from_millis
from app.core.task_row import Names, read_task
from tests.core.test_values import ANYTHING

KOLKATA = ZoneInfo("Asia/Kolkata")
NAMES = Names(KOLKATA, spaces={"90": "Building"}, types={"1001": "Defect"})

ADA = {"id": 1, "username": "Ada", "email": "ada@example.com"}
BOB = {"id": "2", "username": None, "email": "bob@example.com"}
CY = {"id": 3, "username": "Cy", "email": None}
# Late evening of 13 January 2026 in UTC, past midnight in Kolkata.
LATE = 1_768_332_600_000

WIRE: dict[str, Any] = {
    "id": "abc",
    "custom_id": "DEV-12",
    "custom_item_id": 1001,
    "name": "Paint the wall",
    "text_content": "Twice.",
    "description": "<p>Twice.</p>",
    "status": {"id": "s1", "status": "in progress", "color": "#fff", "orderindex": 1, "type": "custom"},
    "date_created": "1700000000000",
    "date_updated": "1700000000123",
    "date_done": None,
    "date_closed": "1700000009000",
    "start_date": LATE - 86_400_000,
    "due_date": str(LATE),
    "priority": {"id": "2", "priority": "high", "color": "#f00"},
    "assignees": [ADA, BOB, ADA],
    "watchers": [CY],
    "group_assignees": [{"id": "g-1", "name": "Painters"}],
    "creator": CY,
    "tags": [{"name": "site", "tag_fg": "#000"}, {"name": "site"}, {"name": "indoors"}],
    "points": 3,
    "time_estimate": "5400000",
    "time_spent": 61_000,
    "parent": "par",
    "top_level_parent": "top",
    "archived": False,
    "list": {"id": 70, "name": "Ground floor"},
    "folder": {"id": 80, "name": "House 1", "hidden": False},
    "space": {"id": 90},
    "locations": [{"id": 71, "name": "Urgent things"}, {"name": "?"}],
    "dependencies": [],
    "linked_tasks": [],
    "custom_fields": [
        {"id": "f1", "name": "Summary", "type": "text", "type_config": {}, "value": "A wall"},
        {"id": "f2", "name": "Unset", "type": "number", "type_config": {}},
    ],
    "url": "https://app.clickup.com/t/abc",
}


def row_of(**changes: Any) -> TaskRow:
    return read_task(WIRE | changes, NAMES).row


def test_a_task_becomes_a_row() -> None:
    """Each field of the wire has its place."""
    row = row_of()
    row.fingerprint = ""
    assert row == TaskRow(
        clickup_task_id="abc",
        title="Paint the wall",
        description="Twice.",
        type="Defect",
        status="in progress",
        status_type="custom",
        priority="high",
        tags=["site", "indoors"],
        summary="A wall",
        sprint_points=Decimal(3),
        points="3",
        assignee_name="Ada, bob@example.com",
        assignee_ids="1,2",
        group_assignees=["Painters"],
        assigned_by="Cy",
        followers=["Cy"],
        space_id="90",
        space_name="Building",
        folder_id="80",
        folder_name="House 1",
        list_id="70",
        list_name="Ground floor",
        date_created=from_millis(1_700_000_000_000),
        date_updated=from_millis(1_700_000_000_123),
        date_done=None,
        date_closed=from_millis(1_700_000_009_000),
        start_date=date(2026, 1, 13),
        due_date=date(2026, 1, 14),
        start_at=from_millis(LATE - 86_400_000),
        due_at=from_millis(LATE),
        time_estimate_minutes=90,
        time_spent_ms=61_000,
        archived=False,
        is_recurring=False,
        dependencies={"waiting_on": [], "blocking": [], "linked": []},
        custom_id="DEV-12",
        parent="par",
        top_level_parent="top",
        url="https://app.clickup.com/t/abc",
        custom_fields={"Summary": "A wall"},
        locations=[{"list_id": "71", "list_name": "Urgent things"}],
        people=[
            TaskPerson("1", "assignee", 0, "Ada", "ada@example.com"),
            TaskPerson("2", "assignee", 1, "bob@example.com", "bob@example.com"),
            TaskPerson("3", "watcher", 0, "Cy", None),
            TaskPerson("3", "creator", 0, "Cy", None),
        ],
        field_values=row.field_values,
    )


@pytest.mark.parametrize("missing", [name for name in WIRE if name != "id"])
@pytest.mark.parametrize("null", [True, False])
def test_only_the_id_is_needed(missing: str, null: bool) -> None:
    """A task with any other field null or left out is still a task."""
    wire = {name: value for name, value in WIRE.items() if name != missing} | (
        {missing: None} if null else {}
    )
    assert read_task(wire, NAMES).row.clickup_task_id == "abc"


def test_a_bare_id_is_a_task() -> None:
    """What is not said is empty."""
    row = read_task({"id": 5}, NAMES).row
    assert (row.clickup_task_id, row.title, row.type, row.status, row.time_spent_ms) == (
        "5",
        "",
        "Task",
        None,
        0,
    )
    assert (row.tags, row.people, row.custom_fields, row.locations) == ([], [], {}, [])


@pytest.mark.parametrize(
    ("changes", "field", "found"),
    [
        ({"id": 123}, "clickup_task_id", "123"),
        ({"parent": 456}, "parent", "456"),
        ({"list": {"id": "70"}}, "list_id", "70"),
        ({"custom_item_id": 0}, "type", "Task"),
        ({"custom_item_id": None}, "type", "Task"),
        ({"custom_item_id": "1"}, "type", "Milestone"),
        ({"custom_item_id": 7}, "type", "Custom type 7"),
        ({"status": {"status": "weird", "type": "unheard"}}, "status_type", "unheard"),
        ({"status": "open"}, "status", "open"),
        ({"status": "open"}, "status_type", None),
        ({"status": None}, "status", None),
        ({"priority": None}, "priority", None),
        ({"priority": 1}, "priority", "urgent"),
        ({"priority": "4"}, "priority", "low"),
        ({"priority": {"id": "3"}}, "priority", "normal"),
        ({"priority": {"priority": "blazing"}}, "priority", "blazing"),
        ({"priority": 9}, "priority", "9"),
        ({"points": "2.5"}, "sprint_points", Decimal("2.5")),
        ({"points": "2.5"}, "points", "2.5"),
        ({"points": "XL"}, "sprint_points", None),
        ({"points": "XL"}, "points", "XL"),
        ({"points": None}, "points", None),
        ({"points": ""}, "points", None),
        ({"time_estimate": 90_000.7}, "time_estimate_minutes", 1),
        ({"time_estimate": None}, "time_estimate_minutes", None),
        ({"time_spent": "61000"}, "time_spent_ms", 61_000),
        ({"text_content": None}, "description", "<p>Twice.</p>"),
        ({"text_content": "", "description": ""}, "description", None),
        ({"name": "a\x00b \ud83d"}, "title", "ab ?"),
        ({"name": None}, "title", ""),
        ({"archived": "true"}, "archived", True),
        ({"recurring": {"every": "day"}}, "is_recurring", True),
        ({"space": {"id": "91"}}, "space_name", None),
        ({"space": {"id": "91", "name": "Garden"}}, "space_name", "Garden"),
        ({"group_assignees": [{"id": "g-2"}]}, "group_assignees", ["g-2"]),
        ({"assignees": []}, "assignee_name", None),
        ({"assignees": [{"id": 4, "username": None, "email": None}]}, "assignee_name", "4"),
        ({"assignees": [{"username": "nobody"}, None, "?"]}, "assignee_ids", None),
        ({"watchers": [BOB, CY, BOB]}, "followers", ["bob@example.com", "Cy"]),
        ({"creator": 8}, "assigned_by", "8"),
        ({"creator": -1}, "assigned_by", None),
        ({"due_date": ""}, "due_at", None),
        ({"due_date": "1768332599999"}, "due_date", date(2026, 1, 14)),
        ({"due_date": "1768328999999"}, "due_date", date(2026, 1, 13)),
    ],
)
def test_loose_values_become_firm(changes: dict[str, Any], field: str, found: object) -> None:
    """Whatever form a value comes in, it means the same; what is unknown is kept as it came."""
    assert getattr(row_of(**changes), field) == found


@pytest.mark.parametrize("hidden", [True, "true", 1])
def test_a_hidden_folder_is_no_folder(hidden: object) -> None:
    """A list without a folder carries one named `hidden`."""
    row = row_of(folder={"id": 81, "name": "hidden", "hidden": hidden})
    assert (row.folder_id, row.folder_name) == (None, None)


@pytest.mark.parametrize("folder", [{}, {"folder": None}, {"folder": {}}])
def test_the_project_is_the_folder(folder: dict[str, Any]) -> None:
    """An older name of the folder stands in for it."""
    wire = {name: value for name, value in WIRE.items() if name != "folder"} | folder
    row = read_task(wire | {"project": {"id": 82, "name": "House 2"}}, NAMES).row
    assert (row.folder_id, row.folder_name) == ("82", "House 2")


@pytest.mark.parametrize("kind", [1, 2, None])
def test_dependencies_are_read_from_both_sides(kind: int | None) -> None:
    """`task_id` waits on `depends_on`, on whichever task the pair shows; `type` says nothing."""
    pairs = [("abc", "need"), ("abc", "need"), ("wait", "abc"), ("x", "y"), ("abc", None)]
    links = [{"task_id": "abc", "link_id": "b"}, {"task_id": "a", "link_id": "abc"}, {}]
    row = row_of(
        dependencies=[{"task_id": task, "depends_on": needed, "type": kind} for task, needed in pairs],
        linked_tasks=links,
    )
    assert row.dependencies == {"waiting_on": ["need"], "blocking": ["wait"], "linked": ["a", "b"]}


OPTIONS = {
    "options": [
        {"id": "u-red", "name": "Red", "label": "Red", "orderindex": 0},
        {"id": "u-blue", "name": "Blue", "label": "Blue", "orderindex": 1},
    ]
}
LABELS = {"options": [{"id": "u-red", "label": "Red"}, {"id": "u-blue", "label": "Blue"}]}


@pytest.mark.parametrize(
    ("kind", "config", "value", "shown"),
    [
        ("drop_down", OPTIONS, 0, "Red"),
        ("drop_down", OPTIONS, "1", "Blue"),
        ("drop_down", OPTIONS, "u-blue", "Blue"),
        ("drop_down", OPTIONS, "u-gone", "u-gone"),
        ("drop_down", {}, 7, "7"),
        ("labels", LABELS, ["u-blue", "u-red"], "Blue, Red"),
        ("labels", LABELS, ["u-gone", "u-red"], "u-gone, Red"),
        ("labels", LABELS, "u-red", "Red"),
        ("labels", LABELS, [], None),
        ("users", {}, [ADA, BOB], "Ada, bob@example.com"),
        ("tasks", {}, [{"id": "t1", "name": "Sand"}, {"id": "t2"}], "Sand, t2"),
        ("date", {}, str(LATE), "2026-01-14T01:00:00+05:30"),
        ("date", {}, "soon", "soon"),
        ("checkbox", {}, "true", "yes"),
        ("checkbox", {}, False, "no"),
        ("number", {}, "1200.50", "1200.50"),
        ("number", {}, 0, "0"),
        ("number", {}, 1e21, "1000000000000000000000"),
        ("number", {}, "a dozen", "a dozen"),
        ("currency", {"currency_type": "EUR"}, 12.5, "12.5"),
        ("emoji", {}, 4, "4"),
        ("manual_progress", {}, {"current": "5", "percent_completed": 50}, "50 %"),
        ("automatic_progress", {}, {"percent_complete": "12.5"}, "12.5 %"),
        ("location", {}, {"formatted_address": "Berlin, Germany", "location": {}}, "Berlin, Germany"),
        ("url", {}, "https://example.com", "https://example.com"),
        ("unheard", {}, {"a": ["ü"]}, '{"a": ["ü"]}'),
        (None, None, "x", "x"),
    ],
)
def test_custom_fields_are_shown_as_people_read_them(
    kind: str | None, config: object, value: object, shown: str | None
) -> None:
    """A value is shown in words, or as it came where it fits no rule; the raw value stays beside it."""
    wire = {"id": "f", "name": "Field", "type": kind, "type_config": config, "value": value}
    row = row_of(custom_fields=[wire])
    assert row.custom_fields == {"Field": shown}
    assert [(field.value_text, field.value) for field in row.field_values] == [(shown, value)]


def test_unset_fields_are_defined_and_not_shown() -> None:
    """A field without a value is known to the workspace, and the task has none."""
    read = read_task(WIRE, NAMES)
    assert [definition.name for definition in read.definitions] == ["Summary", "Unset"]
    assert [value.name for value in read.row.field_values] == ["Summary"]
    assert read.definitions[1] == FieldDefinition("f2", "Unset", "number", {})


@pytest.mark.parametrize("field", ["date_created", "date_updated", "date_closed", "start_date", "due_date"])
@pytest.mark.parametrize("value", ["soon", [], 10**16])
def test_a_garbled_date_is_named(field: str, value: object) -> None:
    """The refusal names the task and the field that makes no sense."""
    with pytest.raises(BadObject, match=f"task abc: {field}: ") as caught:
        row_of(**{field: value})
    assert (caught.value.kind, caught.value.object_id) == ("task", "abc")


GARBLED = [
    {"name": {}},
    {"text_content": ["x"]},
    {"status": {"status": []}},
    {"list": {"id": 1, "name": {}}},
    {"time_estimate": "long"},
    {"time_spent": {"ms": 5}},
    {"url": ["x"]},
]


@pytest.mark.parametrize("garbled", GARBLED, ids=lambda value: next(iter(value)))
def test_garbage_is_one_bad_object(garbled: dict[str, Any]) -> None:
    """What cannot be understood spoils this task and no other."""
    with pytest.raises(BadObject, match=r"task abc: .*expected"):
        row_of(**garbled)


@pytest.mark.parametrize("wrong", [{}, {"id": None}, {"id": ""}, {"id": {}}, {"id": True}])
def test_without_an_id_there_is_no_task(wrong: dict[str, Any]) -> None:
    """Nothing can be said of a task that has no id."""
    with pytest.raises(BadObject, match="it has no id"):
        read_task(wrong, NAMES)


@settings(max_examples=200)
@given(st.sampled_from([name for name in WIRE if name != "id"]), ANYTHING)
def test_anything_is_a_row_or_a_bad_object(name: str, value: object) -> None:
    """Whatever stands in one field, the task is read and can be sent to PostgreSQL, or is refused."""
    try:
        row = row_of(**{name: value})
    except BadObject:
        return
    assert orjson.dumps(row, default=str)


def test_equal_input_has_an_equal_fingerprint() -> None:
    """The same task read again has nothing to write, though an id comes as a number."""
    assert row_of().fingerprint == read_task(deepcopy(WIRE), NAMES).row.fingerprint
    assert row_of(id=12).fingerprint == row_of(id="12").fingerprint
    assert row_of(orderindex="7").fingerprint == row_of().fingerprint


CHANGED: dict[str, Any] = {
    "id": "abd",
    "custom_id": "DEV-13",
    "custom_item_id": 1,
    "name": "Paint the walls",
    "text_content": "Once.",
    "status": {"status": "closed", "type": "custom"},
    "date_created": "1700000000001",
    "date_updated": "1700000000124",
    "date_done": "1700000009000",
    "date_closed": None,
    "start_date": LATE - 86_400_001,
    "due_date": LATE + 1,
    "priority": {"id": "3", "priority": "normal"},
    "assignees": [BOB, ADA],
    "watchers": [],
    "group_assignees": [],
    "creator": ADA,
    "tags": [{"name": "site"}],
    "points": 5,
    "time_estimate": None,
    "time_spent": 61_001,
    "parent": None,
    "top_level_parent": None,
    "archived": True,
    "recurring": True,
    "list": {"id": 70, "name": "First floor"},
    "folder": {"id": 80, "name": "House 2"},
    "space": {"id": 92},
    "locations": [],
    "dependencies": [{"task_id": "abc", "depends_on": "x"}],
    "linked_tasks": [{"task_id": "abc", "link_id": "x"}],
    "custom_fields": [
        {"id": "f1", "name": "Summary", "type": "text", "type_config": {}, "value": "Two walls"},
    ],
    "url": "https://app.clickup.com/t/abd",
}


@pytest.mark.parametrize("name", list(CHANGED))
def test_each_changed_field_changes_the_fingerprint(name: str) -> None:
    """A change of any one field is seen."""
    assert row_of(**{name: CHANGED[name]}).fingerprint != row_of().fingerprint


def test_names_from_elsewhere_are_part_of_the_fingerprint() -> None:
    """A renamed space or task type, or another zone, makes the row a new one."""
    others = [
        Names(KOLKATA, {"90": "Garden"}, NAMES.types),
        Names(KOLKATA, NAMES.spaces, {"1001": "Fault"}),
        Names(ZoneInfo("Europe/London"), NAMES.spaces, NAMES.types),
    ]
    prints = {read_task(WIRE, names).row.fingerprint for names in [NAMES, *others]}
    assert len(prints) == 4


@pytest.mark.parametrize("garbled", GARBLED, ids=lambda value: next(iter(value)))
def test_garbage_is_named(garbled: dict[str, Any]) -> None:
    """The refusal names the field that makes no sense."""
    with pytest.raises(BadObject, match=next(iter(garbled))):
        row_of(**garbled)


@pytest.mark.parametrize(
    "garbled",
    [
        {"date_created": "-99999999999999"},
        {"due_date": "253402300799000"},
        {"time_spent": "99999999999999999999"},
        {"time_estimate": 1e300},
        {"custom_fields": [{"id": "f", "type": "date", "value": "253402300799000"}]},
    ],
)
def test_numbers_beyond_all_bounds_are_one_tasks_matter(garbled: dict[str, Any]) -> None:
    """A date at the calendar's edge or a number beyond 64 bits makes a row or a bad object."""
    try:
        assert orjson.dumps(row_of(**garbled), default=str)
    except BadObject:
        return


@pytest.mark.parametrize("value", [[{"id": "u-blue"}], [True], ""])
def test_a_label_that_makes_no_sense_is_none_of_the_options(value: object) -> None:
    """What is no option's id is shown as it came, or not at all, but not as the first option."""
    wire = {"id": "f", "name": "Field", "type": "labels", "type_config": LABELS, "value": value}
    assert row_of(custom_fields=[wire]).custom_fields["Field"] != "Red"


@pytest.mark.parametrize(("kind", "value"), [("users", [12]), ("tasks", ["t1"]), ("location", "Berlin")])
def test_a_value_of_another_shape_is_shown_as_it_came(kind: str, value: object) -> None:
    """A value that fits no rule is kept as text."""
    wire = {"id": "f", "name": "Field", "type": kind, "type_config": {}, "value": value}
    assert row_of(custom_fields=[wire]).custom_fields["Field"]
