"""When what ClickUp refuses is believed, and how people read of it."""

from datetime import timedelta

import pytest

from app.core.sync.refusal import RefusalKind, are_believed, objects_of


@pytest.mark.parametrize(
    ("readable", "recorded", "minutes", "believed"),
    [
        (0, 0, None, True),
        (0, 900, None, True),
        (25, 0, None, True),
        (26, 0, None, False),
        (5, 20, None, True),
        (5, 21, None, False),
        (900, 0, 59, False),
        (900, 0, 60, True),
        (5, 21, 90, True),
    ],
)
def test_many_at_once_are_believed_only_after_an_hour(
    readable: int, recorded: int, minutes: int | None, believed: bool
) -> None:
    """A few at once are; what could never be read is, however much it is."""
    many_for = None if minutes is None else timedelta(minutes=minutes)
    assert are_believed(readable, recorded, many_for) is believed


@pytest.mark.parametrize(
    ("kind", "objects", "text"),
    [
        ("task", 1, "1 task"),
        ("comments", 1_500, "the comments of 1,500 tasks"),
        ("task_time", 2, "the time of 2 tasks"),
        ("person_time", 3, "the time entries of 3 people"),
        ("list_tasks", 2, "the tasks of 2 lists"),
        ("space", 2, "2 spaces"),
        ("status_times", 1, "the times of status changes"),
    ],
)
def test_what_is_refused_is_named_in_plain_words(kind: RefusalKind, objects: int, text: str) -> None:
    """With its number."""
    assert objects_of(kind, objects) == text
