"""Sessions on a line of time: where each bar begins and how wide it is. Drawn by `timeline.html`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.core.answers.day import day_of, whole_day
from app.dashboard.clock import Clock
from app.reports.time import TimeEntry

# Across in percent of the room there is, down in pixels.
_WIDTH, _LANE, _HEAD = 100.0, 44, 26
_MOST_TICKS = 6
_STEPS = (1, 2, 7, 14, 28, 56, 91, 182, 364)


@dataclass(frozen=True, slots=True)
class Bar:
    """One session. `text`: what it is, for who points at it."""

    x: float
    width: float
    is_running: bool
    text: str


@dataclass(frozen=True, slots=True)
class Lane:
    """The sessions of one person."""

    name: str
    y: int
    bars: list[Bar]


@dataclass(frozen=True, slots=True)
class Tick:
    """Where a day begins."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """The whole picture."""

    height: int
    lanes: list[Lane]
    ticks: list[Tick]


@dataclass(frozen=True, slots=True)
class _Session:
    """A session that has a start; one that runs ends now."""

    name: str
    start: datetime
    end: datetime
    is_running: bool


def draw(entries: Iterable[TimeEntry], clock: Clock) -> Timeline | None:
    """A lane for each person, who began last on top; None where no session has a start."""
    sessions = [
        _Session(
            entry.user_name or "unknown",
            entry.started_at,
            entry.ended_at or max(clock.now, entry.started_at),
            entry.is_running,
        )
        for entry in entries
        if entry.started_at
    ]
    if not sessions:
        return None
    first = day_of(min(session.start for session in sessions), clock.zone).date
    last = day_of(max(session.end for session in sessions), clock.zone).date
    scale = _Scale(whole_day(first, clock.zone).start, whole_day(last, clock.zone).end)
    people: dict[str, list[_Session]] = {}
    for session in sessions:
        people.setdefault(session.name, []).append(session)
    lanes = [
        Lane(name, _HEAD + number * _LANE, [_bar(session, scale, clock) for session in own])
        for number, (name, own) in enumerate(people.items())
    ]
    return Timeline(_HEAD + len(lanes) * _LANE, lanes, list(_ticks(first, last, scale, clock)))


@dataclass(frozen=True, slots=True)
class _Scale:
    start: datetime
    end: datetime

    def x(self, instant: datetime) -> float:
        return round((instant - self.start) / (self.end - self.start) * _WIDTH, 3)


def _bar(session: _Session, scale: _Scale, clock: Clock) -> Bar:
    x = scale.x(session.start)
    until = "now" if session.is_running else clock.full(session.end)
    text = f"{session.name}: {clock.full(session.start)} to {until}"
    return Bar(x, round(max(scale.x(session.end) - x, 0), 3), session.is_running, text)


def _ticks(first: date, last: date, scale: _Scale, clock: Clock) -> Iterable[Tick]:
    """A few days from the first on, equally far from each other."""
    days = (last - first).days + 1
    step = next((step for step in _STEPS if days / step <= _MOST_TICKS), -(-days // _MOST_TICKS))
    for number in range(0, days, step):
        day = first + timedelta(days=number)
        yield Tick(scale.x(whole_day(day, clock.zone).start), clock.day(day))
