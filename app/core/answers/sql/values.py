"""Bounds expressions: measures each operand, and has its rule say how large it may be."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlglot import exp

from app.core.answers.sql.budget import Budget
from app.core.answers.sql.checks import Step, count
from app.core.answers.sql.refusal import NotOffered
from app.core.answers.sql.rules import (
    GATHERED,
    MOST_BYTES,
    RULES,
    Gather,
    Rule,
    comparing,
    is_any_or_all,
    light,
    same,
    small,
)
from app.core.answers.sql.sizes import (
    MOST_DIGITS,
    SMALL,
    STORED,
    UNKNOWN,
    Columns,
    Scope,
    grown,
    large_numbers,
    of_literal,
)

# What holds expressions and does nothing with them by itself.
CLAUSES = (
    exp.Where, exp.Having, exp.Group, exp.Order, exp.Ordered, exp.Limit, exp.Offset, exp.Fetch,
    exp.GroupingSets, exp.Cube, exp.Rollup, exp.WindowSpec, exp.Distinct, exp.LimitOptions, exp.Window,
    exp.Filter, exp.WithinGroup,
)  # fmt: skip
_NO_VALUES = (exp.Identifier, exp.DataType, exp.Var, exp.TableAlias)
# So many large numbers a document may have: each is written out with up to 131,072 digits.
_MOST_LARGE_NUMBERS = 20
_OVERHEAD = 16
# Of numeric(1000, 1000), with its sign and point.
_MOST_PRECISION = 2_010
# Values that even the fastest aggregate does not fill the memory with, within the seconds it has.
_TINY = 8


def key_of(node: exp.Expr) -> str:
    """The name under which the rules have it: of a function its own, of all else the parser's."""
    return str(node.this).lower() if isinstance(node, exp.Anonymous) else type(node).__name__


