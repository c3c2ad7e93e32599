"""Hours: every figure of the map is what SQL sums from the sessions, by whatever, on whatever days."""

import csv
from datetime import date, timedelta
from io import StringIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.api.reading import Json, reading
from tests.dashboard.pages import Browsing, Page, chosen, hours, said
from tests.database import connect
from tests.engine.mirror import Mirror

# Whole minutes by whom or what and day: each session is cut at the midnights of the zone it reaches over.
SUMS = """
SELECT {name} AS name, to_char(day, 'YYYY-MM-DD') AS day,
    (sum(extract(epoch FROM least(e.started_at + e.duration_ms * interval '1 ms', (day + interval '1 day')
        AT TIME ZONE %(zone)s) - greatest(e.started_at, day AT TIME ZONE %(zone)s))) / 60)::numeric AS minutes
FROM time_entries AS e
LEFT JOIN tasks AS t USING (clickup_task_id)
LEFT JOIN employees AS p USING (clickup_user_id)
CROSS JOIN generate_series(%(first)s::timestamp, %(last)s::timestamp, interval '1 day') AS day
WHERE NOT e.is_running AND e.started_at IS NOT NULL AND t.is_deleted IS NOT TRUE
  AND e.started_at < (day + interval '1 day') AT TIME ZONE %(zone)s
  AND e.started_at + e.duration_ms * interval '1 ms' > day AT TIME ZONE %(zone)s
GROUP BY 1, 2
"""
NAMES = {"person": "coalesce(p.name, e.user_name)", "space": "t.space_name", "list": "t.list_name"}


def summed(browsing: Browsing, group: str, first: date, last: date) -> dict[tuple[str | None, str], int]:
    """What SQL says: whole minutes by name and day."""
    query = SUMS.replace("{name}", NAMES[group])
    known = {"zone": browsing.mirror.zone.key, "first": first, "last": last}
    with connect(browsing.mirror.database_url) as connection:
        rows = connection.execute(query.encode(), known).fetchall()
    return {(name, day): int(minutes) for name, day, minutes in rows if int(minutes)}


def mapped(page: Page, caption: str) -> dict[tuple[str, str], str]:
    """What the map says, by name and the first day of a column."""
    table = next(
        one for one in page.all("table", class_="heat") if said(next(one.iter("caption"))).startswith(caption)
    )
    days = [time.get("datetime", "") for time in table.find("thead").iter("time")]  # type: ignore[union-attr]
    found = {}
    for row in next(table.iter("tbody")):
        name, _, *cells = [said(cell) for cell in row]
        found |= {(name, day): cell for day, cell in zip(days, cells, strict=True) if ":" in cell}
    return found


def busiest(browsing: Browsing) -> date:
    """The last day of a week in which there is time."""
    row = browsing.mirror.rows(
        "SELECT (max(started_at) AT TIME ZONE %s)::date AS day FROM time_entries"
        " LEFT JOIN tasks USING (clickup_task_id) WHERE NOT is_running AND is_deleted IS NOT TRUE",
        browsing.mirror.zone.key,
    )[0]
    day: date = row["day"]
    return day


@pytest.mark.parametrize("group", ["person", "space", "list"])
async def test_each_cell_is_what_sql_sums(browsing: Browsing, group: str) -> None:
    """By person, space and list, on each of thirty days."""
    last = busiest(browsing)
    first = last - timedelta(days=29)
    page = await browsing.open("/ui/hours", from_=first, to=last, group_by=group)
    expected = {
        (" ".join(name.split()) if name else "no location", day): hours(minutes)
        for (name, day), minutes in summed(browsing, group, first, last).items()
    }
    assert mapped(page, f"Hours and minutes by {group} and day") == expected != {}


