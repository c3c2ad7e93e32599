"""The page to try the API on: all of it comes from the service itself, and it works in a real browser."""

import asyncio
import re
import threading
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, async_playwright

from app.http.auth import DOCS_FILES
from tests.api.door import open_door

CHROMIUM = Path("/usr/bin/chromium")
needs_chromium = pytest.mark.skipif(not CHROMIUM.exists(), reason="there is no Chromium on this machine")
OTHER_HOST = re.compile(r"(https?:)?//[a-z]", re.IGNORECASE)


async def test_all_that_it_loads_comes_along(keys: str) -> None:
    """No other host stands in it, and no script or style of its own; each file is here, open to everybody."""
    async with open_door(api_keys=keys) as door:
        page = await door.ask("/docs")
        loaded = re.findall(r'(?:src|href)="(docs/[^"]+)"', page.text)
        files = [await door.ask(f"/{path}") for path in loaded]
        assert (await door.ask("/docs/index.html")).status_code == 401
    async with open_door() as door:
        assert (await door.ask("/docs/index.html")).status_code == 404
    assert {path.removeprefix("docs/") for path in loaded} == DOCS_FILES
    assert not OTHER_HOST.search(page.text + next(one.text for one in files if "begin" in str(one.url)))
    assert not re.search(r"<script>|<style|\sstyle=|\son\w+=", page.text)
    assert [one.status_code for one in files] == [200] * len(files)
    policy = page.headers["content-security-policy"]
    assert "script-src 'self';" in policy and "connect-src 'self';" in policy
    assert "unsafe" not in policy and not OTHER_HOST.search(policy)


async def test_a_browser_that_has_it_is_not_sent_it_again() -> None:
    """304, until the file is another one."""
    async with open_door() as door:
        for path in ("/docs", "/docs/swagger-ui-bundle.js", "/docs/begin.js"):
            first = await door.ask(path)
            again = await door.ask(path, if_none_match=first.headers["etag"])
            assert (again.status_code, again.content) == (304, b""), path
            assert first.headers["cache-control"] == "no-cache"


@pytest.mark.slow
@needs_chromium
async def test_it_works_in_a_browser() -> None:
    """Every call of the OpenAPI document is shown, one can be made, and nobody else is asked for anything."""
    async with open_door() as door, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page, asked, complaints = await browser.new_page(), list[str](), list[str]()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.goto(f"{door.url}/docs")
        await page.wait_for_selector(".opblock")
        paths = (await door.ask("/openapi.json")).json()["paths"]
        assert await page.locator(".opblock").count() == sum(map(len, paths.values()))
        assert "OAS 3.1" in await page.inner_text(".info")
        assert "alive" in await _asked_for_health(page)
        await browser.close()
    # A picture that stands in the page itself is asked of nobody.
    assert {url.partition(":")[0] for url in asked if not url.startswith(door.url)} <= {"data"}
    assert complaints == []


async def _asked_for_health(page: Page) -> str:
    """What the page shows as the answer."""
    await page.click("#operations-health-healthz .opblock-summary-control")
    await page.click(".try-out__btn")
    await page.click(".execute")
    await page.wait_for_selector(".live-responses-table")
    return await page.inner_text(".live-responses-table")


async def test_the_openapi_document_is_made_once_and_off_the_event_loop() -> None:
    """While it is made others are answered; who asks for it meanwhile gets the same one, and later a 304."""
    async with open_door() as door:
        make, made, may_end = door.application.openapi, list[dict[str, Any]](), threading.Event()

        def slow() -> dict[str, Any]:
            assert may_end.wait(120)
            made.append(make())
            return made[-1]

        door.application.openapi = slow  # type: ignore[method-assign]
        asked = [asyncio.create_task(door.ask("/openapi.json")) for _ in range(10)]
        assert (await door.ask("/healthz")).status_code == 200
        may_end.set()
        answers = await asyncio.gather(*asked)
        assert len(made) == 1
        assert {answer.content for answer in answers} == {answers[0].content}
        assert answers[0].json()["info"]["title"] == "clickup-sync"
        known = answers[0].headers["etag"]
        assert (await door.ask("/openapi.json", if_none_match=known)).status_code == 304
