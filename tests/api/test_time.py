"""Time entries over HTTP: one by one, as the source has them; and as a table that computes nothing."""

import asyncio
import base64
import csv
import json
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.api.time import EntryPage
from app.core.answers.timesheet import part_bounds
from app.reports.places import Within
from app.reports.time import TimeEntry, TimeFilter
from tests.api.plans import Connection, filled, kinds, pages_read, plan, read_whole
from tests.api.reading import Json, Reader, typed
from tests.campaigns import seeds
from tests.conftest import Server
from tests.hostile import NAME, commands_in


def ids(answer: Json) -> list[str]:
    return [entry["clickup_entry_id"] for entry in answer["time_entries"]]


def known(reader: Reader) -> dict[str, Json]:
    """The source's entries that the mirror can know."""
    stored = {row["id"] for row in reader.mirror.rows("SELECT clickup_entry_id AS id FROM time_entries")}
    return {key: one for key, one in reader.mirror.world.truth()["entries"].items() if key in stored}


def add(reader: Reader, name: str, **columns: Any) -> None:
    """An entry in the mirror alone."""
    row = {
        "workspace_id": reader.mirror.sim.team_id, "clickup_entry_id": name, "clickup_user_id": "77",
        "duration_ms": 60_000, "is_running": False, "read_at": datetime.now(UTC), **columns,
    }  # fmt: skip
    reader.mirror.rows(
        f"INSERT INTO time_entries ({', '.join(row)}) VALUES ({', '.join(['%s'] * len(row))})", *row.values()
    )


async def test_entries_are_as_the_source_has_them(reader: Reader) -> None:
    """Newest start first, each with its person, task and place; milliseconds, and whole minutes cut off."""
    answer = await reader.get("/time-entries", limit=1_000)
    page, truth = typed(EntryPage, answer), known(reader)
    tasks = reader.mirror.world.truth()["tasks"]
    assert answer["total"] == answer["count"] == len(truth) > 30
    starts = [one.started_at for one in page.time_entries if one.started_at]
    assert starts == sorted(starts, reverse=True)
    for one in page.time_entries:
        wanted = truth[one.clickup_entry_id]
        assert (one.clickup_user_id, one.clickup_task_id) == (wanted["user_id"], wanted["task_id"])
        assert one.started_at == datetime.fromtimestamp(wanted["start"] / 1000, UTC)
        assert (one.duration_ms, one.is_running) == (wanted["duration_ms"], wanted["running"])
        assert one.minutes == (None if wanted["running"] else wanted["duration_ms"] // 60_000)
        task = tasks.get(wanted["task_id"], {"title": None, "list": None, "space_id": None})
        assert (one.task_title, one.list_name, one.space_id) == (
            task["title"],
            task["list"],
            task["space_id"],
        )
        assert one.is_task_deleted is (False if wanted["task_id"] else None)


@pytest.mark.parametrize("name", ["task", "list", "folder", "space"])
async def test_each_place_lets_pass_what_stands_in_it(reader: Reader, name: str) -> None:
    """One of them, and two."""
    tasks = reader.mirror.world.truth()["tasks"]

    def place(entry: Json) -> str | None:
        if name == "task" or entry["task_id"] is None:
            return entry["task_id"]
        return tasks[entry["task_id"]][f"{name}_id"]

    places = {key: place(one) for key, one in known(reader).items()}
    values = sorted({value for value in places.values() if value})
    for chosen in (values[:1], values[:2]):
        known_as = "task_id" if name == "task" else "place"
        answer = await reader.get("/time-entries", limit=1_000, **{known_as: chosen})
        assert set(ids(answer)) == {key for key, value in places.items() if value in chosen}
        assert answer["total"] == answer["count"] > 0


async def test_people_and_timers_filter(reader: Reader) -> None:
    """A person by either id; what runs, or what is finished."""
    person = reader.mirror.rows("SELECT id, clickup_user_id FROM employees ORDER BY name LIMIT 1")[0]
    mine = {key for key, one in known(reader).items() if one["user_id"] == person["clickup_user_id"]}
    for name in (str(person["id"]), person["clickup_user_id"]):
        assert set(ids(await reader.get("/time-entries", person=name, limit=1_000))) == mine
    running = {key for key, one in known(reader).items() if one["running"]}
    assert set(ids(await reader.get("/time-entries", running=True))) == running != set()
    assert running.isdisjoint(ids(await reader.get("/time-entries", running=False, limit=1_000)))


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "Europe/Berlin"])
async def test_days_are_those_of_the_zone(own: Reader, zone: str) -> None:
    """What begins on them or reaches into them; a millisecond beyond either midnight is another day's."""
    start, end = part_bounds(date(2013, 5, 6), date(2013, 5, 6), ZoneInfo(zone), "day")
    ms = timedelta(milliseconds=1)
    add(own, "first", started_at=start)
    add(own, "last", started_at=end - ms)
    add(own, "reaches", started_at=start - timedelta(days=40), duration_ms=40 * 86_400_000 + 1)
    add(own, "nothing", started_at=start, duration_ms=0)
    add(own, "runs", started_at=start - timedelta(days=90), duration_ms=None, is_running=True)
    add(own, "before", started_at=start - 60 * timedelta(seconds=1))
    add(own, "after", started_at=end)
    add(own, "undated", started_at=None)
    answer = await own.get("/time-entries", from_="2013-05-06", to="2013-05-06", zone=zone)
    assert ids(answer) == ["last", "nothing", "first", "reaches", "runs"]
    assert (answer["total"], answer["zone"]) == (5, zone)
    offset = datetime.fromisoformat(answer["time_entries"][0]["started_at"]).utcoffset()
    assert offset == start.astimezone(ZoneInfo(zone)).utcoffset()
    since = await own.get("/time-entries", from_="2013-05-06", zone=zone, person="77")
    assert ids(since) == ["after", "last", "nothing", "first", "reaches", "runs"]
    until = await own.get("/time-entries", to="2013-05-06", zone=zone, person="77")
    assert ids(until) == ["last", "nothing", "first", "before", "reaches", "runs"]
    assert ids(await own.get("/time-entries", person="77"))[-1] == "undated"


