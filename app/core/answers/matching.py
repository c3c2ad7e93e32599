"""What is meant by a name that somebody typed: accents, case, quotes and hyphens do not matter."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from heapq import nlargest

from app.core.errors import AmbiguousName, UnknownName
from app.core.visible_text import visible

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


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that may be meant. `key`: its id; `path`: what it stands in and its name; `keys`: other ids;
    `above`: the kind and the id of each place that it stands in.

    `is_gone`: it is archived, deleted or left; another one of this name is meant before it.
    """

    kind: str
    key: str
    name: str
    path: str = ""
    is_gone: bool = False
    is_deleted: bool = False
    keys: tuple[str, ...] = ()
    above: tuple[tuple[str, str], ...] = ()

    @property
    def shown(self) -> str:
        """As an error names it."""
        text = visible(self.path or self.name)
        cut = text if len(text) <= _COMPARED else f"{text[: _COMPARED - 1]}…"
        return cut if self.key == self.name else f"{cut} ({self.kind} {self.key})"


def find(asked: str, candidates: Sequence[Candidate], kind: str) -> Candidate | None:
    """By id, by whole name or path, by its beginning, by the beginnings of words in it; else None.

    `kind`: what an error calls it. Raises AmbiguousName where several are meant alike.
    """
    text, folded = asked.strip(), fold(asked)
    if not folded:
        return None
    exact = text.casefold()
    if by_id := [one for one in candidates if text == one.key or exact in map(str.casefold, one.keys)]:
        return _only(by_id, text, kind)
    names = [(candidate, fold(candidate.name)) for candidate in candidates]
    words = folded.split()
    ways = (
        (one for one, name in names if folded == name or (one.path and folded == fold(one.path))),
        (one for one, name in names if name.startswith(folded)),
        (one for one, name in names if f" {folded}" in name),
        (one for one, name in names if all(f" {word}" in f" {name}" for word in words)),
    )
    matches = next(filter(None, map(list, ways)), [])
    return _only(matches, text, kind) if matches else None


def _only(matches: list[Candidate], asked: str, kind: str) -> Candidate:
    present = [one for one in matches if not one.is_gone] or matches
    if len(present) > 1:
        raise AmbiguousName(kind, asked[:_COMPARED], [one.shown for one in present])
    return present[0]


def pick(asked: str, candidates: Sequence[Candidate], kind: str) -> Candidate:
    """The one that is meant. Raises UnknownName, which names those that are near, and AmbiguousName."""
    found = find(asked, candidates, kind)
    if found is None:
        raise unknown(asked, candidates, kind)
    return found


def unknown(asked: str, candidates: Iterable[Candidate], kind: str) -> UnknownName:
    """The error for what nothing is called, with those that are spelled most like it."""
    by_name: dict[str, Candidate] = {}
    for one in candidates:
        by_name.setdefault(one.name, one)
        for key in one.keys:
            by_name.setdefault(key, one)
    near = dict.fromkeys(by_name[name].shown for name in nearest(asked, by_name))
    return UnknownName(kind, asked.strip()[:_COMPARED], list(near))