@dataclass(frozen=True, slots=True)
class Values:
    """`query` bounds a SELECT within an expression and says how large its columns are."""

    schema: str
    budget: Budget
    query: Callable[[exp.Expr, Scope], Columns | None]

    def size(self, node: exp.Expr, scope: Scope) -> int:
        """Bounds an expression; how large it can be."""
        match node:
            case exp.Select() | exp.SetOperation() | exp.Subquery() | exp.Values():
                columns = self.query(node, scope)
                _check_width(node, columns)
                return max(columns.sizes.values(), default=SMALL) if columns is not None else UNKNOWN
            case exp.Column():
                return scope.size_of(node)
            case exp.Literal():
                return of_literal(node)
            case exp.Cast():
                return self._cast(node, scope)
            case exp.Null():
                return 0
            case exp.Star() | exp.Boolean():
                return SMALL
            case _ if isinstance(node, CLAUSES):
                return max((self.size(child, scope) for child in _children(node)), default=SMALL)
            case _:
                return self._step(node, scope)

    def _step(self, node: exp.Expr, scope: Scope) -> int:
        rule = RULES.get(key_of(node))
        if rule is None:
            raise NotOffered(f"{key_of(node)} is not supported")
        operands, sorts = _operands(node)
        sizes = [self.size(operand, scope) for operand in operands]
        for sort in sorts:
            self.size(sort, scope)
        if isinstance(rule, Gather):
            if not (self.budget.gathers_little and rule.weight == 1 and sum(sizes) <= _TINY):
                self._gather(node, operands, sorts, rule)
            return GATHERED
        self._count_compared(node)
        if rule is not small and any(isinstance(one, exp.Kwarg) for one in operands):
            raise NotOffered(f"{_spoken(node)} takes its arguments by their places, without names")
        try:
            return self._take(rule, self._new_step(_spoken(node), operands, sizes)) if operands else SMALL
        except IndexError:
            raise NotOffered(f"{_spoken(node)} needs more arguments") from None

    def _take(self, rule: Rule, step: Step) -> int:
        """Has the rule bound the step, and counts what it takes in memory; the size of what it makes."""
        size = rule(step)
        if rule is comparing:
            # It keeps nothing of a column.
            self.budget.add(one for one in step.sizes if one != STORED)
        elif rule is not same:
            self.budget.add([*step.sizes, size])
        return size

    def _new_step(self, name: str, operands: list[exp.Expr], sizes: list[int]) -> Step:
        budget = self.budget
        return Step(name, operands, sizes, budget.share, self.schema, budget.is_long, budget.checks_columns)

    def _count_compared(self, node: exp.Expr) -> None:
        """PostgreSQL may keep all rows of IN (SELECT …) in memory, to compare them."""
        query = node.args.get("query") if isinstance(node, exp.In) else None
        if is_any_or_all(node):
            query = node.expressions[0] if isinstance(node, exp.Anonymous) else node.this
        if isinstance(query, exp.Query):
            _count_rows(query, self.schema)

    def _gather(self, node: exp.Expr, operands: list[exp.Expr], sorts: list[exp.Expr], rule: Gather) -> None:
        """Counts what the aggregate keeps. With DISTINCT, what sorts it must stay the same expression."""
        if operands and isinstance(operands[0], exp.Query):
            _count_rows(operands[0], self.schema)
            return
        between = sum(len(one.name.encode()) for one in operands if isinstance(one, exp.Literal))
        for index, one in enumerate(operands):
            if isinstance(one, exp.Literal | exp.Null | exp.Star):
                continue
            plain = one.copy()
            more = (_OVERHEAD if rule.weight > 1 else 2 * _OVERHEAD) + (between if index == 0 else 0)
            counted = count(one, self.schema, more, rule.weight)
            for sort in sorts:
                if sort.this == plain and node.find(exp.Distinct):
                    sort.set("this", counted.copy())

    def _cast(self, cast: exp.Cast, scope: Scope) -> int:
        size, kind = self.size(cast.this, scope), _type(cast.to)
        step = self._new_step(f"the conversion to {kind.lower()}", [cast.this], [size])
        made = self._converted(step, kind, cast)
        self.budget.add([*step.sizes, made])
        return made

    def _converted(self, step: Step, kind: str, cast: exp.Cast) -> int:
        match kind.removesuffix("[]"):
            case "JSON" | "JSONB" if kind.endswith("[]"):
                # Each of its documents is read by itself, with two kilobytes for that.
                return self._document(step, MOST_BYTES / 6)
            case "JSON" | "JSONB":
                return self._document(step, MOST_BYTES)
            case "DECIMAL" if kind.endswith("[]"):
                return self._document(step, MOST_BYTES)
            case "DECIMAL":
                step.limit(0, MOST_DIGITS)
                return _MOST_PRECISION if cast.to.expressions else MOST_DIGITS
            case "TEXT" | "VARCHAR" | "CHAR":
                return light(step)
            case _:
                return grown(light(step), 5) if kind.endswith("[]") else min(SMALL, light(step))

    def _document(self, step: Step, most: float) -> int:
        """Text becomes JSON or numbers: `1e131071` then has 131,072 digits."""
        written = step.nodes[0]
        if not isinstance(written, exp.Literal):
            return grown(step.limit_document(most * self.budget.share), 2)
        large = large_numbers(written.name)
        if large > _MOST_LARGE_NUMBERS:
            raise NotOffered("it has too many numbers with large exponents: write them with fewer digits")
        return step.sizes[0] * 2 + large * MOST_DIGITS


def _type(kind: exp.DataType) -> str:
    name = kind.this.name if isinstance(kind.this, exp.DType) else ""
    if name == "ARRAY" and kind.expressions:
        return f"{_type(kind.expressions[0]).removesuffix('[]')}[]"
    return name


def _children(node: exp.Expr) -> Iterator[exp.Expr]:
    yield from [child for child in node.iter_expressions() if not isinstance(child, _NO_VALUES)]


