"""The settings as `.env.example` and as the table of docs/settings.md, from the fields of `Settings`."""

import textwrap
from datetime import time
from typing import Any, get_args

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from app.config import Settings

FIELDS = Settings.model_fields
_UNITS = {"_seconds": "seconds", "_percent": "percent", "_days": "days", "_bytes": "bytes"}
# Each part of the example begins at a setting.
_PARTS = {
    "clickup_api_token": "ClickUp",
    "database_url": "Database",
    "timezone": "Time zone",
    "sync_interval_seconds": "Service (clickup-sync serve)",
    "api_keys": "Access to the HTTP API",
    "http_header_timeout_seconds": "Limits of the HTTP server (clickup-sync serve, clickup-sync mcp)",
    "rate_limit_free_percent": "Requests to ClickUp",
    "log_level": "Logs (on standard error)",
}
_HEAD = """\
# Settings of clickup-sync. Copy this file to .env and fill in what you need:
#
#     install -m 600 .env.example .env
#
# so that only you can read it (Windows: copy).
#
# An empty value means the default. A variable of the environment wins over this file.
# This file is generated from app/config.py, like docs/settings.md.
"""


def as_example() -> str:
    """The text of `.env.example`."""
    lines = [_HEAD]
    for name, field in FIELDS.items():
        if name in _PARTS:
            lines.append(f"# ---- {_PARTS[name]} ".ljust(80, "-") + "\n")
        unit = unit_of(name, field)
        text = f"{field.description}{_sentence(unit)}".replace("`", "")
        required = "Required. " if field.is_required() else ""
        lines += [f"# {line}" for line in textwrap.wrap(required + text, 108, break_on_hyphens=False)]
        lines.append(f"{name.upper()}={'' if field.is_required() else _safe(_shown(field.default))}\n")
    return "\n".join(lines)


def as_table() -> str:
    """The table of docs/settings.md."""
    lines = ["| Setting | Default | Unit or values | Meaning |", "|---|---|---|---|"]
    for name, field in FIELDS.items():
        default = "required" if field.is_required() else _shown(field.default)
        shown = f"`{default}`" if default and default != "required" else default or "unset"
        lines.append(f"| `{name.upper()}` | {shown} | {unit_of(name, field)} | {field.description} |")
    return "\n".join(lines)


def unit_of(name: str, field: FieldInfo) -> str:
    """The unit of a setting, or its values, with its least and greatest value."""
    unit = next((unit for end, unit in _UNITS.items() if name.endswith(end)), None)
    if unit is None:
        unit = _kind(field)
    bounds = {
        bound: getattr(rule, bound)
        for rule in field.metadata
        for bound in ("ge", "gt", "le")
        if hasattr(rule, bound)
    }
    if "le" in bounds:
        return f"{unit}, {bounds['ge']} to {bounds['le']}"
    return f"{unit}, {bounds['ge']} or more" if "ge" in bounds else unit


def _kind(field: FieldInfo) -> str:
    kinds = {bool: "true or false", int: "number", time: "time of day"}
    if field.annotation in kinds:
        return kinds[field.annotation]
    choices = [value for kind in (field.annotation, *get_args(field.annotation)) for value in _literals(kind)]
    # A choice of numbers has commas itself.
    between = "; " if any("," in choice for choice in choices) else ", "
    return f"one of {between.join(choices)}" if choices else "text"


def _literals(kind: Any) -> list[str]:
    return [value for value in get_args(kind) if isinstance(value, str)]


def _sentence(unit: str) -> str:
    return "" if unit == "text" else f" {unit[:1].upper()}{unit[1:]}."


def _safe(default: str) -> str:
    """Empty for what a shell that reads the file would take for a command."""
    return "" if " " in default else default


def _shown(default: Any) -> str:
    if default is None or default is PydanticUndefined:
        return ""
    if isinstance(default, bool):
        return str(default).lower()
    return f"{default:%H:%M}" if isinstance(default, time) else str(default)
