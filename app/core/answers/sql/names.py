"""What PostgreSQL calls a column that was given no name (FigureColname in its parse_target.c)."""

from sqlglot import exp

NAMELESS = "?column?"
_FIXED = {
    exp.Exists: "exists",
    exp.Array: "array",
    exp.Extract: "extract",
    exp.Substring: "substring",
    exp.StrPosition: "position",
    exp.Overlay: "overlay",
    exp.AtTimeZone: "timezone",
    exp.CurrentDate: "current_date",
    exp.CurrentTimestamp: "current_timestamp",
    exp.Localtimestamp: "localtimestamp",
}
_TYPES = {
    "INT": "int4", "BIGINT": "int8", "SMALLINT": "int2", "FLOAT": "float4", "DOUBLE": "float8",
    "DECIMAL": "numeric", "BOOLEAN": "bool", "CHAR": "bpchar",
}  # fmt: skip
# These are called as what stands in them.
_CALLED_AS_THEIRS = (
    exp.Paren, exp.Bracket, exp.Window, exp.Filter, exp.WithinGroup, exp.Subquery, exp.SetOperation,
)  # fmt: skip


def name_of_output(node: exp.Expr) -> str:
    """The name of the column that the expression becomes."""
    return _figured(node) or NAMELESS


def _figured(node: exp.Expr) -> str:
    match node:
        case exp.Alias() | exp.Column() if not isinstance(node.this, exp.Star):
            return node.alias_or_name
        case exp.Dot():
            return _figured(node.expression)
        case exp.Anonymous():
            return node.name.lower()
        case exp.Cast():
            return _figured(node.this) or _of_type(node.to)
        case exp.Case():
            return _figured(node.args["default"] or exp.null()) or "case"
        case exp.Select():
            return _figured(node.expressions[0]) if node.expressions else ""
        case _:
            return _of_syntax(node)


def _of_syntax(node: exp.Expr) -> str:
    if isinstance(node, _CALLED_AS_THEIRS):
        return _figured(node.this)
    if isinstance(node, exp.Trim):
        return {"LEADING": "ltrim", "TRAILING": "rtrim"}.get(str(node.args.get("position")), "btrim")
    return _FIXED.get(type(node), "")


def _of_type(kind: exp.DataType) -> str:
    name = kind.this.name if isinstance(kind.this, exp.DType) else ""
    if name == "ARRAY" and kind.expressions:
        return _of_type(kind.expressions[0])
    return _TYPES.get(name, name.lower())
