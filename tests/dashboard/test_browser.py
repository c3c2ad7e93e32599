"""The page in a real browser: what people do with it, in light and dark, on a desk and on a phone."""

import os
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.api.door import WRITER
from tests.api.reading import Reader, pretend_worker, reading
from tests.dashboard.browser import DESKTOP, PHONE, Scheme, a_tab, chromium, needs_browser
from tests.dashboard.pages import hours
from tests.database import connect
from tests.engine.conftest import MakeMirror, small_world
from tests.engine.mirror import Mirror
from tests.engine.service.running import STILL, client_of, runs, serving, until

# One event loop for all of them, so that they share a browser; each has tabs that remember nothing.
pytestmark = [needs_browser, pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]
AT_LENGTH = "PAGE_AT_LENGTH" in os.environ
MARKUP = "<script>alert(1)</script><img src=x onerror=alert(2)> {{ 7 * 7 }}"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def reader(shared: tuple[Mirror, str]) -> AsyncIterator[Reader]:
    mirror, url = shared
    async with client_of(url) as client:
        yield Reader(mirror, client)


@pytest_asyncio.fixture(loop_scope="module")
async def own(mirror: Mirror) -> AsyncIterator[Reader]:
    async with reading(mirror) as reader:
        yield reader


def paths_of(mirror: Mirror) -> list[str]:
    """One of each kind of page, with something on it."""
    task = mirror.value(
        "SELECT clickup_task_id FROM tasks WHERE NOT is_deleted AND cardinality(start_times) > 1 LIMIT 1"
    )
    person = mirror.value("SELECT id FROM employees WHERE is_active ORDER BY name LIMIT 1")
    first = mirror.value("SELECT (max(started_at) - interval '40 days')::date FROM time_entries")
    return [
        "/", "/ui/tasks", "/ui/tasks?q=no-such-word", "/ui/tasks?status_type=open&priority=high",
        f"/ui/tasks/{task}", "/ui/hours", f"/ui/hours?from={first}&group_by=space", "/ui/hours?group_by=task",
        f"/ui/tasks?as_of={first}", f"/ui/hours?as_of={first}", "/ui/activity",
        "/ui/people", f"/ui/people/{person}", "/ui/workspaces", "/ui/nowhere", "/ui/tasks?due_from=soon",
    ]  # fmt: skip


# By themselves each size and each scheme once; `make page` looks at all four.
LOOKS = {
    "light desktop": ("light", DESKTOP),
    "dark phone": ("dark", PHONE),
    **({"dark desktop": ("dark", DESKTOP), "light phone": ("light", PHONE)} if AT_LENGTH else {}),
}


@pytest.mark.parametrize(("scheme", "size"), LOOKS.values(), ids=LOOKS)
async def test_nobody_is_kept_out(
    reader: Reader, browser: Browser, scheme: Scheme, size: tuple[int, int]
) -> None:
    """axe finds nothing serious on any page, and none is wider than its window."""
    found = {}
    async with a_tab(browser, str(reader.client.base_url).rstrip("/"), scheme=scheme, size=size) as tab:
        for path in paths_of(reader.mirror):
            await tab.open(path)
            barriers, overflow = await tab.grave_barriers(), await tab.overflow()
            if barriers or overflow > 0:
                found[path] = [*barriers, f"{overflow} px too wide"]
        # A page that is told as missing, or as wrong, is told so in the console too.
        tab.complaints = [one for one in tab.complaints if "404" not in one and "422" not in one]
    assert found == {}


async def test_sync_now_and_watch_it_end(mirror: Mirror, browser: Browser) -> None:
    """A click, a notice, and the run appears among the last ones, with nothing loaded anew."""
    async with serving(mirror) as running, a_tab(browser, running.url) as tab:
        await until(lambda: runs(mirror, "incremental", "timer"))
        await tab.open("/")
        await tab.page.evaluate("window.untouched = true")
        await tab.page.get_by_role("button", name="Sync now").click()
        await tab.shows("#notice", "Sync started.")
        await tab.shows("#runs tr", "page")
        assert await tab.page.evaluate("window.untouched")
        mirror.world.edit_task(next(iter(mirror.world.truth()["tasks"])), name=MARKUP)
        mirror.rows("UPDATE streams SET blind_spot = %s WHERE stream = 'time'", MARKUP)
        await tab.shows("#reasons", MARKUP)
        assert runs(mirror, "incremental", "page")


