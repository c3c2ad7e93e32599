"""A comment's text: `comment_text` as it is, or what the blocks say where that is more."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.clickup.comment_text import comment_text, emoji

PICTURE = "https://files.example.com/t1/6d8e/image.png"
END: dict[str, Any] = {"text": "\n", "attributes": {"block-id": "block-1"}}


def picture(name: str = "image.png", url: str | None = PICTURE) -> dict[str, Any]:
    held = {"name": name, "title": name} | ({"url": url} if url else {})
    return {"type": "image", "text": name, "image": held, "attributes": {"width": "300"}}


def upload(name: str, url: str) -> dict[str, Any]:
    return {"type": "attachment", "text": name, "attachment": {"title": name, "url": url}}


def table(*rows: tuple[str, ...]) -> dict[str, Any]:
    cells = {
        f"{row}:{column}": {"content": [{"insert": text, "attributes": {}}]}
        for row, texts in enumerate(rows, 1)
        for column, text in enumerate(texts, 1)
    }
    return {"type": "table-embed", "table-embed": {"rows": [], "columns": [], "cells": cells}}


def line(text: str, **attributes: Any) -> list[dict[str, Any]]:
    return [{"text": text, "attributes": {}}, {"text": "\n", "attributes": attributes}]


@pytest.mark.parametrize(
    ("plain", "blocks"),
    [
        ("Please look\n", [{"text": "Please look", "attributes": {"bold": True}}, END]),
        ("two\n\nlines\n", [*line("two"), END, *line("lines")]),
        ("@Ada  please\n", [{"type": "tag", "text": "@Ada", "user": {"id": 1}}, {"text": "  please"}, END]),
        (
            "done 🙂\n",
            [{"text": "done "}, {"type": "emoticon", "text": "🙂", "emoticon": {"code": "1f642"}}, END],
        ),
        ("one\ntwo\n", [*line("one", list="bullet"), *line("two", list={"list": "ordered"})]),
        ("x = 1\n", line("x = 1", **{"code-block": {"code-block": "plain"}})),
        (
            "https://example.com/a\n",
            [{"text": "https://example.com/a", "attributes": {"link": "https://example.com/a"}}],
        ),
        (
            "https://example.com/a",
            [{"type": "bookmark", "text": "", "bookmark": {"url": "https://example.com/a"}}],
        ),
        ("said elsewhere", [{"text": "an older text"}]),
        ("said elsewhere", []),
        ("said elsewhere", None),
        ("said elsewhere", "garbage"),
        ("undefined behaviour", [{"text": "undefined behaviour"}]),
        ("", []),
    ],
)
def test_blocks_that_say_no_more_leave_the_text_as_it_is(plain: str, blocks: Any) -> None:
    """Formatting, lists, code, mentions and signs that ClickUp put into `comment_text` itself."""
    assert comment_text(plain, blocks) == plain


@pytest.mark.parametrize(
    ("plain", "blocks", "text"),
    [
        (
            "see this page today\n",
            [
                {"text": "see "},
                {"text": "this page", "attributes": {"link": "https://example.com/a"}},
                {"text": " today"},
            ],
            "see this page (https://example.com/a) today",
        ),
        (
            "both parts\n",
            [
                {"text": "both ", "attributes": {"link": "https://e.org/"}},
                {"text": "parts", "attributes": {"link": {"url": "https://e.org/"}, "bold": True}},
            ],
            "both parts (https://e.org/)",
        ),
        ("look\nimage.png\n", [*line("look"), picture(), END], f"look\nimage.png ({PICTURE})"),
        (
            "a.pdfb.pdf",
            [upload("a.pdf", "https://x/a"), upload("b.pdf", "https://x/b")],
            "a.pdf (https://x/a)\nb.pdf (https://x/b)",
        ),
        (
            "before a.pdf after",
            [{"text": "before "}, upload("a.pdf", "https://x/a"), {"text": " after"}],
            "before \na.pdf (https://x/a)\n after",
        ),
        ("undefined", [table(("Name", "Hours"), ("Ada", "7"))], "Name | Hours\nAda | 7"),
        ("as agreed:\nundefined", [*line("as agreed:"), table(("u", "n"))], "as agreed:\nu | n"),
        (
            "Name\nHours\n",
            [
                {"text": "\n\n", "attributes": {"table-col": {"width": "150"}}},
                *line("Name", **{"table-cell-line": {"row": "row-1", "cell": "cell-1"}}),
                *line("Hours", **{"table-cell-line": {"row": "row-1", "cell": "cell-2"}}),
                *line("Ada", **{"table-cell-line": {"row": "row-2", "cell": "cell-3"}}),
                *line("7", **{"table-cell-line": {"row": "row-2", "cell": "cell-4"}}),
                *line("or 8", **{"table-cell-line": {"row": "row-2", "cell": "cell-4"}}),
            ],
            "Name | Hours\nAda | 7 or 8",
        ),
        ("undefined\nafter\n", [table(("a",), ("b",)), END, *line("after")], "a\nb\nafter"),
        ("", [{"text": "said in blocks alone"}, END], "said in blocks alone"),
        (None, [{"text": "Hi "}, {"type": "image"}, "?", {"text": "Bob"}], "Hi \n[image]\n?Bob"),
        (
            "\n",
            [{"type": "bookmark", "bookmark": {"url": "https://go.example.org/x"}}],
            "https://go.example.org/x",
        ),
        (
            "call",
            [{"type": "link_mention", "text": "call", "link_mention": {"url": "https://m.example.org/1"}}],
            "call (https://m.example.org/1)",
        ),
        (
            "",
            [{"type": "link_mention", "text": "", "link_mention": {"url": "https://m.example.org/1"}}],
            "https://m.example.org/1",
        ),
        (
            "see ",
            [
                {"text": "see "},
                {"type": "task_mention", "text": "86abc", "task_mention": {"task_id": "86abc"}},
            ],
            "see 86abc",
        ),
        (
            "Fix it",
            [{"type": "task_mention", "text": "Fix it", "task_mention": {"task_id": "86abc"}}],
            "Fix it (86abc)",
        ),
        (
            "",
            [{"type": "tag", "user": {"id": 7, "username": "Ada Lovelace"}}, {"text": ", please"}],
            "@Ada Lovelace, please",
        ),
        (
            "",
            [{"type": "tag", "user": {"id": 7, "username": None, "email": "ada@example.com"}}],
            "@ada@example.com",
        ),
        ("", [{"type": "tag", "user": {"id": 7}}], "@7"),
        ("", [{"text": "U0001F60A", "type": "emoticon", "emoticon": {"code": "1f60a"}}], "😊"),
        ("", [{"text": "U0001F60A", "type": "emoticon"}], "😊"),
        ("", [{"text": ":party:", "type": "emoticon", "emoticon": {"code": "party"}}], ":party:"),
        ("", [{"type": "emoticon", "emoticon": {"code": "1f469-200d-1f4bb"}}], "👩‍💻"),
        (
            "todo\ndone\n",
            [*line("todo", list="unchecked"), *line("done", list="checked")],
            "- [ ] todo\n- [x] done",
        ),
        (
            "",
            [
                *line("a", list="ordered"),
                *line("b", list="ordered", indent=1),
                *line("c", list="ordered"),
                *line("new"),
                *line("d", list={"list": "ordered"}),
            ],
            "1. a\n  1. b\n2. c\nnew\n1. d",
        ),
        (
            "",
            [
                {"text": "if x:\n    y()", "attributes": {}},
                {"text": "\n", "attributes": {"code-block": "python"}},
            ],
            "if x:\n    y()",
        ),
        (
            "https://x/rec.webm",
            [
                {
                    "type": "frame",
                    "text": "https://x/rec.webm",
                    "frame": {"url": "https://x/rec.webm?open=true"},
                }
            ],
            "https://x/rec.webm?open=true",
        ),
        ("", [{"type": "whiteboard_embed", "text": "Q3 plan"}], "Q3 plan"),
        (
            "",
            [{"type": "whiteboard_embed", "whiteboard_embed": {"name": "Q3", "url": "https://x/w"}}],
            "Q3 (https://x/w)",
        ),
        ("", [{"type": "divider"}], "[divider]"),
        ("", [{"bookmark": {"url": "https://x/"}}], "https://x/"),
        (
            "Hello there",
            [{"type": "image", "image": {"title": "a.png", "url": "https://x/a.png"}}],
            "Hello there\na.png (https://x/a.png)",
        ),
        ("Hello undefined", [table(("a", "b"))], "Hello\na | b"),
    ],
)
def test_blocks_that_say_more_make_the_text(plain: str | None, blocks: Any, text: str) -> None:
    """Tables, links, pictures, files, bookmarks, mentions, signs, checklists, and kinds nobody knows yet."""
    assert comment_text(plain, blocks).rstrip() == text


def test_a_cell_may_hold_whatever_a_comment_may() -> None:
    """Links, mentions and another table; what is nested without end is cut off."""
    inner = table(("deep",))["table-embed"]
    content = [
        {"insert": "the page", "attributes": {"link": "https://e.org/"}},
        {"insert": {"type": "tag", "user": {"username": "Ada"}}},
        {"insert": {"table-embed": inner}},
    ]
    block = {
        "type": "table-embed",
        "table-embed": {"cells": {"1:1": {"content": content}, "x": 1, "1:2": None}},
    }
    assert comment_text("undefined", [block]) == "the page (https://e.org/)@Ada deep | "
    for _ in range(50):
        nested = {"cells": {"1:1": {"content": [{"insert": {"table-embed": block["table-embed"]}}]}}}
        block = {"type": "table-embed", "table-embed": nested}
    assert "deep" not in comment_text("kept", [block])


def test_malformed_blocks_cost_only_themselves() -> None:
    """What is no block, has no text, or holds the wrong types leaves its neighbours alone."""
    wrong = [None, 7, [], {}, {"text": {}}, {"type": 5}, {"type": "image", "image": "x"}, {"attributes": "a"}]
    wrong += [
        {"type": "table-embed", "table-embed": {"cells": [1]}},
        {"text": "x", "attributes": {"link": {}}},
    ]
    wrong += [{"type": "task_mention", "task_mention": 3}, {"text": "\n", "attributes": {"list": ["bullet"]}}]
    text = comment_text("", [{"text": "first "}, *wrong, {"text": "last\x00"}])
    assert text.startswith("first") and text.endswith("last")


@pytest.mark.parametrize(
    ("code", "sign"),
    [("1F44D", "👍"), ("1f469-200d-1f4bb", "👩‍💻"), ("thumbsup", None), ("", None), ("d800", None)],
)
def test_codes_of_signs(code: str, sign: str | None) -> None:
    """As reactions and emoticons name them; a name or half a pair is no code."""
    assert emoji(code) == sign


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "text",
                    "type",
                    "attributes",
                    "link",
                    "list",
                    "table-embed",
                    "cells",
                    "1:1",
                    "content",
                    "image",
                    "url",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.none() | st.text(max_size=20), _JSON)
def test_anything_at_all_gives_a_text(plain: str | None, blocks: Any) -> None:
    """No shape of blocks fails, and what `comment_text` says is never lost for nothing."""
    text = comment_text(plain, blocks)
    assert text or not plain


@given(st.lists(st.text(alphabet="ab \n", min_size=1, max_size=6), max_size=5))
def test_plain_blocks_never_change_a_text(texts: list[str]) -> None:
    """Where ClickUp's flattening lost nothing, the text is ClickUp's."""
    plain = "".join(texts)
    assert comment_text(plain, [{"text": text, "attributes": {}} for text in texts]) == plain


@pytest.mark.parametrize(
    ("plain", "blocks", "text"),
    [
        ("hi", [{"text": "hi"}, {"text": "ok"}], "hiok"),
        (
            "hi @User 2",
            [
                {"text": "hi "},
                {"type": "tag", "user": {"id": 2, "username": "User 2"}},
                {"text": ", pay 500"},
            ],
            "hi @User 2, pay 500",
        ),
        ("hi you", [{"text": "hi "}, {"text": "there, pay 500 "}], "hi you\nhi there, pay 500 "),
    ],
)
def test_text_that_only_the_blocks_have_is_not_lost(plain: str, blocks: Any, text: str) -> None:
    """Also where it touches a word that both have."""
    assert comment_text(plain, blocks) == text
