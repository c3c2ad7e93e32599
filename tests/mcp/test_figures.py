"""Every tool's figures are those of SQL that is written here, on a workspace of the simulator."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from app.core.answers.day import whole_day
from app.core.answers.formats import week_of
from tests.engine.mirror import Mirror
from tests.mcp.asking import Json, Tools, asking

# Open, as all interfaces define it: not deleted, not finished, and not archived, itself or with its place.
OPEN = """
    NOT t.is_deleted AND NOT t.archived AND coalesce(t.status_type, 'open') NOT IN ('done', 'closed')
    AND NOT EXISTS (SELECT 1 FROM lists AS l WHERE l.list_id = t.list_id AND l.archived)
    AND NOT EXISTS (SELECT 1 FROM folders AS f WHERE f.folder_id = t.folder_id AND f.archived)
    AND NOT EXISTS (SELECT 1 FROM spaces AS s WHERE s.space_id = t.space_id AND s.archived)
"""
DONE = "NOT t.is_deleted AND t.status_type IN ('done', 'closed')"
DONE_AT = "coalesce(t.date_done, t.date_closed)"
# Milliseconds of finished entries between two instants, given in milliseconds; not of deleted tasks.
SHARES = """
    SELECT e.clickup_user_id AS person, t.list_id AS list, t.space_id AS space, t.clickup_task_id AS task,
        least(began + e.duration_ms, %s) - greatest(began, %s) AS ms
    FROM (SELECT *, round(extract(epoch FROM started_at) * 1000)::bigint AS began FROM time_entries) AS e
    LEFT JOIN tasks AS t USING (clickup_task_id)
    WHERE NOT e.is_running AND e.started_at IS NOT NULL AND coalesce(NOT t.is_deleted, true)
      AND began < %s AND (began + e.duration_ms > %s OR began >= %s)
