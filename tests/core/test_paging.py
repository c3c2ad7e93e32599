"""Cursors: where a walk begins, and what is taken for one."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.answers.paging import OVERLAP, begin_walk, read_cursor, write_cursor

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
ages = st.timedeltas(timedelta(0), timedelta(days=400))
# Transactions that are not over began so long ago; none of the mirror's lasts as long as the overlap.
writing = st.timedeltas(timedelta(0), OVERLAP - MOMENT)


@given(ages, st.lists(writing), ages)
def test_what_is_seen_later_comes_at_the_end(
    age: timedelta, begun: list[timedelta], later: timedelta
) -> None:
    """A row is dated when its transaction begins: one that is not over, or one that will begin."""
    under_way = NOW - max(begun, default=timedelta(0))
    for told in (under_way, None):
        cursor = begin_walk("q", NOW - age, NOW, told)
        seen_later = [NOW - one for one in begun] + [NOW + later + MOMENT]
        assert all(written_at > cursor.written_since for written_at in seen_later)


@given(ages, ages, st.booleans())
def test_it_begins_at_the_same_place_while_nothing_is_written(
    age: timedelta, later: timedelta, is_told: bool
) -> None:
    """Whenever it is asked for; but for one time, where the database does not tell what is under way."""
    first, second = (
        begin_walk("q", NOW - age, moment, moment if is_told else None) for moment in (NOW, NOW + later)
    )
    assert (first == second) == (is_told or (age > OVERLAP) == (age + later > OVERLAP))


@given(ages)
def test_what_stood_there_does_not_come_again(age: timedelta) -> None:
    """What is written after it does, to the microsecond."""
    assert begin_walk("q", NOW - age, NOW, NOW + MOMENT).written_since == NOW - age


@pytest.mark.parametrize("text", ["", "x", "e30", "é", "eyJxdWVzdGlvbiI6MX0", "\x00"])
def test_what_was_not_handed_out_is_refused(text: str) -> None:
    """Another text, another shape, and a cursor of another question or workspace."""
    with pytest.raises(ValueError, match="invalid cursor"):
        read_cursor(text, "q", "1")
    cursor = begin_walk("q", NOW, NOW, None)
    assert read_cursor(write_cursor(cursor, "1"), "q", "1") == cursor
    for question, workspace_id in (("another", "1"), ("q", "2")):
        with pytest.raises(ValueError, match="other filters, or of another workspace"):
            read_cursor(write_cursor(cursor, "1"), question, workspace_id)
