"""`clickup-sync simulator`: the simulated ClickUp alone."""

import sys
from contextlib import nullcontext

from app.cli.outcome import FAILED
from app.cli.output import errors
from app.simulator.activity_loop import ActivityLoop
from app.simulator.server import serve
from app.simulator.worlds import Worlds


def serve_simulator(
    host: str,
    port: int,
    tasks: int,
    seed: int,
    latency_ms: int,
    rate_limit: int,
    live: float,
    workspaces: int,
    shared_people: int,
) -> None:
    """Serves until interrupted. When ready it prints a line for each workspace: its token, then the base URL.

    The last line begins with `ready:`.
    """
    worlds = Worlds.generate(
        workspaces,
        seed,
        shared_people=shared_people,
        rate_limit=rate_limit,
        latency_ms=latency_ms,
        tasks=tasks,
    )

    def say_ready(base_url: str) -> None:
        # The stream that hides no secret: this one opens nothing but the simulated ClickUp.
        output = sys.__stdout__ or sys.stdout
        for number, world in enumerate(worlds.list_worlds(), 1):
            word = "ready" if number == workspaces else f"workspace {world.workspace.id}"
            output.write(f"{word}: CLICKUP_API_TOKEN={world.token} CLICKUP_BASE_URL={base_url}\n")
        output.flush()

    try:
        with ActivityLoop(worlds.list_worlds(), live) if live else nullcontext():
            serve(worlds, host, port, on_ready=say_ready)
    except OSError as error:
        errors.print(f"Failed: {host}:{port}: cannot listen: {error.strerror or error}")
        raise SystemExit(FAILED) from None