"""


@pytest.fixture
def ask(mirror: Mirror) -> "Ask":
    """The tools of a mirror in which something of everything happened of late."""
    _make_it_lively(mirror)
    return Ask(mirror)


class Ask:
    """Asks tools, and the database beside them."""

    def __init__(self, mirror: Mirror) -> None:
        self.mirror = mirror
        self.today = datetime.now(mirror.zone).date()

    async def __call__(self, tool: str, **arguments: Any) -> Json:
        async with asking(self.mirror) as tools:
            return await tools.ask(tool, **arguments)

    @asynccontextmanager
    async def all(self) -> AsyncIterator[Tools]:
        async with asking(self.mirror) as tools:
            yield tools

    def day(self, away: int) -> date:
        """So many days from today."""
        return self.today + timedelta(days=away)

    def count(self, where: str, *params: Any) -> int:
        """How many tasks the condition is true of."""
        return int(self.mirror.value(f"SELECT count(*) FROM tasks AS t WHERE {where}", *params))

    def minutes(self, by: str, first: date, last: date, where: str = "true", *params: Any) -> dict[Any, int]:
        """Whole minutes by person, list, space or task on these days, both included."""
        start, end = (
            round(bound.timestamp() * 1000)
            for bound in (whole_day(first, self.mirror.zone).start, whole_day(last, self.mirror.zone).end)
        )
        rows = self.mirror.rows(
            f"SELECT {by} AS key, (sum(ms) / 60000)::bigint AS minutes, sum(ms) AS ms FROM ({SHARES}) AS s"
            f" WHERE {where} GROUP BY 1",
            end, start, end, start, start, *params,
        )  # fmt: skip
        return {row["key"]: int(row["ms"]) // 60_000 for row in rows}


def _make_it_lively(mirror: Mirror) -> None:
    """Tasks that are overdue, due soon, done yesterday and blocked, and time of the last days."""
    ids = [row["id"] for row in mirror.rows("SELECT clickup_task_id AS id FROM tasks ORDER BY 1")]
    today = datetime.now(mirror.zone).date()
    for number, task_id in enumerate(ids[:12]):
        mirror.rows(
            "UPDATE tasks SET due_date = %s, status_type = %s, archived = false WHERE clickup_task_id = %s",
            today + timedelta(days=number - 6), "custom" if number % 2 else "open", task_id,
        )  # fmt: skip
    for number, task_id in enumerate(ids[12:18]):
        mirror.rows(
            "UPDATE tasks SET status_type = 'done', date_done = now() - %s * interval '20 hours',"
            " time_estimate_minutes = %s, archived = false WHERE clickup_task_id = %s",
            number, number * 30, task_id,
        )  # fmt: skip
    mirror.rows(
        "INSERT INTO task_dependencies VALUES (%s, %s, 'waiting_on', %s), (%s, %s, 'waiting_on', %s)"
        " ON CONFLICT DO NOTHING",
        mirror.sim.team_id, ids[0], ids[1], mirror.sim.team_id, ids[2], ids[13],
    )  # fmt: skip
    people = [row["id"] for row in mirror.rows("SELECT clickup_user_id AS id FROM employees ORDER BY 1")]
    for number in range(12):
        mirror.rows(
            "INSERT INTO time_entries (clickup_entry_id, workspace_id, clickup_task_id, clickup_user_id,"
            " user_name, started_at, ended_at, duration_ms, is_running, read_at)"
            " SELECT %s, %s, %s, %s, 'Somebody', s, s + %s * interval '1 millisecond', %s, false, now()"
            " FROM (SELECT now() - %s * interval '7 hours' AS s) AS began",
            f"own{number}", mirror.sim.team_id, ids[number % 5], people[number % 3], 5_000_017 * (number + 1),
            5_000_017 * (number + 1), number + 20,
        )  # fmt: skip


async def test_the_workspace(ask: Ask) -> None:
    """Name, colour, plan and number of members are the row's."""
    row = ask.mirror.rows(
        "SELECT workspace_id, name, color, avatar, plan_name, members_count FROM workspaces"
    )[0]
    found = (await ask("get_workspaces"))["workspaces"]
    assert found == [
        {**{name: row[name] for name in ("workspace_id", "name", "color", "avatar", "members_count")},
         "plan": row["plan_name"], "is_mirrored": True}
    ]  # fmt: skip


async def test_spaces(ask: Ask) -> None:
    """Each space with its number of statuses, by name."""
    rows = ask.mirror.rows(
        "SELECT space_id, name, jsonb_array_length(statuses) AS status_count, multiple_assignees, archived,"
        " color FROM spaces WHERE NOT is_deleted ORDER BY lower(name), space_id"
    )
    assert (await ask("get_spaces"))["spaces"] == rows


async def test_places_in_depth(ask: Ask) -> None:
    """Statuses, features, lists and numbers of tasks of each space, folder and list."""
    live = "SELECT count(*) FROM tasks WHERE NOT is_deleted AND"
    async with ask.all() as tools:
        for space in ask.mirror.rows("SELECT * FROM spaces"):
            found = await tools.ask("get_space", space_id=space["space_id"])
            assert found["tasks"] == ask.mirror.value(f"{live} space_id = %s", space["space_id"])
            assert [one["status"] for one in found["statuses"]] == [
                one["status"] for one in space["statuses"]
            ]
            assert found["features"] == {name: one["enabled"] for name, one in space["features"].items()}
            for kind in ("folder", "list"):
                rows = ask.mirror.rows(
                    f"SELECT {kind}_id AS id FROM {kind}s WHERE space_id = %s AND NOT is_deleted",
                    space["space_id"],
                )
                assert {one[f"{kind}_id"] for one in found[f"{kind}s"]} == {row["id"] for row in rows}
        for kind in ("folder", "list"):
            for row in ask.mirror.rows(f"SELECT {kind}_id AS id, name FROM {kind}s"):
                found = await tools.ask(f"get_{kind}", **{f"{kind}_id": row["id"]})
                assert found["name"] == row["name"] and found["statuses"]
                assert found["tasks"] == ask.mirror.value(f"{live} {kind}_id = %s", row["id"])


