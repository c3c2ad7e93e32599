"""People, places, statuses, tags and tasks by name or id; what is not known is answered with what is near."""

import pytest

from tests.engine.mirror import Mirror
from tests.mcp.asking import asking


@pytest.fixture
def named(mirror: Mirror) -> Mirror:
    """With names that a test can know."""
    people = mirror.rows("SELECT clickup_user_id AS id FROM employees WHERE is_active ORDER BY 1 LIMIT 4")
    for row, name in zip(people, ("Ada Lovelace", "Adam Smith", "Grace Hopper", "Grace Kelly"), strict=True):
        mirror.rows("UPDATE employees SET name = %s WHERE clickup_user_id = %s", name, row["id"])
    lists = mirror.rows("SELECT list_id AS id FROM lists ORDER BY 1 LIMIT 3")
    for row, name in zip(lists, ("Sprint 12", "Sprint 12", "Invoices"), strict=True):
        mirror.rows("UPDATE lists SET name = %s, archived = false WHERE list_id = %s", name, row["id"])
    mirror.rows(
        "UPDATE spaces SET name = 'Agency', archived = false"
        " WHERE space_id = (SELECT min(space_id) FROM spaces)"
    )
    mirror.rows(
        "UPDATE folders SET name = 'Invoices', archived = false"
        " WHERE folder_id = (SELECT min(folder_id) FROM folders)"
    )
    return mirror


@pytest.mark.parametrize("name", ["Ada Lovelace", "ada lovelace", "Ada L", "lovelace", "  ADA LOVELACE "])
async def test_a_person_by_name(named: Mirror, name: str) -> None:
    """The whole name, whatever its case; its beginning; the beginning of a word in it."""
    async with asking(named) as tools:
        assert (await tools.ask("get_timesheet", person=name))["name"] == "Ada Lovelace"


async def test_a_person_by_every_id(named: Mirror) -> None:
    """The mirror's own id, ClickUp's, and the e-mail address."""
    row = named.rows("SELECT id, clickup_user_id, email FROM employees WHERE name = 'Ada Lovelace'")[0]
    async with asking(named) as tools:
        for key in filter(None, (str(row["id"]), row["clickup_user_id"], row["email"])):
            assert (await tools.ask("get_timesheet", person=key))["name"] == "Ada Lovelace"


async def test_a_name_that_means_several(named: Mirror) -> None:
    """They are listed with their ids, so that one can be chosen."""
    grace = named.rows("SELECT clickup_user_id AS id FROM employees WHERE name LIKE 'Grace%%'")
    async with asking(named) as tools:
        said = await tools.refused("get_timesheet", person="Grace")
        assert "may mean" in said and "Grace Hopper" in said and "Grace Kelly" in said
        assert all(row["id"] in said for row in grace)


async def test_a_name_that_nobody_has(named: Mirror) -> None:
    """Those that are spelled alike are named."""
    async with asking(named) as tools:
        said = await tools.refused("find_tasks", assignee=["Grace Hoper-Smythe"])
        assert "no person 'Grace Hoper-Smythe'" in said and "Grace Hopper (person" in said
        assert "find_people" in said


async def test_who_left_can_be_asked_for(named: Mirror) -> None:
    """By name as before; where somebody who is here has the same name, that one is meant."""
    named.rows(
        "UPDATE memberships AS m SET is_active = false, left_at = now() FROM employees AS e"
        " WHERE e.id = m.employee_id AND e.name = 'Adam Smith'"
    )
    async with asking(named) as tools:
        assert (await tools.ask("get_timesheet", person="Adam Smith"))["name"] == "Adam Smith"
        assert (await tools.ask("get_timesheet", person="Ada"))["name"] == "Ada Lovelace"


async def test_somebody_known_by_time_alone(named: Mirror) -> None:
    """Their ClickUp id finds their time, and no tasks."""
    named.rows("UPDATE time_entries SET clickup_user_id = '777' WHERE clickup_entry_id = "
               "(SELECT min(clickup_entry_id) FROM time_entries WHERE NOT is_running)")  # fmt: skip
    async with asking(named) as tools:
        assert (await tools.ask("find_time_entries", person=["777"]))["total"] == 1
        assert (await tools.ask("find_tasks", assignee=["777"]))["total"] == 0