async def test_entries_of_deleted_tasks_are_marked(own: Reader) -> None:
    """They are here by themselves, and can be left out, or asked for alone."""
    task = next(one["task_id"] for one in known(own).values() if one["task_id"])
    gone = {key for key, one in known(own).items() if one["task_id"] == task}
    own.delete_task(task)
    answer = await own.get("/time-entries", limit=1_000)
    marked = {one["clickup_entry_id"] for one in answer["time_entries"] if one["is_task_deleted"]}
    assert marked == gone
    assert set(ids(await own.get("/time-entries", deleted="only"))) == gone
    assert gone.isdisjoint(ids(await own.get("/time-entries", deleted="exclude", limit=1_000)))


async def test_unknown_ids_are_told_from_nothing_found(own: Reader) -> None:
    """A 404 that names what is not known; somebody without time has none."""
    assert "no person '4711'" in await own.unknown("/time-entries", person="4711")
    assert "no task 'nowhere'" in await own.unknown("/time-entries", task_id="nowhere", format="csv")
    person = own.mirror.value("SELECT id FROM employees LIMIT 1")
    answer = await own.get("/time-entries", person=str(person), to="1999-01-01")
    assert (answer["count"], answer["total"], answer["next_cursor"]) == (0, 0, None)
    add(own, "only here", clickup_user_id="4711", clickup_task_id="nowhere", started_at=datetime.now(UTC))
    assert ids(await own.get("/time-entries", person="4711", task_id="nowhere")) == ["only here"]


async def test_a_walk_sees_each_entry_once(own: Reader) -> None:
    """Page by page, in order, while nothing changes."""
    own.mirror.rows("UPDATE time_entries SET updated_at = now() - interval '1 day'")
    add(own, "undated", started_at=None, updated_at=datetime(2020, 1, 1, tzinfo=UTC))
    whole = ids(await own.get("/time-entries", limit=1_000))
    walked = await own.walk("/time-entries", "time_entries", limit=7)
    assert [one["clickup_entry_id"] for one in walked] == whole


