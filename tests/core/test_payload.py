"""A task's payload has another digest whenever its row may be another one."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.core.clickup.payload import digest_payload
from app.core.clickup.task_row import Names

UTC, BERLIN = ZoneInfo("UTC"), ZoneInfo("Europe/Berlin")
WIRE = {"id": "t1", "name": "One", "space": {"id": "7"}, "custom_item_id": 1300, "custom_fields": [{}]}
NAMES: dict[str, Any] = {"spaces": {"7": "Ours"}, "types": {"1300": "Bug"}, "owner_zone": UTC}


def digest(code: str = "1", zone: ZoneInfo = UTC, wire: Any = WIRE, **names: Any) -> str | None:
    return digest_payload(wire, Names(zone, **NAMES | names), code)


def test_the_same_payload_has_the_same_digest() -> None:
    """Whatever names there are beside its own."""
    assert digest() == digest()
    assert digest() == digest(spaces={"7": "Ours", "8": "Theirs"}, types={"1300": "Bug", "1": "Milestone"})


@pytest.mark.parametrize(
    "other",
    [
        {"wire": WIRE | {"name": "Two"}},
        {"wire": WIRE | {"custom_fields": [{"id": "a", "value": None}]}},
        {"zone": BERLIN},
        {"owner_zone": BERLIN},
        {"spaces": {"7": "Renamed"}},
        {"spaces": {}},
        {"types": {"1300": "Defect"}},
        {"code": "2"},
    ],
    ids=str,
)
def test_what_makes_another_row_makes_another_digest(other: dict[str, Any]) -> None:
    """A field, the zones, the names of its space and type, and the code that reads it."""
    assert digest(**other) != digest()


def test_what_is_nested_too_deep_has_none() -> None:
    """It is read each time."""
    deep: Any = {}
    for _ in range(2_000):
        deep = {"a": deep}
    assert digest(wire=WIRE | {"deep": deep}) is None