async def test_places_by_name(named: Mirror) -> None:
    """A space, a folder and a list; the kind before the name decides between two of the same name."""
    folder, bill = (
        named.value("SELECT min(folder_id) FROM folders"),
        named.value("SELECT list_id FROM lists WHERE name = 'Invoices'"),
    )
    async with asking(named) as tools:
        assert (await tools.ask("get_space", space_id="agency"))["name"] == "Agency"
        assert (await tools.ask("get_folder", folder_id="Invoices"))["folder_id"] == folder
        assert (await tools.ask("get_list", list_id="Invoices"))["list_id"] == bill
        said = await tools.refused("find_tasks", place=["Invoices"])
        assert f"folder {folder}" in said and f"list {bill}" in said
        for place, column, key in (
            ("folder:Invoices", "folder_id", folder),
            ("list: invoices", "list_id", bill),
        ):
            found = await tools.ask("find_tasks", place=[place])
            assert found["total"] == named.value(
                f"SELECT count(*) FROM tasks WHERE {column} = %s AND NOT is_deleted", key
            )


async def test_two_lists_of_one_name(named: Mirror) -> None:
    """They are told apart by where they stand, and by their ids."""
    async with asking(named) as tools:
        said = await tools.refused("get_list", list_id="Sprint 12")
        for row in named.rows("SELECT list_id AS id FROM lists WHERE name = 'Sprint 12'"):
            assert f"list {row['id']}" in said
            assert (await tools.ask("get_list", list_id=row["id"]))["name"] == "Sprint 12"


async def test_an_archived_place_gives_way(named: Mirror) -> None:
    """Of two of the same name the one that is not archived is meant."""
    first, second = (
        row["id"] for row in named.rows("SELECT list_id AS id FROM lists WHERE name = 'Sprint 12'")
    )
    named.rows("UPDATE lists SET archived = true WHERE list_id = %s", first)
    async with asking(named) as tools:
        assert (await tools.ask("get_list", list_id="Sprint 12"))["list_id"] == second
        assert (await tools.ask("get_list", list_id=first))["archived"] is True


async def test_places_of_several_kinds(named: Mirror) -> None:
    """What stands in any of them; of a place and one within it the inner one counts."""
    agency, bill = (
        named.value("SELECT space_id FROM spaces WHERE name = 'Agency'"),
        named.value("SELECT list_id FROM lists WHERE name = 'Invoices'"),
    )
    within = named.value("SELECT list_id FROM lists WHERE space_id = %s ORDER BY 1 LIMIT 1", agency)
    named.rows("UPDATE lists SET space_id = (SELECT max(space_id) FROM spaces) WHERE list_id = %s", bill)
    count = "SELECT count(*) FROM tasks WHERE NOT is_deleted AND"
    together = named.value(f"{count} (space_id = %s OR list_id = %s)", agency, bill)
    async with asking(named) as tools:
        assert (await tools.ask("find_tasks", place=["Agency", "list:Invoices"]))["total"] == together
        inner = named.value(f"{count} list_id = %s", within)
        assert (await tools.ask("find_tasks", place=["Agency", within]))["total"] == inner


async def test_a_space_that_only_tasks_speak_of(named: Mirror) -> None:
    """Its tasks are found by its id; the space itself cannot be told."""
    key = named.value("SELECT min(clickup_task_id) FROM tasks WHERE NOT is_deleted")
    named.rows("UPDATE tasks SET space_id = '4711' WHERE clickup_task_id = %s", key)
    async with asking(named) as tools:
        assert (await tools.ask("find_tasks", place=["4711"]))["total"] == 1
        assert "known only from its tasks" in await tools.refused("get_space", space_id="4711")


@pytest.mark.parametrize(
    ("tool", "argument", "value", "near"),
    [
        ("get_space", "space_id", "Agenzy", "Agency (space"),
        ("get_folder", "folder_id", "Invoises", "Invoices (folder"),
        ("get_list", "list_id", "Invoises", "Invoices (list"),
        ("find_tasks", "place", ["Agenzy"], "Agency (space"),
        ("count_tasks_by_status", "place", ["list:Invoises"], "Invoices (list"),
        ("get_workload", "person", ["Ida Lovelace"], "Ada Lovelace (person"),
    ],
)
async def test_near_matches(named: Mirror, tool: str, argument: str, value: object, near: str) -> None:
    """Each tool that takes a name answers a wrong one with the right one."""
    async with asking(named) as tools:
        said = await tools.refused(tool, **{argument: value})
        assert said.startswith("no ") and "did you mean" in said
        name, _, kind = near.partition(" (")
        assert name in said and f"({kind} " in said


