"""The list of tasks answers as the API does, its address says all, and what people wrote stays text."""

import re
from collections.abc import Iterator
from dataclasses import fields
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import pytest

from app.reports.tasks import Task
from tests.api.reading import Json, reading
from tests.dashboard.pages import HTML, Browsing, Element, Page, chosen, hours, said
from tests.engine.mirror import Mirror
from tests.hostile import deceivers_in

MARKUP = '<script>alert(1)</script> & "quotes" <b onclick="x">'


def shown(page: Page) -> list[str]:
    """Ids of the tasks in the table, in their order."""
    table = page.one("table", class_="tasks")
    return [
        link.get("href", "").rpartition("/")[2]
        for link in table.iter("a")
        if "/ui/tasks/" in link.get("href", "")
    ]


async def asked(browsing: Browsing, **params: Any) -> Json:
    found: Json = await browsing.ask("/tasks", limit=200, **params)
    return found


async def some_task(browsing: Browsing, condition: str) -> Json:
    rows = browsing.mirror.rows(
        f"SELECT * FROM tasks WHERE NOT is_deleted AND {condition} ORDER BY 1 LIMIT 1"
    )
    assert rows, condition
    return rows[0]


FILTERS = [
    {},
    {"status_type": "open"},
    {"status_type": ["open", "custom"]},
    {"archived": "false"},
    {"archived": "true"},
    {"deleted": "include"},
    {"priority": ["urgent", "high"]},
    {"due_from": "2020-01-01", "due_to": "2100-01-01"},
    {"updated_since": "2020-01-01"},
    {"q": "the"},
    {"q": "no-such-word-anywhere"},
]


@pytest.mark.parametrize("wanted", FILTERS, ids=str)
@pytest.mark.parametrize("sort", ["-updated", "title", "-due", "tracked"])
async def test_filters_and_orders_are_those_of_the_api(browsing: Browsing, wanted: Json, sort: str) -> None:
    """The same address below another path: the same tasks, in the same order, and as many."""
    page = await browsing.open("/ui/tasks", limit=200, sort=sort, **wanted)
    found = await asked(browsing, sort=sort, **wanted)
    ids = [task["clickup_task_id"] for task in found["tasks"]]
    assert (shown(page) if ids else []) == ids
    assert page.words.count("No matching tasks.") == (not ids)
    total = found["total"]
    assert f"{total:,} task{'' if total == 1 else 's'}" in said(page.one("div", class_="found"))


