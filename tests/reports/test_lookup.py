"""People, places, statuses and tags are found in one way, whoever appears in an answer."""

import pytest

from app.core.errors import AmbiguousName, UnknownName, UnknownValue
from app.reports import Reports
from app.reports.places import Within
from app.reports.tasks import TaskFilter
from tests.reports.ground import DAY, NOW, Ground, employee_id


@pytest.fixture
def named(ground: Ground) -> Ground:
    """Zoë is an employee; whoever else appears has left before the first sync."""
    zoe = ground.person("Zoë Kravitz")
    ground.rows("UPDATE employees SET email = 'zoe@example.com'")
    space = ground.space("Agency")
    ground.folder("Clients", space_id=space)
    sprint = ground.list("Sprint-12", space_id=space)
    task = ground.task(people=[zoe, "frances"], list_id=sprint, status="in progress")
    ground.task(clickup_task_id="w-old", status="put away", is_deleted=True)
    ground.rows("UPDATE task_people SET name = 'Frances Allen', email = 'frances@example.com'"
                " WHERE clickup_user_id = 'frances'")  # fmt: skip
    ground.entry(task, "grete", NOW - DAY, 60_000, user_name="Grete Hermann")
    for comment, role in (("c1", "author"), ("c2", "assignee")):
        ground.rows(
            "INSERT INTO comments (workspace_id, clickup_comment_id, text, resolved, read_at,"
            f" clickup_task_id, {role}_id, {role}_name) VALUES ('w', %s, '', false, now(), %s, %s, %s)",
            comment, task, f"by-{comment}", f"Mary {comment}",
        )  # fmt: skip
    ground.rows("INSERT INTO task_tags (workspace_id, clickup_task_id, tag) VALUES ('w', %s, 'Büro')", task)
    ground.rows("""UPDATE lists SET details = '{"statuses": [{"status": "Prüfung"}, {"status": 7}, "x"]}'""")
    return ground


@pytest.mark.parametrize(
    ("name", "user"),
    [
        ("zoe", "w-Zoë Kravitz"),
        ("ZOE@EXAMPLE.COM", "w-Zoë Kravitz"),
        (str(employee_id("w-Zoë Kravitz")), "w-Zoë Kravitz"),
        ("frances", "frances"),
        ("Frances Allen", "frances"),
        ("frances@example.com", "frances"),
        ("hermann", "grete"),
        ("Mary c1", "by-c1"),
        ("Mary c2", "by-c2"),
    ],
)
async def test_everybody_who_appears_can_be_asked_for(
    named: Ground, asked: Reports, name: str, user: str
) -> None:
    """Assignees, authors and owners of time without a row in `employees` too; by id, e-mail or name."""
    assert await asked.lookup.user_ids("w", [name]) == [user]
    assert (await asked.lookup.person("w", name)).clickup_user_id == user


async def test_people_of_another_workspace_do_not_appear(named: Ground, asked: Reports) -> None:
    """Who is only known there is unknown here."""
    with pytest.raises(UnknownName, match="no person 'Frances Allen'"):
        await asked.lookup.user_ids("other", ["Frances Allen"])


async def test_what_is_spelled_alike_is_told(named: Ground, asked: Reports) -> None:
    """Of people, places, statuses and tags."""
    with pytest.raises(UnknownName, match=r"did you mean Zoë Kravitz \(person w-Zoë Kravitz\)"):
        await asked.lookup.user_ids("w", ["Zooe"])
    with pytest.raises(UnknownName, match=r"did you mean Agency / Sprint-12 \(list "):
        await asked.lookup.within("w", ["list:Sprnt 12"])
    with pytest.raises(UnknownValue, match="did you mean in progress"):
        await asked.lookup.statuses("w", ["in progrss"])
    with pytest.raises(UnknownValue, match="did you mean Büro"):
        await asked.lookup.tags("w", ["Bero"])
    named.rows(
        "UPDATE task_people SET clickup_user_id = 'fred', name = 'Fred' WHERE clickup_user_id <> 'frances'"
    )
    with pytest.raises(AmbiguousName, match=r"Frances Allen .* or Fred"):
        await asked.lookup.user_ids("w", ["fr"])


async def test_places_by_id_or_name(named: Ground, asked: Reports) -> None:
    """Of any kind, or of the kind before the name; of a place and one within it the inner one."""
    ids = {
        kind: named.rows(f"SELECT {kind}_id AS id FROM {kind}s")[0]["id"]
        for kind in ("space", "folder", "list")
    }
    named.rows("UPDATE lists SET folder_id = %s", ids["folder"])
    within = asked.lookup.within
    assert await within("w", ["sprint 12"]) == Within(lists=[ids["list"]])
    assert await within("w", ["space: agency"]) == Within(spaces=[ids["space"]])
    assert await within("w", ["AGENCY", ids["space"]]) == Within(spaces=[ids["space"], ids["space"]])
    assert await within("w", ["Agency", "clients"]) == Within(folders=[ids["folder"]])
    other = named.space("Elsewhere")
    both = await within("w", ["Agency", "clients", "Elsewhere", "sprint 12"])
    assert both == Within(lists=[ids["list"]], spaces=[other])
    with pytest.raises(UnknownName, match="no place 'nowhere'"):
        await within("w", ["nowhere"])
    with pytest.raises(UnknownName, match="no task 'nowhere'"):
        await within("w", None, ["nowhere"])


async def test_tasks_by_id_custom_id_or_address(named: Ground, asked: Reports) -> None:
    """A filter takes what one task is asked for by."""
    named.rows("UPDATE tasks SET custom_id = 'DEV-7' WHERE clickup_task_id = 'w-old'")
    for name in ("w-old", "dev-7", "https://app.clickup.com/t/w-old"):
        assert await asked.lookup.task_ids("w", [name]) == ["w-old"]


async def test_statuses_and_tags_as_clickup_writes_them(named: Ground, asked: Reports) -> None:
    """Also a status that only a list offers, or only a deleted task has."""
    assert await asked.lookup.statuses("w", ["IN PROGRESS", "prufung", "put away"]) == [
        "in progress", "Prüfung", "put away",
    ]  # fmt: skip
    assert await asked.lookup.tags("w", ["buro"]) == ["Büro"]


async def test_a_filter_is_looked_up_at_once(named: Ground, asked: Reports) -> None:
    """Every name in it; an empty list means that nothing is filtered."""
    found = await asked.lookup.task_filter("w", TaskFilter(assignees=["Frances"], statuses=["In Progress"]))
    assert await asked.tasks.count("w", found) == 1
    for empty in (TaskFilter(assignees=[], statuses=[], tags=[], lists=[], status_types=[]), TaskFilter()):
        assert await asked.tasks.count("w", await asked.lookup.task_filter("w", empty)) == 1
    assert await asked.lookup.people("w", []) is None
