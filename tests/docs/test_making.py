"""What the pages say of make, the requirements and the queries is so."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from app.sql.loader import load_queries
from tests.docs.reading import QUERIES, ROOT, name_of, pages, read, rows, section

# A line of a lock file that pins a package; the lines below it are its hashes.
LOCKED = re.compile(r"^[A-Za-z0-9].*$", re.MULTILINE)
TARGETS = re.search(r"^\.PHONY:(.*)$", read("Makefile"), re.MULTILINE)[1].split()  # type: ignore[index]


@pytest.mark.parametrize("target", TARGETS)
def test_every_target_explains_itself(target: str) -> None:
    """`make` alone has a line for each target."""
    assert re.search(rf"^{target}:.*## \S.+", read("Makefile"), re.MULTILINE)


@pytest.mark.parametrize("target", TARGETS)
def test_every_target_is_in_the_contributors_table(target: str) -> None:
    """CONTRIBUTING.md has each target."""
    table = section(read("CONTRIBUTING.md"), "Set up")
    assert f"`make {target}`" in table


def test_make_commands_in_the_pages_exist() -> None:
    """Wherever a page writes `make WORD` as a command, there is such a target."""
    for page in pages():
        text = page.read_text(encoding="utf-8")
        for word in re.findall(r"(?:^|`)make ([a-z]+)", text, re.MULTILINE):
            assert word in TARGETS, f"{name_of(page)}: make {word}"


def test_the_readme_begins_with_the_two_commands() -> None:
    """`make demo` and `make test` come before any other command."""
    blocks = re.findall(r"```sh\n(.*?)```", read("README.md"), re.DOTALL)
    assert blocks[0].split("\n") == ["make demo", "make test", ""]


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_the_lock_files_name_no_host(file: str) -> None:
    """Every package is pinned with hashes, and no line says where to get it."""
    lines = read(file).splitlines()
    assert [
        line for line in lines if re.search(r"https?://|--index-url|--extra-index|--find-links", line)
    ] == []
    packages = [line for line in lines if re.match(r"[A-Za-z0-9]", line)]
    assert packages
    assert [line for line in packages if "==" not in line] == []
    assert sum("--hash=sha256:" in line for line in lines) >= len(packages)


def test_the_bill_of_materials_has_what_is_locked() -> None:
    """sbom.json (CycloneDX) names each locked package of this platform in its version, with its licence."""
    bill = json.loads(read("sbom.json"))
    assert bill["bomFormat"] == "CycloneDX"
    listed = {canonicalize_name(part["name"]): part["version"] for part in bill["components"]}
    locked = [Requirement(line.rstrip(" \\")) for line in LOCKED.findall(read("requirements.txt"))]
    linux = {**default_environment(), "python_version": "3.11", "python_full_version": "3.11.7"}
    linux |= {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"}
    assert listed == {
        canonicalize_name(package.name): str(package.specifier).removeprefix("==")
        for package in locked
        if package.marker is None or package.marker.evaluate(linux)
    }
    assert [part["name"] for part in bill["components"] if not part.get("licenses")] == []
    # The schema's own address, and no index or website of a package.
    assert set(re.findall(r"https?://([^/\"]+)", read("sbom.json"))) == {"cyclonedx.org"}


def test_only_allowed_licences_are_installed_with_it() -> None:
    """What runs with clickup-sync has a licence that pyproject.toml allows; another one would be named."""
    names = [Requirement(line.rstrip(" \\")).name for line in LOCKED.findall(read("requirements.txt"))]
    command = [str(Path(sys.executable).parent / "pip-licenses"), "--packages", *names]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    only_mit = subprocess.run([*command, "--allow-only", "MIT"], cwd=ROOT, capture_output=True, check=False)
    assert only_mit.returncode == 1


@pytest.mark.parametrize("name", load_queries())
def test_every_query_has_a_sentence(name: str) -> None:
    """Under `-- name:` stands a comment that ends as a sentence does."""
    comment = []
    for line in load_queries()[name].splitlines():
        if not line.startswith("--"):
            break
        comment.append(line.removeprefix("--").strip())
    assert " ".join(comment).endswith((".", "?")), f"{name} says nothing of itself"


def test_every_part_of_queries_has_a_sentence_and_several_that_use_it() -> None:
    """Under `-- part:` stands a comment that ends as a sentence does; what only one query says is no part."""
    text = "\n".join(file.read_text(encoding="utf-8") for file in QUERIES.glob("*.sql"))
    parts = re.findall(r"^-- part: (\w+)\n(?:-- .*\n)*-- .*\.$", text, re.MULTILINE)
    assert len(parts) == text.count("-- part: ") > 0
    assert [name for name in parts if text.count(f"{{{name}}}") < 2] == []


def test_every_file_of_queries_says_what_it_is_about() -> None:
    """The first line of each file of queries is a comment."""
    for file in sorted(QUERIES.glob("*.sql")):
        assert re.match(r"-- (?!name:)\S", file.read_text(encoding="utf-8")), file.name


def test_figures_name_the_command_that_made_them() -> None:
    """Each table of figures in the README and in docs/benchmarks.md is marked with its command."""
    assert '<!-- figure: make bench ARGS="--tasks 3000" -->' in read("README.md")
    assert "<!-- figure: make demo -->" in read("README.md")
    text = read("docs/benchmarks.md")
    for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        assert re.search(r"<!-- figure: make bench ARGS=.* -->\n" + re.escape(table), text)


def test_the_tables_that_the_readme_names_are_described() -> None:
    """The README's table of what lands where names tables that docs/tables.md describes."""
    shown = re.findall(r"`(\w+)`", section(read("README.md"), "What lands where"))
    described = re.findall(r"^### `(\w+)`$", read("docs/tables.md"), re.MULTILINE)
    assert set(shown) <= set(described)
    assert rows(section(read("README.md"), "What lands where"))
