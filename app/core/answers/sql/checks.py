"""The calls that are written around a value: functions of the views' schema that hand it on or refuse it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from app.core.answers.sql.patterns import MOST_STATES, states
from app.core.answers.sql.refusal import NotOffered
from app.core.answers.sql.rules import is_any_or_all

# LZ4 makes at most 255 bytes of one, PostgreSQL's own compression fewer; neither takes less than these.
_MOST_COMPRESSION, _LEAST_COMPRESSED = 255, 32


def hand_through(node: exp.Expr, schema: str, function: str, *arguments: int | str) -> exp.Expr:
    """Puts a call of the schema's function around the node, where it stands."""
    call = exp.Anonymous(this=function)
    around: exp.Expr = exp.Dot(this=exp.to_identifier(schema, quoted=True), expression=call)
    if isinstance(node.parent, exp.Bracket):
        around = exp.Paren(this=around)
    node.replace(around)
    call.set("expressions", [node, *(exp.convert(argument) for argument in arguments)])
    return around


def count(node: exp.Expr, schema: str, more: int, weight: int = 1) -> exp.Expr:
    """What is kept in memory counts with its bytes and so many more, times the weight."""
    return hand_through(node, schema, "counted", more, weight)


@dataclass(slots=True)
class Step:
    """One function or operator with its operands and their sizes, for its rule."""

    name: str
    nodes: Sequence[exp.Expr]
    sizes: list[int]
    share: float
    schema: str
    is_long: bool
    checks_columns: bool

    def limit(self, index: int, most: float) -> int:
        """Makes sure that the operand has at most so many bytes; its size then."""
        if self.sizes[index] > most:
            if isinstance(self.nodes[index], exp.Literal):
                raise NotOffered(
                    f"a constant is too long for {self.name}: {int(most):,} bytes are the maximum here"
                )
            if is_any_or_all(self.nodes[index]):
                raise NotOffered(f"{self.name} with ANY (SELECT …) is not supported: write it as a join")
            self._check_size(self.nodes[index], max(1, int(most)))
            self.sizes[index] = max(1, int(most))
        return self.sizes[index]

    def _check_size(self, node: exp.Expr, most: int) -> None:
        """What is small as it is stored is handed on at once: it has at most 255 times as many bytes."""
        small = most // _MOST_COMPRESSION
        has_choice = isinstance(node, exp.Column) and not node.is_star and small >= _LEAST_COMPRESSED
        stored = node.copy() if has_choice else node
        around = hand_through(node, self.schema, "at_most", most, self.name)
        if has_choice:
            bytes_stored = exp.Anonymous(this="pg_column_size", expressions=[stored.copy()])
            choice = exp.Case(default=stored)
            call = around.unnest()
            call.replace(choice)
            choice.append(
                "ifs", exp.If(this=exp.GT(this=bytes_stored, expression=exp.Literal.number(small)), true=call)
            )

    def limit_number(self, index: int, most: int) -> None:
        """Makes sure that the operand is a number of at most this."""
        if not isinstance(self.nodes[index], exp.Null):
            hand_through(self.nodes[index], self.schema, "number_at_most", most, self.name)

    def limit_pattern(self, index: int, most: int) -> None:
        """Makes sure that the operand is a regular expression of at most so many bytes, and few states."""
        node = self.nodes[index].unnest()
        if isinstance(node, exp.Null):
            return
        if not isinstance(node, exp.Literal):
            hand_through(self.nodes[index], self.schema, "pattern_at_most", most, self.name)
            self.sizes[index] = min(self.sizes[index], most)
        elif node.is_string and states(node.name) > MOST_STATES:
            raise NotOffered(f"the pattern of {self.name} repeats too much: take smaller numbers in {{ }}")

    def limit_document(self, most: float) -> int:
        """Makes sure that the first operand is at most as large, also when its numbers are written out."""
        if isinstance(self.nodes[0], exp.Null):
            return self.sizes[0]
        hand_through(self.nodes[0], self.schema, "document_at_most", max(1, int(most)), self.name)
        return min(self.sizes[0], int(most))
