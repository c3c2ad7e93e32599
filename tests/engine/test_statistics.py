"""What the planner knows of the tables."""

from app.simulator.world import World
from tests.engine.conftest import MakeMirror

_KNOWN = "SELECT reltuples FROM pg_class WHERE oid = 'tasks'::regclass"


async def test_after_a_first_sync_the_planner_knows_the_tables(make_mirror: MakeMirror) -> None:
    """Else it plans for empty ones, and a question that takes milliseconds takes seconds."""
    mirror = make_mirror(World.generate(3, tasks=300))
    assert mirror.value(_KNOWN) < 1
    await mirror.sync()
    assert mirror.value(_KNOWN) == mirror.value("SELECT count(*) FROM tasks")
