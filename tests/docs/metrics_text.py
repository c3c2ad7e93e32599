"""The table of the metrics, from the source: some exist only while there is a value."""

import ast
from collections.abc import Iterator
from typing import NamedTuple

from tests.docs.reading import read

_MAKERS = {
    "Histogram": "histogram",
    "Counter": "counter",
    "CounterMetricFamily": "counter",
    "_gauge": "gauge",
}


class Metric(NamedTuple):
    """A metric as Prometheus shows it, without the common prefix of the names."""

    name: str
    type: str
    labels: tuple[str, ...]
    help: str


def as_table() -> str:
    """The table of docs/operations.md."""
    lines = ["| Metric | Type | Meaning |", "|---|---|---|"]
    for metric in sorted(metrics()):
        labels = f"{{{','.join(metric.labels)}}}" if metric.labels else ""
        lines.append(f"| `{metric.name}{labels}` | {metric.type} | {metric.help} |")
    return "\n".join(lines)


def metrics() -> Iterator[Metric]:
    """Each call that makes one."""
    for node in ast.walk(ast.parse(read("app/api/metrics.py"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _MAKERS:
            name = _last_text(node.args[0])
            if name is not None and (help_text := _last_text(node.args[1])):
                kind = _MAKERS[node.func.id]
                yield Metric(f"{name}_total" if kind == "counter" else name, kind, _labels(node), help_text)


def _labels(call: ast.Call) -> tuple[str, ...]:
    """The list of texts among what the metric is made with."""
    for value in (*call.args, *(keyword.value for keyword in call.keywords)):
        if isinstance(value, ast.List) and all(isinstance(item, ast.Constant) for item in value.elts):
            return tuple(str(item.value) for item in value.elts if isinstance(item, ast.Constant))
    return ()


def _last_text(node: ast.expr) -> str | None:
    """A text, also one with the prefix before it."""
    part = node.values[-1] if isinstance(node, ast.JoinedStr) else node
    return part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else None
