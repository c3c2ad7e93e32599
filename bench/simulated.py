"""A simulated ClickUp without a rate limit or a comment: `python -m bench.simulated TASKS LATENCY_MS`."""

import sys

from app.simulator.server import serve
from app.simulator.world import World
from app.simulator.worlds import Worlds


def main() -> None:
    """Serves until it is ended; prints one line when it is ready: token, base URL, workspace, its members."""
    tasks, latency_ms = map(int, sys.argv[1:])
    world = World.generate(1, tasks=tasks, comments=0)
    members = ",".join(str(person.id) for person in world.people.values() if not person.left)

    def say_ready(base_url: str) -> None:
        sys.stdout.write(f"{world.token} {base_url} {world.workspace.id} {members}\n")
        sys.stdout.flush()

    worlds = Worlds.single(world, rate_limit=100_000_000, latency_ms=latency_ms)
    serve(worlds, "127.0.0.1", 0, on_ready=say_ready)


if __name__ == "__main__":
    main()
