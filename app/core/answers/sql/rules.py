"""What each function and operator may be given, so that no single step of it runs long or makes much.

PostgreSQL looks at `statement_timeout` between steps, not within most of them. A rule therefore says for
each step how large its operands may be, and how large its result then is. Where the time grows with a
product (each letter of a text against each of another) the product is bounded. The figures were measured on
PostgreSQL 15 and 18; each step at its limits takes about a tenth of a second. What has no rule is not
offered.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlglot import exp

from app.core.answers.sql.patterns import MOST_STATES, states
from app.core.answers.sql.refusal import NotOffered
from app.core.answers.sql.sizes import MOST_DIGITS, NUMERIC, SMALL, STORED, grown, total

# Bytes that one step works on.
MOST_BYTES = 2_000_000
# So many steps of a SELECT may have all of it; with more of them each has less, for PostgreSQL may take them
# all before it looks at its clock. Of light ones, as comparisons are, there may be more. The memory of all of
# them is bounded in `budget`.
STEPS_AT_FULL_SIZE, LIGHT_STEPS_AT_FULL_SIZE = 10, 200
_SHORT, _DIGITS, _PATTERN, _LARGEST_COUNT = 1_000, 3_000, 1_000, 10_000
GATHERED = 64_000_000
_MOST_PLACES = 16_384


class Limits(Protocol):
    """What a rule does with the operands of its step."""

    name: str
    nodes: Sequence[exp.Expr]
    sizes: list[int]
    share: float
    is_long: bool
    checks_columns: bool

    def limit(self, index: int, most: float) -> int:
        """Makes sure that the operand has at most so many bytes; its size then."""

    def limit_number(self, index: int, most: int) -> None:
        """Makes sure that the operand is a number of at most this."""

    def limit_pattern(self, index: int, most: int) -> None:
        """Makes sure that the operand is a regular expression of at most so many bytes, and few states."""


Rule = Callable[[Limits], int]


@dataclass(frozen=True, slots=True)
class Gather:
    """An aggregate that keeps what it was given: that is counted, `weight` bytes for each byte."""

    weight: int = 1


def same(step: Limits) -> int:
    """A step that hands one of its operands on: `coalesce`, CASE."""
    return max(step.sizes, default=SMALL)


def light(step: Limits) -> int:
    """A step that passes over its operands quickly and makes no more of them: `left`, `->>`.

    Columns of views are taken as they are, unless the steps of the statement may take much memory together.
    """
    _limit_large(step, checks_columns=step.checks_columns)
    return max(step.sizes, default=SMALL)


def _limit_large(step: Limits, *, checks_columns: bool) -> None:
    """Whole rows and the rows of a SELECT are compared one value after the other."""
    most = MOST_BYTES * step.share
    for index, (node, size) in enumerate(zip(step.nodes, step.sizes, strict=True)):
        has_parts = isinstance(node, exp.Tuple | exp.Query) or is_any_or_all(node)
        if size > most and not has_parts and (size != STORED or checks_columns):
            step.limit(index, most)


def small(step: Limits) -> int:
    """As `light`, and the result is a number, a date or a truth value."""
    light(step)
    return SMALL


def comparing(step: Limits) -> int:
    """As `small`, for what keeps nothing of its operands.

    Columns are checked only where there are very many steps: for one that is, no index is used.
    """
    _limit_large(step, checks_columns=step.is_long)
    return SMALL


def is_any_or_all(node: exp.Expr) -> bool:
    """Whether it is ANY (…) or ALL (…), which the parser calls a function at times."""
    if isinstance(node, exp.Anonymous):
        return node.name.lower() in {"any", "all", "some"}
    return isinstance(node, exp.Any | exp.All)


def together(step: Limits) -> int:
    """A row of all operands."""
    return total(step.sizes)


def letter(step: Limits) -> int:
    """One character."""
    return min(4, small(step))


def cut(step: Limits) -> int:
    """As `light`, for `left` and `right`: at most so many characters."""
    size = light(step)
    count = step.nodes[-1]
    if isinstance(count, exp.Literal) and count.name.isdecimal():
        return min(size, 4 * int(count.name))
    return size


def linear(growth: int = 1, bytes_at_once: int = MOST_BYTES) -> Rule:
    """The time and the result grow with the sum of the operands."""

    def rule(step: Limits) -> int:
        most = bytes_at_once * step.share
        if total(step.sizes) > most:
            for index in range(len(step.sizes)):
                step.limit(index, most / len(step.sizes))
        return grown(total(step.sizes), growth)

    return rule


def product(most: int, usual: int = 1_000, result: int | None = None) -> Rule:
    """The time grows with the product of the first operand and all others together.

    `usual` is how large the others may be together where that is not known. `result` is the size of what
    comes out, where it is not the first operand's.
    """

    def rule(step: Limits) -> int:
        room = most * step.share
        _limit_product(step, room, usual)
        return result if result is not None else light(step)

    return rule


def _limit_product(step: Limits, room: float, usual: int) -> None:
    most = MOST_BYTES * step.share
    first, others = step.sizes[0], total(step.sizes[1:])
    if first <= most and first * max(1, others) <= room:
        return
    possible = min(most, max(usual, room / max(1, first)))
    if others > possible:
        for index in range(1, len(step.sizes)):
            step.limit(index, possible / (len(step.sizes) - 1))
    step.limit(0, min(most, room / max(1, total(step.sizes[1:]))))


def replacing(step: Limits) -> int:
    """Each piece of the first operand may become the third one: `replace(text, from, to)`."""
    if step.name == "regexp_replace":
        step.limit_pattern(1, _PATTERN)
    step.limit(1, _PATTERN)
    fills = 2 if len(step.sizes) > 2 else 1
    if step.sizes[fills] > SMALL:
        step.limit(fills, 500)
    least = _bytes_of_piece(step.nodes[1]) if fills == 2 and step.name == "replace" else 1
    most = MOST_BYTES * step.share * 2 * least / max(least, step.sizes[fills] + 1)
    search = 100_000_000 * step.share / max(1, step.sizes[1])
    size = step.limit(0, min(MOST_BYTES * step.share, most, search))
    return size * max(1, -(-(step.sizes[fills] + 1) // least))


def _bytes_of_piece(node: exp.Expr) -> int:
    return max(1, len(node.name.encode())) if isinstance(node, exp.Literal) and node.is_string else 1


def joining(step: Limits) -> int:
    """Between every two elements stands the separator: `array_to_string(array, separator)`."""
    for index in range(1, len(step.sizes)):
        step.limit(index, _SHORT)
    filling = total(step.sizes[1:]) + 1
    return step.limit(0, 2 * MOST_BYTES * step.share / filling) * filling


def interspersing(step: Limits) -> int:
    """Between every two operands stands the first one: `concat_ws(separator, …)`."""
    step.limit(0, MOST_BYTES * step.share / len(step.sizes))
    return linear()(step) + step.sizes[0] * len(step.sizes)


def splitting(step: Limits) -> int:
    """The pieces of a text as an array or rows: `string_to_array(text, separator)`."""
    if step.name.startswith("regexp"):
        step.limit_pattern(1, _PATTERN)
    for index in range(1, len(step.sizes)):
        step.limit(index, _PATTERN)
    return grown(step.limit(0, MOST_BYTES * step.share / 2), 10)


def searching(step: Limits) -> int:
    """A regular expression, which PostgreSQL interrupts: its size is bounded, its time is by the clock."""
    step.limit_pattern(1, _PATTERN)
    for index in range(1, len(step.sizes)):
        step.limit(index, _PATTERN)
    step.limit(0, MOST_BYTES * step.share)
    return SMALL


def matching(step: Limits) -> int:
    """The text once for each bracket of the pattern: `regexp_match`, `regexp_matches`."""
    pattern = step.nodes[1] if len(step.nodes) > 1 else exp.null()
    groups = 1 + (pattern.name.count("(") if isinstance(pattern, exp.Literal) else 50)
    size = step.limit(0, MOST_BYTES * step.share / groups)
    searching(step)
    return grown(size, 2 * groups)


def substring(step: Limits) -> int:
    """A part of a text, by its place or by a regular expression."""
    if len(step.nodes) > 1 and step.name != "substr":
        step.limit_pattern(1, _PATTERN)
    for index in range(1, len(step.sizes)):
        step.limit(index, _PATTERN)
    return light(step)


def arithmetic(digits: int = 0) -> Rule:
    """Numbers of up to 3,000 digits; the result has as many as all operands, and `digits` more."""

    def rule(step: Limits) -> int:
        for index in range(len(step.sizes)):
            step.limit(index, _DIGITS)
        return total(step.sizes) + digits

    return rule


def adding(step: Limits) -> int:
    """Numbers, dates, and intervals; one digit more at most."""
    for index in range(len(step.sizes)):
        step.limit(index, MOST_DIGITS)
    return SMALL if max(step.sizes) <= SMALL else max(step.sizes) + 1


def rounding(step: Limits) -> int:
    """`round(number, places)`: PostgreSQL has at most 16,383 places."""
    size = light(step)
    if len(step.nodes) == 1:
        return size
    places = step.nodes[1]
    known = isinstance(places, exp.Literal) and places.name.isdecimal()
    return size + min(_MOST_PLACES, int(places.name) if known else _MOST_PLACES)


def power(step: Limits) -> int:
    """The result has as many digits as the base, times the exponent."""
    exponent = step.nodes[1]
    if isinstance(exponent, exp.Literal) and _is_count(exponent.name):
        times = max(1, int(exponent.name))
        if times > _SHORT:
            raise NotOffered(f"the exponent {exponent.name} is too large: {_SHORT:,} is the maximum")
        return max(SMALL, step.limit(0, max(20, MOST_DIGITS / 10 / times)) * times)
    step.limit(0, 100)
    step.limit_number(1, _SHORT)
    return MOST_DIGITS


def _is_count(text: str) -> bool:
    return text.isdecimal() and len(text) < 10


def repeating(step: Limits) -> int:
    """`repeat(text, number)`: the text so many times."""
    times = _count(step, 1)
    return step.limit(0, MOST_BYTES * step.share / max(1, times)) * max(1, times)


def padding(step: Limits) -> int:
    """`lpad(text, length, fill)`: at most 10,000 characters."""
    length = 4 * _count(step, 1)
    for index in (0, *range(2, len(step.sizes))):
        step.limit(index, MOST_BYTES * step.share)
    return length


def _count(step: Limits, index: int) -> int:
    """What the operand may be, as a number that says how many."""
    node = step.nodes[index]
    if isinstance(node, exp.Literal) and not node.is_string and _is_count(node.name):
        if int(node.name) > _LARGEST_COUNT:
            raise NotOffered(
                f"{step.name} with {int(node.name):,} is too large: {_LARGEST_COUNT:,} is the maximum"
            )
        return int(node.name)
    step.limit_number(index, _LARGEST_COUNT)
    return _LARGEST_COUNT


def formatting(step: Limits) -> int:
    """`format('%s: %s', …)`: the first operand is a text in quotes, and says how wide."""
    pattern = step.nodes[0]
    if not (isinstance(pattern, exp.Literal) and pattern.is_string):
        raise NotOffered(
            "format takes its first argument as a text in quotes: format('%s: %s', list_name, title)"
        )
    parts = re.findall(r"%(%|[-0-9$]*\*|[-0-9$]*)", pattern.name)
    if any("*" in part for part in parts):
        raise NotOffered("format takes no * as a width: write the number, or take lpad or rpad")
    widths = [int(number) for part in parts for number in re.findall(r"([0-9]+)(?![0-9$])", part)]
    if any(width > _SHORT for width in widths):
        raise NotOffered(f"format with a width above {_SHORT:,} is not supported")
    most = MOST_BYTES * step.share / max(1, len(parts))
    for index in range(1, len(step.sizes)):
        step.limit(index, most)
    largest = max(step.sizes[1:], default=0)
    return step.sizes[0] + 2 * len(parts) * largest + sum(widths)


def to_char(step: Limits) -> int:
    """`to_char(value, format)`."""
    for index in range(len(step.sizes)):
        step.limit(index, _SHORT)
    return 12 * _SHORT


def parsing_dates(step: Limits) -> int:
    """`to_date(text, format)`."""
    for index in range(len(step.sizes)):
        step.limit(index, _SHORT)
    return SMALL


def path(step: Limits) -> int:
    """A JSON path: written out, because its cost shows in it."""
    written = step.nodes[1].unnest()
    if not (isinstance(written, exp.Literal) and written.is_string):
        raise NotOffered("a JSON path is written as a text in quotes: '$.name'")
    quoted = re.compile(r'"(?:[^"\\]|\\.)*"')
    if any(states(found) > MOST_STATES for found in quoted.findall(written.name)):
        raise NotOffered("a pattern in the JSON path repeats too much: use smaller numbers in { }")
    text = quoted.sub('""', written.name)
    if text.count("**") > 1:
        raise NotOffered("a JSON path has at most one **: name the keys instead")
    for index in range(2, len(step.sizes)):
        step.limit(index, _SHORT)
    # Two paths that are compared, or a filter within another one, are each element against each.
    compares_paths = re.search(r"(?:[=<>!]=?|starts\s+with)\s*[(@$]", text) or text.count("?") > 1
    is_costly = compares_paths or text.count("$") > 1 or "**" in text
    return step.limit(0, (10_000 if is_costly else MOST_BYTES / 2) * step.share)


def full_text(step: Limits) -> int:
    """`to_tsvector('english', text)`: the words of a text, which takes long."""
    for index in range(len(step.sizes)):
        step.limit(index, 200_000 * step.share if index == len(step.sizes) - 1 else SMALL)
    return grown(step.sizes[-1], 4)


def text_query(step: Limits) -> int:
    """`to_tsquery('english', 'words')`."""
    for index in range(len(step.sizes)):
        step.limit(index, _SHORT if index == len(step.sizes) - 1 else SMALL)
    return 2 * step.sizes[-1]


def text_search(step: Limits) -> int:
    """`to_tsvector(…) @@ to_tsquery(…)`; `@@` before a text in quotes may be a JSON path's operator."""
    right = step.nodes[1].unnest()
    if isinstance(right, exp.Literal):
        path(step)
    return ranking(step)


