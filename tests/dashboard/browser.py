"""A real browser, without a window, that tells all it complains of and asks for."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright

CHROMIUM = Path("/usr/bin/chromium")
needs_browser = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no {CHROMIUM} on this machine")

_QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
_GRAVE = ("serious", "critical")
Scheme = Literal["light", "dark"]
DESKTOP, PHONE = (1280, 900), (390, 844)


@dataclass(slots=True)
class Tab:
    """One tab. `complaints`: what stands in its console, and errors of scripts; `hosts`: whom it asked."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    async def open(self, path: str) -> None:
        """Until all is loaded."""
        await self.page.goto(self.url + path, wait_until="load")

    async def text(self, selector: str) -> str:
        """What is read there."""
        return " ".join((await self.page.locator(selector).first.inner_text()).split())

    async def shows(self, selector: str, words: str, seconds: float = 120) -> None:
        """Waits until these words stand there."""
        await self.page.locator(selector, has_text=words).first.wait_for(timeout=seconds * 1000)

    async def overflow(self) -> int:
        """How many pixels the page is wider than its window."""
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        return int(await self.page.evaluate(wide))

    async def grave_barriers(self) -> list[str]:
        """What axe finds that is serious or critical."""
        found = await Axe().run(self.page)
        return [
            f"{one['id']} ({one['impact']}): {node['html'][:200]}"
            for one in found.response["violations"]
            if one["impact"] in _GRAVE
            for node in one["nodes"]
        ]


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """The browser, until the end."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=_QUIET)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def a_tab(
    browser: Browser, url: str, *, scheme: Scheme = "light", size: tuple[int, int] = DESKTOP, **more: Any
) -> AsyncIterator[Tab]:
    """A tab of a browser that remembers nothing; at its end it has not complained, nor asked anybody else."""
    context = await browser.new_context(
        color_scheme=scheme, viewport={"width": size[0], "height": size[1]}, locale="en-GB", **more
    )
    context.set_default_timeout(120_000)
    tab = Tab(await context.new_page(), url)
    tab.page.on("console", lambda said: tab.complaints.append(f"{said.type}: {said.text}"))
    tab.page.on("pageerror", lambda error: tab.complaints.append(f"error: {error}"))
    tab.page.on("request", lambda request: tab.hosts.add(urlsplit(request.url).netloc))
    try:
        yield tab
        assert tab.complaints == [], tab.complaints
        assert tab.hosts <= {urlsplit(url).netloc}, tab.hosts
    finally:
        await context.close()
