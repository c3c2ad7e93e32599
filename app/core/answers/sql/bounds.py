"""Writes into a SELECT the checks that keep each of its steps small.

Where a value may be larger than the step that takes it allows, the value is handed through a function of the
views' schema, which refuses it when it is. What an aggregate keeps is counted while it grows. Where the value
is known to be small nothing is written, so most of a question stays as it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlglot import exp

from app.core.answers.sql.allowed import ROWS_AT
from app.core.answers.sql.budget import Budget
from app.core.answers.sql.checks import count
from app.core.answers.sql.dialect import TOO_LONG
from app.core.answers.sql.names import name_of_output
from app.core.answers.sql.refusal import NotOffered
from app.core.answers.sql.rules import (
    LIGHT_STEPS_AT_FULL_SIZE,
    RULES,
    STEPS_AT_FULL_SIZE,
    Gather,
    comparing,
    light,
    same,
    small,
)
from app.core.answers.sql.sizes import (
    MOST_DIGITS,
    NUMERIC,
    SMALL,
    STORED,
    UNKNOWN,
    Columns,
    Scope,
    Source,
    of_type,
)
from app.core.answers.sql.values import CLAUSES, Values, key_of

# Longer values that a subquery computes are counted: PostgreSQL may keep all its rows in memory.
_WIDE, _NOT_COUNTED = 1_000, 250
_BYTES_OF_ROW = 100
_FEW_GATHERS, _MOST_ATTEMPTS = 3, 5
_OF_PAIRS = {"json_each", "json_each_text", "jsonb_each", "jsonb_each_text"}
_AROUND_AGGREGATES = (exp.Filter, exp.WithinGroup, exp.Paren, exp.Alias, exp.Window)


def bound(tree: exp.Expr, views: Mapping[str, Mapping[str, str]], schema: str) -> exp.Expr:
    """The tree with its checks. `views` has each column's type. Raises NotOffered where none would help."""
    budget: Budget | None = _budget(list(tree.walk()))
    for _ in range(_MOST_ATTEMPTS):
        if budget is None:
            break
        bounded = tree.copy()
        _Bounding(views, schema, budget).query(bounded, Scope({}), is_answer=True)
        if budget.is_kept():
            return bounded
        budget = budget.narrowed()
    raise NotOffered(TOO_LONG)


def _budget(parts: Sequence[exp.Expr]) -> Budget:
    found = [(part, RULES[key_of(part)]) for part in parts if key_of(part) in RULES]
    steps = sum(rule not in (comparing, light, same, small) for _, rule in found)
    most = max(steps / STEPS_AT_FULL_SIZE, len(found) / LIGHT_STEPS_AT_FULL_SIZE, 1)
    gathers = {part.sql() for part, rule in found if isinstance(rule, Gather)}
    is_long = len(found) > LIGHT_STEPS_AT_FULL_SIZE
    return Budget(1 / most, is_long, is_long, len(gathers) <= _FEW_GATHERS)


