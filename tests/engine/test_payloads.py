"""A task whose row was made of the very payload that a listing shows is not read again."""

from collections.abc import Iterator

import pytest

from app.core.clickup.task_row import Names, ReadTask
from app.core.clickup.values import Json
from app.engine import task_rows
from app.sync import RunReport
from tests.engine.mirror import Mirror


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The ids of the tasks that listings showed and that were read, in order."""
    ids: list[str] = []
    read_task = task_rows.read_task

    def noted(wire: Json, names: Names) -> ReadTask:
        ids.append(wire["id"])
        return read_task(wire, names)

    monkeypatch.setattr(task_rows, "read_task", noted)
    yield ids


async def again(mirror: Mirror, read: list[str], kind: str = "full") -> RunReport:
    read.clear()
    return await mirror.sync(kind)  # type: ignore[arg-type]


async def test_a_full_sync_reads_only_tasks_that_changed(mirror: Mirror, read: list[str]) -> None:
    """All are counted as read, nothing is written, and the one that changed is right."""
    report = await again(mirror, read)
    assert read == []
    assert report.rows_written == 0
    assert report.counts["tasks read"] == mirror.value("SELECT count(*) FROM tasks WHERE NOT is_deleted")
    task_id = next(iter(mirror.world.truth()["tasks"]))
    mirror.world.edit_task(task_id, name="another one")
    await again(mirror, read)
    assert read == [task_id]
    assert mirror.task(task_id)["title"] == "another one"
    assert mirror.differences() == []


async def test_a_deep_sync_reads_all(mirror: Mirror, read: list[str]) -> None:
    """And finds no task to write."""
    report = await again(mirror, read, "deep")
    assert len(set(read)) == mirror.value("SELECT count(*) FROM tasks WHERE NOT is_deleted")
    assert report.counts["tasks written"] == 0


async def test_another_name_of_a_space_is_written(mirror: Mirror, read: list[str]) -> None:
    """Though no task's payload says it."""
    space = next(iter(mirror.world.spaces.values()))
    mirror.world.rename_space(space.id, "Renamed")
    await again(mirror, read)
    assert set(read) == {
        row["clickup_task_id"]
        for row in mirror.rows("SELECT clickup_task_id FROM tasks WHERE space_id = %s", space.id)
    }
    assert mirror.differences() == []


async def test_a_row_that_is_another_one_since_is_written(mirror: Mirror, read: list[str]) -> None:
    """What is remembered of the payload counts for the row that was made of it, and for no other."""
    task_id = next(iter(mirror.world.truth()["tasks"]))
    mirror.rows("UPDATE tasks SET title = 'x', fingerprint = 'x' WHERE clickup_task_id = %s", task_id)
    await again(mirror, read)
    assert read == [task_id]
    assert mirror.differences() == []


async def test_other_code_reads_all(mirror: Mirror, read: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A new version may read the same payload in another way; what it writes is remembered again."""
    monkeypatch.setattr(task_rows, "core_version", lambda: "another")
    await again(mirror, read)
    assert len(set(read)) == mirror.value("SELECT count(*) FROM tasks WHERE NOT is_deleted")
    await again(mirror, read)
    assert read == []
