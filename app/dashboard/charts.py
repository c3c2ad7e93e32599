"""Charts as SVG, drawn on the server. Their look is in `page.css`: nothing stands inline."""

import sys
from collections.abc import Iterable, Sequence
from typing import Any
from xml.etree import ElementTree

from markupsafe import Markup
from pygal import Bar, HorizontalBar, PluginImportFixer  # type: ignore[import-untyped]
from pygal.style import Style  # type: ignore[import-untyped]

from app.core.answers.formats import Formats
from app.core.visible_text import visible

# pygal has Python look for its maps among all modules, in a form that Python has given up; here are none.
sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, PluginImportFixer)]

_SVG = "{http://www.w3.org/2000/svg}"
# What pygal adds for its own style and script, and for them alone.
_UNWANTED = {"defs", "desc", "title"}
# So that it measures texts as they will be shown.
_STYLE = Style(font_family="sans-serif", label_font_size=12, major_label_font_size=12, legend_font_size=13)
_WIDE = 1_100
_LABEL = 74


def hour_columns(
    labels: Sequence[str], minutes: Sequence[int], formats: Formats, *, width: int = _WIDE
) -> Markup:
    """A column for each label, as high as its time. `width`: at which texts are as large as usual."""
    every = -(-len(labels) * _LABEL // width)
    chart = Bar(
        width=width, height=220, show_legend=False, margin=8, spacing=8,
        value_formatter=lambda spent: formats.hours(round(spent)),
        x_labels_major_every=every, show_minor_x_labels=every == 1, truncate_label=-1, min_scale=3,
        max_scale=5, **_PLAIN,
    )  # fmt: skip
    chart.x_labels = _labels(labels)
    chart.y_labels = _hour_marks(max(minutes, default=0))
    chart.add("time", list(minutes))
    return _drawn(chart)


def task_bars(labels: Sequence[str], series: Sequence[tuple[str, Sequence[int]]], formats: Formats) -> Markup:
    """A group of bars for each label, one of each series; the first label on top."""
    height = 60 + len(labels) * (12 + 11 * len(series))
    chart = HorizontalBar(
        width=_WIDE, height=height, legend_at_bottom=True, legend_box_size=11,
        value_formatter=lambda count: formats.number(round(count)),
        margin=8, spacing=6, truncate_label=24, min_scale=2, max_scale=6, **_PLAIN,
    )  # fmt: skip
    chart.x_labels = _labels(reversed(labels))
    for name, values in series:
        chart.add(name, list(reversed(values)))
    return _drawn(chart)


_PLAIN: dict[str, Any] = {"css": [], "js": [], "no_prefix": True, "classes": ["chart"], "style": _STYLE}


def _drawn(chart: Any) -> Markup:
    """Without what is for pygal's own style and script; texts are escaped as it writes them."""
    root = ElementTree.fromstring(chart.render())
    _clear(root)
    del root.attrib["id"]
    root.set("aria-hidden", "true")
    ElementTree.register_namespace("", _SVG[1:-1])
    return Markup(ElementTree.tostring(root, encoding="unicode"))


def _clear(node: ElementTree.Element) -> None:
    """What each bar says in words is kept: browsers show it to who points at it."""
    said = {below.get("class"): below.text for below in node if below.tag == f"{_SVG}desc"}
    for below in list(node):
        if below.tag.removeprefix(_SVG) in _UNWANTED or "tooltip" in below.get("class", "").split():
            node.remove(below)
        else:
            _clear(below)
    if "value" in said:
        title = ElementTree.SubElement(node, f"{_SVG}title")
        title.text = f"{said.get('x_label', '')}: {said['value']}"


def _labels(texts: Iterable[str]) -> list[str]:
    """Names with nothing in them that no XML may have, or that turns what stands beside them."""
    return [visible(text) for text in texts]


def _hour_marks(most: int) -> list[int]:
    """Whole hours, or several of them, up to what is above the most."""
    step = next((step for step in _MARKS if most <= 4 * step), _MARKS[-1])
    return [step * number for number in range(-(-max(most, 1) // step) + 1)]


_MARKS = [60 * hour for hour in (1, 2, 4, 8, 12, 24, 48, 100, 200, 400, 1_000, 2_000, 5_000, 10_000)]