async def test_of_a_word_in_many_tasks_it_is_said_that_there_are_more(
    browsing: Browsing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counting goes on to a bound, where words are looked for; everything else is counted whole."""
    total = (await asked(browsing, q="the"))["total"]
    assert total > 1
    for most, words in ((total - 1, f"more than {total - 1:,} task"), (total, f"{total:,} task")):
        monkeypatch.setattr("app.dashboard.tasks._MOST_COUNTED", most)
        found = said((await browsing.open("/ui/tasks", q="the")).one("div", class_="found"))
        assert found.startswith(words)
        everything = (await browsing.open("/ui/tasks")).one("div", class_="found")
        assert said(everything).startswith(f"{(await asked(browsing))['total']:,} tasks")


@pytest.mark.parametrize("column", ["status", "space_id", "list_id", "folder_id", "parent"])
async def test_filters_by_what_a_task_has_are_those_of_the_api(browsing: Browsing, column: str) -> None:
    """Status, places, and the task above."""
    value = (await some_task(browsing, f"{column} IS NOT NULL"))[column]
    name = "place" if column in ("space_id", "list_id", "folder_id") else column
    found = await asked(browsing, **{name: value})
    page = await browsing.open("/ui/tasks", limit=200, **{name: value})
    assert shown(page) == [task["clickup_task_id"] for task in found["tasks"]] != []


async def test_filters_by_people_and_tags_are_those_of_the_api(browsing: Browsing) -> None:
    """As they stand in the columns of a task."""
    task = await some_task(browsing, "employee_id IS NOT NULL AND tags <> '{}'")
    for name, value in (("assignee", str(task["employee_id"])), ("tag", task["tags"][0])):
        found = await asked(browsing, **{name: value})
        page = await browsing.open("/ui/tasks", limit=200, **{name: value})
        assert shown(page) == [one["clickup_task_id"] for one in found["tasks"]] != []


async def test_a_deep_link_restores_the_form(browsing: Browsing) -> None:
    """Every filter of the address is chosen in the form, and can be taken away by itself."""
    task = await some_task(browsing, "employee_id IS NOT NULL AND list_id IS NOT NULL AND tags <> '{}'")
    wanted: Json = {
        "q": "re", "status": task["status"], "status_type": task["status_type"],
        "place": [task["space_id"], task["list_id"]], "assignee": str(task["employee_id"]),
        "priority": "high",
        "tag": task["tags"][0], "due_from": "2020-02-03", "due_to": "2031-02-03",
        "updated_since": "2020-01-02", "archived": "false", "deleted": "include", "sort": "title",
        "parent": task["clickup_task_id"],
    }  # fmt: skip
    page = await browsing.open("/ui/tasks", **wanted)
    for name in (
        "status",
        "status_type",
        "place",
        "assignee",
        "priority",
        "tag",
        "archived",
        "deleted",
    ):
        values = wanted[name] if isinstance(wanted[name], list) else [wanted[name]]
        assert list(chosen(page, name)) == values, name
    fields = {field.get("name"): field.get("value") for field in page.all("input")}
    for name in ("q", "due_from", "due_to", "updated_since", "parent", "sort"):
        assert fields[name] == wanted[name]
    chips = page.all("a", class_="chip")
    pairs = {
        (name, one)
        for name, value in wanted.items()
        for one in ([value] if isinstance(value, str) else value)
    }
    assert len(chips) == len(pairs) - 1
    for chip in chips:
        rest = set(parse_qsl(urlsplit(chip.get("href", "")).query))
        assert len(rest) == len(pairs) - 1
        assert pairs >= rest


async def test_chips_answer_with_yes_and_no(browsing: Browsing) -> None:
    """In the words of the form."""
    page = await browsing.open("/ui/tasks", overdue=True, archived=False)
    chips = [said(chip) for chip in page.all("a", class_="chip")]
    assert [chip.partition(" ×")[0] for chip in chips] == ["overdue yes", "archived no"]
    for name in ("overdue", "archived"):
        assert [said(one) for one in page.one("select", name=name).iter("option")] == ["all", "yes", "no"]


async def test_empty_fields_of_a_form_say_nothing(browsing: Browsing) -> None:
    """As browsers send them."""
    empty = dict.fromkeys(("q", "due_from", "due_to", "updated_since", "archived", "deleted"), "")
    page, plain = await browsing.open("/ui/tasks", **empty), await browsing.open("/ui/tasks")
    assert shown(page) == shown(plain)
    assert page.all("a", class_="chip") == []


async def test_heads_of_columns_sort_and_sort_back(browsing: Browsing) -> None:
    """The most or latest first where that is what people want; the address keeps the filters."""
    page = await browsing.open("/ui/tasks", status_type="open")
    heads = {said(head).rstrip("↓↑"): head for head in page.one("table", class_="tasks").iter("th")}
    assert heads["Changed"].get("aria-sort") == "descending"
    for name, sort, back in (
        ("Task", "title", "-title"),
        ("Due", "due", "-due"),
        ("Tracked", "-tracked", "tracked"),
    ):
        link = next(heads[name].iter("a")).get("href", "")
        assert link == f"/ui/tasks?status_type=open&sort={sort}"
        again = await browsing.open(link)
        head = next(
            one for one in again.one("table", class_="tasks").iter("th") if said(one).startswith(name)
        )
        assert head.get("aria-sort") == ("descending" if sort.startswith("-") else "ascending")
        assert next(head.iter("a")).get("href") == f"/ui/tasks?status_type=open&sort={back}"


async def test_pages_follow_each_other_to_the_end(browsing: Browsing) -> None:
    """Each task once, in the order of the whole list."""
    whole = [task["clickup_task_id"] for task in (await asked(browsing, sort="title"))["tasks"]]
    seen, link = [], "/ui/tasks?sort=title&limit=7"
    while link:
        page = await browsing.open(link)
        seen += [task_id for task_id in shown(page) if task_id not in seen]
        link = next((one.get("href", "") for one in page.all("a", rel="next")), "")
    assert seen == whole


async def test_a_browser_that_changes_a_filter_gets_what_changes(browsing: Browsing) -> None:
    """The tasks found alone, and the address that says so without empty fields."""
    headers = HTML | {"HX-Request": "true", "HX-Target": "results"}
    params = {"q": "", "status_type": "open", "due_from": ""}
    answer = await browsing.client.get("/ui/tasks", params=params, headers=headers)
    assert answer.headers["hx-push-url"] == "/ui/tasks?status_type=open"
    assert "<html" not in answer.text
    assert shown(Page(answer)) == shown(await browsing.open("/ui/tasks", status_type="open"))


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"due_from": "tomorrow"}, "due_from"),
        ({"updated_since": "5"}, "updated_since"),
        ({"asignee": "Ada"}, "asignee"),
        ({"sort": "colour"}, "sort"),
        ({"limit": "100000"}, "limit"),
        ({"cursor": "x"}, "cursor"),
        ({"q": "x" * 501}, "q"),
        ({"status": "\x00"}, "status"),
    ],
)
async def test_a_wrong_address_is_told_as_a_page(browsing: Browsing, params: Json, field: str) -> None:
    """Which value it is, and why; nothing breaks."""
    page = await browsing.open("/ui/tasks", 422, **params)
    assert page.title == "Invalid address"
    assert any(said(item).startswith(field) for item in page.all("li"))


async def test_files_and_addresses_in_custom_fields_are_links(own_browsing: Browsing) -> None:
    """By name, with what ClickUp sent beside it; what is no web address is text."""
    browsing, mirror = own_browsing, own_browsing.mirror
    task_id = (await some_task(browsing, "true"))["clickup_task_id"]
    values = {
        "File": ("attachment", "invoice.pdf", '[{"title": "invoice.pdf", "url": "https://files.example/1"}]'),
        "Site": ("url", "https://site.example", '"https://site.example"'),
        "Trap": ("url", "javascript:alert(1)", '"javascript:alert(1)"'),
        "Price": ("currency", "19.99 USD", '"19.99"'),
    }
    for name, (kind, shown, raw) in values.items():
        mirror.rows(
            "INSERT INTO custom_fields (workspace_id, field_id, name, type) VALUES ('w', %s, %s, %s)",
            *(name, name, kind),
        )
        mirror.rows(
            "INSERT INTO task_custom_fields"
            " (workspace_id, clickup_task_id, field_id, name, value_text, value)"
            " VALUES (%s, %s, %s, %s, %s, %s::jsonb)",
            *(mirror.sim.team_id, task_id, name, name, shown, raw),
        )
    page = await browsing.open(f"/ui/tasks/{task_id}")
    assert {"https://files.example/1", "https://site.example"} <= set(page.links())
    assert "javascript:alert(1)" not in page.links()
    for shown in ("invoice.pdf", "19.99 USD", "javascript:alert(1)", "As ClickUp sent it"):
        assert shown in page.words


async def test_custom_fields_are_written_as_the_settings_say(mirror: Mirror) -> None:
    """Dates and amounts; a number may be a year or an invoice's, and stays."""
    given = {
        "Paid": ("date", "2026-11-30"),
        "Met": ("date", "2026-11-30T09:05:00+01:00"),
        "Price": ("currency", "1999.99 EUR"),
        "Year": ("number", "2026"),
    }
    task_id = mirror.value("SELECT min(clickup_task_id) FROM tasks WHERE NOT is_deleted")
    for name, (kind, text) in given.items():
        mirror.rows(
            "INSERT INTO custom_fields (workspace_id, field_id, name, type) VALUES (%s, %s, %s, %s)",
            *(mirror.sim.team_id, name, name, kind),
        )
        mirror.rows(
            "INSERT INTO task_custom_fields"
            " (workspace_id, clickup_task_id, field_id, name, value_text, value)"
            " VALUES (%s, %s, %s, %s, %s, '1')",
            *(mirror.sim.team_id, task_id, name, name, text),
        )
    async with reading(mirror, date_format="30/11/2026", number_format="1.234,5") as reader:
        words = (await Browsing(mirror, reader.client).open(f"/ui/tasks/{task_id}")).words
    assert all(text in words for text in ("Paid30/11/2026", "1.999,99 EUR", "Year2026"))
    assert "Mon 30/11/2026, " in words


async def test_what_could_not_be_read_is_told_on_the_page(own_browsing: Browsing) -> None:
    """Of the task, its sessions and its comments, each with the reason."""
    browsing, mirror = own_browsing, own_browsing.mirror
    task_id = (await some_task(browsing, "cardinality(start_times) > 0"))["clickup_task_id"]
    for table in ("tasks", "time_entries"):
        mirror.rows(
            f"UPDATE {table} SET unreadable_fields = jsonb_build_object('odd_' || %s, 'found nonsense')"
            " WHERE clickup_task_id = %s",
            *(table, task_id),
        )
    page = await browsing.open(f"/ui/tasks/{task_id}")
    for told in ("Could not be read", "odd_tasks", "odd_time_entries", "found nonsense"):
        assert told in page.words


async def written_everywhere(browsing: Browsing, text: str) -> list[str]:
    """The paths of pages that show this text wherever people of ClickUp can write one."""
    mirror = browsing.mirror
    task_id = (await some_task(browsing, "cardinality(start_times) > 0"))["clickup_task_id"]
    mirror.rows(
        "UPDATE tasks SET title = %s, description = %s, status = %s, assignee_name = %s, space_name = %s,"
        " list_name = %s, tags = ARRAY[%s], followers = ARRAY[%s], custom_id = %s, assigned_by = %s,"
        " type = %s, url = 'javascript:alert(1)', unreadable_fields = jsonb_build_object(%s::text, %s::text)"
        " WHERE clickup_task_id = %s",
        *[text] * 13,
        task_id,
    )
    mirror.rows(
        "UPDATE task_custom_fields SET label = %s, value_text = %s, value = to_jsonb(%s || 'raw')",
        *[text] * 3,
    )
    mirror.rows(
        "INSERT INTO task_tags (workspace_id, clickup_task_id, tag) SELECT workspace_id, clickup_task_id, %s"
        " FROM tasks WHERE clickup_task_id = %s",
        text,
        task_id,
    )
    mirror.rows("UPDATE custom_fields SET type = 'url'")
    mirror.rows(
        "UPDATE time_entries SET user_name = %s, description = %s WHERE clickup_task_id = %s",
        text,
        text,
        task_id,
    )
    mirror.rows(
        "INSERT INTO comments (workspace_id, clickup_comment_id, clickup_task_id, text, author_name,"
        " assignee_id, assignee_name, resolved, commented_at, read_at)"
        " SELECT workspace_id, 'c1', clickup_task_id, %s, %s, 'u1', %s, false, now(), now() FROM tasks"
        " WHERE clickup_task_id = %s",
        text, text, text, task_id,
    )  # fmt: skip
    mirror.rows(
        "UPDATE changes SET object_type = 'task', object_id = %s, task_id = %s, operation = 'changed',"
        " field = 'custom_fields.' || %s, before = to_jsonb(%s::text), after = to_jsonb(%s::text),"
        " user_name = %s",
        *(task_id, task_id),
        *[text] * 4,
    )
    mirror.rows("UPDATE employees SET name = %s", text)
    mirror.rows("UPDATE spaces SET name = %s", text)
    mirror.rows("UPDATE lists SET name = %s", text)
    person = mirror.value("SELECT id FROM employees WHERE is_active LIMIT 1")
    return [
        f"/ui/tasks/{task_id}", "/ui/tasks?sort=title&limit=200", f"/ui/tasks?tag={quote(text)}&q=script",
        "/ui/hours?from=2026-01-01&group_by=space", "/ui/hours?group_by=list", "/ui/people",
        f"/ui/people/{person}", "/ui/activity",
    ]  # fmt: skip


async def test_markup_of_clickups_people_is_text(own_browsing: Browsing) -> None:
    """Wherever it stands: titles, statuses, names, places, tags, fields, comments, notes of sessions."""
    for path in await written_everywhere(own_browsing, MARKUP):
        page = await own_browsing.open(path)
        assert "<script>alert" in page.words, path
        assert [one for one in page.all("script") if one.get("src") is None] == []
        assert page.all("b") == [], path
        assert not [one for one in page.root.iter() if any(name.startswith("on") for name in one.attrib)]
        assert not [link for link in page.links() if link.lower().startswith("javascript")]


async def test_a_name_turns_nothing_that_stands_beside_it(own_browsing: Browsing) -> None:
    """Characters that change the direction are shown; a name in Hebrew is alone in its element."""
    name = "\u202e\u2066\x9b2Jשלום 5:00"
    shown_name = r"\u202e\u2066\u009b2Jשלום 5:00"
    alone = {shown_name, f"{shown_name}raw"}
    for path in await written_everywhere(own_browsing, name):
        page = await own_browsing.open(path)
        inputs = re.compile(r"<input[^>]*>")  # what a form sends back is what the filter knows
        assert deceivers_in(inputs.sub("", page.answer.text)) == [], path
        assert "שלום" in page.words, path
        beside = [text for text in texts_of(page.root) if "שלום" in text and text not in alone]
        assert beside == [], (path, beside)


def texts_of(root: Element) -> Iterator[str]:
    """Each stretch of text between two tags of the page's body, but for the title and pictures."""
    for one in root.iter():
        if one.tag not in ("title", "text", "script"):
            yield (one.text or "").strip()
        yield (one.tail or "").strip()


async def test_a_task_shows_what_the_mirror_has_of_it(browsing: Browsing) -> None:
    """Sessions, with the time they sum to, subtasks, relations, and the way to ClickUp."""
    task = await some_task(browsing, "cardinality(start_times) > 1")
    task_id = task["clickup_task_id"]
    page = await browsing.open(f"/ui/tasks/{task_id}")
    entries = browsing.mirror.rows(
        "SELECT * FROM time_entries WHERE clickup_task_id = %s ORDER BY coalesce(started_at, 'epoch') DESC,"
        " clickup_entry_id DESC",
        task_id,
    )
    sessions = page.rows("Time entries, latest first")
    assert [row[0] for row in sessions] == [entry["user_name"] for entry in entries]
    assert [row[3] for row in sessions] == [
        "–" if entry["duration_ms"] is None else hours(entry["duration_ms"] // 60_000) for entry in entries
    ]
    assert f"{hours(task['tracked_minutes'])} tracked" in page.words
    bars = page.all("rect", class_="session")
    assert len(bars) == len([entry for entry in entries if entry["started_at"]])
    assert page.title == " ".join(task["title"].split())
    out = page.one("a", class_="out")
    assert out.get("href") == task["url"] and "noreferrer" in out.get("rel", "")


async def test_relations_lead_to_other_tasks(own_browsing: Browsing) -> None:
    """Subtasks and the task above, what it waits on, and what the mirror does not know."""
    browsing = own_browsing
    child = await some_task(browsing, "parent IN (SELECT clickup_task_id FROM tasks WHERE NOT is_deleted)")
    above = await browsing.open(f"/ui/tasks/{child['parent']}")
    assert f"/ui/tasks/{child['clickup_task_id']}" in above.links()
    for other in (child["parent"], "86strange"):
        browsing.mirror.rows(
            "INSERT INTO task_dependencies (workspace_id, clickup_task_id, relation, other_task_id)"
            " SELECT workspace_id, %s, 'waiting_on', %s FROM workspaces ON CONFLICT DO NOTHING",
            child["clickup_task_id"],
            other,
        )
    page = await browsing.open(f"/ui/tasks/{child['clickup_task_id']}")
    assert page.links().count(f"/ui/tasks/{child['parent']}") == 2
    assert "Waiting on" in page.words and "86strange not in the mirror" in page.words


async def test_an_unknown_task_is_told_as_a_page(browsing: Browsing) -> None:
    """404, also for ids that are none."""
    for name in ("nowhere", quote("<b>x", safe=""), quote("ä ö", safe="")):
        page = await browsing.open(f"/ui/tasks/{name}", 404)
        assert page.title == "Page not found"
        assert "not found" in page.words
        assert page.all("b") == []


async def test_programs_are_told_in_json(browsing: Browsing) -> None:
    """Who does not ask for HTML has a problem, as everywhere else."""
    answer = await browsing.client.get("/ui/tasks/nowhere", headers={"Accept": "application/json"})
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_task_shows_every_column_that_has_a_value(browsing: Browsing) -> None:
    """Also those that stand nowhere else on its page, so that a new one is seen."""
    task = browsing.mirror.rows("SELECT * FROM mirror.tasks ORDER BY cardinality(tags) DESC, 1 LIMIT 1")[0]
    page = await browsing.open(f"/ui/tasks/{task['clickup_task_id']}")
    shown = [said(name) for name in page.all("code")]
    for column in (field.name for field in fields(Task)):
        assert (column in shown) == (task[column] not in (None, "", [], {})), column
