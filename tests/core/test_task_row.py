"""A task becomes the same row however loosely ClickUp writes it, or is refused by name."""

import dataclasses
from copy import deepcopy
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.clickup.custom_fields import as_row as definition_row
from app.core.clickup.models import FieldDefinition, TaskPerson, TaskRow
from app.core.clickup.stamps import from_millis
from app.core.clickup.task_row import Names, read_task
from app.core.errors import MalformedObject
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
    "locations": [{"id": 71, "name": "Urgent things"}],
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
        ("drop_down", OPTIONS, 1.0, "Blue"),
        ("drop_down", OPTIONS, {"id": "u-gone", "name": "Green"}, "Green"),
        ("labels", LABELS, [{"id": "u-blue"}], "Blue"),
        ("users", {}, {"id": 183, "username": "John"}, "John"),
        ("users", {}, [{"id": "g-1", "name": "Painters"}, ADA, 7], "Painters, Ada, 7"),
        ("votes", {}, [ADA], "Ada"),
        ("votes", {}, 3, "3"),
        ("tasks", {}, {"id": "t1", "name": "Sand"}, "Sand"),
        ("checkbox", {}, "23", "23"),
        ("checkbox", {}, "false", "no"),
        ("checkbox", {}, "0", "no"),
        ("currency", {"currency_type": "USD"}, 19.99, "19.99 USD"),
        ("currency", {"currency_type": "EUR", "precision": 2}, 10, "10.00 EUR"),
        ("currency", {"currency_type": "EUR", "precision": 1}, "12.25", "12.3 EUR"),
        ("currency", {"currency_type": "JPY"}, 1500, "1500 JPY"),
        ("currency", {"currency_type": "JPY", "precision": 3}, "1500", "1500.000 JPY"),
        ("currency", {}, "-0.5", "-0.50"),
        ("currency", {"currency_type": "USD", "precision": 99}, 1e60, f"1{'0' * 60}.00 USD"),
        ("currency", {"currency_type": "USD"}, "a lot", "a lot"),
        ("emoji", {"count": 5}, 4, "4 of 5"),
        ("emoji", {"count": "5"}, "0", "0 of 5"),
        ("emoji", {}, 4, "4"),
        ("attachment", {}, [{"title": "invoice.pdf", "url": "https://x.example/1"}], "invoice.pdf"),
        (
            "attachment",
            {},
            [{"title": "a.png"}, {"url": "https://x.example/2"}],
            "a.png, https://x.example/2",
        ),
        ("attachment", {}, [], None),
        ("manual_progress", {}, {"current": "55", "percent_completed": 0.55}, "55 %"),
        ("manual_progress", {}, {"current": "5", "percent_completed": 50}, "50 %"),
        ("manual_progress", {}, {"current": 100, "percent_completed": 1}, "100 %"),
        ("manual_progress", {}, {"current": 0, "percent_completed": 0}, "0 %"),
        ("manual_progress", {}, {"percent_completed": 40}, "40 %"),
        ("manual_progress", {}, {"percent_completed": 1}, "1 %"),
        ("manual_progress", {}, {"percent_completed": 0.5}, "0.5 %"),
        ("manual_progress", {}, {"percent_completed": "66.66666666666667"}, "66.7 %"),
        ("manual_progress", {"start": 10, "end": 20}, {"current": 15}, "50 %"),
        ("manual_progress", {}, {"current": 15}, '{"current": 15}'),
        ("manual_progress", {}, 75, "75 %"),
        ("manual_progress", {}, "75", "75 %"),
        ("automatic_progress", {}, {"percent_complete": 42}, "42 %"),
        ("automatic_progress", {}, {"percent_complete": None}, '{"percent_complete": null}'),
        ("automatic_progress", {}, {"percent_complete": 100.0}, "100 %"),
        ("automatic_progress", {}, {"percent_complete": "12.5"}, "12.5 %"),
        ("location", {}, {"formatted_address": "Berlin, Germany", "location": {}}, "Berlin, Germany"),
        ("location", {}, {"location": {"formatted_address": "Berlin"}}, "Berlin"),
        ("location", {}, {"location": {"lat": 1}}, '{"location": {"lat": 1}}'),
        ("short_text", {}, 12, "12"),
        ("phone", {}, "+49 30 1234", "+49 30 1234"),
        ("email", {}, "ada@example.com", "ada@example.com"),
        ("formula", {}, "12.50", "12.50"),
        ("formula", {}, "3 days", "3 days"),
        ("button", {}, True, "true"),
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