@pytest.mark.parametrize("seed", seeds())
async def test_a_walk_leaves_nothing_out_while_entries_move(own: Reader, seed: int) -> None:
    """Entries move to where the walk has been, and new ones come: all are seen, some twice."""
    random = Random(seed)

    def change_rows() -> None:
        name = str(random.random())
        own.mirror.rows(
            "UPDATE time_entries SET started_at = now(), updated_at = now() WHERE clickup_entry_id IN (SELECT"
            " clickup_entry_id FROM time_entries ORDER BY md5(clickup_entry_id || %s) LIMIT 2)",
            name,
        )
        if random.random() < 0.5:
            add(own, name, started_at=datetime.now(UTC) - timedelta(days=random.randrange(9)))

    walked = await own.walk("/time-entries", "time_entries", change_rows, limit=5)
    seen = {one["clickup_entry_id"] for one in walked}
    stored = {row["id"] for row in own.mirror.rows("SELECT clickup_entry_id AS id FROM time_entries")}
    assert stored - seen == set()


async def test_a_page_with_more_behind_it_is_not_sent_again(reader: Reader) -> None:
    """Its cursor is the same as long as nothing is written, and so is its ETag."""
    first = await reader.ask("/time-entries", limit=1)
    await asyncio.sleep(0.01)
    again = await reader.ask("/time-entries", {"If-None-Match": first.headers["etag"]}, limit=1)
    assert (again.status_code, bool(first.json()["next_cursor"])) == (304, True)


async def test_a_cursor_fits_its_own_question_only(reader: Reader) -> None:
    """With another filter, tampered with, or invented, it is refused."""
    cursor = (await reader.get("/time-entries", limit=2))["next_cursor"]
    assert "other filters" in await reader.refused("/time-entries", "cursor", cursor=cursor, running=True)
    for wrong in (cursor[:-3], "x", "", "é", "\x00"):
        assert await reader.refused("/time-entries", "cursor", cursor=wrong)


async def test_a_cursor_that_was_tampered_with_within_is_refused(reader: Reader) -> None:
    """A key that is no instant, and an id that PostgreSQL cannot hold, break nothing."""
    cursor = (await reader.get("/time-entries", limit=2))["next_cursor"]
    content = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    for change in ({"key": "noon"}, {"key": "0001-01-01T00:00:00+14:00", "row_id": "\x00"}, {"again": "yes"}):
        forged = base64.urlsafe_b64encode(json.dumps(content | change).encode()).decode().rstrip("=")
        answer = await reader.ask("/time-entries", cursor=forged)
        assert answer.status_code in (200, 422), answer.text


async def test_wrong_parameters_are_named(reader: Reader) -> None:
    """Each with its reason; nothing of it reaches PostgreSQL."""
    for value in ("0", "1001", "-1", "many", "1e3", "9" * 30):
        assert await reader.refused("/time-entries", "limit", limit=value)
    for name in ("person", "task_id", "place"):
        for value in ("a\x00b", "x" * 101, ""):
            assert await reader.refused("/time-entries", name, **{name: value})
        assert "100" in await reader.refused("/time-entries", name, **{name: ["x"] * 101})
    assert await reader.refused("/time-entries", "zone", zone="Nowhere")
    assert await reader.refused("/time-entries", "to", to="9999-12-31")
    assert "after" in await reader.refused("/time-entries", "from", from_="2024-01-02", to="2024-01-01")
    assert await reader.refused("/time-entries", "deleted", deleted="perhaps")
    assert await reader.refused("/time-entries", "format", format="xml")


async def test_what_has_not_changed_is_not_sent_again(own: Reader) -> None:
    """ETag and 304, until an entry changes; a cache that keeps it knows that Accept matters."""
    first = await own.ask("/time-entries")
    assert first.headers["vary"] == "Accept"
    tag = {"If-None-Match": first.headers["etag"]}
    assert (await own.ask("/time-entries", tag)).status_code == 304
    add(own, "new", started_at=datetime.now(UTC))
    assert (await own.ask("/time-entries", tag)).status_code == 200


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text, newline="")))


