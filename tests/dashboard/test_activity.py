"""What changed in the workspace, on a page of its own: filtered, page after page, and followed live."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.api.reading import Reader, reading
from tests.api.test_changes import changed_mirror
from tests.dashboard.pages import HTML, Browsing, Page, said
from tests.dashboard.test_changes import is_told, items, make_mirror, walked
from tests.dashboard.test_live import coming, first
from tests.engine.conftest import MakeMirror

__all__ = ["make_mirror"]


async def test_every_change_is_told_once(make_mirror: MakeMirror, monkeypatch: pytest.MonkeyPatch) -> None:
    """Newest first, page after page, as `/changes` has them: who, what, of which task, and how exactly."""
    monkeypatch.setattr("app.dashboard.activity._PAGE", 20)
    mirror, _ = await changed_mirror(make_mirror)
    async with reading(mirror) as reader:
        browsing = Browsing(mirror, reader.client)
        told = (await browsing.ask("/changes", limit=1_000))["changes"]
        found = await walked(browsing, "/ui/activity")
        assert len(told) > 40
        for item, change in zip(found, told, strict=True):
            assert is_told(item, change), (said(item), change)


async def test_filters_are_those_of_the_api(make_mirror: MakeMirror, monkeypatch: pytest.MonkeyPatch) -> None:
    """Person, object, field, place and days; what is chosen stands in the form, and nothing found is told."""
    monkeypatch.setattr("app.dashboard.activity._PAGE", 1_000)
    mirror, _ = await changed_mirror(make_mirror)
    person = mirror.value("SELECT id::text FROM employees ORDER BY name LIMIT 1")
    space = mirror.value("SELECT space_id FROM tasks JOIN changes ON task_id = clickup_task_id LIMIT 1")
    asked: list[dict[str, Any]] = [
        {"user": person}, {"object": "time_entry"}, {"field": "custom_fields"}, {"place": space},
        {"operation": "deleted"}, {"since": "2020-01-01", "until": "2199-01-01", "field": "due_at"},
    ]  # fmt: skip
    async with reading(mirror) as reader:
        browsing = Browsing(mirror, reader.client)
        for wanted in asked:
            told = (await browsing.ask("/changes", limit=1_000, **wanted))["changes"]
            page = await browsing.open("/ui/activity", **wanted)
            assert len(items(page)) == len(told) > 0, wanted
            csv = next(link for link in page.links() if link.startswith("/changes?"))
            assert dict(parse_qsl(urlsplit(csv).query)) == wanted | {"format": "csv"}
            for name, value in wanted.items():
                fields = page.all("input", name=name) or [
                    one for one in page.one("select", name=name).iter("option") if "selected" in one.attrib
                ]
                assert [one.get("value") for one in fields] == [value]
        nothing = await browsing.open("/ui/activity", until="2020-01-01", object="")
        assert "No matching changes." in nothing.words
        for wrong in ({"field": "colour"}, {"since": "2026-02-01", "until": "2026-01-01"}, {"cursor": "x"}):
            await browsing.open("/ui/activity", 422, **wrong)


async def test_a_change_is_announced_and_the_list_is_sent_anew(own: Reader) -> None:
    """An event says that something became known; the list is answered only to who has not all of it."""
    browsing = Browsing(own.mirror, own.client)
    page = await browsing.open("/ui/activity")
    assert page.one("div", id="live").get("sse-connect") == "/ui/events"
    again = page.one("div", id="changes").get("hx-get", "")
    headers = HTML | {"HX-Request": "true", "HX-Target": "changes"}
    assert (await own.client.get(again, headers=headers)).status_code == 204
    async with browsing.events() as events:
        await first(events)
        task_id = own.mirror.value("SELECT min(clickup_task_id) FROM tasks WHERE NOT is_deleted")
        own.mirror.world.edit_task(task_id, name="Renamed <b>now</b>")
        await own.mirror.sync()
        position = own.mirror.value("SELECT max(position) FROM changes")
        await coming(events, "changes", str(position))
    answer = await own.client.get(again, headers=headers)
    part = Page(answer)
    assert "<html" not in answer.text and part.one("div", id="changes").get("hx-trigger") == "sse:changes"
    assert any("Renamed <b>now</b>" in said(item) for item in items(part))
