"""How often: what was asked for, and what the budget allows of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

# Full passes may spend this share of the budget; the rest is for changes, webhooks and verification.
_FULL_PASS_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Cadence:
    """An interval, and the sentence that says why it is longer than asked for."""

    every: timedelta
    reason: str | None = None


def full_pass_cadence(asked: timedelta, requests: int | None, a_minute: int | None) -> Cadence:
    """As often as asked, or as seldom as keeps full passes within half of the budget.

    `requests` is what the last one cost, `a_minute` what the budget allows; None where not known.
    """
    if not requests or not a_minute:
        return Cadence(asked)
    affordable = timedelta(minutes=requests / (a_minute * _FULL_PASS_SHARE))
    if affordable <= asked:
        return Cadence(asked)
    return Cadence(
        affordable,
        f"a full sync takes {requests:,} requests, and {a_minute:,} a minute are available: every "
        f"{_spoken(affordable)} instead of every {_spoken(asked)}",
    )


def _spoken(span: timedelta) -> str:
    seconds = span.total_seconds()
    return f"{seconds:.0f} seconds" if seconds < 120 else f"{seconds / 60:.0f} minutes"


def is_due(now: datetime, last: datetime | None, every: timedelta) -> bool:
    """Whether it is time again; what never happened is due."""
    return last is None or now - last >= every


def is_daily_due(now: datetime, at: datetime, last: datetime | None) -> bool:
    """Whether today's hour `at` has come and nothing happened since; also after a late start."""
    return now >= at and (last is None or last < at)


def round_minutes(rows: int, a_minute: float) -> float | None:
    """Minutes until so many rows have been read; None where none is being read."""
    return rows / a_minute if a_minute > 0 else None
