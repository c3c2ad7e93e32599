r"""Text from outside as it can be shown: what would command a terminal or deceive a reader becomes visible.

A control character becomes its picture (`␛`), any other character its escape (`\u202e`). Pure.
"""

import re

# Terminals obey these, also the C1 controls U+0080 to U+009F. The separators end a line, the last ones are no
# characters at all, which neither UTF-8 nor XML can hold.
_CONTROLS = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff"
# A carriage return that does not belong to the end of a line writes over what was there.
_LONE_RETURN = r"\r(?!\n)"
# They change the order in which what follows is shown (source: Unicode, UAX #9; "Trojan Source").
_OVERRIDES = r"\u202a-\u202e\u2066-\u2069"
# Marks of direction, and what has no width or looks like a blank: two names that differ look alike, and tag
# characters (U+E0000 on) spell a text that only a program reads.
_MARKS = r"\u061c\u200e\u200f"
_INVISIBLE = (
    r"\u00ad\u034f\u115f\u1160\u180e\u200b\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb"
    r"\U000e0000-\U000e0fff"
)
# Joiners make up emoji and letters of some scripts; beside ASCII, or what is shown, they do nothing but hide.
_JOINED = rf"[^\x00-\xa8\u200c\u200d{_CONTROLS}{_OVERRIDES}{_MARKS}{_INVISIBLE}]"
_IDLE_JOINERS = rf"(?<!{_JOINED})[\u200c\u200d]|[\u200c\u200d](?!{_JOINED})"

_IN_PROSE = re.compile(f"[{_CONTROLS}{_OVERRIDES}]|{_LONE_RETURN}")
_IN_TEXT = re.compile(f"[{_CONTROLS}{_OVERRIDES}{_MARKS}{_INVISIBLE}]|{_LONE_RETURN}|{_IDLE_JOINERS}")
_IN_LINE = re.compile(f"[\t\n\r{_CONTROLS}{_OVERRIDES}{_MARKS}{_INVISIBLE}]|{_IDLE_JOINERS}")
_PICTURES, _DELETE, _LAST_OF_16_BITS = 0x2400, 0x7F, 0xFFFF


def visible(text: str) -> str:
    """The text on one line: line ends and tabs are shown too, so that it cannot look like several lines."""
    return _is_plain(text) or _IN_LINE.sub(_shown, text)


def visible_lines(text: str) -> str:
    """The text, with its line ends and tabs."""
    return _is_plain(text) or _IN_TEXT.sub(_shown, text)


def visible_prose(text: str) -> str:
    """For where each name has a place of its own, as in HTML: marks and joiners stay as they are."""
    return _is_plain(text) or _IN_PROSE.sub(_shown, text)


def escaped_json(document: str) -> str:
    """A JSON document that means the same and can be shown: such characters stand in it as escapes only."""
    return _is_plain(document) or _IN_TEXT.sub(lambda found: _json_escape(found[0]), document)


def _is_plain(text: str) -> str:
    """The text itself where nothing in it needs a look, which is quickly said of most; else nothing."""
    return text if text.isascii() and text.isprintable() else ""


def _shown(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < ord(" "):
        return chr(_PICTURES + code)
    if code == _DELETE:
        return "␡"
    return f"\\u{code:04x}" if code <= _LAST_OF_16_BITS else f"\\U{code:08x}"


def _json_escape(letter: str) -> str:
    units = letter.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))