def _operands(node: exp.Expr) -> tuple[list[exp.Expr], list[exp.Expr]]:
    """What a step is given, and what an aggregate sorts it by."""
    if isinstance(node, exp.MatchAgainst):
        return [*node.expressions, node.this], []
    if isinstance(node, exp.And | exp.Or):
        # There may be hundreds of them in a row.
        return list(node.flatten(unnest=False)), []
    if not isinstance(node, exp.Anonymous):
        return [_within(child) for child in _children(node)], []
    operands: list[exp.Expr] = []
    sorts: list[exp.Expr] = []
    for one in node.expressions:
        if isinstance(one, exp.Order):
            sorts.extend(one.expressions)
        inner = one.this if isinstance(one, exp.Order) else one
        operands.extend(inner.expressions if isinstance(inner, exp.Distinct) else [inner])
    return operands, sorts


def _within(node: exp.Expr) -> exp.Expr:
    """Of ANY (array) the array: a check stands within the brackets."""
    if not is_any_or_all(node):
        return node
    inner: exp.Expr = node.expressions[0] if isinstance(node, exp.Anonymous) else node.this
    return node if isinstance(inner.unnest(), exp.Query) else inner.unnest()


def _spoken(node: exp.Expr) -> str:
    """What people call the step."""
    return _CALLED.get(type(node).__name__, key_of(node))


_CALLED = {
    "StrPosition": "position", "Like": "LIKE", "ILike": "ILIKE", "RegexpLike": "~", "RegexpILike": "~*",
    "SimilarTo": "SIMILAR TO", "DPipe": "||", "ArrayContainsAll": "@>", "ArrayContainedBy": "<@",
    "ArrayOverlaps": "&&", "JSONBContainsAllTopKeys": "?&", "JSONBContainsAnyTopKeys": "?|", "Add": "+",
    "Sub": "-", "Mul": "*", "Div": "/", "Mod": "%", "Pow": "^", "MatchAgainst": "@@", "JSONBPathExists": "@?",
    "JSONBDeleteAtPath": "#-", "JSONExtract": "->", "JSONExtractScalar": "->>", "JSONBExtract": "#>",
    "JSONBExtractScalar": "#>>", "Array": "ARRAY[…]", "EQ": "=", "NEQ": "<>", "GT": ">", "GTE": ">=",
    "LT": "<", "LTE": "<=", "Bracket": "[…]", "Trim": "trim", "Substring": "substring", "Overlay": "overlay",
    "Sqrt": "sqrt", "Cbrt": "cbrt", "StartsWith": "starts_with",
}  # fmt: skip


def _check_width(query: exp.Expr, columns: Columns | None) -> None:
    """One column, where PostgreSQL wants that; what counts the rows would hide further ones from it."""
    is_narrow = isinstance(query.parent, exp.In | exp.Any | exp.All | exp.Anonymous)
    is_tuple = isinstance(query.parent, exp.In) and isinstance(query.parent.this.unnest(), exp.Tuple)
    if is_narrow and not is_tuple and columns is not None and len(columns.sizes) > 1:
        raise NotOffered("a SELECT in IN, ANY, ALL or ARRAY has one column: name it")


def _count_rows(query: exp.Query, schema: str) -> None:
    """ARRAY(SELECT …) keeps each row: `ARRAY(SELECT counted(cell) FROM (SELECT …) AS kept(cell))`."""
    names = [f"cell{number or ''}" for number in range(len(query.selects))]
    if len(names) != 1 and any(one.is_star for one in query.selects):
        raise NotOffered("name the columns of a SELECT that is compared with several values")
    cells = [exp.column(name, table="kept", quoted=True) for name in names]
    outer = exp.Select(expressions=cells)
    query.replace(exp.Subquery(this=outer) if isinstance(query.parent, exp.In) else outer)
    alias = exp.TableAlias(
        this=exp.to_identifier("kept", quoted=True),
        columns=[exp.to_identifier(name, quoted=True) for name in names],
    )
    inner = query.this if isinstance(query, exp.Subquery) and not query.args.get("with_") else query
    outer.set("from_", exp.From(this=exp.Subquery(this=inner, alias=alias)))
    for cell in cells:
        count(cell, schema, _OVERHEAD)