async def test_sums_and_csv_are_those_of_the_timesheets(browsing: Browsing) -> None:
    """The sum of each row, and the file that is offered, are the API's answer to the same question."""
    last = busiest(browsing)
    first = last - timedelta(days=13)
    page = await browsing.open("/ui/hours", from_=first, to=last)
    sheets = await browsing.ask("/timesheets", from_=first, to=last)
    rows = page.rows("Hours and minutes by person and day")
    assert [(row[0], row[1].split()[0]) for row in rows] == [
        (" ".join(sheet["name"].split()), hours(sheet["minutes"])) for sheet in sheets["timesheets"]
    ]
    total = said(page.one("section", aria_labelledby="sum-title"))
    assert f"{hours(sheets['total']['minutes'])} hours in {sheets['total']['entries']} time entries" in total
    assert f"Days of {sheets['zone']}" in total
    link = page.one("a", download="").get("href", "")
    answer = await browsing.client.get(link)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    table = list(csv.DictReader(StringIO(answer.text)))
    assert {(row["name"], row["date"]): row["minutes"] for row in table if row["date"]} == {
        (sheet["name"], day["date"]): str(day["minutes"])
        for sheet in sheets["timesheets"]
        for day in sheet["days"]
    }


async def test_one_persons_tasks(browsing: Browsing) -> None:
    """The sheets of one person, by task, with a link to each; the form says who it is."""
    row = browsing.mirror.rows(
        "SELECT p.id, e.clickup_user_id FROM time_entries AS e JOIN employees AS p USING (clickup_user_id)"
        " JOIN tasks AS t USING (clickup_task_id) WHERE NOT e.is_running AND NOT t.is_deleted"
        " ORDER BY started_at DESC LIMIT 1"
    )[0]
    last = busiest(browsing)
    for person in (str(row["id"]), row["clickup_user_id"]):
        wanted: Json = {"from_": last - timedelta(days=40), "to": last, "group_by": "task", "person": person}
        page = await browsing.open("/ui/hours", **wanted)
        sheets = (await browsing.ask("/timesheets", **wanted))["timesheets"]
        assert sorted(cells[1] for cells in page.rows("Hours and minutes by task")) == sorted(
            hours(sheet["minutes"]) for sheet in sheets
        )
        assert {f"/ui/tasks/{sheet['id']}" for sheet in sheets if sheet["id"]} <= set(page.links())
        assert list(chosen(page, "person")) == [str(row["id"])]


@pytest.mark.parametrize(
    ("days", "columns"), [(31, "day"), (32, "week"), (91, "week"), (92, "month"), (400, "month")]
)
async def test_long_ranges_have_weeks_and_then_months(browsing: Browsing, days: int, columns: str) -> None:
    """No more columns than people read; the sums stay those of the timesheets."""
    last = busiest(browsing)
    first = last - timedelta(days=days - 1)
    page = await browsing.open("/ui/hours", from_=first, to=last)
    caption = f"Hours and minutes by person and {columns}, finished"
    sheets = await browsing.ask("/timesheets", from_=first, to=last)
    assert [row[1].split()[0] for row in page.rows(caption)] == [
        hours(sheet["minutes"]) for sheet in sheets["timesheets"]
    ]
    heads = page.one("table", class_="heat").find("thead")
    assert heads is not None
    assert 1 < len(list(heads.iter("time"))) <= 31


async def test_timers_that_run_are_listed(own_browsing: Browsing) -> None:
    """Whose, since when, on what; counted apart from finished time."""
    own_browsing.mirror.rows("UPDATE time_entries SET is_running = false, duration_ms = 1 WHERE is_running")
    own_browsing.mirror.rows(
        "INSERT INTO time_entries (workspace_id, clickup_entry_id, clickup_task_id, clickup_user_id,"
        " user_name, started_at, is_running, read_at)"
        " SELECT workspace_id, 'runs', clickup_task_id, '7', 'Somebody',"
        " now() - interval '65 minutes', true, now() FROM tasks WHERE NOT is_deleted LIMIT 1"
    )
    page = await own_browsing.open("/ui/hours")
    (row,) = page.rows("Running timers")
    assert row[0] == "Somebody" and "65 min ago" in row[1]
    assert "1 running timer (1:05)" in page.words
    assert (
        next(cells for cells in page.rows("Hours and minutes by person") if cells[0] == "Somebody")[1]
        == "0:00 +1:05"
    )


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"from_": "2026-02-01", "to": "2026-01-01"}, "is after"),
        ({"from_": "1980-01-01", "to": "2026-01-01"}, "400 are the maximum"),
        ({"from_": "2190-01-01"}, "is after"),
        ({"from_": "soon"}, "use YYYY-MM-DD"),
        ({"group_by": "colour"}, "group_by"),
    ],
)
async def test_days_that_do_not_go_together_are_told(browsing: Browsing, params: Json, reason: str) -> None:
    """As a page that says which value it is."""
    page = await browsing.open("/ui/hours", 422, **params)
    assert reason in page.words


