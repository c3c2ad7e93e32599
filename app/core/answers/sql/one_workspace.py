"""Has a SELECT read the rows of one workspace: each view is replaced by those of its rows that are of it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlglot import exp

from app.core.answers.sql.allowed import ROWS_AT
from app.core.answers.sql.refusal import NotOffered

_WORKSPACE, _USER = "workspace_id", "clickup_user_id"
_PEOPLE, _MEMBERSHIPS = "employees", "memberships"
# What a person has in each workspace alike.
_OF_PERSON = frozenset({"employee_id", _USER, "name"})


@dataclass(frozen=True, slots=True)
class RowBounds:
    """The workspace whose rows may be read.

    `hides_others`: nothing may be learned of other rows either, as by an error that only they would cause.
    PostgreSQL then picks the rows before it looks at any other condition, which takes longer.
    """

    workspace_id: str
    hides_others: bool


def keep_within(
    tree: exp.Expr, views: Mapping[str, Collection[str]], schema: str, bounds: RowBounds
) -> exp.Expr:
    """The tree with each view replaced. Raises NotOffered for a view that does not tell its workspace."""
    kept = tree.copy()
    for table in list(kept.find_all(exp.Table)):
        if isinstance(table.this, exp.Identifier) and table.db == schema and table.name in views:
            table.replace(_rows(table, views, schema, bounds))
        elif isinstance(table.this, exp.Anonymous) and table.this.name in ROWS_AT:
            table.replace(_rows_at(table, bounds))
    return kept


def _rows_at(table: exp.Table, bounds: RowBounds) -> exp.Subquery:
    """Of a view as it was; each has its workspace."""
    name = table.this.name
    select = exp.select(exp.Star()).from_(exp.Table(this=table.this.copy())).where(_is_of(bounds, name))
    return _in_place_of(table, select, name, bounds)


def _rows(
    table: exp.Table, views: Mapping[str, Collection[str]], schema: str, bounds: RowBounds
) -> exp.Subquery:
    name = table.name
    if _WORKSPACE not in views[name]:
        raise NotOffered(f"the view {name} mixes workspaces, so it cannot be queried for one of them")
    if name == _PEOPLE and _MEMBERSHIPS in views:
        select = _people(views, schema, bounds)
    else:
        select = exp.select(exp.Star()).from_(_view(name, schema)).where(_is_of(bounds, name))
    return _in_place_of(table, select, name, bounds)


def _in_place_of(table: exp.Table, select: exp.Select, name: str, bounds: RowBounds) -> exp.Subquery:
    """A SELECT that is called as the table is, or by this name."""
    alias = exp.TableAlias(
        this=exp.to_identifier(table.alias or name, quoted=True),
        columns=[exp.to_identifier(one, quoted=True) for one in table.alias_column_names],
    )
    rest = {key: value for key, value in table.args.items() if key not in ("this", "db", "catalog", "alias")}
    if bounds.hides_others:
        select = select.offset(0)
    return exp.Subquery(this=select, alias=alias, **rest)


def _people(views: Mapping[str, Collection[str]], schema: str, bounds: RowBounds) -> exp.Select:
    """A person may be in several workspaces: what is told of them is what they are in this one."""
    own = set(views[_MEMBERSHIPS]) - _OF_PERSON
    columns = [_column(one, _MEMBERSHIPS if one in own else _PEOPLE) for one in views[_PEOPLE]]
    same = exp.EQ(this=_column(_USER, _PEOPLE), expression=_column(_USER, _MEMBERSHIPS))
    joined = exp.Join(this=_view(_MEMBERSHIPS, schema), on=same)
    select = exp.select(*columns).from_(_view(_PEOPLE, schema))
    select.append("joins", joined)
    return select.where(_is_of(bounds, _MEMBERSHIPS))


def _view(name: str, schema: str) -> exp.Table:
    return exp.Table(this=exp.to_identifier(name, quoted=True), db=exp.to_identifier(schema, quoted=True))


def _column(name: str, table: str) -> exp.Column:
    return exp.column(exp.to_identifier(name, quoted=True), table=exp.to_identifier(table, quoted=True))


def _is_of(bounds: RowBounds, table: str) -> exp.EQ:
    return exp.EQ(this=_column(_WORKSPACE, table), expression=exp.Literal.string(bounds.workspace_id))
