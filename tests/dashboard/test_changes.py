"""A task's history on its page: all that the API tells, in words."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest

from app.core.answers.formats import Formats
from app.dashboard.changes import _Names, _spoken, field_words
from app.dashboard.clock import Clock
from tests.api.reading import Json, reading
from tests.api.test_changes import changed_mirror
from tests.dashboard.pages import Browsing, Element, Page, said
from tests.engine.conftest import MakeMirror, make_mirror

__all__ = ["make_mirror"]


def items(page: Page) -> list[Element]:
    return [item for one in page.all("ol", class_="changes") for item in one]


def address_of(page: Page, label: str) -> str:
    return next(link.get("href", "") for link in page.all("a") if said(link) == label)


async def walked(browsing: Browsing, path: str) -> list[Element]:
    """Every change of every page."""
    found: list[Element] = []
    while path:
        page = await browsing.open(path)
        found += items(page)
        path = next((link.get("href", "") for link in page.all("a", rel="next")), "")
    return found


def is_told(item: Element, change: Json) -> bool:
    """Whether the item says who did what to which field."""
    words = said(item)
    field = said(item.find(".//em")) if change["field"] else ""  # type: ignore[arg-type]
    who = " ".join((change["user_name"] or "Somebody").split())
    links = [link.get("href") for link in item.iter("a")]
    exact = change["earliest"] == change["latest"]
    return (
        words.startswith(f"{who} {change['operation']} ")
        and field == (field_words(change["field"]) if change["field"] else "")
        and ("between" in words) != exact
        and (not change["task_id"] or f"/ui/tasks/{change['task_id']}" in links)
    )


async def test_the_history_of_a_task_is_on_its_page(
    make_mirror: MakeMirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that `/tasks/{id}/history` has, also of its time entries and comments, over several pages."""
    monkeypatch.setattr("app.dashboard.task._CHANGES", 2)
    mirror, _ = await changed_mirror(make_mirror)
    task_id = mirror.value(
        "SELECT task_id FROM changes WHERE task_id IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
    )
    async with reading(mirror) as reader:
        browsing = Browsing(mirror, reader.client)
        told = (await browsing.ask(f"/tasks/{task_id}/history"))["changes"]
        found = await walked(browsing, f"/ui/tasks/{task_id}")
        assert len(found) == len(told) > 4
        for item, change in zip(found, told, strict=True):
            assert is_told(item, change | {"task_id": None})
        titles = mirror.rows(
            "SELECT title FROM tasks WHERE clickup_task_id IN (SELECT after #>> '{}' FROM"
            " changes WHERE task_id = %s AND field = 'clickup_task_id')",
            task_id,
        )
        assert all(any(" ".join(row["title"].split()) in said(item) for item in found) for row in titles)
        second = await browsing.open(
            address_of(await browsing.open(f"/ui/tasks/{task_id}"), "Earlier changes")
        )
        assert urlsplit(address_of(second, "Back to the newest")).path == f"/ui/tasks/{task_id}"
        await browsing.open(f"/ui/tasks/{task_id}", 422, cursor="x")


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("title", None, None),
        ("tags", [], None),
        ("dependencies", {"linked": [], "waiting_on": []}, None),
        ("dependencies", {"linked": [], "waiting_on": ["a", "b"]}, "waiting on: Draft, b"),
        ("parent", "a", "Draft"),
        ("clickup_task_id", "b", "b"),
        ("archived", False, "no"),
        ("due_at", "2026-11-29T23:30:00.5+00:00", "30 Nov, 00:30"),
        ("assignee_ids", "1,2", "Ada, 2"),
        ("list_id", "7", "Sprint"),
        ("time_estimate_minutes", 90, "1:30"),
        ("duration_ms", 90 * 60_000 + 59_999, "1:30"),
        ("points", 1234.5, "1,234.5"),
        ("locations", [{"list_id": "7", "list_name": "Sprint"}], "Sprint"),
        ("tags", ["a", "b"], "a, b"),
        ("custom_fields.Budget", "12.50 EUR", "12.50 EUR"),
    ],
)
def test_values_are_words(field: str, value: Any, words: str | None) -> None:
    """Names in place of ids, hours in place of milliseconds, days of the zone; nothing for what is empty."""
    zone = ZoneInfo("Europe/Berlin")
    clock = Clock(zone, datetime(2026, 11, 30, 12, tzinfo=zone), Formats())
    assert _spoken(field, value, _Names({"1": "Ada"}, {"7": "Sprint"}, {"a": "Draft"}), clock) == words