async def test_an_unknown_person_is_told(browsing: Browsing) -> None:
    """404, as a page."""
    page = await browsing.open("/ui/hours", 404, person="nobody-we-know")
    assert "no person 'nobody-we-know'" in page.words


async def test_weeks_begin_on_the_day_of_the_setting(mirror: Mirror) -> None:
    """WEEK_START: for the columns of a long range, and for the shortcuts of weeks."""
    async with reading(mirror, week_start="sunday") as reader:
        browsing = Browsing(mirror, reader.client)
        last = busiest(browsing)
        page = await browsing.open("/ui/hours", from_=last - timedelta(days=40), to=last)
        heads = page.one("table", class_="heat").find("thead")
        assert heads is not None
        first, *weeks = [date.fromisoformat(time.get("datetime", "")) for time in heads.iter("time")]
        assert first == last - timedelta(days=40)
        assert {week.strftime("%A") for week in weeks} == {"Sunday"}
        links = {said(one): one.get("href", "") for one in page.one("ul", class_="shortcuts").iter("a")}
        for label in ("This week", "Last week", "Last 12 weeks"):
            begin = parse_qs(urlsplit(links[label]).query)["from"][0]
            assert date.fromisoformat(begin).strftime("%A") == "Sunday"


async def test_dates_and_numbers_are_those_of_the_settings(mirror: Mirror) -> None:
    """DATE_FORMAT and NUMBER_FORMAT hold for headings, figures, map, chart, chips; not for CSV and JSON."""
    mirror.rows(
        "UPDATE time_entries SET started_at = '2020-03-01T12:00Z', is_running = false,"
        " duration_ms = 3600000 * 1500::bigint WHERE clickup_entry_id = (SELECT min(clickup_entry_id)"
        " FROM time_entries JOIN tasks USING (clickup_task_id) WHERE NOT is_deleted)"
    )
    async with reading(mirror, date_format="30.11.2026", number_format="1.234,5") as reader:
        browsing = Browsing(mirror, reader.client)
        wanted = {"from_": "2020-03-01", "to": "2020-05-15"}
        page = await browsing.open("/ui/hours", **wanted)
        assert "01.03.2020 to 15.05.2020" in page.words and "1.500:00 hours in 1 time entry" in page.words
        assert "from 02.03.2020" in page.words and "02.03.2020: 168:00" in page.words
        assert [page.one("input", name=name).get("value") for name in ("from", "to")] == list(wanted.values())
        sheets = await browsing.ask("/timesheets", per="week", **wanted)
        assert sheets["timesheets"][0]["weeks"][0]["date"] == "2020-03-01"
        table = (await browsing.client.get(page.one("a", download="").get("href", ""))).text
        assert "2020-03-02" in table and "1440" in table
        chips = (await browsing.open("/ui/tasks", due_to="2026-11-30")).one("ul", class_="chips")
        assert "due to 30.11.2026" in said(chips)


async def test_shortcuts_lead_to_their_days(browsing: Browsing) -> None:
    """Each keeps what else was asked for, and is marked where it is shown."""
    page = await browsing.open("/ui/hours", group_by="space")
    links = [one for one in page.all("a") if "from=" in one.get("href", "") and "/ui/" in one.get("href", "")]
    found: dict[str, Any] = {said(link): link.get("href", "") for link in links}
    assert set(found) >= {"This week", "Last week", "This month", "Last month", "Last 12 weeks", "This year"}
    for label, link in found.items():
        assert "group_by=space" in link
        shown = await browsing.open(link)
        marked = [
            said(one) for one in shown.one("ul", class_="shortcuts").iter("a") if one.get("aria-current")
        ]
        assert label in marked
