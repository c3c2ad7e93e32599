"""What would command a terminal or deceive a reader is shown, and all else stays as it is."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app.core.visible_text import escaped_json, visible, visible_lines, visible_prose
from tests.hostile import HOSTILE, commands_in, deceivers_in

ANY_TEXT = some.one_of(
    some.text(),
    some.text(some.characters(categories=("Cc", "Cf", "Zl", "Zp", "Cs"))),
    some.lists(some.sampled_from(HOSTILE)).map("".join),
)
ORDINARY = (
    "Ünïcödé 設計 مهام पीछे שלום", "emoji 👩‍👩‍👧‍👦 👍🏽 ❤️", "क्‍ष می‌خواهم", "a\tb", "C:\\temp\\new", "½ № ™",
)  # fmt: skip


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[2J", "␛[2J"),
        ("\x07\x7f", "␇␡"),
        ("\x9b2J", "\\u009b2J"),
        ("a\u202eb", "a\\u202eb"),
        ("a\r\n\tb", "a␍␊␉b"),
        ("ad\u200dmin", "ad\\u200dmin"),
        ("\U000e0041\ud800", "\\U000e0041\\ud800"),
    ],
)
def test_how_each_is_shown(hostile: str, shown: str) -> None:
    """Control characters as their pictures, all others as escapes."""
    assert visible(hostile) == shown


@pytest.mark.parametrize("text", ORDINARY)
def test_what_people_write_stays(text: str) -> None:
    """Letters of all scripts and emoji, with the joiners that belong to them."""
    assert visible_lines(text) == visible_prose(text) == text
    assert visible(text) == text.replace("\t", "␉")


@given(ANY_TEXT)
def test_nothing_that_commands_is_left(text: str) -> None:
    """Of any text; once shown it is shown, and on one line it is one line."""
    assert commands_in(visible(text)) == commands_in(visible_lines(text).replace("\r\n", "\n")) == []
    assert deceivers_in(visible_prose(text)) == []
    assert len(visible(text).splitlines()) <= 1
    assert visible(visible(text)) == visible(text)
    visible(text).encode()


@given(ANY_TEXT)
def test_it_changes_no_letter(text: str) -> None:
    """What has a width of its own stays: only controls, formats, separators and blanks in disguise go."""
    kept = [letter for letter in text if unicodedata.category(letter)[0] in "LNPS" and letter not in "ᅟᅠㅤﾠ"]
    assert [letter for letter in kept if letter not in visible(text)] == []


# JSON is UTF-8, which has no halves of surrogates.
_UTF8 = ANY_TEXT.map(lambda text: text.encode(errors="replace").decode())


@given(some.recursive(_UTF8, lambda inner: some.lists(inner) | some.dictionaries(_UTF8, inner)))
def test_json_means_the_same(document: object) -> None:
    """Escapes in the place of the characters, also of those beyond 16 bits."""
    text = escaped_json(json.dumps(document, ensure_ascii=False))
    assert json.loads(text) == json.loads(json.dumps(document, ensure_ascii=False))
    assert commands_in(text) == []
