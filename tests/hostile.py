"""Texts as an attacker would name things in ClickUp, and what must not be left of them where people read."""

import re

# Sets the clipboard, clears the screen, makes a link, moves up, writes over the line, the same in 8 bits;
# turns the direction of what follows; hides letters; looks like a line of ours, like markup, like a formula.
HOSTILE = (
    "\x1b]52;c;cm0gLXJmIC8=\x07",
    "\x1b[2J\x1b[H",
    "\x1b]8;;https://evil.example\x1b\\here\x1b]8;;\x1b\\",
    "up\x1b[1A\x1b[2K",
    "over\rwritten\x08\x08",
    "\x9b2J\x9d0;title\x9c\x90q\x9c",
    "invoice\u202egpj.exe",
    "\u2066a\u2069\u202b\u200f\u061c",
    "ad\u200bmin\u2060\ufeff\u00ad",
    "tag\U000e0069\U000e0067\U000e006e",
    "name\n✓ token: good\u2028✓ clock: good",
    "[red]x[/red] [link=https://evil.example]y[/link] :smile:",
    "=cmd|' /C calc'!A0",
)
# All of them in one name; PostgreSQL holds no NUL.
NAME = " ".join(HOSTILE)
_SGR = re.compile(r"\x1b\[[0-9;]*m")
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]"
)
_DECEIVING_ON_A_PAGE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def commands_in(printed: str) -> list[str]:
    """Characters that a terminal obeys or that deceive; line ends, tabs and colours are the program's own."""
    return _FORBIDDEN.findall(_SGR.sub("", printed))


def deceivers_in(page: str) -> list[str]:
    """Characters of a page that turn the direction of others, or are none that HTML may have."""
    return _DECEIVING_ON_A_PAGE.findall(page)
