"""Texts that people read use common words: those that only this project understood do not come back."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.reading import ROOT, name_of, pages, prose

APP = ROOT / "app"
# Words that are gone (patterns, whatever the case), and what to write instead. When the last use of another
# one is gone from pages, templates and texts of app/, add it here.
PRIVATE_WORDS = {
    r"admission": "authentication",
    r"bury|buried|buries": "mark as deleted, or as interrupted",
    r"convicts?": "confirms",
    r"doorkeepers?": "delivery receiver",
    r"comes? along": "is bundled",
    r"doorbells?": "webhook event",
    r"duties": "background tasks",
    r"errands?": "start-up task",
    r"gate": "authenticator",
    r"hangs? together": "dependencies",
    r"harvests?": "coverage",
    r"heed(ed|s)?": "apply",
    r"hindrances?": "blocked by",
    r"(kept|mirror|is|not|bring) level|level with": "in sync",
    r"living token|dead token": "valid token, refused token",
    r"lookouts?": "reader",
    r"mend(s|ed|ing)?": "fix, correct",
    r"nasties": "hostile inputs",
    r"nominates?": "candidate",
    r"put away": "archived",
    r"rang|rings?|ringing": "sends an event",
    r"standing by|stands? by": "standby",
    r"sweep(s|ing)?|swept": "verification",
    r"take all away": "clear filters",
    r"tenures?": "lease",
    r"tend|tends|tending|tended": "ensure, check",
    r"whereupon": "then",
    r"witness(es)?": "proof",
    r"words of (the|this) house": "domain words",
}
# Parts of names in code that are gone, and what to write instead.
PRIVATE_NAMES = {
    "books": "internal tables",
    "crew": "workers",
    "glance": "totals",
    "lookout": "reader",
    "meant": "find, get",
    "nasties": "hostile inputs",
    "sweep": "verification",
    "sweeps": "verification",
    "witness": "proof",
}
# The parts of app/ whose docstrings people read: as help, in OpenAPI, or as the description of a tool.
PUBLISHED = {"api", "cli", "mcp"}


def texts_of(file: Path) -> Iterator[str]:
    """Sentences of a Python file that people may read; other docstrings are for developers."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    owners = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    bodies = [node.body for node in ast.walk(tree) if isinstance(node, owners)]
    docstrings = {id(body[0].value) for body in bodies if body and isinstance(body[0], ast.Expr)}
    is_published = file.relative_to(APP).parts[0] in PUBLISHED
    for node in ast.walk(tree):
        is_sentence = isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value
        if is_sentence and (is_published or id(node) not in docstrings):
            yield node.value


def text_of_page(page: Path) -> str:
    """A page as it is read: without code, without the targets of links."""
    return re.sub(r"`[^`]*`|\]\([^)]*\)", "", prose(page.read_text(encoding="utf-8")))


def private_words(text: str) -> list[str]:
    """Each private word in a text, with what to write instead."""
    return [
        f"{found[0]}: {instead}"
        for word, instead in PRIVATE_WORDS.items()
        for found in re.finditer(rf"\b(?:{word})\b", text, re.IGNORECASE)
    ]


def names_in(file: Path) -> Iterator[str]:
    """Names that a Python file gives: modules, functions, classes, parameters, variables and attributes."""
    yield file.stem
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.arg(arg=name) | ast.Attribute(attr=name) | ast.Name(id=name):
                yield name


@pytest.mark.parametrize("page", [page for page in pages() if page.parent.name != "decisions"], ids=name_of)
def test_no_page_uses_a_private_word(page: Path) -> None:
    """Pages, but for the decisions, use common words; names of code in backticks are no words."""
    assert private_words(text_of_page(page)) == []


def test_no_template_uses_a_private_word() -> None:
    """The page that a browser shows uses common words."""
    for template in sorted((APP / "dashboard" / "templates").rglob("*.html")):
        shown = re.sub(
            r"\{[{%#].*?[}%#]\}|<[^>]*>", " ", template.read_text(encoding="utf-8"), flags=re.DOTALL
        )
        assert private_words(shown) == [], name_of(template)


def test_no_text_of_the_application_uses_a_private_word() -> None:
    """Messages, help, descriptions of parameters, fields and tools use common words."""
    for file in sorted(APP.rglob("*.py")):
        for text in texts_of(file):
            assert private_words(text) == [], name_of(file)


def test_no_query_explains_itself_with_a_private_word() -> None:
    """Nor do the sentences of the named queries."""
    for file in sorted((APP / "sql" / "queries").glob("*.sql")):
        comments = "\n".join(re.findall(r"--(.*)", file.read_text(encoding="utf-8")))
        assert private_words(comments) == [], name_of(file)


@pytest.mark.parametrize("folder", ["app", "bench", "tests"])
def test_no_name_in_code_is_a_private_word(folder: str) -> None:
    """Whoever reads the code meets the words of the pages."""
    for file in sorted((ROOT / folder).rglob("*.py")):
        words = {word for name in names_in(file) for word in name.lower().split("_")}
        assert [f"{word}: {PRIVATE_NAMES[word]}" for word in sorted(words & PRIVATE_NAMES.keys())] == [], (
            name_of(file)
        )