def ranking(step: Limits) -> int:
    """How well a text has the words of a query: `ts_rank(to_tsvector(…), to_tsquery(…))`."""
    _limit_product(step, 300_000_000 * step.share, 2_000)
    is_vector = step.nodes[0].name.lower() == "to_tsvector"
    step.limit(0, (800_000 if is_vector else 200_000) * step.share)
    return SMALL


def _words(text: str) -> list[str]:
    return text.split()


def _table() -> dict[str, Rule | Gather]:
    rules: dict[str, Rule | Gather] = {}
    for rule, names in _RULES:
        rules |= dict.fromkeys(_words(names), rule)
    return rules


# The names that are written large are operators and other parts of the language, as the parser calls them.
_RULES: list[tuple[Rule | Gather, str]] = [
    (Gather(), "array_agg string_agg array"),
    (Gather(2), "json_agg json_object_agg"),
    (Gather(4), "jsonb_agg jsonb_object_agg"),
    (
        small,
        """
        bit_and bit_or bool_and bool_or corr count covar_pop covar_samp every regr_avgx regr_avgy
        regr_count regr_intercept regr_r2 regr_slope cume_dist dense_rank grouping ntile percent_rank
        rank row_number age date date_bin date_part date_trunc isfinite justify_days justify_hours
        justify_interval make_date make_interval make_time make_timestamp make_timestamptz now
        current_timestamp localtimestamp timezone ascii char_length character_length length md5
        octet_length starts_with random sign array_length array_lower array_ndims array_position
        array_upper cardinality generate_subscripts json_array_length json_typeof jsonb_array_length
        jsonb_typeof pi degrees radians pg_typeof num_nulls num_nonnulls to_hex bit_length array_dims
        clock_timestamp statement_timestamp transaction_timestamp sin cos tan asin acos atan atan2
        AtTimeZone Extract CurrentDate CurrentTimestamp Localtimestamp BitwiseLeftShift
        BitwiseRightShift JSONBContainsTopKey StartsWith Slice Interval Escape
        """,
    ),
    (
        comparing,
        "EQ NEQ GT GTE LT LTE NullSafeEQ NullSafeNEQ Between Is In And Or Not Exists Overlaps",
    ),
    (
        same,
        """
        any_value first_value lag last_value lead nth_value coalesce any all some Alias Paren Case If Kwarg
        Any All
        """,
    ),
    (
        light,
        """
        max min mode greatest least nullif abs ceil ceiling floor generate_series unnest
        Unnest json_array_elements json_array_elements_text json_each json_each_text json_extract_path
        json_extract_path_text json_object_keys jsonb_array_elements jsonb_array_elements_text jsonb_each
        jsonb_each_text jsonb_extract_path jsonb_extract_path_text jsonb_object_keys jsonb_strip_nulls
        json_strip_nulls jsonb_to_recordset json_to_recordset jsonb_to_record json_to_record Bracket
        JSONExtract JSONExtractScalar JSONBExtract JSONBExtractScalar Neg BitwiseAnd BitwiseOr BitwiseXor
        BitwiseNot
        """,
    ),
    (letter, "chr"),
    (cut, "left right"),
    (together, "Tuple row"),
    (linear(), "reverse concat array_cat overlay DPipe Overlay"),
    (linear(3), "lower upper initcap quote_literal quote_ident quote_nullable"),
    (linear(2), "array_remove trim_array"),
    (linear(4), "array_positions"),
    (linear(12), "percentile_cont percentile_disc"),
    (
        linear(6, MOST_BYTES // 2),
        """
        to_json to_jsonb row_to_json array_to_json json_build_array json_build_object jsonb_build_array
        jsonb_build_object json_object jsonb_object array_append array_prepend Array
        """,
    ),
    (linear(1), "jsonb_set jsonb_insert JSONBDeleteAtPath"),
    (product(100_000_000, result=SMALL), "strpos position StrPosition"),
    (product(30_000_000, result=SMALL), "Like ILike"),
    (
        product(100_000_000, result=SMALL),
        "ArrayContainedBy ArrayContainsAll ArrayOverlaps JSONBContainsAllTopKeys JSONBContainsAnyTopKeys",
    ),
    (product(10_000_000), "translate btrim ltrim rtrim trim Trim"),
    (product(100_000_000), "Sub split_part"),
    (replacing, "replace regexp_replace array_replace"),
    (joining, "array_to_string"),
    (interspersing, "concat_ws"),
    (splitting, "string_to_array string_to_table regexp_split_to_array regexp_split_to_table"),
    (searching, "regexp_count regexp_like regexp_instr RegexpLike RegexpILike SimilarTo"),
    (matching, "regexp_match regexp_matches"),
    (substring, "Substring substring substr regexp_substr"),
    (adding, "Add"),
    (arithmetic(), "Mul Mod mod gcd lcm"),
    (arithmetic(NUMERIC), "div Div sqrt cbrt exp ln log log10 Sqrt Cbrt width_bucket avg"),
    (arithmetic(NUMERIC), "stddev stddev_pop stddev_samp var_pop var_samp variance"),
    (arithmetic(20), "sum"),
    (rounding, "round trunc"),
    (power, "power pow Pow"),
    (repeating, "repeat"),
    (padding, "lpad rpad"),
    (formatting, "format"),
    (to_char, "to_char"),
    (parsing_dates, "to_date to_timestamp to_number"),
    (
        path,
        """
        jsonb_path_exists jsonb_path_match jsonb_path_query jsonb_path_query_array jsonb_path_query_first
        JSONBPathExists
        """,
    ),
    (full_text, "to_tsvector"),
    (text_query, "to_tsquery plainto_tsquery phraseto_tsquery websearch_to_tsquery"),
    (text_search, "MatchAgainst"),
    (ranking, "ts_rank"),
]
RULES = _table()
# What may be called, by its name in PostgreSQL.
FUNCTIONS = frozenset(name for name in RULES if name[0].islower())
