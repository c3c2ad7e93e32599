"""`clickup-sync simulator`: the simulated ClickUp alone."""

import sys
from contextlib import nullcontext

from app.cli.outcome import FAILED
from app.cli.output import errors
from app.simulator.activity_loop import ActivityLoop
from app.simulator.server import serve
from app.simulator.world import World


def serve_simulator(
    host: str, port: int, tasks: int, seed: int, latency_ms: int, rate_limit: int, live: float
) -> None:
    """Serves until interrupted. Prints one line when ready: the token, then the base URL."""
    world = World.generate(seed, tasks=tasks)

    def say_ready(base_url: str) -> None:
        # The stream that hides no secret: this one opens nothing but the simulated ClickUp.
        output = sys.__stdout__ or sys.stdout
        output.write(f"ready: CLICKUP_API_TOKEN={world.token} CLICKUP_BASE_URL={base_url}\n")
        output.flush()

    try:
        with ActivityLoop(world, live) if live else nullcontext():
            serve(world, host, port, rate_limit=rate_limit, latency_ms=latency_ms, on_ready=say_ready)
    except OSError as error:
        errors.print(f"Failed: {host}:{port}: cannot listen: {error.strerror or error}")
        raise SystemExit(FAILED) from None
