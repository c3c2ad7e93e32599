"""The pages hang together: links, anchors, words, decisions, pictures."""

import re
import tomllib
from pathlib import Path
from typing import get_args
from xml.etree import ElementTree

import pytest

from app.core import errors
from app.core.clickup.wire import DEAD_TOKEN_CODES
from app.core.sync.run_kind import RunKind
from app.simulator.control import control_routes
from app.simulator.faults import ACTIONS
from app.simulator.model import Ambiguities
from app.simulator.random_changes import KINDS
from app.simulator.world import World
from app.simulator.worlds import Worlds
from tests.docs.reading import ROOT, anchors, cells, name_of, pages, prose, read, rows, section

DECISIONS = ROOT / "docs" / "decisions"
WORDS = (
    "Workspace", "Place", "Member", "Time entry", "Waiting comment", "Mirror", "Run", "Stream", "Watermark",
    "Window", "Coverage", "Plan", "Fingerprint", "Tombstone", "Time totals", "Fence",
    "Checkpoint", "Delivery", "Verification", "Budget", "Refusal", "Known gap", "Snapshot",
)  # fmt: skip
VERBS = """
    fetch_ read_ plan_ insert_ upsert_ delete_ mark_ refresh_ sync_ refetch_ resolve_ get_ list_ count_
    request_ open_
"""

# The web addresses that pages may name; a registry's is not among them.
HOSTS = {"example.com", "api.clickup.com", "app.clickup.com", "keepachangelog.com", "semver.org", "127.0.0.1"}


def links(page: Path) -> list[str]:
    """Targets of the page's links and pictures that stay within the project."""
    found = re.findall(r"\]\(([^)\s]+)\)", prose(page.read_text(encoding="utf-8")))
    return [target for target in found if not re.match(r"[a-z]+:", target)]


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_every_internal_link_and_anchor_resolves(page: Path) -> None:
    """A link leads to a file of the project, and its anchor to a heading of that page."""
    for target in links(page):
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), f"{name_of(page)}: {target}"
        assert file.is_relative_to(ROOT), f"{name_of(page)}: {target} leads outside"
        if anchor:
            assert anchor in anchors(file.read_text(encoding="utf-8")), f"{name_of(page)}: {target}"


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_every_named_file_exists(page: Path) -> None:
    """A path in backticks is a file or a folder, but for a later face and the example of a migration."""
    for name in re.findall(r"`((?:app|tests|bench|docs|\.ci)/[\w./*-]*)`", page.read_text(encoding="utf-8")):
        if name == "app/mcp/" or "NNNN_name" in name:
            continue
        assert list(ROOT.glob(name.rstrip("/"))), f"{name_of(page)} names {name}"


@pytest.mark.parametrize("page", [*pages(), ROOT / ".env.example"], ids=name_of)
def test_no_page_names_a_registry_or_a_machine(page: Path) -> None:
    """Pages hold on any machine: they name few hosts, and no folder of whoever wrote them."""
    text = page.read_text(encoding="utf-8")
    assert set(re.findall(r"https?://([^/:)\s`]+)", text)) <= HOSTS
    assert [path for path in (str(ROOT), str(Path.home())) if path in text] == []


def test_every_page_can_be_reached_from_the_readme() -> None:
    """Whoever follows links from the README comes to every page."""
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        reached.add(page)
        targets = ((page.parent / target.partition("#")[0]).resolve() for target in links(page))
        waiting += [file for file in targets if file.suffix == ".md" and file not in reached]
    assert [name_of(page) for page in pages() if page not in reached] == []


def test_every_picture_has_a_text_and_is_well_formed() -> None:
    """Pictures have an alternative text; the SVG parses, and knows light and dark."""
    for page in pages():
        for text in re.findall(r"!\[([^\]]*)\]", prose(page.read_text(encoding="utf-8"))):
            assert len(text) > 20, name_of(page)
    picture = read("docs/trip.svg")
    root = ElementTree.fromstring(picture)
    assert root.find("{http://www.w3.org/2000/svg}title") is not None
    assert "prefers-color-scheme: dark" in picture


def test_the_index_lists_every_decision() -> None:
    """docs/decisions/README.md links each decision under the number and title that it has."""
    index = (DECISIONS / "README.md").read_text(encoding="utf-8")
    for file in sorted(DECISIONS.glob("[0-9]*.md")):
        title = file.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")
        assert title.startswith(f"{int(file.name[:4])}. ")
        assert f"[{title}]({file.name})" in index


def test_every_decision_says_why_and_what_follows() -> None:
    """Each decision after the first has a context, a decision and consequences."""
    for file in sorted(DECISIONS.glob("[0-9]*.md"))[1:]:
        text = file.read_text(encoding="utf-8")
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"], (
            file.name
        )
        assert re.search(r"^(Accepted|Replaced by .+), \d{4}\.$", text, re.MULTILINE), file.name


def test_every_runtime_dependency_has_a_reason() -> None:
    """Each dependency of pyproject.toml has its row in decision 1, and there is none without one."""
    wanted = tomllib.loads(read("pyproject.toml"))["project"]["dependencies"]
    names = {re.split(r"[<>=!~; ]", item)[0] for item in wanted}
    explained = {
        name
        for row in cells(read("docs/decisions/0001-dependencies.md"))
        for name in re.findall(r"`([^`]+)`", row[0])
    }
    assert explained == names