async def test_the_activity_follows_the_mirror(own: Reader, browser: Browser) -> None:
    """Each change stands on top soon after it was read, with nothing loaded anew."""
    task_id = own.mirror.value("SELECT min(clickup_task_id) FROM tasks WHERE NOT is_deleted")
    async with a_tab(browser, str(own.client.base_url).rstrip("/")) as tab:
        await tab.open("/ui/activity")
        await tab.page.evaluate("window.untouched = true")
        for name in (MARKUP, "Renamed again"):
            own.mirror.world.edit_task(task_id, name=name)
            await own.mirror.sync()
            await tab.shows(".changes .from-to", name)
        assert await tab.page.evaluate("window.untouched")


async def test_filter_and_follow_a_link(reader: Reader, browser: Browser) -> None:
    """Words and boxes change what is found and the address; Back brings back what was found before."""
    total = reader.mirror.value("SELECT count(*) FROM tasks WHERE NOT is_deleted")
    task = reader.mirror.rows(
        "SELECT title, status FROM tasks WHERE NOT is_deleted AND title ~ '^[A-Z][a-z]+ ' ORDER BY 1 LIMIT 1"
    )[0]
    word = task["title"].split()[0]
    async with a_tab(browser, str(reader.client.base_url).rstrip("/")) as tab:
        await tab.open("/ui/tasks")
        await tab.shows(".found", f"{total} tasks")
        await tab.page.get_by_role("searchbox").fill(word)
        await tab.page.wait_for_url(f"**/ui/tasks?q={word}")
        await tab.page.locator("summary", has_text="Status").first.click()
        await tab.page.get_by_role("checkbox", name=task["status"], exact=True).check()
        await tab.page.wait_for_url("**&status=*")
        await tab.page.keyboard.press("Escape")
        await tab.page.get_by_role("link", name=task["title"], exact=True).first.click()
        await tab.shows("h1", task["title"])
        await tab.page.go_back()
        await tab.shows(".chips", word)
        assert await tab.page.locator("input[name=status]:checked").count() == 1
        await tab.page.get_by_role("link", name="Clear filters").click()
        await tab.shows(".found", f"{total} tasks")


