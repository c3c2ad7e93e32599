"""A comment's text, made of the blocks that it consists of.

ClickUp sends a comment twice: as `comment`, a list of blocks, and as `comment_text`, where the blocks' texts
are put one behind the other. There a table is the word `undefined`, links and pictures have no URL, files
stand without a space between them, and bookmarks are missing (observed). The rule:

- Where the blocks say no more than `comment_text`, that is the text, as it is.
- Where they say more, the text is made of them. "More" is a word that `comment_text` does not have, or has
  less often: a URL, a table's cell, a name, an id, a checklist's mark.
- Where `comment_text` has words that no block has, it is kept, and the lines with tables, links, files and
  the like are added below it, and those with words that it lacks.

Shapes of blocks: https://developer.clickup.com/docs/comment-formatting, and what was observed: text with
`attributes` (`link`, `list`, `code-block`, `table-cell-line`), `tag`, `emoticon`, `image`, `attachment`,
`frame`, `bookmark`, `link_mention`, `task_mention`, `table-embed`. A kind that is not known keeps its text,
its URL, or at least its name. What makes no sense costs its own block.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from app.core.clickup.values import Json, mapping, objects, plain_text

_UNDEFINED = "undefined"
_DEEPEST = 8
_MOST_INDENT = 10
_LISTS = frozenset({"bullet", "ordered", "checked", "unchecked", "toggled"})
_BOXES = {"checked": "[x] ", "unchecked": "[ ] "}
# What `comment_text` has as well, as people read it.
_IN_THE_TEXT = frozenset({"emoticon", "tag"})
_FILES = frozenset({"attachment", "file", "frame", "image", "video"})
# "U0001F60A" as ClickUp's guide writes an emoticon; codes of several signs are joined by "-" (observed).
_EMOJI_TEXT = re.compile(r"U\+?0*([0-9a-fA-F]{2,6})")
_EMOJI_CODE = re.compile(r"[0-9a-fA-F]{2,6}(?:-[0-9a-fA-F]{2,6})*")


def comment_text(plain: str | None, blocks: Any) -> str:
    """What people read of a comment: `comment_text`, or what the blocks say where that is more."""
    if not plain:
        return _read(blocks).text
    said = _read(blocks)
    words, own = Counter(_words(plain)), Counter(said.words)
    if not own - words:
        return plain
    if _squeezed(plain) in _squeezed(said.text):
        return said.text
    if words.keys() - own.keys() - set(_words(said.flat)) - {_UNDEFINED}:
        # A text that has nothing in common with the blocks is another one: theirs is older.
        lacking = own - words if words.keys() & own.keys() else Counter[str]()
        return "\n".join([_without_undefined(plain, said.nameless), *said.lines_with(lacking)])
    return said.text


def emoji(code: str) -> str | None:
    """The sign of a code such as "1F44D" or "1f469-200d-1f4bb"; None for what is no such code."""
    if not _EMOJI_CODE.fullmatch(code):
        return None
    numbers = [int(number, 16) for number in code.split("-")]
    allowed = all(0 < number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF for number in numbers)
    return "".join(map(chr, numbers)) if allowed else None


@dataclass(slots=True)
class _Line:
    """One line: its list mark and words, and the row and cell of a table where it stands in one.

    `adds`: it holds more than text.
    """

    mark: str = ""
    text: str = ""
    row: str | None = None
    cell: str | None = None
    adds: bool = False


@dataclass(slots=True)
class _Said:
    """What the blocks say. `flat`: their texts as ClickUp joins them; `nameless`: how many have none."""

    lines: list[_Line]
    flat: str
    nameless: int

    @property
    def text(self) -> str:
        return "\n".join(line.mark + line.text for line in self.lines).strip("\n")

    @property
    def words(self) -> list[str]:
        return [word for line in self.lines for word in _words(line.text)]

    def lines_with(self, lacking: Counter[str]) -> list[str]:
        """Lines that hold more than text, and lines with a word that is lacking."""
        return [
            line.mark + line.text
            for line in self.lines
            if line.adds or not lacking.keys().isdisjoint(_words(line.text))
        ]


def _words(text: str) -> list[str]:
    return text.split()


def _squeezed(text: str) -> str:
    return "".join(text.split())


def _without_undefined(plain: str, most: int) -> str:
    return plain.replace(_UNDEFINED, "", most).rstrip() if most else plain.rstrip()


def _read(blocks: Any) -> _Said:
    texts = [block.get("text") for block in objects(blocks)]
    writer = _Writer()
    writer.write(blocks)
    return _Said(
        lines=_joined_rows(writer.finish()),
        flat="".join(text if isinstance(text, str) else _UNDEFINED for text in texts),
        nameless=sum(not isinstance(text, str) for text in texts),
    )


def _joined_rows(lines: list[_Line]) -> list[_Line]:
    """Each row of a table on one line, its cells with ` | ` between them."""
    joined: list[_Line] = []
    for line in lines:
        last = joined[-1] if joined else None
        if last is None or line.row is None or last.row != line.row:
            joined.append(line)
        else:
            between = " " if line.cell is not None and last.cell == line.cell else " | "
            last.text, last.cell = f"{last.text}{between}{line.text}", line.cell
    return joined


@dataclass(slots=True)
class _Writer:
    """Writes blocks line by line. `link`: the URL of the text that is being written, from `linked` on."""

    depth: int = 0
    lines: list[_Line] = field(default_factory=list)
    line: str = ""
    adds: bool = False
    alone: bool = False
    link: str | None = None
    linked: int = 0
    numbers: dict[int, int] = field(default_factory=dict)

    def write(self, blocks: Any) -> None:
        for block in blocks if isinstance(blocks, list) else ():
            self._write_block({"text": block} if isinstance(block, str) else mapping(block))

    def finish(self) -> list[_Line]:
        self._end_link()
        if self.line:
            self._end_line({})
        return self.lines

    def _write_block(self, block: Json) -> None:
        kind, attributes = _kind(block), mapping(block.get("attributes"))
        written = plain_text(block.get("text")) or ""
        if kind in ("", "text"):
            self._write_text(written, attributes)
            return
        self._end_link()
        if kind == "table-embed":
            self._write_table(mapping(block.get(kind)))
        elif kind in _FILES:
            self._write_alone(_file(block, kind, written))
        else:
            self._write_piece(_piece(block, kind, written))
            self.adds |= kind not in _IN_THE_TEXT

    def _write_text(self, written: str, attributes: Json) -> None:
        if "table-col" in attributes:
            return  # says how wide a table's columns are
        link = _url(attributes.get("link"))
        if link != self.link:
            self._end_link()
            self.link, self.linked = link, len(self.line)
        for part in re.split(r"(\n)", written):
            if part == "\n":
                self._end_link()
                self._end_line(attributes)
                self.link, self.linked = link, 0
            elif part:
                self._write_piece(part)

    def _write_piece(self, piece: str) -> None:
        if self.alone and self.line:
            self._end_line({})
        self.line += piece

    def _write_alone(self, piece: str) -> None:
        """On a line of its own: ClickUp sends several files with nothing between them (observed)."""
        if self.line:
            self._end_line({})
        self.line, self.adds, self.alone = piece, True, True

    def _write_table(self, table: Json) -> None:
        """`cells` by "row:column", each with `content`, a list of inserts (observed)."""
        cells = dict(_cells(table))
        rows, columns = (sorted({place[axis] for place in cells}) for axis in (0, 1))
        for row in rows:
            self._write_alone(" | ".join(self._cell(cells.get((row, column))) for column in columns))

    def _cell(self, content: Any) -> str:
        if self.depth >= _DEEPEST:
            return ""
        inner = _Writer(depth=self.depth + 1)
        inner.write([_as_block(part) for part in content] if isinstance(content, list) else [content])
        return " ".join(line.text for line in inner.finish() if line.text)

    def _end_link(self) -> None:
        """Puts the link's URL behind the text that it covers, unless that is the URL."""
        covered = self.line[self.linked :]
        if self.link and covered.strip():
            bare = covered.rstrip()
            if self.link not in bare:
                space = covered[len(bare) :]
                self.line = f"{self.line[: self.linked]}{bare} ({self.link}){space}"
                self.adds = True
        self.link = None

    def _end_line(self, attributes: Json) -> None:
        kind, cell = _list_kind(attributes), mapping(attributes.get("table-cell-line"))
        row = plain_text(cell.get("row"))
        line = _Line(
            mark=self._mark(kind, _indent(attributes)),
            text=_BOXES.get(kind or "", "") + self.line,
            row=row,
            cell=plain_text(cell.get("cell")),
            adds=self.adds or row is not None,
        )
        self.lines.append(line)
        self.line, self.adds, self.alone = "", False, False

    def _mark(self, kind: str | None, indent: int) -> str:
        if kind != "ordered":
            self.numbers.clear()
            return "  " * indent + "- " if kind else ""
        number = self.numbers.get(indent, 0) + 1
        self.numbers = {depth: last for depth, last in self.numbers.items() if depth < indent} | {
            indent: number
        }
        return f"{'  ' * indent}{number}. "


