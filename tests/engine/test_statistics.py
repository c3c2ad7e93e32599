"""What the planner knows of the tables."""

from app.simulator.world import World
from tests.engine.conftest import MakeMirror

_KNOWN = "SELECT reltuples FROM pg_class WHERE oid = 'tasks'::regclass"
# Of the table's pages those of which an index need not be looked up in the table; some were just written.
_PERCENT_SEEN = "SELECT relallvisible * 100 / relpages FROM pg_class WHERE oid = 'tasks'::regclass"


async def test_after_a_first_sync_the_planner_knows_the_tables(make_mirror: MakeMirror) -> None:
    """Else it plans for empty ones, and a question that takes milliseconds takes seconds."""
    mirror = make_mirror(World.generate(3, tasks=300))
    assert mirror.value(_KNOWN) < 1
    await mirror.sync()
    assert mirror.value(_KNOWN) == mirror.value("SELECT count(*) FROM tasks")


async def test_after_a_first_sync_an_index_is_enough_to_answer(make_mirror: MakeMirror) -> None:
    """Else each row that an index holds is looked up in the table as well."""
    mirror = make_mirror(World.generate(3, tasks=300))
    await mirror.sync()
    assert mirror.value(_PERCENT_SEEN) > 80
