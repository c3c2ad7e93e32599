"""PostgreSQL's SQL as it is read and written here: each function keeps its name, each operator its place."""

from collections.abc import Callable
from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.dialects.postgres import Postgres
from sqlglot.generators.postgres import PostgresGenerator
from sqlglot.parsers.postgres import PostgresParser
from sqlglot.tokenizer_core import TokenType

from app.core.answers.sql.refusal import NotOffered

TOO_LONG = "it is too long or too deeply nested: write a shorter query"
_MOST_STEPS = 20_000
_UNITS = {"year", "month", "day", "hour", "minute", "second"}


class _Parser(PostgresParser):
    """Leaves each function its own name, and each operand as it stands."""

    FUNCTIONS: ClassVar[dict[str, Callable[..., Any]]] = {}
    FUNCTION_PARSERS: ClassVar[dict[str, Callable[..., Any]]] = {
        name: PostgresParser.FUNCTION_PARSERS[name]
        for name in ("CAST", "EXTRACT", "OVERLAY", "POSITION", "SUBSTRING", "TRIM")
    }
    JSON_OPERATORS: ClassVar[dict[TokenType, Callable[..., Any]]] = {
        **PostgresParser.JSON_OPERATORS,
        TokenType.ARROW: lambda self, this, key: self.expression(exp.JSONExtract(this=this, expression=key)),
        TokenType.DARROW: lambda self, this, key: self.expression(
            exp.JSONExtractScalar(this=this, expression=key)
        ),
    }

    _steps = 0

    def _advance(self, times: int = 1) -> None:
        """Within nested brackets the parser tries each level twice: so far, and no further."""
        self._steps += 1
        if self._steps > _MOST_STEPS:
            raise NotOffered(TOO_LONG)
        super()._advance(times)

    def _parse_interval(self, require_interval: bool = True, parse_function_unit: bool = False) -> Any:
        """`interval '1 day 02:00'` as it stands: the parser would keep the first part alone."""
        if self._curr and self._curr.token_type == TokenType.INTERVAL:
            text, unit = self._next, self._tokens[self._index + 2 : self._index + 3]
            has_unit = bool(unit) and unit[0].text.lower() in _UNITS
            if text and text.token_type == TokenType.STRING:
                length = f"{text.text} {unit[0].text.lower()}" if has_unit else text.text
                self._advance(3 if has_unit else 2)
                return exp.Cast(this=exp.Literal.string(length), to=exp.DataType.build("interval"))
        return super()._parse_interval(require_interval, parse_function_unit)


class _Generator(PostgresGenerator):
    """Writes operators where they stood: PostgreSQL decides what binds tighter."""

    MULTI_ARG_DISTINCT = True
    TRANSFORMS: ClassVar[dict[type[exp.Expr], Callable[..., str]]] = {
        **PostgresGenerator.TRANSFORMS,
        exp.Pow: lambda self, power: self.binary(power, "^"),
        exp.JSONExtract: lambda self, json: self.binary(json, "->"),
        exp.JSONExtractScalar: lambda self, json: self.binary(json, "->>"),
        exp.Sqrt: lambda self, root: f"|/ {self.sql(root, 'this')}",
        exp.Cbrt: lambda self, root: f"||/ {self.sql(root, 'this')}",
    }


class Spoken(Postgres):
    """The dialect."""

    Parser = _Parser
    Generator = _Generator
