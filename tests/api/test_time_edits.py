"""Time that was edited later, over HTTP; its figures are shown in `tests/reports`."""

from datetime import date, datetime, timedelta

from app.api.time import TimeEdits
from app.core.answers.day import whole_day
from tests.api.reading import Reader, typed


async def test_edits_are_those_since_the_end_of_the_period(reader: Reader) -> None:
    """Or since the given day or instant, but not since before history began."""
    zone = reader.mirror.zone
    since = reader.mirror.value("SELECT since FROM history_states")
    told = await reader.get("/time-entries/edits", from_="2026-01-01", to="2026-01-31", zone=zone.key)
    typed(TimeEdits, told)
    assert datetime.fromisoformat(told["edited_since"]) == since
    assert (told["sums"]["entries"], told["count"], told["time_entries"]) == (0, 0, [])
    later = since.date() + timedelta(days=30)
    told = await reader.get("/time-entries/edits", edited_since=later.isoformat(), zone=zone.key)
    assert datetime.fromisoformat(told["edited_since"]) == whole_day(later, zone).start
    told = await reader.get("/time-entries/edits", from_="2199-01-01", to="2199-01-31", zone=zone.key)
    assert datetime.fromisoformat(told["edited_since"]) == whole_day(date(2199, 2, 1), zone).start


async def test_names_are_looked_up(reader: Reader) -> None:
    """Who and what is not known is a 404 that names it."""
    for name, kind in (("person", "person"), ("place", "place"), ("task_id", "task")):
        assert f"no {kind} 'nowhere'" in await reader.unknown("/time-entries/edits", **{name: "nowhere"})
