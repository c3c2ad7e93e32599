"""Loose values become firm, or are refused."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.clickup import values

# Within the calendar; what lies beyond it has tests of its own.
NUMBERS = (
    st.integers(-(10**13), 10**13) | st.floats(-1e13, 1e13) | st.sampled_from([float("inf"), float("nan")])
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (12, "12"),
        ("12", "12"),
        (" abc ", "abc"),
        (0, "0"),
        ("", None),
        (None, None),
        (True, None),
        (1.5, None),
        ({"id": 1}, None),
        ([1], None),
    ],
)
def test_ids_are_text(value: object, found: str | None) -> None:
    """The same id as number or text is one id; what is no id is None."""
    assert values.identifier(value) == found


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (5, Decimal(5)),
        ("5.5", Decimal("5.5")),
        (" 7 ", Decimal(7)),
        (0.1, Decimal("0.1")),
        (1e3, Decimal(1000)),
        ("", None),
        (None, None),
    ],
)
def test_numbers_are_exact(value: object, found: Decimal | None) -> None:
    """Numbers and their texts are read without a binary fraction in between."""
    assert values.number(value) == found


@pytest.mark.parametrize(
    "value", ["soon", True, [], {}, "NaN", "Infinity", float("inf"), float("nan"), "1,5"]
)
def test_what_is_no_number_is_refused(value: object) -> None:
    """Anything else raises ValueError, never another error."""
    for read in (values.number, values.integer, values.instant):
        with pytest.raises(ValueError, match="expected a number"):
            read(value)


@pytest.mark.parametrize(("value", "found"), [("12.9", 12), (-0.5, 0), ("-3.7", -3), (7, 7), (None, None)])
def test_integers_are_cut_towards_zero(value: object, found: int | None) -> None:
    """A fractional number loses its fraction."""
    assert values.integer(value) == found


@pytest.mark.parametrize("value", [1_700_000_000_123, "1700000000123", "1700000000123.9"])
def test_instants_are_exact_and_aware(value: object) -> None:
    """Epoch milliseconds as number or text are one instant, to the millisecond."""
    assert values.instant(value) == datetime(2023, 11, 14, 22, 13, 20, 123_000, tzinfo=UTC)


@pytest.mark.parametrize("value", [10**15, "999999999999999", -(10**15)])
def test_instants_beyond_the_calendar_are_refused(value: object) -> None:
    """Microseconds, or any other number that is no date, raise ValueError."""
    with pytest.raises(ValueError, match="epoch milliseconds"):
        values.instant(value)


@pytest.mark.parametrize(
    ("value", "found"),
    [("a", "a"), (5, "5"), (2.5, "2.5"), (None, None), ("", ""), ("a\x00b", "ab"), ("\ud83d!", "?!")],
)
def test_text_is_storable(value: object, found: str | None) -> None:
    """PostgreSQL takes neither NUL nor half an emoji."""
    assert values.text(value) == found


@pytest.mark.parametrize("value", [{}, []])
def test_objects_are_no_text(value: object) -> None:
    """A list or an object where text is expected is refused."""
    with pytest.raises(ValueError, match="expected text"):
        values.text(value)


@given(st.text(st.characters(exclude_categories=())))
def test_whatever_is_stored_can_be_encoded(value: str) -> None:
    """Any text becomes UTF-8 without NUL, and a second pass changes nothing."""
    stored = values.storable(value)
    assert b"\x00" not in stored.encode()
    assert values.storable(stored) == stored


@pytest.mark.parametrize("value", [True, 1, "1", "true", "True"])
def test_flags_that_are_up(value: object) -> None:
    """True comes in several spellings."""
    assert values.flag(value)


@pytest.mark.parametrize("value", [False, 0, "0", "false", None, "", "yes", [], {}])
def test_flags_that_are_down(value: object) -> None:
    """Whatever is not true is false."""
    assert not values.flag(value)


def test_only_objects_of_a_list_count() -> None:
    """What stands between the objects is passed over; what is no list has none."""
    assert list(values.objects([{"id": 1}, None, "x", {"id": 2}])) == [{"id": 1}, {"id": 2}]
    assert list(values.objects({"id": 1})) == []
    assert values.mapping([1]) == {}


@given(ANYTHING)
def test_every_reader_answers_or_refuses(value: object) -> None:
    """No JSON value makes a reader fail in any other way than ValueError."""
    values.identifier(value), values.flag(value), values.mapping(value), list(values.objects(value))
    for read in (values.text, values.number, values.integer):
        try:
            read(value)
        except ValueError:
            continue


def test_clean_json_reaches_every_text() -> None:
    """Keys, values and texts in lists lose what PostgreSQL cannot hold; the rest stays."""
    assert values.clean_json({"a\x00": ["\ud83d", 1, None, {"b": "\x00"}]}) == {
        "a": ["?", 1, None, {"b": ""}]
    }


def test_instants_before_the_calendar_are_refused() -> None:
    """A date before the year 1 raises ValueError."""
    with pytest.raises(ValueError, match="epoch milliseconds"):
        values.instant("-99999999999999")
