"""Tasks and hours as of an earlier instant: the rows of then, that the past is shown, and the way back."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from app.core.answers.day import day_of
from app.core.clickup.stamps import from_millis
from tests.api.reading import Json, reading
from tests.api.test_changes import changed
from tests.api.test_past import mirror_of_an_hour_ago
from tests.dashboard.pages import HTML, Browsing, Page, said
from tests.engine.conftest import MakeMirror, make_mirror
from tests.engine.mirror import Mirror

__all__ = ["make_mirror"]


async def changed_mirror(make_mirror: MakeMirror) -> tuple[Mirror, str]:
    """A mirror in which much changed after an instant, and that instant."""
    mirror = mirror_of_an_hour_ago(make_mirror)
    await mirror.sync("full")
    mirror.world.clock.advance(10)
    then = from_millis(mirror.world.clock.now_ms()).isoformat()
    mirror.world.clock.advance(10)
    await changed(mirror, 8, 60)
    return mirror, then


def titles(page: Page) -> list[str]:
    return [said(row.find("th").find("a")) for row in page.one("table", class_="tasks").find("tbody")]  # type: ignore[union-attr, arg-type]


async def test_tasks_are_those_of_then(make_mirror: MakeMirror) -> None:
    """The rows of the API with the same `as_of`; a banner says how exact they are and leads back; filters,
    orders and pages stay in the past, and so does the fragment of a changed filter.
    """
    mirror, then = await changed_mirror(make_mirror)
    async with reading(mirror) as reader:
        browsing = Browsing(mirror, reader.client)
        wanted: Json = {"sort": "title", "limit": 5, "archived": "false"}
        told = await browsing.ask("/tasks", as_of=then, **wanted)
        page = await browsing.open("/ui/tasks", as_of=then, **wanted)
        assert titles(page) == [" ".join(task["title"].split()) for task in told["tasks"]]
        assert titles(page) != titles(await browsing.open("/ui/tasks", **wanted))
        banner = said(page.one("div", class_="past"))
        uncertain = told["precision"]["uncertain_rows"]
        assert "The past is shown: tasks as of" in banner
        assert (f"{uncertain} task" in banner) == bool(uncertain) == ("All of it is exact." not in banner)
        assert page.all("p", class_="sync-status") == []
        assert page.one("a", rel="next").get("href", "").count("as_of=") == 1
        following = await browsing.open(page.one("a", rel="next").get("href", ""))
        assert "The past is shown" in following.words and titles(following) != titles(page)
        back = next(link for link in page.all("a") if said(link) == "Back to now").get("href", "")
        assert parse_qs(urlsplit(back).query) == {"sort": ["title"], "limit": ["5"], "archived": ["false"]}
        assert "The past is shown" not in (await browsing.open(back)).words
        boxes = [box for box in page.one("form", class_="as-of").iter("input") if box.get("type") == "hidden"]
        kept = {box.get("name"): box.get("value") for box in boxes}
        assert kept == {"sort": "title", "limit": "5", "archived": "false"}
        part = await reader.client.get(
            "/ui/tasks",
            params={"as_of": then, "status_type": "open"},
            headers=HTML | {"HX-Request": "true", "HX-Target": "results"},
        )
        assert "as_of=" in part.headers["hx-push-url"] and "The past is shown" in part.text


async def test_hours_are_those_of_then(make_mirror: MakeMirror) -> None:
    """Sum, timers and CSV with the same `as_of`; the banner leads back to the same days."""
    mirror, then = await changed_mirror(make_mirror)
    async with reading(mirror) as reader:
        browsing = Browsing(mirror, reader.client)
        days: Json = {"from_": "2025-12-01", "to": "2026-12-01", "group_by": "list"}
        page = await browsing.open("/ui/hours", as_of=then, **days)
        present = await browsing.open("/ui/hours", **days)
        told = await browsing.ask("/timesheets", as_of=then, per="total", **days)
        assert f"{told['total']['entries']} time entr" in page.words
        assert page.words != present.words and "The past is shown: hours as of" in page.words
        csv = next(link for link in page.links() if link.startswith("/timesheets"))
        assert parse_qs(urlsplit(csv).query)["as_of"] == [then]
        back = next(link for link in page.all("a") if said(link) == "Back to now").get("href", "")
        assert parse_qs(urlsplit(back).query) == {
            "from": ["2025-12-01"], "to": ["2026-12-01"], "group_by": ["list"],
        }  # fmt: skip


@pytest.mark.parametrize("path", ["/ui/tasks", "/ui/hours"])
async def test_a_day_is_shown_at_its_end(browsing: Browsing, path: str) -> None:
    """The field has the day, and none later than today can be chosen; an empty field is the present; what is
    in the future, or no day, is told as wrong; before all changes it says since when they are recorded.
    """
    begun = browsing.mirror.value("SELECT min(since) FROM history_states")
    today = day_of(begun, browsing.mirror.zone).date
    day = today - timedelta(days=3)
    page = await browsing.open(path, as_of=day.isoformat())
    field = page.one("input", name="as_of", type="date")
    assert field.get("value") == day.isoformat() and field.get("max", "") >= today.isoformat()
    banner = said(page.one("div", class_="past"))
    assert ", 23:59:59" in banner and "Changes are recorded since" in banner
    assert page.one("body").get("data-now", "").startswith(f"{day}T23:59:59")
    assert (await browsing.open(path, as_of="")).all("div", class_="past") == []
    for wrong in ("2199-01-01", "soon"):
        refused = await browsing.open(path, 422, as_of=wrong)
        assert any(said(item).startswith("as_of") for item in refused.all("li"))