class _Bounding:
    """Walks the queries of a tree, and knows in each which columns it can name."""

    def __init__(self, views: Mapping[str, Mapping[str, str]], schema: str, budget: Budget) -> None:
        self._views, self._schema = views, schema
        self._values = Values(schema, budget, self.query)

    def query(self, node: exp.Expr, scope: Scope, *, is_answer: bool = False) -> Columns | None:
        """Bounds a query; its columns with their sizes, where they are known."""
        scope = self._with(node, scope)
        match node:
            case exp.Select():
                return self._select(node, scope, is_answer=is_answer)
            case exp.SetOperation():
                return self._set_operation(node, scope, is_answer=is_answer)
            case exp.Subquery():
                columns = self.query(node.this, scope, is_answer=is_answer)
                self._clauses(node, scope)
                return columns
            case exp.Values():
                return self._rows(node, scope)
            case _:
                raise NotOffered("write it as SELECT … FROM …")

    # WITH

    def _with(self, node: exp.Expr, scope: Scope) -> Scope:
        with_ = node.args.get("with_") or exp.With(expressions=[])
        for common in with_.expressions:
            columns = self._common_table(common, scope, is_recursive=bool(with_.args.get("recursive")))
            scope = replace(scope, common={**scope.common, common.alias: columns})
        return scope

    def _common_table(self, common: exp.CTE, scope: Scope, *, is_recursive: bool) -> Columns | None:
        own = scope
        if is_recursive:
            together = self._values.budget.together
            guess = self._guess(common, scope) if isinstance(common.this, exp.SetOperation) else None
            # Guessing bounds copies, which are not run.
            self._values.budget.together = together
            own = replace(scope, common={**scope.common, common.alias: guess})
        columns = self.query(common.this, own)
        return columns and columns.renamed(common.alias_column_names)

    def _guess(self, common: exp.CTE, scope: Scope) -> Columns | None:
        """The columns of a recursive query, as its beginning has them but for those that a round enlarges."""
        union = common.this
        columns = self.query(union.this.copy(), scope)
        columns = columns and columns.renamed(common.alias_column_names)
        # A number that begins with one digit may have more.
        columns = columns and Columns({name: max(SMALL, size) for name, size in columns.sizes.items()})
        while columns is not None:
            within = replace(scope, common={**scope.common, common.alias: columns})
            after = self.query(union.expression.copy(), within)
            both = after and columns.beside(after)
            if both is None or both == columns:
                return both
            sizes = {
                name: size if size == both.sizes[name] else UNKNOWN for name, size in columns.sizes.items()
            }
            columns = Columns(sizes)
        return None

    # SELECT, UNION, VALUES

    def _select(self, select: exp.Select, around: Scope, *, is_answer: bool) -> Columns | None:
        scope = Scope(around.common, around)
        self._from(select, scope)
        columns: Columns | None = Columns({})
        for index, name in enumerate([name_of_output(one) for one in select.expressions]):
            one = select.expressions[index]
            if one.is_star:
                more = _star(one, scope)
            else:
                size = self._output(select, index, scope, is_answer=is_answer)
                # Of two with one name neither can be named, but both have their places.
                is_free = columns is not None and name not in columns.sizes
                more = Columns({name if is_free else f"{name} {index}": size})
                _keep_name(select.expressions[index], name)
            columns = columns and more and columns.and_(more)
        self._clauses(select, scope)
        return columns

    def _output(self, select: exp.Select, index: int, scope: Scope, *, is_answer: bool) -> int:
        one = select.expressions[index]
        size = self._values.size(one, scope)
        # Where equal rows become one, PostgreSQL wants the same expression elsewhere in the SELECT.
        is_one_of_many = not (is_answer or select.args.get("distinct") or select.args.get("group"))
        if is_one_of_many and _WIDE < size != STORED and not _is_gathered(one):
            count(one.this if isinstance(one, exp.Alias) else one, self._schema, -_NOT_COUNTED)
        return size

    def _set_operation(self, node: exp.SetOperation, scope: Scope, *, is_answer: bool) -> Columns | None:
        passes_on = is_answer and isinstance(node, exp.Union) and not node.args.get("distinct")
        left = self.query(node.this, scope, is_answer=passes_on)
        right = self.query(node.expression, scope, is_answer=passes_on)
        self._clauses(node, scope)
        if not isinstance(node, exp.Union) or (node.args.get("distinct") and _is_recursive(node)):
            self._count_rows(node.this)
            self._count_rows(node.expression)
        return left and right and left.beside(right)

    def _count_rows(self, node: exp.Expr) -> None:
        """PostgreSQL keeps each row of EXCEPT, INTERSECT and a recursive UNION in memory, to compare them."""
        select = node.unnest()
        if not isinstance(select, exp.Select) or select.args.get("distinct") or select.args.get("group"):
            return
        one = select.expressions[0] if select.expressions else exp.Star()
        inner = one.this if isinstance(one, exp.Alias) else one
        if not (one.is_star or isinstance(inner, exp.Literal | exp.Null)):
            name = name_of_output(one)
            count(inner, self._schema, _BYTES_OF_ROW)
            _keep_name(select.expressions[0], name)

    def _rows(self, node: exp.Values, scope: Scope) -> Columns | None:
        columns: dict[str, int] = {}
        for row in node.expressions:
            for number, cell in enumerate(row.expressions if isinstance(row, exp.Tuple) else [row]):
                name = f"column{number + 1}"
                columns[name] = max(columns.get(name, 0), self._values.size(cell, scope))
        self._clauses(node, scope)
        return Columns(columns)

    def _clauses(self, node: exp.Expr, scope: Scope) -> None:
        """What stands behind FROM, and what is before the columns: DISTINCT ON."""
        for part in list(node.iter_expressions()):
            if isinstance(part, CLAUSES) and part.arg_key != "expressions":
                self._values.size(part, scope)

    # FROM

    def _from(self, select: exp.Select, scope: Scope) -> None:
        if from_ := select.args.get("from_"):
            self._source(from_.this, scope)
        for lateral in select.args.get("laterals") or []:
            self._source(lateral, scope)
        self._joins(select, scope)

    def _joins(self, node: exp.Expr, scope: Scope) -> None:
        joins = node.args.get("joins") or []
        for join in joins:
            self._source(join.this, scope)
        for join in joins:
            if join.args.get("on"):
                self._values.size(join.args["on"], scope)

    def _source(self, node: exp.Expr, scope: Scope) -> None:
        """Adds what stands there to the names that the scope knows."""
        match node:
            case exp.Subquery() if isinstance(node.this, exp.Table | exp.Unnest | exp.Lateral):
                self._source(node.this, scope)
                source = Source(node.alias, None) if node.alias else None
            case exp.Table() if isinstance(node.this, exp.Identifier):
                source = self._table(node, scope)
            case exp.Table() if key_of(node.this) in ROWS_AT:
                source = self._rows_at(node, scope)
            case exp.Table() | exp.Unnest():
                source = self._function(node, scope)
            case exp.Lateral() if not isinstance(node.this, exp.Subquery):
                source = self._function(node, scope)
            case exp.Subquery() | exp.Values() | exp.Lateral():
                source = self._derived(node, scope)
            case _:
                raise NotOffered("this is not supported in FROM")
        if source:
            scope.sources.append(source)
        self._joins(node, scope)

    def _table(self, table: exp.Table, scope: Scope) -> Source:
        columns: Columns | None
        if not table.db and table.name in scope.common:
            columns = scope.common[table.name]
        else:
            columns = Columns({name: of_type(kind) for name, kind in self._views[table.name].items()})
        return Source(table.alias or table.name, columns and columns.renamed(table.alias_column_names))

    def _rows_at(self, table: exp.Table, scope: Scope) -> Source:
        """The rows of a view as they were: of its columns."""
        self._values.size(table.this.expressions[0], scope)
        name = key_of(table.this)
        columns = Columns({one: of_type(kind) for one, kind in self._views[ROWS_AT[name]].items()})
        return Source(table.alias or name, columns.renamed(table.alias_column_names))

    def _derived(self, node: exp.Expr, scope: Scope) -> Source:
        """A SELECT or VALUES in FROM. With LATERAL alone it sees what stands beside it."""
        if isinstance(node, exp.Lateral):
            columns = self.query(node.this, scope)
        else:
            columns = self.query(node, replace(scope.around or Scope({}), common=scope.common))
        return Source(node.alias, columns and columns.renamed(node.alias_column_names))

    def _function(self, node: exp.Expr, scope: Scope) -> Source:
        """A function in FROM: its columns are by their types, where they have some, else as large as it."""
        call = node if isinstance(node, exp.Unnest) else node.this
        size, called = self._values.size(call, scope), key_of(call)
        columns = {node.alias or called: size, "ordinality": SMALL}
        if called in _OF_PAIRS:
            columns |= {"key": size, "value": size}
        alias = node.args.get("alias")
        for column in (alias.args.get("columns") or []) if alias else []:
            columns[column.name] = min(size, _of_definition(column)) if column.args.get("kind") else size
        if isinstance(call.args.get("offset"), exp.Identifier):
            columns[call.args["offset"].name] = SMALL
        return Source(node.alias or called, Columns(columns, in_order=False))


def _of_definition(column: exp.Expr) -> int:
    """Of `AS x(amount numeric)`; a number in JSON can have all the digits there are."""
    size = of_type(column.args["kind"].sql(dialect="postgres"))
    return MOST_DIGITS if size == NUMERIC else size


def _is_recursive(node: exp.Expr) -> bool:
    with_ = node.find_ancestor(exp.With)
    return isinstance(node.parent, exp.CTE) and with_ is not None and bool(with_.args.get("recursive"))


def _is_gathered(node: exp.Expr) -> bool:
    while isinstance(node, _AROUND_AGGREGATES):
        node = node.this
    return isinstance(RULES.get(key_of(node)), Gather)


def _keep_name(node: exp.Expr, name: str) -> None:
    """A column keeps its name where a check stands around what gave it."""
    if name_of_output(node) != name:
        named = exp.Alias(alias=exp.to_identifier(name, quoted=True))
        node.replace(named)
        named.set("this", node)


def _star(node: exp.Expr, scope: Scope) -> Columns | None:
    table = node.table if isinstance(node, exp.Column) else ""
    columns: Columns | None = Columns({})
    for source in scope.sources:
        if table in ("", source.name):
            columns = columns and source.columns and columns.and_(source.columns)
    return columns
