"""A fuzzer that knows the API only by its OpenAPI document finds no lie in it and nothing that breaks."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.engine.conftest import MakeMirror, small_world
from tests.engine.service.running import serving, until

_CASES = os.environ.get("FUZZ_CASES", "20")
# A text that fits a parameter's shape may still be no cursor that was handed out, or a range too long.
_CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
    "response_schema_conformance,negative_data_rejection,unsupported_method,allow_header_conformance"
)


@pytest.mark.slow
@pytest.mark.timeout(3_600)
async def test_thousands_of_cases_find_nothing(make_mirror: MakeMirror, tmp_path: Path) -> None:
    """No 5xx, no undocumented status, no answer unlike its schema, no bad input that is accepted.

    Syncs are asked for too, of a workspace in which each takes a moment; most join one that is under way.
    """
    mirror = make_mirror(small_world(3, tasks=8, lists=3, people=3))
    await mirror.sync("full")
    async with serving(mirror, api_rate_limit=0) as running:
        await until(lambda: running.service.workspace_id)
        done = await asyncio.to_thread(_fuzz, running.url, tmp_path)
    assert done.returncode == 0, done.stdout[-6_000:]


def _fuzz(url: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    # One worker: with several threads Python 3.11 now and then ends in a SystemError of its own, because it
    # counts the depth of what it parses for all threads together.
    command = [
        sys.executable, "-m", "schemathesis.cli", "run", f"{url}/openapi.json", "--checks", _CHECKS,
        "--phases", "coverage,fuzzing", "-n", _CASES, "--continue-on-failure", "--seed", "1",
        "--no-color", "--workers", "1", "--suppress-health-check", "too_slow", "--request-timeout", "120",
    ]  # fmt: skip
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