@pytest.mark.parametrize(
    ("accept", "is_csv"),
    [
        ("text/csv", True),
        ("text/csv, */*;q=0.1", True),
        ("application/json;q=0.5, text/*", True),
        ("*/*", False),
        ("application/json, text/csv;q=0.9", False),
        ("text/csv;q=0", False),
        ("text/csv;q=nonsense", False),
        ("", False),
    ],
)
async def test_the_accept_header_decides(reader: Reader, accept: str, is_csv: bool) -> None:
    """CSV for who prefers it, JSON for everybody else; `format` overrules it."""
    answer = await reader.ask("/time-entries", {"Accept": accept})
    assert answer.headers["content-type"].startswith("text/csv" if is_csv else "application/json")
    overruled = await reader.ask("/time-entries", {"Accept": accept}, format="json")
    assert overruled.headers["content-type"] == "application/json"


async def test_csv_has_every_entry(reader: Reader) -> None:
    """All of them, each once, though JSON comes in pages; the columns are the fields, in the chosen zone."""
    answer = await reader.ask("/time-entries", format="csv", zone="Asia/Kolkata")
    assert answer.headers["content-disposition"] == 'attachment; filename="time-entries.csv"'
    rows = table(answer.text)
    assert tuple(rows[0]) == tuple(field.name for field in fields(TimeEntry))
    page = await reader.get("/time-entries", limit=1_000, zone="Asia/Kolkata")
    assert [row["clickup_entry_id"] for row in rows] == ids(page)
    for row, one in zip(rows, page["time_entries"], strict=True):
        assert row["started_at"] == one["started_at"]
        assert row["duration_ms"] == ("" if one["duration_ms"] is None else str(one["duration_ms"]))
        assert row["is_running"] == ("true" if one["is_running"] else "false")
    few = await reader.ask("/time-entries", format="csv", limit=3)
    assert len(table(few.text)) == 3


async def test_very_many_entries_come_as_one_table(own: Reader) -> None:
    """More than a page has, each once, though all were written a moment ago."""
    own.mirror.rows(
        "INSERT INTO time_entries (workspace_id, clickup_entry_id, clickup_user_id, started_at, duration_ms,"
        " is_running, read_at) SELECT %s, 'many' || n, '77', timestamptz '2013-05-06' + n * interval '1 min',"
        " 60000, false, now() FROM generate_series(1, 2500) AS n",
        own.mirror.sim.team_id,
    )
    rows = table((await own.ask("/time-entries", format="csv", person="77")).text)
    assert [row["clickup_entry_id"] for row in rows] == [f"many{number}" for number in range(2500, 0, -1)]


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r\n", "\n", "＝"])
async def test_no_cell_is_a_formula(own: Reader, begin: str) -> None:
    """An apostrophe stands before what a spreadsheet would compute, in whichever column of text."""
    formula = f'{begin}HYPERLINK("http://evil.example";"x"),\n2'
    add(
        own,
        f"{begin}1",
        user_name=formula,
        description=formula,
        tags=[formula, "b"],
        started_at=datetime.now(UTC),
    )
    rows = table((await own.ask("/time-entries", format="csv", person="77")).text)
    assert len(rows) == 1
    for name, cell in rows[0].items():
        assert not cell.startswith(begin), name
    assert rows[0]["user_name"] == f"'{formula}"
    assert rows[0]["clickup_entry_id"] == f"'{begin}1"
    assert rows[0]["tags"] == f"'{formula}, b"


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("x;=1+1", "x;'=1+1"),
        ("x; @1", "x;' @1"),
        ("a\tb\t-1", "a\tb\t'-1"),
        ("- one\n- two\r\n=1", "'- one\n- two\r\n'=1"),
        ("9;-5", "9;'-5"),
        ("e=mc2 a-b x+y", "e=mc2 a-b x+y"),
        ("\x1b[2J\u202e", "␛[2J\\u202e"),
        ("\r=1", "␍=1"),
    ],
)
async def test_a_cell_that_begins_elsewhere_is_no_formula_either(own: Reader, text: str, cell: str) -> None:
    """Where semicolons or tabs separate; and whoever prints the file in a terminal sees what is in it."""
    add(own, "odd", description=text, user_name=NAME, started_at=datetime.now(UTC))
    answer = await own.ask("/time-entries", format="csv", person="77")
    (row,) = table(answer.text)
    assert row["description"] == cell
    assert commands_in(answer.text.replace("\r\n", "\n")) == []


