"""Timesheets: every millisecond on its day, in whatever zone, as computed from the source by other means."""

import csv
import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.api.time import TimesheetAnswer
from tests.api.reading import Json, Reader, typed

QUARTER_MS = 15 * 60_000
MINUTE_MS = 60_000
ZONES = (
    "UTC",
    "Europe/Berlin",
    "Asia/Kolkata",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "America/Havana",
    "Pacific/Apia",
)
Cells = dict[tuple[str | None, str], int]


def shares(start_ms: int, end_ms: int, zone: ZoneInfo) -> dict[str, int]:
    """Milliseconds by the zone's day: each quarter of an hour asks the zone for its date anew.

    Days begin, and offsets change, at quarters of an hour in all these zones and years.
    """
    found: dict[str, int] = defaultdict(int)
    while start_ms < end_ms:
        until = min((start_ms // QUARTER_MS + 1) * QUARTER_MS, end_ms)
        shown = datetime.fromtimestamp(start_ms / 1000, UTC).astimezone(zone)
        found[shown.date().isoformat()] += until - start_ms
        start_ms = until
    return found


def cells_of(entries: Iterable[tuple[str | None, int, int]], zone: str, first: date, last: date) -> Cells:
    """What each one's sheet has to say of each day: (whose, start, duration)."""
    found: Cells = defaultdict(int)
    for whose, start, duration in entries:
        for day, ms in shares(start, start + duration, ZoneInfo(zone)).items():
            if first.isoformat() <= day <= last.isoformat():
                found[whose, day] += ms
    return dict(found)


def answered(answer: Json, figure: str = "milliseconds") -> Cells:
    typed(TimesheetAnswer, answer)
    return {
        (sheet["id"], day["date"]): day[figure]
        for sheet in answer["timesheets"]
        for day in sheet["days"]
        if day[figure]
    }


def sessions(reader: Reader) -> list[Json]:
    """The source's finished sessions that the mirror can know: not those of tasks that are gone."""
    known = {row["id"] for row in reader.mirror.rows("SELECT clickup_entry_id AS id FROM time_entries")}
    truth = reader.mirror.world.truth()["entries"]
    return [entry for key, entry in truth.items() if key in known and not entry["running"]]


def add(
    reader: Reader, number: int, start: datetime | None, ms: int | None = None, *, task: str | None = None,
    person: str | None = "77",
) -> None:  # fmt: skip
    """An entry in the mirror alone; without `ms` it runs, without `start` it was logged as an amount."""
    end = start + timedelta(milliseconds=ms) if start and ms is not None else None
    reader.mirror.rows(
        "INSERT INTO time_entries (workspace_id, clickup_entry_id, clickup_task_id, clickup_user_id,"
        " user_name, started_at, ended_at, duration_ms, is_running, read_at)"
        " VALUES (%s, %s, %s, %s, 'Grace', %s, %s, %s, %s, now())",
        reader.mirror.sim.team_id, f"own{number}", task, person, start, end, ms, ms is None,
    )  # fmt: skip


def at(text: str, zone: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize("zone", ZONES[:4])
async def test_sheets_of_people_are_those_of_the_source(reader: Reader, zone: str) -> None:
    """Every person, every day of a year and more, in whole and in half-hour zones, to the millisecond."""
    last = date.today()
    first = last - timedelta(days=399)
    found = await reader.get("/timesheets", from_=str(first), to=str(last), zone=zone)
    known = [(one["user_id"], one["start"], one["duration_ms"]) for one in sessions(reader)]
    wanted = cells_of(known, zone, first, last)
    assert len(wanted) > 30
    assert answered(found) == wanted
    assert found["total"]["milliseconds"] == sum(wanted.values())
    assert found["total"]["minutes"] == sum(wanted.values()) // MINUTE_MS
    for sheet in found["timesheets"]:
        mine = sum(ms for (whose, _), ms in wanted.items() if whose == sheet["id"])
        assert (sheet["milliseconds"], sheet["minutes"]) == (mine, mine // MINUTE_MS)


@pytest.mark.parametrize("group", ["list", "space"])
async def test_sheets_of_places_are_those_of_the_source(reader: Reader, group: str) -> None:
    """By list and by space; time without a task has a sheet of nobody's."""
    last = date.today()
    first = last - timedelta(days=399)
    found = await reader.get(
        "/timesheets", from_=str(first), to=str(last), zone="Asia/Kolkata", group_by=group
    )
    truth = reader.mirror.world.truth()["tasks"]

    def place(entry: Json) -> str | None:
        return truth[entry["task_id"]][f"{group}_id"] if entry["task_id"] else None

    known = [(place(one), one["start"], one["duration_ms"]) for one in sessions(reader)]
    assert answered(found) == cells_of(known, "Asia/Kolkata", first, last)
    assert None in {sheet["id"] for sheet in found["timesheets"]}
    names = {truth[key][f"{group}_id"]: truth[key][group] for key in truth}
    assert all(sheet["name"] == names.get(sheet["id"]) for sheet in found["timesheets"])


@pytest.mark.parametrize("zone", ZONES)
async def test_sessions_of_any_length_are_cut_at_midnight(own: Reader, zone: str) -> None:
    """Hundreds, from nothing to a month, over two years of changing clocks; in part before or after."""
    random, begin = Random(zone), datetime(2011, 1, 1, tzinfo=UTC)
    known, rows = [], []
    for number in range(300):
        start = begin + timedelta(milliseconds=random.randrange(730 * 86_400_000))
        ms = random.choice([0, 1, 999, random.randrange(10 * 3_600_000), random.randrange(30 * 86_400_000)])
        person = random.choice(["77", "78", "79"])
        rows.append({"id": f"own{number}", "person": person, "start": start.isoformat(), "ms": ms})
        known.append((person, round(start.timestamp() * 1000), ms))
    own.mirror.rows(
        "INSERT INTO time_entries (workspace_id, clickup_entry_id, clickup_user_id, user_name, started_at,"
        " ended_at, duration_ms, is_running, read_at) SELECT %s, id, person, 'Grace', start,"
        " start + ms * interval '1 ms', ms, false, now()"
        " FROM json_to_recordset(%s) AS r (id text, person text, start timestamptz, ms bigint)",
        own.mirror.sim.team_id, json.dumps(rows),
    )  # fmt: skip
    for first, days in ((date(2011, 2, 1), 400), (date(2011, 12, 20), 20), (date(2012, 11, 3), 1)):
        last = first + timedelta(days=days - 1)
        found = await own.get("/timesheets", from_=str(first), to=str(last), zone=zone)
        wanted = {key: ms for key, ms in cells_of(known, zone, first, last).items() if ms}
        assert answered(found) == wanted


async def test_the_clocks_change_within_a_session(own: Reader) -> None:
    """From Saturday noon to Monday noon: Sunday has 23 hours in spring, 25 in autumn, by hand."""
    spring, autumn = at("2013-03-30T12:00", "Europe/Berlin"), at("2013-10-26T12:00", "Europe/Berlin")
    add(own, 1, spring, 47 * 3_600_000)
    add(own, 2, autumn, 49 * 3_600_000)
    minutes = []
    for first, last in (("2013-03-30", "2013-04-01"), ("2013-10-26", "2013-10-28")):
        found = await own.get("/timesheets", from_=first, to=last, zone="Europe/Berlin")
        minutes.append({day["date"]: day["minutes"] for day in found["timesheets"][0]["days"]})
    assert minutes == [
        {"2013-03-30": 720, "2013-03-31": 1_380, "2013-04-01": 720},
        {"2013-10-26": 720, "2013-10-27": 1_500, "2013-10-28": 720},
    ]


async def test_a_sheet_sums_milliseconds_and_then_cuts_off(own: Reader) -> None:
    """Half a minute on each of three days: no day shows a minute, their sum shows one."""
    for number in range(3):
        add(own, number, datetime(2013, 5, 6 + number, 12, tzinfo=UTC), 30_000)
    found = await own.get("/timesheets", from_="2013-05-06", to="2013-05-08", zone="UTC")
    sheet = found["timesheets"][0]
    assert [(day["minutes"], day["milliseconds"]) for day in sheet["days"]] == [(0, 30_000)] * 3
    assert (sheet["minutes"], sheet["milliseconds"], sheet["entries"]) == (1, 90_000, 3)


async def test_a_session_counts_once_and_on_each_of_its_days(own: Reader) -> None:
    """Two sessions, one of them over midnight: two entries in the sum, one and two on the days."""
    add(own, 1, datetime(2013, 5, 6, 23, tzinfo=UTC), 2 * 3_600_000)
    add(own, 2, datetime(2013, 5, 7, 9, tzinfo=UTC), 0)
    sheet = (await own.get("/timesheets", from_="2013-05-01", to="2013-05-08", zone="UTC"))["timesheets"][0]
    assert (sheet["entries"], [day["entries"] for day in sheet["days"]]) == (2, [1, 2])
    later = await own.get("/timesheets", from_="2013-05-07", to="2013-05-08", zone="UTC")
    assert (later["total"]["entries"], later["total"]["minutes"]) == (2, 60)


async def test_timers_that_run_are_counted_apart(own: Reader) -> None:
    """Up to now, on each of their days, not among what is finished; one of the future counts nothing."""
    own.mirror.rows("DELETE FROM time_entries")
    began = datetime.now(UTC) - timedelta(days=2, hours=1)
    add(own, 1, began)
    add(own, 2, datetime.now(UTC) + timedelta(minutes=2), person="78")
    first, last = began.date(), datetime.now(UTC).date() + timedelta(days=1)
    found = await own.get("/timesheets", from_=str(first), to=str(last), zone="UTC")
    as_of = round(datetime.fromisoformat(found["as_of"]).timestamp() * 1000 - 0.5)
    ms = as_of - round(began.timestamp() * 1000 - 0.5)
    running = next(sheet for sheet in found["timesheets"] if sheet["id"] == "77")
    assert abs(running["running_milliseconds"] - ms) <= 1
    assert (running["running"], running["entries"], running["milliseconds"]) == (1, 0, 0)
    whole = answered(found, "running_milliseconds")
    assert sum(whole.values()) == running["running_milliseconds"]
    middle = str(first + timedelta(days=1))
    assert whole["77", middle] == 86_400_000
    assert {whose for whose, _ in whole} == {"77"}


async def test_time_without_a_start_is_apart(own: Reader) -> None:
    """It is on no day, whatever days are asked for, and it is not lost."""
    add(own, 1, None, 90_000)
    add(own, 2, None, 45_000)
    add(own, 3, datetime(2013, 5, 6, 9, tzinfo=UTC), 60_000)
    found = await own.get("/timesheets", from_="2013-05-06", to="2013-05-06", zone="UTC")
    sheet = found["timesheets"][0]
    assert (sheet["undated"], sheet["undated_minutes"], sheet["undated_milliseconds"]) == (2, 2, 135_000)
    assert (sheet["entries"], sheet["minutes"], len(sheet["days"])) == (1, 1, 1)
    assert found["total"]["undated_milliseconds"] == 135_000
    other = await own.get("/timesheets", from_="2014-01-01", to="2014-01-02", zone="UTC")
    assert (other["count"], other["timesheets"][0]["days"]) == (1, [])


async def test_time_of_deleted_tasks_counts_when_asked_for(own: Reader) -> None:
    """Left out by itself; `include` has it too, `only` nothing else."""
    task = next(iter(own.mirror.world.truth()["tasks"]))
    day = datetime(2013, 5, 6, 9, tzinfo=UTC)
    add(own, 1, day, 60_000, task=task)
    add(own, 2, day, 120_000)
    own.delete_task(task)
    minutes = {
        deleted: (
            await own.get("/timesheets", from_="2013-05-06", to="2013-05-06", zone="UTC", deleted=deleted)
        )["total"]["minutes"]
        for deleted in (None, "exclude", "include", "only")
    }
    assert minutes == {None: 2, "exclude": 2, "include": 3, "only": 1}


async def test_filters_leave_the_others_time_out(reader: Reader) -> None:
    """A person by either id, and lists, spaces and tasks: the sums are those of the source."""
    last = date.today()
    days = {"from_": str(last - timedelta(days=399)), "to": str(last), "zone": "UTC"}
    known, truth = sessions(reader), reader.mirror.world.truth()["tasks"]
    person = reader.mirror.rows("SELECT id, clickup_user_id FROM employees ORDER BY name LIMIT 1")[0]
    mine = sum(one["duration_ms"] for one in known if one["user_id"] == person["clickup_user_id"])
    for name in (str(person["id"]), str(person["id"]).upper(), person["clickup_user_id"]):
        found = await reader.get("/timesheets", person=name, **days)
        assert found["total"]["milliseconds"] == mine > 0
        assert [sheet["employee_id"] for sheet in found["timesheets"]] == [str(person["id"])]
    for name in ("task", "list", "space"):
        place = next(one["task_id"] for one in known if one["task_id"])
        wanted = place if name == "task" else truth[place][f"{name}_id"]
        ms = sum(
            one["duration_ms"]
            for one in known
            if one["task_id"]
            and wanted == (one["task_id"] if name == "task" else truth[one["task_id"]][f"{name}_id"])
        )
        found = await reader.get("/timesheets", **{"task_id" if name == "task" else "place": wanted}, **days)
        assert found["total"]["milliseconds"] == ms > 0


async def test_nobody_known_is_told_from_nothing_done(reader: Reader) -> None:
    """An unknown person or place is a 404 that names it; somebody without time has an empty answer."""
    known = reader.mirror.value("SELECT clickup_user_id FROM employees LIMIT 1")
    empty = await reader.get("/timesheets", person=known, from_="1999-01-01", to="1999-01-02")
    assert (empty["count"], empty["timesheets"], empty["total"]["minutes"]) == (0, [], 0)
    assert "no person '4711'" in await reader.unknown("/timesheets", person=["4711", known])
    for name, kind in (("task_id", "task"), ("place", "place")):
        assert f"no {kind} 'nowhere'" in await reader.unknown("/timesheets", **{name: "nowhere"})


async def test_the_days_are_the_last_seven_without_more(reader: Reader) -> None:
    """In the mirror's zone, today included; or those before `to`."""
    found = await reader.get("/timesheets")
    today = datetime.now(reader.mirror.zone).date()
    assert (found["from"], found["to"]) == (str(today - timedelta(days=6)), str(today))
    assert (found["zone"], found["group_by"]) == (reader.mirror.zone.key, "person")
    assert (await reader.get("/timesheets", to="2013-05-08"))["from"] == "2013-05-02"


async def test_days_and_zones_have_bounds(reader: Reader) -> None:
    """400 days at once, between 1900 and 2199, the first not after the last, in a zone that exists."""
    assert (await reader.get("/timesheets", from_="2024-01-01", to="2025-02-03"))["count"] >= 0
    assert "400" in await reader.refused("/timesheets", "from", from_="2024-01-01", to="2025-02-04")
    assert "after" in await reader.refused("/timesheets", "from", from_="2024-01-02", to="2024-01-01")
    for zone in (
        "Mars/Olympus",
        "europe/berlin",
        "../../etc/passwd",
        "UTC\x00",
        "",
        "+02:00",
        "localtime",
        "x" * 65,
    ):
        assert "not a time zone" in await reader.refused("/timesheets", "zone", zone=zone)
    for day in ("0001-01-01", "9999-12-31", "1899-12-31", "2200-01-01"):
        assert "between" in await reader.refused("/timesheets", "from", from_=day)
    for day in ("0", "1700000000", "20260101", "2026-01-01T00:00:00", "2026-02-30", "٢٠٢٦-٠١-٠١", "\x00", ""):
        assert await reader.refused("/timesheets", "to", to=day)
    assert (await reader.ask("/timesheets", to="1900-01-01", zone="Pacific/Kiritimati")).status_code == 200
    assert (await reader.ask("/timesheets", to="2199-12-31", zone="Pacific/Pago_Pago")).status_code == 200
    assert await reader.refused("/timesheets", "group_by", group_by="moon")


def table(text: str) -> list[dict[str, Any]]:
    return list(csv.DictReader(StringIO(text, newline="")))


async def test_csv_says_the_same(own: Reader) -> None:
    """A row for each person and day; the sums of its columns are the total, and undated time has its own."""
    last = date.today()
    days = {"from_": str(last - timedelta(days=399)), "to": str(last), "zone": "Europe/Berlin"}
    add(own, 1, None, 61_000)
    found = await own.get("/timesheets", **days)
    answer = await own.ask("/timesheets", {"Accept": "text/csv"}, **days)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["vary"] == "Accept"
    rows = table(answer.text)
    dated = {(row["id"], row["date"]): int(row["milliseconds"]) for row in rows if row["date"]}
    assert {key: ms for key, ms in dated.items() if ms} == answered(found)
    undated = [row for row in rows if not row["date"]]
    assert sum(int(row["undated_milliseconds"]) for row in undated) == found["total"]["undated_milliseconds"]
    assert all(row["minutes"] == "" for row in undated)
    other = await own.ask("/timesheets", format="csv", **days)
    assert len(table(other.text)) == len(rows)


async def test_a_duration_that_nobody_knows_counts_nothing(own: Reader) -> None:
    """Neither up to now, as if a timer ran, nor to the end of the day."""
    start = at("2013-05-06T10:00", "UTC")
    own.mirror.rows(
        "INSERT INTO time_entries (workspace_id, clickup_entry_id, clickup_user_id, started_at, is_running,"
        " read_at, unreadable_fields) VALUES (%s, 'odd', '77', %s, false, now(), %s::jsonb)",
        *(own.mirror.sim.team_id, start, '{"duration": "odd"}'),
    )
    found = await own.get("/timesheets", from_="2013-05-06", to="2013-05-07", zone="UTC")
    assert answered(found) == answered(found, "running_minutes") == {}
    entries = await own.get("/time-entries", from_="2013-05-06", to="2013-05-06", zone="UTC")
    assert [(one["minutes"], one["is_running"]) for one in entries["time_entries"]] == [(None, False)]