async def test_statuses_and_tags(named: Mirror) -> None:
    """In any case, and by their beginnings; near ones are named; one of archived tasks is found."""
    status = named.value(
        "SELECT status FROM tasks WHERE status ~ '^[a-z ]{5,}$' GROUP BY 1 ORDER BY 1 LIMIT 1"
    )
    tag = named.value("SELECT tag FROM task_tags WHERE tag ~ '^[a-z]{3,}$' GROUP BY 1 ORDER BY 1 LIMIT 1")
    named.rows("UPDATE tasks SET status = 'out of use', archived = true WHERE clickup_task_id ="
               " (SELECT min(clickup_task_id) FROM tasks WHERE NOT is_deleted)")  # fmt: skip
    async with asking(named) as tools:
        for name in (status, status.upper(), status[:4]):
            assert {one["status"] for one in (await tools.ask("find_tasks", status=name))["tasks"]} == {
                status
            }
        assert f"did you mean {status}" in await tools.refused("find_tasks", status=[f"x{status[:-1]}"])
        assert (await tools.ask("find_tasks", status=["out of use"]))["total"] == 1
        assert (await tools.ask("find_tasks", tag=[tag.upper()]))["total"]
        assert f"did you mean {tag}" in await tools.refused("find_tasks", tag=[f"x{tag}"])


async def test_a_task_by_id_custom_id_and_address(named: Mirror) -> None:
    """All of them find it; a wrong id is answered with one like it, words with tasks that have them."""
    row = named.rows(
        "SELECT clickup_task_id AS id, title FROM tasks WHERE title ~ '^[A-Za-z]{4}' ORDER BY 1 LIMIT 1"
    )[0]
    named.rows("UPDATE tasks SET custom_id = 'DEV-4711' WHERE clickup_task_id = %s", row["id"])
    async with asking(named) as tools:
        for key in (
            row["id"],
            "DEV-4711",
            "dev-4711",
            f"https://app.clickup.com/t/{row['id']}",
            f" {row['id']}/ ",
        ):
            assert (await tools.ask("get_task", task_id=key))["task"]["clickup_task_id"] == row["id"]
        assert row["id"] in await tools.refused("get_task", task_id=f"{row['id'][:-1]}!")
        said = await tools.refused("get_task", task_id=row["title"].split()[0])
        assert "no task" in said and "(task " in said


async def test_a_deleted_task_is_told(named: Mirror) -> None:
    """It is marked, and not among the tasks that are found."""
    key = named.value("SELECT min(clickup_task_id) FROM tasks WHERE NOT is_deleted")
    named.rows("UPDATE tasks SET is_deleted = true, deleted_at = now() WHERE clickup_task_id = %s", key)
    async with asking(named) as tools:
        assert (await tools.ask("get_task", task_id=key))["task"]["is_deleted"] is True
        found = await tools.ask("find_tasks", limit=100)
        assert key not in {one["clickup_task_id"] for one in found["tasks"]}
        only = await tools.ask("find_tasks", deleted="only")
        assert {one["clickup_task_id"] for one in only["tasks"]} >= {key}


@pytest.mark.parametrize(
    "day", ["2026-13-01", "26-01-01", "yesteryear", "20260101", "2026-01-01T00:00", "0001-01-01"]
)
async def test_what_is_no_day(named: Mirror, day: str) -> None:
    """It is said how days are written."""
    async with asking(named) as tools:
        said = await tools.refused("get_standup", date=day)
        assert "not a date" in said or "not between" in said


async def test_days_that_do_not_go_together(named: Mirror) -> None:
    """The first after the last, and more than are told at once."""
    async with asking(named) as tools:
        said = await tools.refused("get_time_report", **{"from": "2026-02-02", "to": "2026-02-01"})
        assert "is after" in said
        said = await tools.refused("get_time_report", per="day", **{"from": "2020-01-01", "to": "2026-01-01"})
        assert "400 are the maximum" in said
        said = await tools.refused("find_time_entries", **{"from": "2026-02-02", "to": "2026-02-01"})
        assert "is after" in said