COLUMNS = {
    "name": ("title", {}),
    "text_content": ("description", ["x"]),
    "custom_item_id": ("type", {}),
    "custom_id": ("custom_id", {"a": 1}),
    "date_created": ("date_created", "soon"),
    "date_updated": ("date_updated", []),
    "date_done": ("date_done", 10**16),
    "date_closed": ("date_closed", True),
    "start_date": ("start_date", "1e99"),
    "due_date": ("due_date", "tomorrow"),
    "time_estimate": ("time_estimate_minutes", "long"),
    "time_spent": ("time_spent_ms", {"ms": 5}),
    "points": ("points", []),
    "priority": ("priority", ["high"]),
    "url": ("url", ["x"]),
    "parent": ("parent", {}),
    "top_level_parent": ("top_level_parent", 1.5),
    "archived": ("archived", "perhaps"),
    "tags": ("tags", "site"),
    "assignees": ("assignee_name", "Ada"),
    "watchers": ("followers", {}),
    "creator": ("assigned_by", {"name": "Cy"}),
    "group_assignees": ("group_assignees", 5),
    "locations": ("locations", {}),
    "dependencies": ("dependencies", "x"),
    "custom_fields": ("custom_fields", {}),
}
UNREAD = {
    "title": "",
    "description": "<p>Twice.</p>",
    "type": "Task",
    "time_spent_ms": 0,
    "archived": False,
    "tags": [],
    "followers": [],
    "group_assignees": [],
    "locations": [],
    "custom_fields": {},
    "dependencies": {"waiting_on": [], "blocking": [], "linked": []},
}


@pytest.mark.parametrize("field", COLUMNS)
def test_one_bad_field_costs_one_field(field: str) -> None:
    """It is empty and named with its reason; every other field is as it was."""
    column, garbled = COLUMNS[field]
    good, row = row_of(), row_of(**{field: garbled})
    assert getattr(row, column) == UNREAD.get(column)
    [named] = row.unreadable_fields.items()
    assert named[0] == field
    assert "expected" in named[1]
    spoilt = {column, "fingerprint", "unreadable_fields"} | {
        "assignees": {"assignee_ids", "people"},
        "watchers": {"people"},
        "creator": {"people"},
        "points": {"sprint_points"},
        "start_date": {"start_at"},
        "due_date": {"due_at"},
        "custom_fields": {"summary", "field_values"},
    }.get(field, set())
    others = {one.name for one in dataclasses.fields(TaskRow)} - spoilt
    assert {name: getattr(row, name) for name in others} == {name: getattr(good, name) for name in others}


@pytest.mark.parametrize(
    ("changes", "field", "kept"),
    [
        ({"status": {"status": [], "type": "custom"}}, "status.status", ("status_type", "custom")),
        ({"status": {"status": "open", "type": {}}}, "status.type", ("status", "open")),
        ({"status": 7}, "status", ("title", "Paint the wall")),
        ({"list": {"id": 1, "name": {}}}, "list.name", ("list_id", "1")),
        ({"list": "Ground floor"}, "list", ("list_id", None)),
        ({"folder": {"id": {}, "name": "House"}}, "folder.id", ("folder_name", "House")),
        ({"tags": [{"name": "site"}, "?", {"name": []}]}, "tags", ("tags", ["site"])),
        ({"assignees": [ADA, None, "?"]}, "assignees", ("assignee_name", "Ada")),
        ({"assignees": [ADA, {"username": "?"}]}, "assignees", ("assignee_ids", "1")),
        ({"locations": [{"name": "?"}]}, "locations", ("locations", [])),
        ({"time_estimate": -1}, "time_estimate", ("time_estimate_minutes", None)),
        ({"time_estimate": 10**15}, "time_estimate", ("time_estimate_minutes", None)),
        ({"due_date": 253_402_214_400_000}, "due_date", ("due_at", None)),
    ],
)
def test_what_stands_beside_a_bad_value_is_kept(
    changes: dict[str, Any], field: str, kept: tuple[str, object]
) -> None:
    """A bad part of an object or one bad item of a list costs that part or item."""
    row = row_of(**changes)
    assert list(row.unreadable_fields) == [field]
    assert getattr(row, kept[0]) == kept[1]


