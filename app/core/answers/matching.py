"""What is meant by a name that somebody typed: accents, case, quotes and hyphens do not matter."""

import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher
from heapq import nlargest

_MOST_NEAR, _ALIKE = 5, 0.55
# A whole name that is alike is nearer than one word of another name.
_OF_A_WORD = 0.8
# Names are compared by their beginnings: comparing costs the product of both lengths.
_COMPARED = 60
# Letters that Unicode does not take apart into a letter and an accent.
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "ħ": "h", "ŧ": "t", "æ": "ae", "œ": "oe", "þ": "th"}
)
_QUOTES = dict.fromkeys(map(ord, "'\"`´ʹʻʼʽ‘’‚‛“”„‟′″«»‹›"))
_HYPHENS = dict.fromkeys(map(ord, "-_‐‑‒–—―−"), " ")


def fold(text: str) -> str:
    """The text as names are compared: without accents, case, quotes, hyphens and double spaces."""
    plain = text.casefold().translate(_LETTERS).translate(_QUOTES).translate(_HYPHENS)
    letters = (sign for sign in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(sign))
    return " ".join("".join(letters).split())


def nearest(asked: str, names: Iterable[str], most: int = _MOST_NEAR) -> list[str]:
    """The names that are spelled like it, or have a word that is, the most alike first."""
    compared = SequenceMatcher(autojunk=False)
    compared.set_seq2(fold(asked)[:_COMPARED])
    alike = ((_likeness(compared, name), name) for name in dict.fromkeys(names))
    best = nlargest(most, (found for found in alike if found[0] >= _ALIKE), key=lambda found: found[0])
    return [name for _, name in best]


def _likeness(compared: "SequenceMatcher[str]", name: str) -> float:
    """From 0 to 1; 0 where the cheap bounds tell that it is less than enough."""
    whole = fold(name)[:_COMPARED]
    words = dict.fromkeys(whole.split(), _OF_A_WORD)
    return max(_ratio(compared, text) * weight for text, weight in (words | {whole: 1.0}).items())


def _ratio(compared: "SequenceMatcher[str]", text: str) -> float:
    compared.set_seq1(text)
    is_possible = compared.real_quick_ratio() >= _ALIKE and compared.quick_ratio() >= _ALIKE
    return compared.ratio() if is_possible else 0.0
