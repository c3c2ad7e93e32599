"""The instant of the past that a question is about: given, the end of a day, or that of a cursor."""

from datetime import UTC, datetime, time, timedelta

from app.core.answers.day import FIRST_DAY, Day
from app.core.answers.paging import past_instant

AS_OF_FORM = "write a day such as 2026-11-20, or an instant with its offset such as 2026-11-20T17:00:00Z"
_BEGINNING = datetime.combine(FIRST_DAY, time(), UTC)
# What ClickUp counts in.
_MOMENT = timedelta(milliseconds=1)


def last_instant(asked: Day | datetime, now: datetime) -> datetime:
    """The instant itself, or the last one of the day; of today, which has not ended, the present one."""
    if isinstance(asked, Day):
        return now if asked.start <= now < asked.end else asked.end - _MOMENT
    return asked


def means(asked: Day | datetime, instant: datetime) -> bool:
    """Whether the instant is the one that is asked for, or of that day."""
    return asked.start <= instant < asked.end if isinstance(asked, Day) else asked == instant


def carried_instant(cursor: str | None, now: datetime) -> datetime | None:
    """That of a cursor, whose walk stays at it; None for the present. Raises ValueError for what none has."""
    try:
        carried = past_instant(cursor) if cursor else None
    except ValueError:
        # Whoever reads the whole cursor says what is wrong with it.
        return None
    if carried is not None and not _BEGINNING <= carried <= now:
        raise ValueError("invalid cursor: it was changed, or is from another query")
    return carried