def _kind(block: Json) -> str:
    """Its `type`; a block without one is text, or the one object that it holds."""
    named = block.get("type")
    if isinstance(named, str):
        return named
    held = [name for name, value in block.items() if isinstance(value, dict) and name != "attributes"]
    return held[0] if "text" not in block and len(held) == 1 else ""


def _as_block(part: Any) -> Any:
    """A part of a table's cell as a block: it says `insert` where a block says `text` or its kind."""
    inserted = mapping(part).get("insert")
    if isinstance(inserted, dict):
        return inserted | {"attributes": mapping(part).get("attributes")}
    return part if inserted is None else {"text": inserted, "attributes": mapping(part).get("attributes")}


def _cells(table: Json) -> Iterator[tuple[tuple[int, int], Any]]:
    for place, cell in mapping(table.get("cells")).items():
        if found := re.fullmatch(r"(\d{1,6}):(\d{1,6})", place):
            yield (int(found[1]), int(found[2])), mapping(cell).get("content")


def _piece(block: Json, kind: str, written: str) -> str:
    """What stands within a line, by its kind."""
    details = mapping(block.get(kind))
    match kind:
        case "tag":
            return written or _mention(block, details)
        case "emoticon":
            return _emoticon(details, written)
        case "task_mention":
            return _named(written or _name(details), plain_text(details.get("task_id")))
        case _:
            named = written or _name(details) or _name(block)
            return _named(named, _url(details) or _url(block)) or f"[{kind.replace('_', ' ')[:40]}]"