async def test_people(ask: Ask) -> None:
    """Everybody who is here, by name."""
    rows = ask.mirror.rows(
        "SELECT clickup_user_id FROM employees WHERE is_active ORDER BY lower(name), clickup_user_id"
    )
    found = await ask("find_people", limit=100)
    assert found["total"] == len(rows)
    assert [one["clickup_user_id"] for one in found["people"]] == [row["clickup_user_id"] for row in rows]


async def test_tasks_by_every_filter(ask: Ask) -> None:
    """For each filter as many tasks as SQL counts, and exactly those."""
    today, employee = ask.today, ask.mirror.rows("SELECT id, name FROM employees ORDER BY name LIMIT 1")[0]
    space = ask.mirror.rows("SELECT space_id, name FROM spaces ORDER BY name LIMIT 1")[0]
    status = ask.mirror.value("SELECT status FROM tasks GROUP BY 1 ORDER BY count(*) DESC LIMIT 1")
    tag = ask.mirror.value("SELECT tag FROM task_tags GROUP BY 1 ORDER BY count(*) DESC LIMIT 1")
    start = whole_day(ask.day(-40), ask.mirror.zone).start
    cases: list[tuple[Json, str, tuple[Any, ...]]] = [
        ({}, "true", ()),
        ({"status_type": ["open", "custom"]}, "status_type IN ('open', 'custom')", ()),
        ({"status": [status.upper()]}, "status = %s", (status,)),
        ({"assignee": [employee["name"]]}, "%s = ANY(employee_ids)", (employee["id"],)),
        ({"place": [space["name"]]}, "space_id = %s", (space["space_id"],)),
        ({"tag": [tag]}, "%s = ANY(tags)", (tag,)),
        ({"priority": ["urgent", "high"]}, "priority IN ('urgent', 'high')", ()),
        ({"due_from": "today", "due_to": str(ask.day(3))}, "due_date BETWEEN %s AND %s", (today, ask.day(3))),
        ({"updated_since": str(ask.day(-40))}, "date_updated >= %s", (start,)),
        ({"updated_since": start.isoformat()}, "date_updated >= %s", (start,)),
        ({"with_time": True}, "tracked_minutes > 0", ()),
        ({"with_comments": True}, "assigned_comment IS NOT NULL", ()),
        ({"archived": True}, "archived", ()),
    ]
    async with ask.all() as tools:
        for arguments, where, params in cases:
            wanted = ask.mirror.rows(
                f"SELECT clickup_task_id AS id FROM tasks WHERE NOT is_deleted AND {where}", *params
            )
            found = await tools.ask("find_tasks", **arguments, limit=100)
            assert found["total"] == len(wanted), arguments
            assert {one["clickup_task_id"] for one in found["tasks"]} == {row["id"] for row in wanted}, (
                arguments
            )


async def test_tasks_by_words(ask: Ask) -> None:
    """Tasks in whose title or description a word begins so."""
    title = ask.mirror.value("SELECT title FROM tasks WHERE title ~ '^[A-Za-z]{4}' ORDER BY 1 LIMIT 1")
    word = title.split()[0][:4].lower()
    found = await ask("find_tasks", q=word, limit=100)
    texts = ask.mirror.rows(
        "SELECT clickup_task_id AS id FROM tasks WHERE NOT is_deleted"
        " AND title || ' ' || coalesce(description, '') ~* ('\\m' || %s)", word
    )  # fmt: skip
    assert {one["clickup_task_id"] for one in found["tasks"]} == {row["id"] for row in texts}


