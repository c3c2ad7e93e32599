"""The pages and the code, read as text."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
QUERIES = ROOT / "app" / "sql" / "queries"

_FENCE = re.compile(r"^```.*?^```\s*$", re.MULTILINE | re.DOTALL)
# A part that `make docs` writes: its opening mark, what it is, its text, its closing mark.
GENERATED = re.compile(r"(<!-- generated: ([^>]*?) -->)\n(.*?)(<!-- end -->)", re.DOTALL)
_HEADING = re.compile(r"^#{1,6} +(.+?)\s*$", re.MULTILINE)


def read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def pages() -> list[Path]:
    """Every Markdown page of the project."""
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def prose(text: str) -> str:
    """The page without its blocks of code."""
    return _FENCE.sub("", text)


def section(text: str, heading: str) -> str:
    """What stands under a heading, up to the next of the same or a higher level."""
    found = re.search(rf"^(#+) {re.escape(heading)}\s*$", text, re.MULTILINE)
    assert found, f"there is no heading {heading!r}"
    rest = text[found.end() :]
    after = re.search(rf"^#{{1,{len(found[1])}}} ", rest, re.MULTILINE)
    return rest[: after.start()] if after else rest


def cells(text: str) -> Iterator[list[str]]:
    """The cells of every row of the tables in a text, rules and heads included; `\\|` is no border."""
    for line in text.splitlines():
        if line.startswith("|"):
            yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def named(cell: str) -> str | None:
    """The name in a cell that holds nothing but one name in backticks."""
    found = re.fullmatch(r"`([^`]+)`", cell)
    return found[1] if found else None


def rows(text: str) -> dict[str, list[str]]:
    """The rows of a text's tables by the name in their first cell."""
    return {name: row for row in cells(text) if (name := named(row[0]))}


def anchors(text: str) -> set[str]:
    """What GitHub makes of a page's headings."""
    found: set[str] = set()
    for heading in _HEADING.findall(prose(text)):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").lower()
        anchor = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        found.add(anchor if anchor not in found else f"{anchor}-1")
    return found
