"""Cursors: where a walk begins, and what is taken for one."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.paging import OVERLAP, begin_walk, read_cursor, write_cursor

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
ages = st.timedeltas(timedelta(days=-1), timedelta(days=400))


@given(ages, st.timedeltas(timedelta(0), OVERLAP), st.timedeltas(timedelta(0), timedelta(days=400)))
def test_what_is_seen_later_comes_at_the_end(age: timedelta, unseen: timedelta, later: timedelta) -> None:
    """A row is dated when its transaction begins: up to the overlap before the walk, or later."""
    cursor = begin_walk("q", NOW - age, NOW)
    assert NOW - unseen >= cursor.began_at
    assert NOW + later > cursor.began_at


@given(ages, st.timedeltas(timedelta(0), timedelta(days=400)))
def test_it_begins_at_the_same_place_while_nothing_is_written(age: timedelta, later: timedelta) -> None:
    """Whenever it is asked for; but for one time, when what was last written has become old."""
    written_at = NOW - max(age, timedelta(0))
    is_old = [moment - written_at > OVERLAP for moment in (NOW, NOW + later)]
    first, second = begin_walk("q", written_at, NOW), begin_walk("q", written_at, NOW + later)
    assert (first == second) == (is_old[0] == is_old[1])


def test_what_has_stood_there_for_long_does_not_come_again() -> None:
    """What is written after it does, to the microsecond."""
    written_at = NOW - OVERLAP - MOMENT
    cursor = begin_walk("q", written_at, NOW)
    assert written_at <= cursor.began_at < written_at + MOMENT


@pytest.mark.parametrize("text", ["", "x", "e30", "é", "eyJxdWVzdGlvbiI6MX0", "\x00"])
def test_what_was_not_handed_out_is_refused(text: str) -> None:
    """Another text, another shape, and a cursor of another question."""
    with pytest.raises(ValueError, match="handed out"):
        read_cursor(text, "q")
    cursor = begin_walk("q", NOW, NOW)
    assert read_cursor(write_cursor(cursor), "q") == cursor
    with pytest.raises(ValueError, match="other filters"):
        read_cursor(write_cursor(cursor), "another")