async def test_one_task(ask: Ask) -> None:
    """Its minutes, and how many sessions, comments and subtasks it has."""
    async with ask.all() as tools:
        for task in ask.mirror.rows("SELECT * FROM tasks ORDER BY clickup_task_id LIMIT 15"):
            key = task["clickup_task_id"]
            found = await tools.ask("get_task", task_id=key)
            assert found["task"]["clickup_task_id"] == key
            assert found["task"].get("tracked_minutes") == task["tracked_minutes"]
            for name, table in (("sessions", "time_entries"), ("comments", "comments")):
                wanted = ask.mirror.value(f"SELECT count(*) FROM {table} WHERE clickup_task_id = %s", key)
                assert found[f"{name}_total"] == wanted and len(found[name]) == min(wanted, 20)
            assert found["subtasks_total"] == ask.count("parent = %s AND NOT is_deleted", key)
            waiting = ask.mirror.rows(
                "SELECT other_task_id AS id FROM task_dependencies WHERE clickup_task_id = %s"
                " AND relation = 'waiting_on'", key
            )  # fmt: skip
            shown = found["dependencies"].get("waiting_on", ())
            assert {one["clickup_task_id"] for one in shown} == {row["id"] for row in waiting}


async def test_statuses(ask: Ask) -> None:
    """Tasks by status, and the overdue ones among them, without archived ones."""
    put_away = OPEN.replace("AND coalesce(t.status_type, 'open') NOT IN ('done', 'closed')", "")
    rows = ask.mirror.rows(
        f"SELECT status, status_type, count(*) AS tasks, count(*) FILTER (WHERE due_date < %s"
        f" AND status_type NOT IN ('done', 'closed')) AS overdue FROM tasks AS t WHERE {put_away}"
        f" GROUP BY 1, 2",
        ask.today,
    )
    found = (await ask("count_tasks_by_status"))["statuses"]
    assert sorted(found, key=str) == sorted(rows, key=str)


async def test_time_entries(ask: Ask) -> None:
    """Those that begin on a day or reach into it, and their minutes."""
    first, last = ask.day(-6), ask.day(-2)
    start, end = whole_day(first, ask.mirror.zone).start, whole_day(last, ask.mirror.zone).end
    rows = ask.mirror.rows(
        "SELECT clickup_entry_id AS id, duration_ms / 60000 AS minutes FROM time_entries"
        " WHERE started_at < %s AND (started_at >= %s OR is_running OR ended_at > %s)", end, start, start
    )  # fmt: skip
    assert rows
    found = await ask("find_time_entries", **{"from": str(first), "to": str(last)}, limit=100)
    assert found["total"] == len(rows)
    assert {one["clickup_entry_id"]: one.get("minutes") for one in found["time_entries"]} == {
        row["id"]: row["minutes"] for row in rows
    }


@pytest.mark.parametrize("by", ["person", "list", "space", "task"])
async def test_time_reports(ask: Ask, by: str) -> None:
    """Minutes by person, list, space and task, of a week and of each of its days."""
    first, last = ask.day(-7), ask.day(0)
    days: dict[str, str] = {"from": str(first), "to": str(last)}
    async with ask.all() as tools:
        found = await tools.ask("get_time_report", group_by=by, **days, limit=100)
        wanted = ask.minutes(by, first, last)
        assert {row.get("id"): row["minutes"] for row in found["timesheets"] if row["entries"]} == wanted
        assert found["sum"]["minutes"] == ask.minutes("1", first, last)[1]
        daily = await tools.ask("get_time_report", group_by=by, per="day", **days, limit=100)
    for away in range(-7, 1):
        of_day = {
            row.get("id"): part["minutes"]
            for row in daily["timesheets"]
            for part in row.get("days", ())
            if part["date"] == str(ask.day(away))
        }
        assert {key: of_day.get(key) for key in ask.minutes(by, ask.day(away), ask.day(away))} == ask.minutes(
            by, ask.day(away), ask.day(away)
        )


