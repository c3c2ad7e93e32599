"""The switcher in a real browser: by keyboard, with and without scripts."""

import pytest

from tests.api.reading import pretend_worker
from tests.dashboard.browser import PHONE, a_tab, chromium, needs_browser
from tests.engine.conftest import MakeMirror
from tests.engine.separation import make_separated
from tests.engine.service.running import STILL, serving, until

pytestmark = [needs_browser, pytest.mark.slow]


@pytest.mark.parametrize("with_scripts", [True, False], ids=["scripts", "no scripts"])
async def test_the_switcher_switches(make_mirror: MakeMirror, with_scripts: bool) -> None:
    """The chosen workspace is shown, and is kept by links and addresses; axe finds nothing serious."""
    two = await make_separated(make_mirror)
    pretend_worker(two.first)
    tasks = [
        mirror.value(
            "SELECT clickup_task_id FROM tasks WHERE workspace_id = %s AND NOT is_deleted LIMIT 1",
            mirror.sim.team_id,
        )
        for mirror in (two.first, two.second)
    ]
    async with (
        chromium() as browser,
        serving(two.first, **STILL) as running,
    ):
        await until(lambda: running.service.workspace_id)
        async with a_tab(browser, running.url, size=PHONE, java_script_enabled=with_scripts) as tab:
            await tab.open("/ui/tasks")
            assert await tab.page.locator(f"a[href*='{tasks[0]}']").count() == 1
            await tab.page.get_by_label("Workspace", exact=True).last.select_option(label="Maple Works")
            await tab.page.get_by_role("button", name="Switch").press("Enter")
            await tab.page.wait_for_url(f"**/ui/tasks?workspace_id={two.second.sim.team_id}")
            assert await tab.page.locator(f"a[href*='{tasks[1]}']").count() == 1
            assert await tab.page.locator(f"a[href*='{tasks[0]}']").count() == 0
            await tab.page.get_by_role("link", name="People").click()
            await tab.page.wait_for_url(f"**/ui/people?workspace_id={two.second.sim.team_id}")
            await tab.open("/")
            assert await tab.page.locator("#workspace option:checked").inner_text() == "Maple Works"
            assert await tab.overflow() <= 0
            if with_scripts:
                assert await tab.grave_barriers() == []
