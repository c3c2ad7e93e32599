"""Dates, instants and durations as people say them, to stand beside the exact ones. Pure."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from app.core.answers.formats import Formats, weekday

_NEAR = {-1: "yesterday", 0: "today", 1: "tomorrow"}
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400


def duration(minutes: int, formats: Formats) -> str:
    """Minutes as hours and minutes: `2:05 h`."""
    return f"{formats.hours(minutes)} h"


def plain_day(day: date, today: date, formats: Formats) -> str:
    """`Fri 27 Nov`, with the year where it is another one than today's."""
    return f"{weekday(day)} {formats.near_day(day, today)}"


def day_said(day: date, today: date, formats: Formats) -> str:
    """How far away, and which day: `in 3 days, Fri 27 Nov`."""
    away = (day - today).days
    distance = _NEAR.get(away) or (
        f"in {formats.number(away)} days" if away > 0 else f"{formats.number(-away)} days ago"
    )
    return f"{distance}, {plain_day(day, today, formats)}"


def age_said(seconds: int | None, formats: Formats) -> str:
    """How long ago: `2 minutes ago`, `never`."""
    if seconds is None:
        return "never"
    if seconds < 1:
        return "just now"
    for length, unit in ((_DAY, "day"), (_HOUR, "hour"), (_MINUTE, "minute")):
        if seconds >= length:
            return f"{formats.pluralize(seconds // length, unit)} ago"
    return f"{formats.pluralize(seconds, 'second')} ago"


def moment_said(instant: datetime, now: datetime, zone: ZoneInfo, formats: Formats) -> str:
    """How long ago within an hour, else the clock and the day: `yesterday 14:05`, `Fri 20 Nov, 14:05`."""
    seconds = int((now - instant).total_seconds())
    if 0 <= seconds < _HOUR:
        return age_said(seconds, formats)
    shown, today = instant.astimezone(zone), now.astimezone(zone).date()
    clock = f"{shown.hour:02d}:{shown.minute:02d}"
    near = _NEAR.get((shown.date() - today).days)
    return f"{near} {clock}" if near else f"{plain_day(shown.date(), today, formats)}, {clock}"