_FILL = (
    "INSERT INTO tasks (workspace_id, clickup_task_id, title, type, list_id, folder_id, space_id, read_at,"
    " fingerprint) SELECT 'w', 't' || n, 'x', 'Task', 'l' || n % 900, 'f' || n % 500, 's' || n % 300, now(),"
    " 'f' FROM generate_series(1, 30000) AS n",
    "INSERT INTO time_entries (workspace_id, clickup_entry_id, clickup_task_id, clickup_user_id, started_at,"
    " duration_ms, is_running, read_at, updated_at) SELECT 'w', 'e' || n, 't' || n % 30000, 'u' || n % 400,"
    " CASE WHEN n % 5000 > 0 THEN to_timestamp(1.5e9 + n * 1500) END,"
    " CASE WHEN n % 9999 > 0 THEN 3600000 END, n % 9999 = 0, now(), to_timestamp(1.5e9 + n)"
    " FROM generate_series(1, 100000) AS n",
    "VACUUM ANALYZE tasks",
    "VACUUM ANALYZE time_entries",
)


@pytest.fixture(scope="module")
def large(server: Server, template: str) -> Iterator[Connection]:
    """100,000 entries over nearly five years."""
    with filled(server, template, *_FILL) as connection:
        yield connection


def place(again: bool = False, after: tuple[datetime, str] | None = None) -> dict[str, Any]:
    time, row_id = after or (None, None)
    since = datetime(2020, 1, 1, tzinfo=UTC)
    return {"again": again, "after_time": time, "after_id": row_id, "written_since": since, "limit": 100}


_MAY = (datetime(2020, 5, 1, tzinfo=UTC), datetime(2020, 6, 1, tzinfo=UTC))
FILTERS = {
    "person": TimeFilter(people=["u7"]),
    "task": TimeFilter(within=Within(tasks=["t77"])),
    "list": TimeFilter(within=Within(lists=["l7"])),
    "folder": TimeFilter(within=Within(folders=["f7"])),
    "space": TimeFilter(within=Within(spaces=["s7"])),
    "running": TimeFilter(running=True),
    "days": TimeFilter(start=_MAY[0], end=_MAY[1]),
    "old days": TimeFilter(end=datetime(2017, 8, 1, tzinfo=UTC)),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", FILTERS)
def test_every_filter_finds_its_entries_by_an_index(large: Connection, name: str) -> None:
    """No filter walks through all entries."""
    params = FILTERS[name].params("w")
    for tree in (plan(large, "list_entries", params | place()), plan(large, "count_entries", params)):
        assert read_whole(tree) == set()
        assert pages_read(tree) < 4_000


@pytest.mark.slow
def test_a_page_costs_the_same_at_every_depth(large: Connection) -> None:
    """With the cursor: in the order of an index, nothing of it sorted whole, hardly more than the first."""
    params = TimeFilter().params("w")
    middle = (datetime.fromtimestamp(1.5e9 + 50_000 * 1500, UTC), "e50000")
    first = plan(large, "list_entries", params | place())
    deep = plan(large, "list_entries", params | place(after=middle))
    for tree in (first, deep):
        assert read_whole(tree) == set()
        assert "Sort" not in kinds(tree)
    assert pages_read(deep) <= pages_read(first) * 3 + 50
    again = plan(large, "list_entries", params | place(True, (datetime(2021, 1, 1, tzinfo=UTC), "e1")))
    assert read_whole(again) == set()
    assert pages_read(again) < 2_000


@pytest.mark.slow
def test_a_sheet_reads_its_days_only(large: Connection) -> None:
    """A month of five years, with the long sessions and the undated ones, reads no whole table."""
    bounds = part_bounds(date(2020, 5, 1), date(2020, 5, 31), ZoneInfo("Europe/Berlin"), "day")
    wanted = TimeFilter(start=bounds[0], end=bounds[-1], deleted="exclude").params("w")
    params = wanted | {
        "by": "person",
        "now_ms": 0,
        "bounds": [round(one.timestamp() * 1000) for one in bounds],
    }
    tree = plan(large, "sum_time", params)
    assert "time_entries" not in read_whole(tree)
    assert pages_read(tree) < 8_000