async def test_a_timesheet(ask: Ask) -> None:
    """A person's minutes day by day, and by task on each of them."""
    person = ask.mirror.value("SELECT clickup_user_id FROM time_entries WHERE clickup_entry_id = 'own0'")
    first, last = ask.day(-10), ask.day(0)
    found = await ask("get_timesheet", person=person, **{"from": str(first), "to": str(last)})
    assert found["minutes"] == ask.minutes("person", first, last)[person]
    async with ask.all() as tools:
        days = {"from": str(first), "to": str(last)}
        assert await tools.walk("get_timesheet", "days", person=person, limit=1, **days) == found["days"]
    assert len(found["days"]) == found["total"] > 1
    shown = {day["date"]: day for day in found["days"]}
    for away in range(-10, 1):
        wanted = ask.minutes("task", ask.day(away), ask.day(away), "person = %s", person)
        day = shown.get(str(ask.day(away)), {"tasks": [], "minutes": 0})
        assert {one.get("clickup_task_id"): one["minutes"] for one in day["tasks"] if one["minutes"]} == {
            key: minutes for key, minutes in wanted.items() if minutes
        }
        assert day["minutes"] == ask.minutes("person", ask.day(away), ask.day(away)).get(person, 0)


async def test_running_timers(ask: Ask) -> None:
    """As many as run."""
    found = await ask("get_running_timers", limit=100)
    assert found["total"] == ask.mirror.value("SELECT count(*) FROM time_entries WHERE is_running")


async def test_what_needs_a_look(ask: Ask) -> None:
    """Overdue, at risk, stale, blocked and untracked tasks, by their definitions."""
    blocked = f"""EXISTS (
        SELECT 1 FROM task_dependencies AS d JOIN tasks AS o ON o.clickup_task_id = d.other_task_id
        WHERE d.clickup_task_id = t.clickup_task_id AND d.relation = 'waiting_on'
          AND {OPEN.replace("t.", "o.")})"""
    time = "FROM time_entries AS e WHERE e.clickup_task_id = t.clickup_task_id"
    worked, running = (
        f"SELECT max(coalesce(ended_at, started_at)) {time}",
        f"EXISTS (SELECT 1 {time} AND is_running)",
    )
    here = "EXISTS (SELECT 1 FROM employees AS p WHERE p.id = ANY(t.employee_ids) AND p.is_active)"
    wanted = {
        "overdue": (f"{OPEN} AND t.due_date < %s", (ask.today,)),
        "at_risk": (
            f"""{OPEN} AND t.due_date BETWEEN %s AND %s AND (NOT {here} OR {blocked}
                OR (t.status_type = 'open' AND t.tracked_minutes = 0 AND NOT {running})
                OR (t.time_estimate_minutes > 0 AND t.tracked_minutes >= t.time_estimate_minutes))""",
            (ask.today, ask.day(3)),
        ),
        "stale": (
            f"{OPEN} AND NOT {running} AND t.date_updated <= now() - interval '14 days'"
            f" AND coalesce(({worked}), 'epoch') <= now() - interval '14 days'", ()
        ),
        "blocked": (f"{OPEN} AND {blocked}", ()),
        "untracked": (
            f"{DONE} AND {DONE_AT} > now() - interval '30 days' AND t.tracked_minutes = 0 AND NOT {running}"
            " AND NOT EXISTS (SELECT 1 FROM tasks AS b WHERE b.parent = t.clickup_task_id"
            " AND NOT b.is_deleted AND b.tracked_minutes IS DISTINCT FROM 0)", ()
        ),
    }  # fmt: skip
    async with ask.all() as tools:
        for condition, (where, params) in wanted.items():
            found = await tools.ask("list_attention", condition=condition, limit=100)
            ids = ask.mirror.rows(f"SELECT clickup_task_id AS id FROM tasks AS t WHERE {where}", *params)
            assert {one["clickup_task_id"] for one in found["tasks"]} == {row["id"] for row in ids}, condition
            assert found["total"] == len(ids) > 0