def test_a_good_task_has_no_unreadable_field() -> None:
    """Nothing is recorded of what can be read, nor of what is null or left out."""
    assert row_of().unreadable_fields == {}
    assert read_task(dict.fromkeys(WIRE) | {"id": "abc"}, NAMES).row.unreadable_fields == {}


def test_a_reason_shows_what_was_found() -> None:
    """A short excerpt of a text, and of a list or an object no content."""
    assert row_of(due_date="tomorrow").unreadable_fields == {
        "due_date": "expected a number, found 'tomorrow'"
    }
    reason = row_of(due_date="x\x00\n" * 5000).unreadable_fields["due_date"]
    assert reason.endswith("… (15,000 characters)".replace("… ", "…' "))
    assert len(reason) < 100
    assert row_of(due_date={"secret": 1}).unreadable_fields == {
        "due_date": "expected a number, found an object"
    }


def nested(levels: int) -> Any:
    """A list in a list in a list."""
    value: Any = "x"
    for _ in range(levels):
        value = [value]
    return value


def field_of(**more: Any) -> dict[str, Any]:
    return {"id": "f", "name": "Field", "type": "text", "type_config": {}, "value": "x"} | more


@pytest.mark.parametrize("levels", [101, 300, 990])
def test_a_value_nested_too_deep_costs_its_custom_field(levels: int) -> None:
    """It is named by the field's name, the other fields of the task are kept, and the row can be sent."""
    deep = field_of(id="deep", name="Deep", value=nested(levels))
    row = row_of(custom_fields=[field_of(), deep])
    assert row.custom_fields == {"Field": "x"}
    assert row.unreadable_fields == {"custom_fields.Deep": "nested more than 100 levels deep"}
    assert orjson.dumps(row, default=str)


def test_a_configuration_nested_too_deep_costs_itself() -> None:
    """The field's values are read; only the definition is without its configuration, and says so."""
    read = read_task({"id": "a", "custom_fields": [field_of(type_config={"a": nested(300)})]}, NAMES)
    assert read.row.custom_fields == {"Field": "x"}
    assert definition_row(read.definitions[0]) == {
        "field_id": "f",
        "name": "Field",
        "type": "text",
        "type_config": {},
        "unreadable_fields": {"type_config": "nested more than 100 levels deep"},
    }


def test_two_fields_of_one_name_are_told_apart() -> None:
    """Both stand in the row, under names that do not depend on which of them is set."""
    one = field_of(id="0a1b2c3d-1111", name="Budget", value="100")
    other = field_of(id="9f8e7d6c-2222", name="Budget", value="900")
    assert row_of(custom_fields=[one, other]).custom_fields == {
        "Budget (0a1b2c3d)": "100",
        "Budget (9f8e7d6c)": "900",
    }
    assert row_of(custom_fields=[one, other | {"value": None}]).custom_fields == {"Budget (0a1b2c3d)": "100"}
    assert row_of(custom_fields=[one]).custom_fields == {"Budget": "100"}


def test_names_stay_apart_however_alike_the_ids_are() -> None:
    """Where the beginnings of the ids are the same, the whole ids are taken."""
    fields = [field_of(id=f"0a1b2c3d-{number}", name="Budget", value=number) for number in range(3)]
    literal = field_of(id="f", name="Budget (0a1b2c3d)", value="x")
    found = row_of(custom_fields=[*fields, literal]).custom_fields
    assert sorted(map(str, found.values())) == ["0", "1", "2", "x"]


def test_the_summary_is_the_first_one_that_says_something() -> None:
    """Of two fields of that name an empty one does not hide the other."""
    fields = [field_of(id="1", name="Summary", value=""), field_of(id="2", name="summary", value="A wall")]
    assert row_of(custom_fields=fields).summary == "A wall"


