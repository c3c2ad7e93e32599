"""People: what is open for each, what is overdue, and whose answer is waited for."""

from uuid import uuid4

from tests.dashboard.pages import Browsing, hours, said

OPEN = """
SELECT p.id, p.name, p.clickup_user_id, count(t.clickup_task_id) AS open,
    count(t.clickup_task_id) FILTER (WHERE t.due_date < (now() AT TIME ZONE %s)::date) AS overdue,
    count(t.clickup_task_id) FILTER (WHERE t.priority IN ('urgent', 'high')) AS urgent,
    coalesce(sum(greatest(t.time_estimate_minutes - coalesce(t.tracked_minutes, 0), 0)), 0) AS remaining,
    (SELECT count(*) FROM comments AS c LEFT JOIN tasks AS o USING (clickup_task_id)
     WHERE c.assignee_id = p.clickup_user_id AND NOT c.resolved AND o.is_deleted IS NOT TRUE) AS waiting
FROM employees AS p
LEFT JOIN task_people AS r ON r.clickup_user_id = p.clickup_user_id AND r.relation = 'assignee'
LEFT JOIN tasks AS t ON t.clickup_task_id = r.clickup_task_id AND NOT t.is_deleted AND NOT t.archived
    AND t.status_type NOT IN ('done', 'closed')
    AND NOT EXISTS (SELECT FROM lists WHERE list_id = t.list_id AND archived)
    AND NOT EXISTS (SELECT FROM folders WHERE folder_id = t.folder_id AND archived)
    AND NOT EXISTS (SELECT FROM spaces WHERE space_id = t.space_id AND archived)
WHERE p.is_active
GROUP BY p.id, p.name, p.clickup_user_id
ORDER BY lower(p.name), p.clickup_user_id
"""


async def test_the_workload_is_what_sql_counts(browsing: Browsing) -> None:
    """Of everybody who is here: open, overdue, urgent or high, left of estimates, comments that wait."""
    page = await browsing.open("/ui/people")
    here = {" ".join(row["name"].split()) for row in browsing.mirror.rows(OPEN, browsing.mirror.zone.key)}
    rows = [row for row in page.rows("Open tasks, time and comments") if row[0] in here]
    assert [(row[0], row[1], row[2], row[4], row[6], row[8]) for row in rows] == [
        (
            " ".join(known["name"].split()), str(known["open"]), str(known["overdue"]), str(known["urgent"]),
            hours(int(known["remaining"])), str(known["waiting"]),
        )
        for known in browsing.mirror.rows(OPEN, browsing.mirror.zone.key)
    ]  # fmt: skip
    assert any(int(row[1]) for row in rows) and page.all("svg", class_="chart")


async def test_waiting_comments_are_those_of_the_api(browsing: Browsing) -> None:
    """Newest first, with who is asked, and where."""
    page = await browsing.open("/ui/people")
    comments = (await browsing.ask("/comments/assigned", limit=25))["comments"]
    shown = page.one("section", id="waiting")
    assert [said(next(one.iter("div"))) for one in shown.iter("article")] == [
        " ".join(comment["text"].split()) for comment in comments
    ] != []  # fmt: skip
    for comment in comments:
        assert f"/ui/tasks/{comment['clickup_task_id']}" in page.links()


async def test_a_person_has_a_page(browsing: Browsing) -> None:
    """The same figures, the overdue tasks themselves, and the comments that wait for them."""
    known = max(browsing.mirror.rows(OPEN, browsing.mirror.zone.key), key=lambda row: row["overdue"])
    page = await browsing.open(f"/ui/people/{known['id']}")
    assert page.title == " ".join(known["name"].split())
    tiles = [said(tile) for tile in page.all("div", class_="tile")]
    assert tiles[:2] == [f"{known['open']} open", f"{known['overdue']} overdue"]
    overdue = page.one("section", id="overdue")
    assert len(list(overdue.iter("li"))) == known["overdue"] > 0
    waiting = page.one("section", id="waiting")
    assert len(list(waiting.iter("article"))) == known["waiting"]
    assert f"/ui/tasks?assignee={known['id']}" in page.links()


async def test_somebody_who_left_has_a_page(own_browsing: Browsing) -> None:
    """With what is still open for them; the list has who is assigned to an open task."""
    own_browsing.mirror.rows("UPDATE memberships SET is_active = false, left_at = now()")
    person = own_browsing.mirror.value("SELECT id FROM employees ORDER BY name LIMIT 1")
    page = await own_browsing.open(f"/ui/people/{person}")
    assert page.all("div", class_="tile") and "left" in page.words
    listed = (await own_browsing.open("/ui/people")).rows("Open tasks, time and comments")
    assert all(int(row[1]) for row in listed)


async def test_who_is_not_known_is_told(browsing: Browsing) -> None:
    """404 for an id of nobody, 422 for what is none."""
    assert "There is no person" in (await browsing.open(f"/ui/people/{uuid4()}", 404)).words
    assert (await browsing.open("/ui/people/Ada", 422)).title == "Invalid address"
    assert (await browsing.open("/ui/people", 422, days=367)).title == "Invalid address"
