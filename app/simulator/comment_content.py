"""What stands in a comment: its blocks, ClickUp's `comment_text`, and what people read.

Shapes of blocks as observed in answers; `flat` is what ClickUp makes of them, which loses some.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from app.simulator import names
from app.simulator.request import Json
from app.simulator.store import Store

_FILES = "https://files.example.com"
_REACTIONS = ("1F44D", "2764", "1F389", "1F440")


@dataclass(frozen=True, slots=True)
class Content:
    """`text`: what people read, whole; `flat`: `comment_text`; both are the same where it loses nothing."""

    text: str
    flat: str
    blocks: tuple[Json, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a comment. `adds`: people read more in it than `flat` says."""

    read: str
    flat: str
    blocks: tuple[Json, ...]
    adds: bool = True


def plain(text: str) -> Content:
    """A comment of nothing but text."""
    return Content(text, text, ({"text": text},))


def compose(random: Random, store: Store, text: str) -> Content:
    """A text, and in one comment of three more than that below it."""
    if random.random() >= 1 / 3:
        return plain(text)
    parts = [_line(text), *(make(random, store) for make in random.sample(_KINDS, random.randint(1, 3)))]
    flat = "".join(part.flat for part in parts)
    read = "\n".join(part.read for part in parts).strip("\n")
    blocks = tuple(block for part in parts for block in part.blocks)
    return Content(read if any(part.adds for part in parts) else flat, flat, blocks)


def reaction(random: Random) -> str:
    """The code of a sign."""
    return random.choice(_REACTIONS)


def _end(**attributes: object) -> Json:
    return {"text": "\n", "attributes": {"block-id": "block-m4vXsGo31G", **attributes}}


def _line(text: str) -> Part:
    return Part(text, f"{text}\n", ({"text": text, "attributes": {}}, _end()), adds=False)


def _link(random: Random, store: Store) -> Part:
    url = f"https://example.com/pages/{random.randrange(1_000)}"
    blocks = (
        {"text": "see ", "attributes": {}},
        {"text": "this page", "attributes": {"link": url}},
        {"text": " today", "attributes": {}},
        _end(),
    )
    return Part(f"see this page ({url}) today", "see this page today\n", blocks)


def _mention(random: Random, store: Store) -> Part:
    """Now and then without the person."""
    person = random.choice(list(store.people.values()))
    tag: Json = {"type": "tag", "text": f"@{person.username or person.email}"}
    if random.random() < 0.9:
        tag["user"] = {"id": person.id, "username": person.username, "email": person.email}
    read = f"{tag['text']} please"
    return Part(read, f"{read}\n", (tag, {"text": " please", "attributes": {}}, _end()), adds=False)


def _emoticon(random: Random, store: Store) -> Part:
    """Written as ClickUp's guide does, or as the sign itself."""
    text = random.choice(("U0001F60A", "😊"))
    block = {"type": "emoticon", "text": text, "emoticon": {"code": "1f60a"}}
    return Part("😊", f"{text}\n", (block, _end()), adds=text != "😊")


def _picture(random: Random, store: Store) -> Part:
    url = f"{_FILES}/t1/{random.randrange(10**6)}/image.png"
    block = {
        "type": "image",
        "text": "image.png",
        "image": {"name": "image.png", "title": "image.png", "url": url, "uploaded": True},
        "attributes": {"width": "300", "data-natural-width": "900"},
    }
    return Part(f"image.png ({url})", "image.png\n", (block, _end()))


def _files(random: Random, store: Store) -> Part:
    """Two of them with nothing in between."""
    pairs = [(name, f"{_FILES}/t1/{random.randrange(10**6)}/{name}") for name in ("plan.pdf", "bill.pdf")]
    blocks = tuple(
        {"type": "attachment", "text": name, "attachment": {"title": name, "url": url}} for name, url in pairs
    )
    return Part("\n".join(f"{name} ({url})" for name, url in pairs), "plan.pdfbill.pdf\n", (*blocks, _end()))


