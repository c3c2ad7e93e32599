"""The table of docs/commands.md, from the commands themselves."""

from collections.abc import Iterator
from typing import Any

import typer.main

from app.cli.main import app

TOP: dict[str, Any] = typer.main.get_command(app).commands  # type: ignore[attr-defined]


def commands() -> Iterator[tuple[str, Any]]:
    """Each command by its name: of a group its own ones, and the group itself if it does something."""
    for name, top in TOP.items():
        if getattr(top, "invoke_without_command", True):
            yield name, top
        for below, command in getattr(top, "commands", {}).items():
            yield f"{name} {below}", command


def as_table() -> str:
    """A row for each command with what it does, its arguments and options."""
    lines = ["| Command | What it does | Arguments and options |", "|---|---|---|"]
    for name, command in commands():
        about = " ".join((command.help or "").split("\n\n")[0].split())
        params = " ".join(text for param in command.params if (text := _param(param)))
        lines.append(f"| `clickup-sync {name}` | {_escape(about)} | {_escape(params)} |")
    return "\n".join(lines)


def _param(param: Any) -> str:
    if param.name == "help":
        return ""
    is_option = param.param_type_name == "option"
    name = param.opts[0] if is_option else str(param.name).upper()
    default = param.default
    has_default = is_option and default not in (None, False, "") and not callable(default)
    shown = f" Default: `{default}`." if has_default else ""
    return f"`{name}`: {(param.help or '').rstrip('.')}.{shown}"


def _escape(text: str) -> str:
    return text.replace("|", "\\|")