def _mention(block: Json, details: Json) -> str:
    """Somebody named: now and then without a text, or without the person (observed)."""
    for named in (block.get("user"), block.get("group"), details.get("user"), details):
        person = mapping(named)
        for key in ("username", "name", "email", "id"):
            if found := plain_text(person.get(key)):
                return f"@{found}"
    return "@"


def _emoticon(details: Json, written: str) -> str:
    coded = emoji(plain_text(details.get("code")) or "")
    spelt = _EMOJI_TEXT.fullmatch(written)
    return coded or (emoji(spelt[1]) if spelt else None) or written


def _file(block: Json, kind: str, written: str) -> str:
    """Name and URL of a picture, file or recording; what stands for it where it has neither."""
    details, attached = (
        mapping(block.get(kind)),
        mapping(mapping(block.get("attributes")).get("data-attachment")),
    )
    url = next(filter(None, map(_url, (details, attached, block, block.get(kind)))), None)
    name = written or _name(details) or _name(attached) or _name(block)
    return _named(name, url) or f"[{kind}]"


def _named(name: str, address: str | None) -> str:
    """A name with what it leads to, unless one of them has the other in it."""
    if not address or address in name:
        return name
    return f"{name} ({address})" if name.strip() and not address.startswith(name) else address


def _name(details: Json) -> str:
    return next(filter(None, (plain_text(details.get(key)) for key in ("title", "name", "filename"))), "")


def _url(value: Any) -> str | None:
    """A URL, or that of an object with one."""
    if isinstance(value, str):
        return plain_text(value)
    found = (mapping(value).get(key) for key in ("url", "link", "href", "src", "url_w_query"))
    return next((text for text in map(plain_text, found) if text), None)


def _list_kind(attributes: Json) -> str | None:
    """`list` is a word, or an object with that word (observed on adjacent lines)."""
    listed = attributes.get("list")
    word = mapping(listed).get("list") if isinstance(listed, dict) else listed
    return word if isinstance(word, str) and word in _LISTS else None


def _indent(attributes: Json) -> int:
    depth = attributes.get("indent")
    return min(max(depth, 0), _MOST_INDENT) if type(depth) is int else 0
