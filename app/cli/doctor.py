"""`clickup-sync doctor`: what hinders a sync, and what to do about it."""

import dataclasses

import typer

from app.cli.health_checks import is_healthy, run_checks
from app.cli.outcome import FAILED, run_command, with_logging
from app.cli.output import console, print_json
from app.cli.render import print_finding
from app.config import load_settings


def show_findings(json: bool) -> None:
    """Each as soon as it is known; ends with an error where one is bad."""
    run_command(_doctor(json))


async def _doctor(json: bool) -> None:
    findings = []
    async for finding in run_checks(with_logging(load_settings())):
        findings.append(finding)
        if not json:
            print_finding(console, finding)
    if json:
        print_json([dataclasses.asdict(finding) for finding in findings])
    if not is_healthy(findings):
        raise typer.Exit(FAILED)