@pytest.mark.parametrize(
    ("kind", "value", "number"),
    [
        ("number", "1200.50", Decimal("1200.50")),
        ("currency", 19.99, Decimal("19.99")),
        ("emoji", 4, Decimal(4)),
        ("manual_progress", {"current": "55", "percent_completed": 0.55}, Decimal(55)),
        ("formula", "12.5", Decimal("12.5")),
        ("number", "a dozen", None),
        ("text", "12", None),
        ("date", str(LATE), None),
    ],
)
def test_numbers_stay_numbers(kind: str, value: object, number: Decimal | None) -> None:
    """What can be added up stands beside the text, exact and without a unit."""
    [field] = row_of(custom_fields=[field_of(type=kind, value=value)]).field_values
    assert field.value_number == number


SHANGHAI = ZoneInfo("Asia/Shanghai")
AT_FOUR = 1_667_505_600_000  # 2022-11-04, 04:00 in Shanghai


@pytest.mark.parametrize(
    ("zones", "more", "value", "shown"),
    [
        (Names(SHANGHAI), {}, AT_FOUR, "2022-11-04"),
        (Names(SHANGHAI), {}, str(AT_FOUR), "2022-11-04"),
        (Names(SHANGHAI), {}, AT_FOUR + 1, "2022-11-04T04:00:00+08:00"),
        (Names(SHANGHAI), {}, AT_FOUR + 60_000, "2022-11-04T04:01:00+08:00"),
        (Names(SHANGHAI), {"value_options": {"time": True}}, AT_FOUR, "2022-11-04T04:00:00+08:00"),
        (Names(SHANGHAI), {"type_config": {"time": True}}, AT_FOUR, "2022-11-04T04:00:00+08:00"),
        (Names(SHANGHAI), {}, {"value": AT_FOUR, "time": True}, "2022-11-04T04:00:00+08:00"),
        (NAMES, {}, AT_FOUR, "2022-11-04T01:30:00+05:30"),
        (Names(KOLKATA, owner_zone=SHANGHAI), {}, AT_FOUR, "2022-11-04"),
        (NAMES, {"value_options": {"time": False}}, AT_FOUR, "2022-11-04"),
        (NAMES, {"value_options": {"time": False}}, AT_FOUR + 14 * 3_600_000, "2022-11-04"),
    ],
)
def test_a_date_without_a_time_is_a_date(
    zones: Names, more: dict[str, Any], value: object, shown: str
) -> None:
    """04:00 in a known zone is ClickUp's filler, unless ClickUp says that a time was set."""
    wire = {"id": "a", "custom_fields": [field_of(type="date", value=value, **more)]}
    assert read_task(wire, zones).row.custom_fields == {"Field": shown}


def test_long_texts_that_are_indexed_are_shortened_and_named() -> None:
    """An index row has a limit: the beginning is kept. A title may have any length."""
    long = "ü" * 5000
    row = row_of(status={"status": long, "type": long}, priority=long, tags=[{"name": long}], name=long)
    assert (row.title, row.status, row.status_type) == (long, long[:500], long[:50])
    assert (row.priority, row.tags) == (long[:50], [long[:1000]])
    assert set(row.unreadable_fields) == {"status", "status.type", "priority", "tags"}


@pytest.mark.parametrize("wrong", [{}, {"id": None}, {"id": ""}, {"id": {}}, {"id": True}, {"id": "x" * 300}])
def test_without_an_id_there_is_no_task(wrong: dict[str, Any]) -> None:
    """Nothing can be said of a task that has no id."""
    with pytest.raises(MalformedObject, match="it has no id"):
        read_task(wrong, NAMES)


@settings(max_examples=200)
@given(st.sampled_from([name for name in WIRE if name != "id"]), ANYTHING)
def test_anything_in_a_field_is_a_row(name: str, value: object) -> None:
    """Whatever stands in one field, the task is read and can be sent to PostgreSQL."""
    assert orjson.dumps(row_of(**{name: value}), default=str)


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
    """A date at the calendar's edge or a number beyond 64 bits makes a row that can be sent."""
    assert orjson.dumps(row_of(**garbled), default=str)


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
