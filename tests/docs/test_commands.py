"""Every command is documented, with every option and exit code."""

import re

import pytest

from app.cli import outcome
from tests.docs.commands_text import TOP, commands
from tests.docs.reading import cells, read, section

COMMANDS = dict(commands())


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_and_option_explains_itself(command: str) -> None:
    """In its help, from which the table of docs/commands.md is made."""
    assert COMMANDS[command].help
    assert [param.name for param in COMMANDS[command].params if param.name != "help" and not param.help] == []


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
            r"(?:^|[`/]|=\S+ )clickup-sync ([a-z]+(?:-[a-z]+)*)\b(?: ([a-z]+(?:-[a-z]+)*))?",
            read(page),
            re.MULTILINE,
        ):
            shown = f"{word} {below}" if word in groups else word
            assert shown in COMMANDS, f"{page} speaks of `clickup-sync {shown}`"
