"""A server that is generated from ClickUp's published document is mirrored without a complaint.

Prism (`npm install --global @stoplight/prism-cli`) answers with the document's own examples, and refuses each
request that the document does not allow. It is no requirement: without it these tests are skipped.
"""

import shutil
import subprocess
from collections.abc import Iterator

import pytest

from app.config import Settings
from app.context import open_context
from app.core.sync.run_kind import RequestableKind
from app.jobs.requests import SyncRequest
from app.jobs.runner import sync_workspace
from app.sync import RunReport, find_workspace_id
from tests.contract import DOCUMENT
from tests.engine.service.running import free_socket

_PRISM = shutil.which("prism")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DOCUMENT.exists(), reason="ClickUp's OpenAPI document is not here"),
    pytest.mark.skipif(_PRISM is None, reason="Prism is not installed"),
]


@pytest.fixture
def generated_server() -> Iterator[str]:
    """The base URL of a Prism that serves the document."""
    with free_socket() as probe:
        port = probe.getsockname()[1]
    command = [str(_PRISM), "mock", str(DOCUMENT), "--host", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None
            assert any("listening" in line for line in running.stdout), "Prism ended by itself"
            yield f"http://127.0.0.1:{port}/v2"
        finally:
            running.terminate()


async def test_the_three_kinds_of_sync_succeed(generated_server: str, database_url: str) -> None:
    """The first sync, a full one and one of changes: each comes to its end, and the examples are rows."""
    settings = Settings(
        _env_file=None,
        clickup_api_token="pk_1_EXAMPLE",
        clickup_base_url=generated_server,
        database_url=database_url,
        request_attempts=2,
    )

    async def sync(kind: RequestableKind) -> RunReport:
        async with open_context(settings) as context:
            workspace_id = await find_workspace_id(context)
            return await sync_workspace(context, SyncRequest(workspace_id, kind, "test"))

    first = await sync("incremental")
    assert first.counts["tasks written"] > 0 and first.counts["comments written"] > 0
    for kind in ("full", "incremental"):
        report = await sync(kind)
        assert not report.counts.get("skipped")
        assert not [note for note in report.notes if "HTTP 4" in note]