async def test_the_workload(ask: Ask) -> None:
    """Open, overdue and urgent tasks, estimates, time of seven days and waiting comments of each person."""
    found = await ask("get_workload", limit=100)
    spent = ask.minutes("person", ask.day(-6), ask.day(0))
    for person in ask.mirror.rows("SELECT id, name, clickup_user_id FROM employees WHERE is_active"):
        row = next(one for one in found["people"] if one.get("employee_id") == str(person["id"]))
        theirs = f"{OPEN} AND '{person['id']}' = ANY(t.employee_ids)"
        assert row["open_tasks"] == ask.count(theirs)
        assert row["overdue"] == ask.count(f"{theirs} AND due_date < %s", ask.today)
        assert row["due_soon"] == ask.count(f"{theirs} AND due_date BETWEEN %s AND %s", ask.today, ask.day(7))
        assert row["urgent"] == ask.count(f"{theirs} AND priority IN ('urgent', 'high')")
        assert row["estimate_minutes"] == ask.mirror.value(
            f"SELECT coalesce(sum(time_estimate_minutes), 0) FROM tasks AS t WHERE {theirs}"
        )
        assert row["tracked_minutes"] == spent.get(person["clickup_user_id"], 0)
        assert row["waiting_comments"] == _waiting(ask, person["clickup_user_id"])
    nobody = "t.assignee_ids IS NULL AND t.group_assignees = '{}'"
    assert found["nobody"]["open_tasks"] == ask.count(f"{OPEN} AND {nobody}")


def _waiting(ask: Ask, person: str) -> int:
    return int(
        ask.mirror.value(
            "SELECT count(*) FROM comments LEFT JOIN tasks USING (clickup_task_id)"
            " WHERE assignee_id = %s AND NOT resolved AND is_deleted IS NOT TRUE",
            person,
        )
    )


async def test_waiting_comments(ask: Ask) -> None:
    """As many as wait, in all and for each person."""
    async with ask.all() as tools:
        total = 0
        for person in ask.mirror.rows(
            "SELECT DISTINCT assignee_id AS id FROM comments WHERE assignee_id IS NOT NULL"
        ):
            found = await tools.ask("list_waiting_comments", person=[person["id"]], limit=100)
            assert found["total"] == _waiting(ask, person["id"])
            total += found["total"]
        total += await _wait_for_teams(ask, tools)
        assert (await tools.ask("list_waiting_comments"))["total"] == total


async def _wait_for_teams(ask: Ask, tools: Ask) -> int:
    """How many wait for a team and for no person; the teams are told by the tool and in the workload."""
    teams = {team["name"]: team["waiting_comments"] for team in (await tools.ask("get_workload"))["teams"]}
    alone = 0
    for row in ask.mirror.rows(
        "SELECT assignee_group_name AS name, count(*) AS wait,"
        " count(*) FILTER (WHERE assignee_id IS NULL) AS alone"
        " FROM comments LEFT JOIN tasks USING (clickup_task_id)"
        " WHERE is_waiting AND assignee_group_id IS NOT NULL AND is_deleted IS NOT TRUE GROUP BY 1"
    ):
        found = await tools.ask("list_waiting_comments", team=row["name"], limit=100)
        assert found["total"] == teams.pop(row["name"]) == row["wait"]
        assert all(row["name"] in one["waits_for"] for one in found["comments"])
        alone += row["alone"]
    assert not teams
    return alone