def test_the_glossary_explains_the_domain_words_and_no_others() -> None:
    """The glossary has a row for each word, fewer than 25; CONTRIBUTING.md has the verbs of functions."""
    words = [
        found for row in cells(read("docs/glossary.md")) for found in re.findall(r"\*\*(.+?)\*\*", row[0])
    ]
    assert sorted(words) == sorted(WORDS)
    assert len(words) < 25
    verbs = re.findall(r"`(\w+_)`", section(read("CONTRIBUTING.md"), "How the code is written"))
    assert set(VERBS.split()) - set(verbs) == set()


def test_every_kind_of_run_is_explained() -> None:
    """Each kind of run has a row in the architecture's table."""
    shown = rows(section(read("docs/architecture.md"), "How a sync goes"))
    assert set(get_args(RunKind)) <= shown.keys()


def test_the_numbers_of_a_run_are_named_as_the_code_names_them() -> None:
    """What the pages show in `counts` is counted somewhere in the engine."""
    counted = {
        name
        for file in (ROOT / "app").rglob("*.py")
        for name in re.findall(r'counts\["([^"]+)"\]', file.read_text(encoding="utf-8"))
    }
    shown = re.search(r'"counts": \{("tasks read".+?)\}', read("docs/commands.md"))
    assert shown
    assert set(re.findall(r'"([^"]+)":', shown[1])) <= counted
    row = rows(section(read("docs/tables.md"), "`runs`"))["counts"]
    assert set(re.findall(r"`([^`]+)`", row[2])) <= counted


def test_the_table_of_layers_is_the_import_contract() -> None:
    """The architecture's layers are those of the first contract in pyproject.toml, from the top down."""
    contract = tomllib.loads(read("pyproject.toml"))["tool"]["importlinter"]["contracts"][0]["layers"]
    layers = [set(re.findall(r"\w+", layer)) - {"__main__"} for layer in contract]
    table = list(cells(section(read("docs/architecture.md"), "Layers")))[2:]
    assert [set(re.findall(r"`(\w+)/?`", row[1])) for row in table] == layers


def test_every_module_has_a_layer_in_the_architecture() -> None:
    """Each module and folder of app/ is in the table of layers, a folder with a slash."""
    layers = section(read("docs/architecture.md"), "Layers")
    modules = {file.stem for file in (ROOT / "app").glob("*.py")} - {"__init__", "__main__"}
    modules |= {f"{file.parent.name}/" for file in (ROOT / "app").glob("*/__init__.py")}
    assert sorted(module for module in modules if f"`{module}`" not in layers) == []


def test_the_first_look_at_the_code_is_short() -> None:
    """At most 14 files lie directly in app/, and there are at most 8 layers."""
    assert len(list((ROOT / "app").glob("*.py"))) <= 14
    contract = tomllib.loads(read("pyproject.toml"))["tool"]["importlinter"]["contracts"][0]
    assert len(contract["layers"]) <= 8


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_what_a_page_names_in_a_file_is_there(page: Path) -> None:
    """Where a page says `name` in `app/file.py`, the file has that name."""
    text = page.read_text(encoding="utf-8")
    for name, path in re.findall(r"`([\w.]+)` (?:in|of)\s+`(app/[\w/]+\.(?:py|sql))`", text):
        word = rf"\b{re.escape(name.rpartition('.')[2])}\b"
        assert re.search(word, read(path)), f"{name_of(page)} names {name} in {path}"


def test_every_fault_doubt_and_control_path_of_the_simulator_is_described() -> None:
    """docs/simulator.md has a row for each of them, and none too many."""
    text = read("docs/simulator.md")
    faults = rows(section(text, "Faults"))
    assert set(ACTIONS) <= faults.keys()
    assert rows(section(text, "Ambiguities")).keys() == set(Ambiguities.__dataclass_fields__)
    served = {
        f"{method} {route.path}"
        for route in control_routes(Worlds.single(World.generate(tasks=0)))
        for method in (route.methods or set()) - {"HEAD"}
    }
    assert rows(section(text, "Control paths")).keys() == served


def test_the_changes_that_are_named_exist() -> None:
    """Kinds of change in docs/simulator.md are kinds of the simulator."""
    named = set(re.findall(r"`([a-z]+(?:_[a-z]+)*)`", section(read("docs/simulator.md"), "Changes")))
    assert named
    assert named <= KINDS.keys()


def test_dead_token_codes_are_those_of_the_code() -> None:
    """The codes that say a token is dead stand in operations."""
    text = section(read("docs/operations.md"), "The token is refused")
    assert set(re.findall(r"OAUTH_\d+", text)) == DEAD_TOKEN_CODES


def test_the_tree_of_errors_names_every_error() -> None:
    """The picture at the top of app/core/errors.py has each error of the module."""
    classes = {
        name for name, item in vars(errors).items() if isinstance(item, type) and issubclass(item, Exception)
    }
    assert sorted(name for name in classes if name not in (errors.__doc__ or "")) == []


def test_the_changelog_begins_with_what_is_unreleased() -> None:
    """CHANGELOG.md keeps to its form."""
    headings = re.findall(r"^## (.+)$", read("CHANGELOG.md"), re.MULTILINE)
    assert headings[0] == "[Unreleased]"
    assert all(re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d{2}-\d{2}", one) for one in headings[1:])


def test_each_promise_of_security_names_a_test_that_exists() -> None:
    """Every `tests/…::test_…` of docs/security.md stands in its file, and the page is short."""
    page = read("docs/security.md")
    named_tests = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", page)
    assert len(named_tests) > 30
    assert [f"{file}::{test}" for file, test in named_tests if f"def {test}(" not in read(file)] == []
    assert page.count("\n") <= 120
