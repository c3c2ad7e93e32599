"""`clickup-sync doctor`: what hinders a sync, and what to do about it."""

import dataclasses

import typer
from rich.text import Text

from app.cli.outcome import FAILED, finish, heeded
from app.cli.output import console, print_json
from app.config import load_settings
from app.doctor import Finding, examine, is_well

_MARKS = {"good": ("✓", "green"), "mind": ("!", "yellow"), "bad": ("✗", "red")}


def show_findings(json: bool) -> None:
    """Each as soon as it is known; ends with an error where one is bad."""
    finish(_doctor(json))


async def _doctor(json: bool) -> None:
    findings = []
    async for finding in examine(heeded(load_settings())):
        findings.append(finding)
        if not json:
            print_finding(finding)
    if json:
        print_json([dataclasses.asdict(finding) for finding in findings])
    if not is_well(findings):
        raise typer.Exit(FAILED)


def print_finding(finding: Finding) -> None:
    """One line of the doctor's."""
    mark, style = _MARKS[finding.verdict]
    line = Text(f"{mark} ", style=style) + Text(f"{finding.subject}: {finding.found}", style="default")
    console.print(line, soft_wrap=True)
    if finding.advice:
        console.print(Text(f"    {finding.advice}", style=style), soft_wrap=True)
