"""How many tasks are open, overdue and unassigned is one number, whoever is asked."""

import re
from typing import Any

import pytest

from app.sql.loader import load_part
from tests.api.reading import Reader
from tests.dashboard.pages import Browsing, said
from tests.docs.reading import ROOT, read
from tests.engine.mirror import Mirror
from tests.mcp.asking import Tools, asking

Json = dict[str, Any]
_OF_DONE = ("done", "closed")


@pytest.fixture
def odd(own: Reader) -> Reader:
    """With what interfaces used to count differently: archived places, who left, teams, unknown types."""
    rows = own.mirror.rows(
        "SELECT clickup_task_id AS id FROM tasks AS t JOIN lists AS l USING (list_id)"
        " WHERE NOT t.is_deleted AND NOT t.archived AND NOT l.archived"
        " AND t.status_type IN ('open', 'custom')"
        " ORDER BY 1 LIMIT 8"
    )
    ids = [row["id"] for row in rows]
    assert len(ids) == 8
    own.mirror.rows("UPDATE tasks SET due_date = '2020-01-01' WHERE clickup_task_id = ANY(%s)", ids)
    own.mirror.rows("UPDATE lists SET archived = true WHERE list_id = (SELECT list_id FROM tasks"
                    " WHERE clickup_task_id = %s)", ids[0])  # fmt: skip
    own.mirror.rows("UPDATE tasks SET status_type = NULL WHERE clickup_task_id = %s", ids[1])
    bare = "assignee_ids = NULL, assignee_name = NULL, employee_ids = '{}', employee_id = NULL"
    for task, more in ((ids[2], ""), (ids[3], ", group_assignees = '{Team}'")):
        own.mirror.rows(f"UPDATE tasks SET {bare}{more} WHERE clickup_task_id = %s", task)
        own.mirror.rows("DELETE FROM task_people WHERE clickup_task_id = %s AND relation = 'assignee'", task)
    own.mirror.rows("UPDATE employees SET is_active = false, left_at = now() WHERE id = (SELECT employee_id"
                    " FROM tasks WHERE employee_id IS NOT NULL ORDER BY 1 LIMIT 1)")  # fmt: skip
    return own


async def test_every_interface_has_the_same_numbers(odd: Reader) -> None:
    """REST, the page, the tools, the view and the example query of the documentation."""
    async with asking(odd.mirror) as tools:
        found = [await of_rest(odd), await of_page(odd), await of_tools(tools), of_view(odd.mirror)]
    for name in ("open", "overdue", "unassigned"):
        numbers = {number for one in found for number in one[name]}
        assert len(numbers) == 1 and numbers != {0}, (name, found)


async def test_the_page_marks_what_is_overdue(odd: Reader) -> None:
    """A task of an archived list is due, and not overdue."""
    rows = odd.mirror.rows(
        "SELECT clickup_task_id AS id, is_overdue FROM mirror.tasks WHERE due_date = '2020-01-01'"
    )
    assert {row["is_overdue"] for row in rows} == {True, False}
    for row in rows:
        page = await Browsing(odd.mirror, odd.client).open(f"/ui/tasks/{row['id']}")
        details = next(said(one) for one in page.all("dl") if said(one).startswith("Assignees"))
        assert ("(overdue)" in details) is row["is_overdue"]


def test_overdue_is_defined_once(odd: Reader) -> None:
    """The view and the reports of any day have it from one part of the queries; no template compares days."""
    files = {path: path.read_text(encoding="utf-8") for path in (ROOT / "app").rglob("*")
             if path.suffix in (".sql", ".html", ".py") and "migrations" not in path.parts}  # fmt: skip
    compared = [
        (path.name, found)
        for path, text in files.items()
        for found in re.findall(r".*due_date *<(?!=).*|.*day *< *clock.*|.*< *%\(today\)s.*", text)
    ]
    assert compared == [("attention_reports.sql", "t.due_date < {today}")]
    view = odd.mirror.value("SELECT pg_get_viewdef('mirror.tasks'::regclass)")
    assert view.count("t.due_date < ") == 1 and view.count("'closed'") == 1


def test_a_new_definition_of_overdue_needs_a_migration() -> None:
    """Databases have the view that was made of this text; who changes it makes the view again."""
    assert load_part("is_late") == "t.due_date < {today}"


async def of_rest(reader: Reader) -> dict[str, list[int]]:
    async def total(**params: Any) -> int:
        return int((await reader.get("/tasks", limit=1, **params))["total"])

    statuses = (await reader.get("/progress/statuses"))["statuses"]
    people = (await reader.get("/workload"))["people"]
    tasks = (await reader.get("/tasks", limit=1000, deleted="include"))["tasks"]
    return {
        "open": [
            await total(open="true"),
            (await reader.get("/progress"))["progress"][0]["open_now"],
            sum(row["tasks"] for row in statuses if row["status_type"] not in _OF_DONE),
            sum(task["is_open"] for task in tasks),
        ],
        "overdue": [
            await total(overdue="true"),
            (await reader.get("/attention/overdue"))["total"],
            (await reader.get("/digest/week"))["overdue"],
            sum(row["overdue"] for row in statuses),
            sum(task["is_overdue"] for task in tasks),
        ],
        "unassigned": [
            await total(open="true", unassigned="true"),
            people[-1]["open_tasks"],
            sum(task["is_open"] and task["is_unassigned"] for task in tasks),
        ],
    }


async def of_page(reader: Reader) -> dict[str, list[int]]:
    browsing = Browsing(reader.mirror, reader.client)
    overview = await browsing.open("/")
    nobody = next(
        row for row in (await browsing.open("/ui/people")).rows("Open tasks") if row[0] == "Unassigned"
    )

    async def shown(query: str) -> int:
        return len((await browsing.open(f"/ui/tasks?limit=200&{query}")).rows("Tasks"))

    return {
        "open": [await shown("open=true")],
        "overdue": [
            int(said(overview.one("a", id="tile-overdue")).split()[0]), await shown("overdue=true"),
        ],
        "unassigned": [int(nobody[1]), await shown("open=true&unassigned=true")],
    }  # fmt: skip


async def of_tools(tools: Tools) -> dict[str, list[int]]:
    async def total(**arguments: Any) -> int:
        return int((await tools.ask("find_tasks", **arguments))["total"])

    statuses = (await tools.ask("count_tasks_by_status"))["statuses"]
    return {
        "open": [await total(open=True), await open_now(tools)],
        "overdue": [
            await total(overdue=True),
            (await tools.ask("list_attention", condition="overdue"))["total"],
            sum(row["overdue"] for row in statuses),
        ],
        "unassigned": [
            await total(open=True, unassigned=True),
            (await tools.ask("get_workload"))["nobody"]["open_tasks"],
        ],
    }


async def open_now(tools: Tools) -> int:
    answer = await tools.ask("get_progress", **{"from": "yesterday"})
    return int(answer["progress"][0]["open_now"])


def of_view(mirror: Mirror) -> dict[str, list[int]]:
    row = mirror.rows(
        "SELECT count(*) FILTER (WHERE is_open) AS open, count(*) FILTER (WHERE is_overdue) AS overdue,"
        " count(*) FILTER (WHERE is_open AND is_unassigned) AS unassigned FROM mirror.tasks"
    )[0]
    examples = re.findall(r"```sql\n(.*?);?\n```", read("docs/tables.md"), re.DOTALL)
    overdue = next(sql for sql in examples if "is_overdue" in sql)
    return {name: [number] for name, number in row.items()} | {
        "overdue": [row["overdue"], len(mirror.rows(overdue))]
    }
