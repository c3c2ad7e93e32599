"""A task is born, changes, vanishes and comes back; once from end to end."""

from tests.engine.mirror import Mirror


async def test_the_life_of_a_task(silent: Mirror) -> None:
    """Each chapter is told by an ordinary sync and stands in the task's one row."""
    world, owner = silent.world, silent.world.owner()
    place = next(one for one in world.lists.values() if not one.archived)

    task_id = world.create_task(place.id, "Entwurf").id
    await silent.sync("incremental")
    born = silent.task(task_id)
    assert (born["title"], born["list_name"], born["is_deleted"]) == ("Entwurf", place.name, False)
    assert (born["tracked_minutes"], born["assigned_comment"], born["assignee_name"]) == (0, None, None)

    world.clock.advance(60)
    done = next(one.name for one in world.spaces[place.space_id].statuses if one.type in ("done", "closed"))
    world.edit_task(task_id, name="Готово", status=done, assignees=(owner.id,), priority=1)
    world.tag_task(task_id, "срочно", "q3")
    world.add_time(task_id, duration=25 * 60_000)
    said = world.post_comment(task_id, "please check", assignee=owner.id)
    await silent.sync("incremental")
    worked = silent.task(task_id)
    assert worked["id"] == born["id"]
    assert (worked["title"], worked["status"], worked["priority"]) == ("Готово", done, "urgent")
    assert worked["last_status_change"] > born["last_status_change"]
    assert (worked["assignee_name"], worked["tags"]) == (owner.username, ["срочно", "q3"])
    assert (worked["tracked_minutes"], len(worked["start_times"])) == (25, 1)
    assert worked["assigned_comment"] == "please check"

    world.resolve_comment(said.id)
    world.archive_task(task_id)
    await silent.sync("full")
    assert silent.task(task_id)["assigned_comment"] is None
    assert silent.task(task_id)["archived"] is True

    world.delete_task(task_id)
    await silent.sync("full")
    dead = silent.task(task_id)
    assert dead["is_deleted"] and dead["deleted_at"]
    assert (dead["title"], dead["tracked_minutes"]) == ("Готово", 25)

    world.restore_task(task_id)
    world.archive_task(task_id, archived=False)
    await silent.sync("full")
    alive = silent.task(task_id)
    assert (alive["id"], alive["is_deleted"], alive["deleted_at"]) == (born["id"], False, None)
    assert alive["archived"] is False
    assert silent.differences() == []