async def test_the_hours_of_a_person_are_what_sql_sums(reader: Reader, browser: Browser) -> None:
    """Chosen in the form, for any days; the sum as well as the cells of the map."""
    row = reader.mirror.rows(
        "SELECT p.id, p.name, (max(e.started_at) AT TIME ZONE %s)::date AS last"
        " FROM time_entries AS e JOIN employees AS p"
        " USING (clickup_user_id) LEFT JOIN tasks AS t USING (clickup_task_id)"
        " WHERE NOT is_running AND t.is_deleted IS NOT TRUE GROUP BY 1, 2 ORDER BY 3 DESC, 1 LIMIT 1",
        reader.mirror.zone.key,
    )[0]
    with connect(reader.mirror.database_url) as connection:
        (milliseconds,) = connection.execute(
            "SELECT sum(extract(epoch FROM least(e.started_at + e.duration_ms * interval '1 ms', bound.last)"
            " - greatest(e.started_at, bound.first)) * 1000)::bigint"
            " FROM time_entries AS e JOIN employees AS p USING (clickup_user_id)"
            " LEFT JOIN tasks AS t USING (clickup_task_id)"
            " CROSS JOIN (SELECT (%s::date - 20)::timestamp AT TIME ZONE %s AS first,"
            "             (%s::date + 1)::timestamp AT TIME ZONE %s AS last) AS bound"
            " WHERE p.id = %s AND NOT is_running AND t.is_deleted IS NOT TRUE AND e.started_at < bound.last"
            "  AND e.started_at + e.duration_ms * interval '1 ms' > bound.first",
            (row["last"], reader.mirror.zone.key, row["last"], reader.mirror.zone.key, row["id"]),
        ).fetchone() or (None,)  # fmt: skip
    async with a_tab(browser, str(reader.client.base_url).rstrip("/")) as tab:
        await tab.open("/ui/hours")
        first = reader.mirror.value("SELECT (%s::date - 20)::text", row["last"])
        await tab.page.get_by_label("From").fill(first)
        await tab.page.get_by_label("To", exact=True).fill(str(row["last"]))
        await tab.page.locator("select[name=person]").select_option(label=row["name"])
        await tab.page.get_by_role("button", name="Show").click()
        await tab.page.wait_for_url("**person=*")
        assert (await tab.text(".heat .sum >> nth=1")).split()[0] == hours(milliseconds // 60_000)
        assert str(reader.mirror.zone) in await tab.text("footer")
        cells = await tab.page.locator(".heat tbody td:not(.sum)").all_inner_texts()
        spent = [cell.split(":") for cell in cells if ":" in cell]
        assert 0 <= milliseconds // 60_000 - sum(int(hour) * 60 + int(rest) for hour, rest in spent) < 21


async def test_a_task_full_of_markup_is_text(own: Reader, browser: Browser) -> None:
    """Nothing of it runs, nothing of it is loaded."""
    task_id = own.mirror.value("SELECT clickup_task_id FROM tasks WHERE NOT is_deleted LIMIT 1")
    own.mirror.rows(
        "UPDATE tasks SET title = %s, description = %s, status = %s, tags = ARRAY[%s]", *[MARKUP] * 4
    )
    own.mirror.rows("UPDATE employees SET name = %s", MARKUP)
    async with a_tab(browser, str(own.client.base_url).rstrip("/")) as tab:
        dialogs: list[str] = []
        tab.page.on("dialog", lambda dialog: dialogs.append(dialog.message))
        for path in (f"/ui/tasks/{task_id}", "/ui/tasks", "/ui/people", "/ui/hours"):
            await tab.open(path)
            assert "<script>alert(1)</script>" in await tab.page.locator("main").inner_text()
        assert dialogs == []


async def test_sign_in_and_out(mirror: Mirror, keys: str, browser: Browser) -> None:
    """With the keyboard alone; scripts cannot see the cookie, and after signing out the form is back."""
    pretend_worker(mirror)
    async with serving(mirror, api_keys=keys) as running, a_tab(browser, running.url) as tab:
        await until(lambda: running.service.workspace_id)
        await tab.open("/ui/people")
        await tab.page.keyboard.type("wrong-" + "x" * 20)
        await tab.page.keyboard.press("Enter")
        await tab.shows("[role=alert]", "Unknown API key.")
        assert await tab.grave_barriers() == []
        tab.complaints.clear()
        await tab.page.keyboard.type(WRITER)
        await tab.page.keyboard.press("Enter")
        await tab.shows("h1", "People")
        assert await tab.page.evaluate("document.cookie") == ""
        await tab.open("/")
        await tab.page.get_by_role("button", name="Sync now").click()
        await tab.shows("#notice", "Sync started.")
        await tab.page.get_by_role("button", name="Sign out").click()
        await tab.shows("h1", "Sign in")
        await tab.open("/")
        await tab.shows("h1", "Sign in")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
async def test_connect_and_remove_a_workspace(
    make_mirror: MakeMirror, browser: Browser, scripts: bool
) -> None:
    """With a token that is typed; with scripts and without. axe finds nothing serious."""
    world = small_world(3, tasks=8, lists=3, people=3, workspaces=2)
    mirror, (other,) = make_mirror(world), world.other_workspaces
    await mirror.sync("incremental")
    async with (
        serving(mirror, **STILL) as running,
        a_tab(browser, running.url, size=PHONE, java_script_enabled=scripts) as tab,
    ):
        await tab.open("/ui/workspaces")
        form = tab.page.get_by_role("region", name="Connect a workspace")
        await form.get_by_label("Personal token").fill(world.token)
        await form.get_by_role("button", name="Connect").click()
        await tab.shows("[role=alert]", other.id)
        tab.complaints.clear()
        await form.get_by_label("Personal token").fill(world.token)
        await form.get_by_label("Workspace id").fill(other.id)
        await form.get_by_role("button", name="Connect").click()
        row = tab.page.get_by_role("row", name=other.name)
        await row.get_by_role("button", name="Pause").click()
        await row.get_by_role("button", name="Resume").wait_for()
        await row.get_by_text("Remove", exact=False).first.click()
        await row.get_by_label("Keep the mirrored data").check()
        if scripts:
            assert await tab.grave_barriers() == [] and await tab.overflow() <= 0
        await row.get_by_role("button", name="Remove").click()
        await until(lambda: mirror.value("SELECT count(*) FROM workspace_connections") == 1)


async def test_dark_is_dark(reader: Reader, browser: Browser) -> None:
    """As the machine wants it; light is light."""
    shine = "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).reduce((a, b) => a + +b, 0)"
    for scheme, dark in (("dark", True), ("light", False)):
        async with a_tab(browser, str(reader.client.base_url).rstrip("/"), scheme=scheme) as tab:  # type: ignore[arg-type]
            await tab.open("/")
            assert (await tab.page.evaluate(shine) < 200) == dark


async def test_it_is_usable_by_keyboard(reader: Reader, browser: Browser) -> None:
    """The first stop leads to the content; menus open and close, and give the place back."""
    async with a_tab(browser, str(reader.client.base_url).rstrip("/")) as tab:
        await tab.open("/ui/tasks")
        await tab.page.keyboard.press("Tab")
        assert await tab.page.evaluate("document.activeElement.textContent") == "Skip to the content"
        await tab.page.keyboard.press("Enter")
        assert await tab.page.evaluate("document.activeElement.id") == "main"
        await tab.page.locator("summary", has_text="Priority").focus()
        await tab.page.keyboard.press("Enter")
        await tab.page.keyboard.press("Tab")
        await tab.page.keyboard.press("Space")
        await tab.page.wait_for_url("**priority=urgent")
        await tab.page.keyboard.press("Escape")
        assert "Priority" in await tab.page.evaluate("document.activeElement.textContent")
        assert await tab.page.locator("[data-menu][open]").count() == 0


async def test_it_is_usable_without_scripts(own: Reader, browser: Browser) -> None:
    """Links and forms suffice: search, sort, and have a sync made."""
    async with a_tab(browser, str(own.client.base_url).rstrip("/"), java_script_enabled=False) as tab:
        await tab.open("/ui/tasks")
        await tab.page.get_by_role("searchbox").fill("the")
        await tab.page.get_by_role("button", name="Search").click()
        await tab.page.wait_for_url("**/ui/tasks?q=the*")
        await tab.page.get_by_role("link", name="Due", exact=True).click()
        await tab.page.wait_for_url("**sort=due*")
        await tab.open("/")
        await tab.page.get_by_role("button", name="Sync now").click()
        await tab.shows("#work", "triggered by page")
        assert own.mirror.value("SELECT count(*) FROM runs WHERE trigger = 'page'") == 1


async def test_times_grow_older_while_one_looks(own: Reader, browser: Browser) -> None:
    """Without anything being loaded. What is two minutes old grows older more slowly than this test waits."""
    async with a_tab(browser, str(own.client.base_url).rstrip("/")) as tab:
        await tab.page.clock.install()
        await tab.open("/ui/tasks?sort=-updated")
        before = await tab.text(".sync-status .ago")
        await tab.page.clock.run_for(15_000)
        assert await tab.text(".sync-status .ago") != before
