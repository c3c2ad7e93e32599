"""What the mirror remembers of the past."""

from tests.engine.mirror import Mirror


async def test_a_changed_task_has_versions_and_changes(silent: Mirror) -> None:
    """Each change is one row with what was before and after, and the task as it was stays."""
    world = silent.world
    await silent.sync("full")
    print(silent.rows("SELECT * FROM changes"))
    assert silent.value("SELECT count(*) FROM task_versions") == silent.value("SELECT count(*) FROM tasks")
    place = next(one for one in world.lists.values() if not one.archived)
    task_id = world.create_task(place.id, "Entwurf").id
    await silent.sync("incremental")
    world.clock.advance(60)
    world.edit_task(task_id, name="Fertig", priority=1)
    await silent.sync("incremental")
    for row in silent.rows("SELECT * FROM changes ORDER BY change_id"): print(row)
    for row in silent.rows("SELECT title, valid_from_earliest, valid_from, known_from, seen_at, nullif(valid_to_earliest,'infinity') vte, nullif(valid_to, 'infinity') vt FROM task_versions WHERE clickup_task_id=%s ORDER BY valid_from", task_id): print(row)
    assert 0