def _table(random: Random, store: Store) -> Part:
    """ClickUp makes the word `undefined` of it."""
    rows = [("Name", "Hours"), (random.choice(names.PEOPLE), str(random.randrange(40)))]
    cells = {
        f"{row}:{column}": {"content": [{"insert": text, "attributes": {}}]}
        for row, texts in enumerate(rows, 1)
        for column, text in enumerate(texts, 1)
    }
    embed = {"rows": [{"insert": {}}] * 2, "columns": [{"insert": {}}] * 2, "cells": cells}
    block: Json = {"type": "table-embed", "table-embed": embed}
    return Part("\n".join(" | ".join(row) for row in rows), "undefined\n", (block, _end()))


def _lined_table(random: Random, store: Store) -> Part:
    """The older kind, whose cells are lines."""
    cells = [("row-1", "Task"), ("row-1", "State"), ("row-2", random.choice(names.TAGS)), ("row-2", "done")]
    blocks: list[Json] = [{"text": "\n\n", "attributes": {"table-col": {"width": "150"}}}]
    for number, (row, text) in enumerate(cells):
        place = {"rowspan": "1", "colspan": "1", "row": row, "cell": f"cell-{number}"}
        blocks += [{"text": text, "attributes": {}}, _end(**{"table-cell-line": place})]
    texts = [text for _, text in cells]
    read = f"{texts[0]} | {texts[1]}\n{texts[2]} | {texts[3]}"
    return Part(read, "\n\n" + "".join(f"{text}\n" for text in texts), tuple(blocks))


def _bookmark(random: Random, store: Store) -> Part:
    url = f"https://example.com/b/{random.randrange(1_000)}"
    return Part(url, "\n", ({"type": "bookmark", "text": "", "bookmark": {"url": url}}, _end()))


def _link_mention(random: Random, store: Store) -> Part:
    url = f"https://meet.example.com/{random.randrange(1_000)}"
    block = {"type": "link_mention", "text": "the call", "link_mention": {"url": url}}
    return Part(f"the call ({url})", "the call\n", (block, _end()))


def _task_mention(random: Random, store: Store) -> Part:
    task = random.choice(list(store.tasks.values()))
    block = {"type": "task_mention", "text": "the task", "task_mention": {"task_id": task.id}}
    return Part(f"the task ({task.id})", "the task\n", (block, _end()))


def _list(random: Random, store: Store) -> Part:
    """Points, numbers or boxes; `list` is a word or an object. People are shown marks that `flat` has not."""
    kind = random.choice(("bullet", "ordered", "checked"))
    marks = {"bullet": ("- ", "- "), "ordered": ("1. ", "2. "), "checked": ("- [x] ", "- [ ] ")}[kind]
    second = "unchecked" if kind == "checked" else kind
    blocks = (
        {"text": "first", "attributes": {}},
        _end(list=kind),
        {"text": "second", "attributes": {}},
        _end(list={"list": second}),
    )
    read = f"{marks[0]}first\n{marks[1]}second"
    return Part(read, "first\nsecond\n", blocks, adds=kind == "checked")


def _code(random: Random, store: Store) -> Part:
    line = f"x = {random.randrange(100)}"
    end = _end(**{"code-block": {"code-block": "python"}})
    return Part(line, f"{line}\n", ({"text": line, "attributes": {}}, end), adds=False)


def _unknown(random: Random, store: Store) -> Part:
    """A kind that no program knows yet."""
    block: Json = {"type": "whiteboard_embed", "text": "the whiteboard", "whiteboard_embed": {"id": "w-1"}}
    return Part("the whiteboard", "the whiteboard\n", (block, _end()), adds=False)


_KINDS: tuple[Callable[[Random, Store], Part], ...] = (
    _link, _mention, _emoticon, _picture, _files, _table, _lined_table, _bookmark, _link_mention,
    _task_mention, _list, _code, _unknown,
)  # fmt: skip
