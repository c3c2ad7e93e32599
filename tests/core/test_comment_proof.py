"""What an answer with comments proves."""

from datetime import UTC, datetime, timedelta

import pytest

from app.core.sync.comment_proof import (
    ABSENCE_PROVES_AFTER,
    MOST_SHORT_READS,
    KnownComments,
    ShownThread,
    Thread,
)

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def shown(count: int | None, *ids: str, nameless: bool = False) -> ShownThread:
    return ShownThread(count, frozenset(ids), nameless)


@pytest.mark.parametrize(
    ("thread", "is_whole", "lacks"),
    [
        (shown(2, "a", "b"), True, False),
        (shown(0), True, False),
        (shown(3, "a", "b"), False, True),
        (shown(1), False, True),
        (shown(1, "a", "b"), False, False),
        (shown(None, "a"), False, False),
        (shown(None), False, False),
        (shown(2, "a", "b", nameless=True), False, False),
    ],
)
def test_a_thread_is_whole_where_its_count_says_so(thread: ShownThread, is_whole: bool, lacks: bool) -> None:
    """Neither with more nor with fewer, nor without a count, nor with a row that could be any of them."""
    assert (thread.is_whole, thread.lacks) == (is_whole, lacks)


@pytest.mark.parametrize(
    ("thread", "count", "short_reads", "differs"),
    [
        (Thread(frozenset("ab"), 2), 2, 0, False),
        (Thread(frozenset("ab"), 2), 3, 0, True),
        (Thread(frozenset("ab"), 2), 0, 0, True),
        (Thread(frozenset("ab"), 2), None, 0, True),
        (Thread(frozenset("ab"), 2, waits=True), 2, 0, True),
        (Thread(frozenset("ab"), 9), 9, MOST_SHORT_READS - 1, True),
        (Thread(frozenset("ab"), 9), 9, MOST_SHORT_READS, False),
        (Thread(frozenset("ab"), 9), 8, MOST_SHORT_READS, True),
        (Thread(), 0, 0, False),
        (Thread(), None, 0, False),
        (Thread(), 1, 0, True),
    ],
)
def test_which_threads_may_differ(thread: Thread, count: int | None, short_reads: int, differs: bool) -> None:
    """Those whose count is another than what is stored, until they were asked often enough in vain."""
    known = KnownComments({"c": thread}, short_reads=short_reads)
    assert known.may_differ("c", count) == differs


def test_absence_proves_after_a_day() -> None:
    """Not sooner, and not for what the last read showed."""
    known = KnownComments(absent={"old": NOW - ABSENCE_PROVES_AFTER, "new": NOW - timedelta(hours=1)})
    assert known.is_proved_by_time("old", NOW)
    assert not known.is_proved_by_time("new", NOW)
    assert not known.is_proved_by_time("shown", NOW)
    assert known.absent_since("new", NOW) == NOW - timedelta(hours=1)
    assert known.absent_since("shown", NOW) == NOW
