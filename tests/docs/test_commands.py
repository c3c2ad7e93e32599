"""Every command is documented, with every option and exit code."""

import re

import pytest
import typer.main

from app.cli import outcome
from app.cli.main import app
from tests.docs.reading import cells, read, rows, section

TOP = typer.main.get_command(app).commands  # type: ignore[attr-defined]
# A group of commands stands for each of its own (`webhooks list`), and for itself where it does something.
COMMANDS = {
    " ".join(words): command
    for name, top in TOP.items()
    for words, command in (
        *(((name, below), command) for below, command in getattr(top, "commands", {}).items()),
        *([((name,), top)] if getattr(top, "invoke_without_command", True) else []),
    )
}


def documented() -> dict[str, str]:
    """The row of each command in the table of docs/commands.md, as one text."""
    table = rows(section(read("docs/commands.md"), "Commands"))
    return {name.removeprefix("clickup-sync "): " ".join(row) for name, row in table.items()}


def options(command: str) -> list[str]:
    return [name for param in COMMANDS[command].params for name in param.opts if name.startswith("--")]


def test_the_page_of_commands_lists_every_command_and_no_other() -> None:
    """The table names each command of the command line, and none that does not exist."""
    assert documented().keys() == COMMANDS.keys()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_stands_in_the_row_of_its_command(command: str) -> None:
    """Each option of a command is named in its row of the table."""
    row = documented()[command]
    assert [name for name in options(command) if not re.search(rf"{name}(?![\w-])", row)] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_no_row_names_an_option_that_does_not_exist(command: str) -> None:
    """What looks like an option in a command's row is one of this command or of `sync`."""
    shown = set(re.findall(r"--[a-z][a-z-]*", documented()[command]))
    assert shown <= {*options(command), *options("sync")}


@pytest.mark.parametrize("page", ["docs/commands.md", "docs/operations.md"])
def test_every_exit_code_is_explained(page: str) -> None:
    """0, 1 and 2 are explained in commands and operations, and Ctrl-C's in operations."""
    text = read(page)
    codes = {0, outcome.FAILED, outcome.WRONG_USAGE}
    if page == "docs/operations.md":
        table = {row[0] for row in cells(section(text, "Exit codes"))}
        assert {str(code) for code in (*codes, outcome.INTERRUPTED)} <= table
    else:
        assert all(f"**{code}**" in text for code in codes)


def test_every_command_that_is_shown_exists() -> None:
    """Wherever the pages write `clickup-sync WORD`, WORD is a command, or a group and one of its own."""
    groups = TOP.keys() - COMMANDS.keys()
    for page in (
        "README.md",
        "docs/start.md",
        "docs/commands.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "docs/operations.md",
        "docs/architecture.md",
    ):
        for word, below in re.findall(
            r"(?:^|[`/]|=\S+ )clickup-sync ([a-z]+(?:-[a-z]+)*)\b(?: ([a-z]+))?", read(page), re.MULTILINE
        ):
            shown = f"{word} {below}" if word in groups else word
            assert shown in COMMANDS, f"{page} speaks of `clickup-sync {shown}`"


def test_the_options_of_the_simulator_are_explained_one_by_one() -> None:
    """docs/simulator.md has a row for each option of `clickup-sync simulator`, with its default."""
    table = rows(section(read("docs/simulator.md"), "Running it"))
    for param in COMMANDS["simulator"].params:
        name = param.opts[0]
        assert name in table, f"{name} has no row"
        assert table[name][1] == str(param.default)
