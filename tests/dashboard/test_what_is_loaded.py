"""All that a page loads comes from here, nothing of it stands inline, and of Django nothing is imported."""

import re
import subprocess
import sys
from xml.etree import ElementTree

import pytest

from app.core.answers.formats import Formats
from app.dashboard import assets
from app.dashboard.charts import hour_columns, task_bars
from tests.api.door import READER, open_door
from tests.dashboard.pages import HTML, Browsing, Page

PLACES = ("/", "/ui/tasks", "/ui/hours", "/ui/activity", "/ui/people", "/ui/nowhere", "/ui/tasks/nowhere")
MARKUP = "</text><script>alert(1)</script>\x01 & <b>"


@pytest.mark.parametrize("path", PLACES)
async def test_a_page_loads_only_what_the_policy_allows(browsing: Browsing, path: str) -> None:
    """The policy allows this service alone; scripts and styles are files of it, and each is there."""
    answer = await browsing.client.get(path, headers=HTML)
    policy = dict(
        part.strip().partition(" ")[::2] for part in answer.headers["content-security-policy"].split(";")
    )
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    for name in ("script-src", "style-src", "connect-src", "form-action"):
        assert policy[name] == "'self'"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["x-content-type-options"] == "nosniff"
    page = Page(answer)
    assert page.all("style") == [] and [one for one in page.root.iter() if "style" in one.attrib] == []
    assert not [one for one in page.root.iter() if any(name.startswith("on") for name in one.attrib)]
    loaded = [
        one.get("src") or one.get("href", "") for tag in ("script", "link", "img") for one in page.all(tag)
    ]
    assert loaded and all(one.startswith("/ui/static/") for one in loaded)
    for address in loaded:
        file = await browsing.client.get(address)
        assert file.status_code == 200 and file.content
        assert file.headers["cache-control"] == "public, max-age=31536000, immutable"


async def test_another_version_of_a_file_is_not_kept() -> None:
    """And what is no file is not there; no key is needed."""
    async with open_door(api_keys=f"dashboard:read:{READER}") as door:
        for address in ("/ui/static/page.css", "/ui/static/page.css?v=old"):
            answer = await door.ask(address)
            assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")
        for name in ("nothing.js", "..%2f__init__.py", "page.css%00", "PAGE.CSS"):
            assert (await door.ask(f"/ui/static/{name}")).status_code == 404


def test_our_own_files_name_no_host_and_run_no_text() -> None:
    """Neither the style nor the script loads anything; the script makes no code of texts."""
    for name in ("page.css", "page.js"):
        text = assets.load_assets()[name].content.decode()
        assert not re.search(r"https?:|url\(|@import|\beval\b|new Function|innerHTML", text), name


def test_nothing_of_django_is_imported() -> None:
    """The package that carries htmx is asked for its files, by name."""
    code = (
        "import sys; from app.dashboard.assets import load_assets; import app.main;"
        "assert load_assets()['htmx.js'].content.startswith(b'var htmx');"
        "print([name for name in sys.modules if name.split('.')[0] in ('django', 'django_htmx')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=300, check=False
    )
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_charts_are_plain_drawings() -> None:
    """No script, style, link or name of another host; what people wrote is text in them."""
    for chart in (
        hour_columns([MARKUP, "2"], [90, 0], Formats()),
        task_bars([MARKUP, "b"], [("open", [3, 4]), ("overdue", [0, 1])], Formats()),
    ):
        assert not re.search(r"<script|<style|<image|style=|href|xlink|\burl\(", chart)
        assert set(re.findall(r'https?://[^"<]+', chart)) == {"http://www.w3.org/2000/svg"}
        root = ElementTree.fromstring(chart)
        words = "".join(root.itertext())
        assert "<script>alert(1)</script>" in words or "<script>alert(" in words
        assert {one.tag.rpartition("}")[2] for one in root.iter()} <= {
            "svg",
            "g",
            "rect",
            "path",
            "text",
            "title",
        }


def test_columns_are_as_high_as_their_time() -> None:
    """Of the whole there is; a day without time has none."""
    root = ElementTree.fromstring(hour_columns(["a", "b", "c"], [60, 240, 0], Formats()))
    bars = [one for one in root.iter() if one.get("class", "").startswith("rect")]
    heights = [float(bar.get("height", "")) for bar in bars]
    assert heights[1] == pytest.approx(4 * heights[0], abs=0.1) and heights[2] == 0
    titles = ["".join(one.itertext()) for one in root.iter("{http://www.w3.org/2000/svg}title")]
    assert {"a: 1:00", "b: 4:00"} <= set(titles)