async def test_a_day(ask: Ask) -> None:
    """What each person did on each of the last days, in minutes and tasks."""
    async with ask.all() as tools:
        for away in (-4, -3, -2, -1, 0):
            day = ask.day(away)
            found = await tools.ask("get_standup", date=str(day), limit=100)
            spent = {key: minutes for key, minutes in ask.minutes("person", day, day).items() if minutes}
            ids = {str(row["id"]): row["user"] for row in ask.mirror.rows(
                "SELECT id, clickup_user_id AS user FROM employees")}  # fmt: skip
            shown = {ids[one["employee_id"]]: one for one in found["people"] if "employee_id" in one}
            assert {key: one["minutes"] for key, one in shown.items() if one["minutes"]} == {
                key: minutes for key, minutes in spent.items() if key in shown
            }
            bounds = whole_day(day, ask.mirror.zone)
            for key, one in shown.items():
                done = ask.count(
                    f"{DONE} AND {DONE_AT} >= %s AND {DONE_AT} < %s AND EXISTS ("
                    "SELECT 1 FROM task_people AS p WHERE p.clickup_task_id = t.clickup_task_id"
                    " AND relation = 'assignee' AND clickup_user_id = %s)",
                    bounds.start, bounds.end, key,
                )  # fmt: skip
                assert len(one.get("done", ())) + one.get("done_left_out", 0) == done


@pytest.mark.parametrize("week", ["this week", "last week"])
async def test_a_week(ask: Ask, week: str) -> None:
    """Tasks created and done, and time by person and space, of the week and of the one before."""
    found = await ask("get_weekly_digest", date=week)
    for figures in (found["week"], found["previous"]):
        first, last = date.fromisoformat(figures["from"]), date.fromisoformat(figures["to"])
        assert (first.weekday(), (last - first).days) == (0, 6)
        start, end = whole_day(first, ask.mirror.zone).start, whole_day(last, ask.mirror.zone).end
        assert figures["created"] == ask.count(
            "NOT is_deleted AND date_created >= %s AND date_created < %s", start, end
        )
        assert figures["done"] == ask.count(f"{DONE} AND {DONE_AT} >= %s AND {DONE_AT} < %s", start, end)
        assert figures["tracked"]["minutes"] == ask.minutes("1", first, last).get(1, 0)
    first, last = date.fromisoformat(found["week"]["from"]), date.fromisoformat(found["week"]["to"])
    for by in ("person", "space"):
        assert {row.get("id"): row["minutes"] for row in found[f"by_{by}"]} == ask.minutes(by, first, last)
    assert found["overdue"] == ask.count(f"{OPEN} AND due_date < %s", ask.today)


async def test_this_week_begins_on_the_day_of_the_setting(mirror: Mirror) -> None:
    """WEEK_START says what `this week` is, how time is divided, and how the resource writes weeks in SQL."""
    async with asking(mirror, week_start="saturday") as tools:
        digest = await tools.ask("get_weekly_digest", date="this week")
        assert date.fromisoformat(digest["week"]["from"]).strftime("%A") == "Saturday"
        assert digest["week"]["from"] <= str(datetime.now(mirror.zone).date()) <= digest["week"]["to"]
        first = str(week_of(datetime.now(mirror.zone).date() - timedelta(days=390), "saturday"))
        report = await tools.ask("get_time_report", group_by="all", per="week", **{"from": first})
        weeks = [part["date"] for sheet in report["timesheets"] for part in sheet["weeks"]]
        assert {date.fromisoformat(day).strftime("%A") for day in weeks} == {"Saturday"}
        schema = await tools.client.read_resource("clickup://schema")
        week = "date_trunc('week', day + 2)::date - 2"
        assert week in schema.contents[0].text  # type: ignore[union-attr]
        asked = await tools.ask("query", sql=f"SELECT {week} AS week FROM (SELECT current_date AS day) AS d")
        assert asked["rows"] == [[digest["week"]["from"]]]


