"""What a browser without scripts would see: pages, their tables, links and forms."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import httpx2

from app.core.answers.formats import Formats
from tests.engine.mirror import Mirror

Element = ElementTree.Element
Answer = httpx2.Response
HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
hours = Formats().hours
_VOID = frozenset({"meta", "link", "input", "br", "hr", "img"})


class Page:
    """A page that was answered."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.status = answer.status_code
        self.root = parse(answer.text)

    @property
    def title(self) -> str:
        """What the heading says."""
        return said(self.one("h1"))

    def all(self, tag: str, **wanted: str) -> list[Element]:
        """Elements of a tag with these attributes; of `class` one word is enough."""
        named = {name.rstrip("_").replace("_", "-"): value for name, value in wanted.items()}
        return [found for found in self.root.iter(tag) if _has(found, named)]

    def one(self, tag: str, **wanted: str) -> Element:
        """The only one of these."""
        found = self.all(tag, **wanted)
        assert len(found) == 1, f"{len(found)} <{tag}> {wanted} in\n{self.answer.text[:3_000]}"
        return found[0]

    def rows(self, caption: str) -> list[list[str]]:
        """The body of the table with this caption, as texts."""
        tables = [one for one in self.all("table") if said(next(one.iter("caption"))).startswith(caption)]
        assert len(tables) == 1, f"{len(tables)} tables {caption!r}"
        body = next(tables[0].iter("tbody"))
        return [[said(cell) for cell in row] for row in body]

    def links(self) -> list[str]:
        """Where one may go from here."""
        return [link.get("href", "") for link in self.all("a")]

    @property
    def words(self) -> str:
        """All that is said."""
        return said(self.root)


@dataclass(frozen=True, slots=True)
class Browsing:
    """Somebody who looks at the page of one mirror."""

    mirror: Mirror
    client: httpx2.AsyncClient

    async def open(self, path: str, status: int = 200, /, **params: Any) -> Page:
        """A page; `from_` stands for `from`."""
        known = {name.rstrip("_"): value for name, value in params.items() if value is not None}
        answer = await self.client.get(path, params=known or None, headers=HTML)
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        return Page(answer)

    async def ask(self, path: str, **params: Any) -> Any:
        """What the API says."""
        known = {name.rstrip("_"): value for name, value in params.items() if value is not None}
        answer = await self.client.get(path, params=known, headers={"Accept": "application/json"})
        assert answer.status_code == 200, answer.text
        return answer.json()

    @asynccontextmanager
    async def events(self) -> AsyncIterator[AsyncIterator[tuple[str, Element]]]:
        """Parts of the overview as they are sent: their names and what they show."""
        async with self.client.stream("GET", "/ui/events", timeout=120) as answer:
            assert answer.status_code == 200
            assert answer.headers["content-type"].startswith("text/event-stream")
            yield _events(answer.aiter_lines())


async def _events(lines: AsyncIterator[str]) -> AsyncIterator[tuple[str, Element]]:
    name, data = "", list[str]()
    async for line in lines:
        field, _, value = line.partition(": ")
        if field == "event":
            name = value
        elif field.startswith("data"):
            data.append(value)
        elif not line and name:
            yield name, parse("\n".join(data))
            name, data = "", []


def parse(text: str) -> Element:
    """HTML as a tree; elements that are not closed are an error."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    assert [one.tag for one in reader.open] == ["page"]
    return reader.open[0]


def said(element: Element) -> str:
    """What an element says, each blank one space."""
    return " ".join("".join(element.itertext()).split())


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open = [Element("page")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = ElementTree.SubElement(self.open[-1], tag, {name: value or "" for name, value in attrs})
        if tag not in _VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        ElementTree.SubElement(self.open[-1], tag, {name: value or "" for name, value in attrs})

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().tag == tag, f"</{tag}> closes what it did not open"

    def handle_data(self, data: str) -> None:
        within = self.open[-1]
        if len(within):
            within[-1].tail = (within[-1].tail or "") + data
        else:
            within.text = (within.text or "") + data


def _has(element: Element, wanted: dict[str, str]) -> bool:
    return all(
        value in element.get(name, "").split() if name == "class" else element.get(name) == value
        for name, value in wanted.items()
    )


def chosen(page: Page, name: str) -> Iterator[str]:
    """Values of the boxes that are ticked and the options that are selected under this name."""
    for box in page.all("input", type="checkbox", name=name):
        if "checked" in box.attrib:
            yield box.get("value", "")
    for select in page.all("select", name=name):
        for option in select.iter("option"):
            if "selected" in option.attrib:
                yield option.get("value", "")
