"""How large a value can be: bytes of its text form, known before anything is run.

A size is an upper bound. Two are no figures: `STORED` is a text, array or document of a view, as long as
people made it; `UNKNOWN` is what was computed and may have any size. Both exceed every limit.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlglot import exp

SMALL = 64
NUMERIC = 400
STORED = 10**15
UNKNOWN = 10**16
# 1e131071 is written with nine characters and has as many digits as a number can.
MOST_DIGITS = 150_000
_SMALL_TYPES = re.compile(
    r"(?:big|small)?int(?:eger)?|boolean|double precision|real|float|date|uuid|interval"
    r"|time(?:stamp)?(?:tz|ntz)?(?:\(\d\))?(?: with(?:out)? time zone)?"
)
_EXPONENT = re.compile(r"[0-9][eE][+]?0*[0-9]{3}")


def of_type(name: str) -> int:
    """The size of a column of this type."""
    name = name.lower()
    if _SMALL_TYPES.fullmatch(name):
        return SMALL
    return NUMERIC if re.match(r"numeric|decimal", name) and not name.endswith("]") else STORED


def of_literal(literal: exp.Literal) -> int:
    """The size of a constant, as many digits as it has when it is written out."""
    text = str(literal.this)
    if not literal.is_string and _EXPONENT.search(text):
        return MOST_DIGITS
    return len(text.encode()) + (NUMERIC if "e" in text.lower() and not literal.is_string else 0)


def large_numbers(text: str) -> int:
    """In how many places JSON or numeric may take a text for a number of a hundred digits and more."""
    return len(_EXPONENT.findall(text))


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns with their sizes. `in_order`: each has a name of its own, and their places are known."""

    sizes: Mapping[str, int]
    in_order: bool = True

    def and_(self, more: "Columns") -> "Columns":
        """These and further ones; of two with the same name the larger one counts."""
        sizes = dict(self.sizes)
        for name, size in more.sizes.items():
            sizes[name] = max(size, sizes.get(name, 0))
        alone = len(sizes) == len(self.sizes) + len(more.sizes)
        return Columns(sizes, self.in_order and more.in_order and alone)

    def renamed(self, names: Sequence[str]) -> "Columns | None":
        """With the names that an alias gives, in their order; None where the places are not known."""
        if not names:
            return self
        if not self.in_order or len(names) > len(self.sizes):
            return None
        return Columns(dict(zip([*names, *list(self.sizes)[len(names) :]], self.sizes.values(), strict=True)))

    def beside(self, other: "Columns") -> "Columns | None":
        """Place by place the larger one, as UNION makes it; None where the places are not known."""
        if not (self.in_order and other.in_order and len(self.sizes) == len(other.sizes)):
            return None
        pairs = zip(self.sizes.items(), other.sizes.values(), strict=True)
        return Columns({name: max(size, over) for (name, size), over in pairs})


@dataclass(frozen=True, slots=True)
class Source:
    """What stands in FROM under a name. `columns` is None where they are not known; each then has `size`."""

    name: str
    columns: Columns | None
    size: int = UNKNOWN

    def of(self, column: str) -> int | None:
        """The size of a column; None where it has none of that name."""
        return self.size if self.columns is None else self.columns.sizes.get(column)

    @property
    def row(self) -> int:
        """The size of a whole row, which has a header."""
        return self.size if self.columns is None else total([SMALL, *self.columns.sizes.values()])


@dataclass(slots=True)
class Scope:
    """Which names an expression can use: those of its own FROM, then those around it."""

    common: Mapping[str, Columns | None]
    around: "Scope | None" = None
    sources: list[Source] = field(default_factory=list)

    def size_of(self, column: exp.Column) -> int:
        """The size of what a name stands for: the largest of those it may stand for."""
        name, table = "" if isinstance(column.this, exp.Star) else column.name, column.table
        for scope in self._outwards():
            found = scope._qualified(table, name) if table else scope._plain(name)
            if found is not None:
                return found
        return UNKNOWN

    def _outwards(self) -> Iterable["Scope"]:
        scope: Scope | None = self
        while scope:
            yield scope
            scope = scope.around

    def _qualified(self, table: str, name: str) -> int | None:
        found = [source for source in self.sources if source.name == table]
        sizes = [_or_unknown(source.of(name)) if name else source.row for source in found]
        return max(sizes, default=None)

    def _plain(self, name: str) -> int | None:
        found = [size for source in self.sources if (size := source.of(name)) is not None]
        rows = [source.row for source in self.sources if source.name == name]
        return max(found or rows, default=None)


def _or_unknown(size: int | None) -> int:
    return UNKNOWN if size is None else size


def total(sizes: Iterable[int]) -> int:
    """The size of all of them together."""
    known = list(sizes)
    if any(size >= UNKNOWN for size in known):
        return UNKNOWN
    return STORED if any(size >= STORED for size in known) else sum(known)


def grown(size: int, times: int) -> int:
    """So many times the size; what is not known stays so, and what is stored is then computed."""
    return UNKNOWN if size >= STORED else size * times