async def test_progress(ask: Ask) -> None:
    """Created, done, changed, open and tracked since a day, in all and by space."""
    first = ask.day(-30)
    start, end = whole_day(first, ask.mirror.zone).start, whole_day(ask.today, ask.mirror.zone).end
    async with ask.all() as tools:
        days: dict[str, str] = {"from": str(first)}
        total = (await tools.ask("get_progress", **days))["progress"][0]
        by_space = (await tools.ask("get_progress", **days, group_by="space", limit=100))["progress"]
    for row, where, spent in (
        (total, "true", ask.minutes("1", first, ask.today).get(1, 0)),
        *((row, f"space_id = '{row['id']}'", ask.minutes("space", first, ask.today).get(row["id"], 0))
          for row in by_space if "id" in row),
    ):  # fmt: skip
        assert row["created"] == ask.count(
            f"{where} AND NOT is_deleted AND date_created >= %s AND date_created < %s", start, end
        )
        assert row["done"] == ask.count(
            f"{where} AND {DONE} AND {DONE_AT} >= %s AND {DONE_AT} < %s", start, end
        )
        assert row["changed"] == ask.count(
            f"{where} AND NOT is_deleted AND date_updated >= %s AND date_updated < %s", start, end
        )
        assert row["open_now"] == ask.count(f"{where} AND {OPEN}")
        assert row["tracked_minutes"] == spent


async def test_accuracy(ask: Ask) -> None:
    """Tasks that were done in thirty days, with and without estimates and time, and how they compare."""
    row = (await ask("get_estimate_accuracy", **{"from": str(ask.day(-29))}))["accuracy"][0]
    start = whole_day(ask.day(-29), ask.mirror.zone).start
    done = f"{DONE} AND {DONE_AT} >= '{start.isoformat()}' AND {DONE_AT} < now() + interval '1 day'"
    both = f"{done} AND time_estimate_minutes > 0 AND tracked_minutes > 0"
    assert row["tasks"] == ask.count(done) > 0
    for name, column in (("estimated", "time_estimate_minutes"), ("tracked", "tracked_minutes")):
        wanted = ask.mirror.value(f"SELECT coalesce(sum({column}), 0) FROM tasks AS t WHERE {both}")
        assert row[f"{name}_minutes"] == wanted
    assert row["over"] == ask.count(f"{both} AND tracked_minutes > 1.2 * time_estimate_minutes")
    assert row["under"] == ask.count(f"{both} AND tracked_minutes < 0.8 * time_estimate_minutes")
    assert row["without_estimate"] == ask.count(f"{done} AND coalesce(time_estimate_minutes, 0) = 0")
    assert row["without_time"] == ask.count(
        f"{done} AND time_estimate_minutes > 0 AND coalesce(tracked_minutes, 0) = 0"
    )


async def test_the_status(ask: Ask) -> None:
    """How much the mirror holds, and its latest run."""
    found = await ask("get_sync_status", detail="full")
    counts = found["counts"]
    assert counts["tasks"] == ask.count("NOT is_deleted")
    assert counts["employees"] == ask.mirror.value("SELECT count(*) FROM employees WHERE is_active")
    assert counts["lists"] == ask.mirror.value("SELECT count(*) FROM lists WHERE NOT is_deleted")
    assert found["runs"][0]["kind"] == ask.mirror.last_run()["kind"]
    began = ask.mirror.value("SELECT max(started_at) FROM runs WHERE status = 'succeeded'")
    assert datetime.fromisoformat(found["as_of"]) == began.replace(microsecond=0)


async def test_the_tree(ask: Ask) -> None:
    """The resource has every list that is not archived, with its number of tasks."""
    async with ask.all() as tools:
        text = (await tools.client.read_resource("clickup://tree")).contents[0].text  # type: ignore[union-attr]
    found = {
        one["list_id"]: one["tasks"]
        for space in json.loads(text)["spaces"]
        for one in (*space["lists"], *(one for folder in space["folders"] for one in folder["lists"]))
    }
    rows = ask.mirror.rows(
        "SELECT list_id AS id, (SELECT count(*) FROM tasks AS t WHERE t.list_id = l.list_id"
        " AND NOT t.is_deleted) AS tasks FROM lists AS l LEFT JOIN folders AS f USING (folder_id)"
        " LEFT JOIN spaces AS s ON s.space_id = l.space_id"
        " WHERE NOT l.is_deleted AND NOT l.archived AND f.archived IS NOT TRUE AND s.archived IS NOT TRUE"
    )
    assert found == {row["id"]: row["tasks"] for row in rows}
