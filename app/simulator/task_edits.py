"""What people do to tasks.

`date_updated` moves with everything that is written on the task itself. Moves, archiving,
restoring, dependencies, links and further lists are quiet: nobody knows whether they move it
(see `Ambiguities`).
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from app.simulator import webhook_payloads
from app.simulator.atomic import atomic
from app.simulator.clock import MS_PER_SECOND
from app.simulator.model import Dependency, Event, HistoryItem, Link, Status, Tag, Task, TaskList
from app.simulator.store import Store
from app.simulator.visibility import family

_EVENTS = {
    "status": "taskStatusUpdated",
    "assignees": "taskAssigneeUpdated",
    "priority": "taskPriorityUpdated",
    "due_date": "taskDueDateUpdated",
    "tags": "taskTagUpdated",
    "time_estimate": "taskTimeEstimateUpdated",
}


class TaskEdits(Store):
    """Raises KeyError for ids that do not exist."""

    @atomic
    def create_task(self, list_id: str, name: str = "New task", **details: Any) -> Task:
        """`details` are fields of `Task`; a subtask (`parent`) lives in its parent's list."""
        place = self.lists[self.tasks[details["parent"]].list_id if details.get("parent") else list_id]
        space = self.spaces[place.space_id]
        now = self.clock.stamp()
        stage = details.pop("status", space.statuses[0])
        first = Task(
            id=self.ids.task(),
            name=name,
            list_id=place.id,
            space_id=space.id,
            status=stage,
            date_created=now,
            date_updated=now,
            creator=details.pop("creator", self.actor_id()),
            status_log=((stage, now),),
        )
        items = webhook_payloads.creation(stage)
        with self.acting(first.creator):
            task = self.put_task(replace(first, **details))
            self.emit(Event("taskCreated", ("task_id", task.id), self.actor_id(), now, items))
        return task

    @atomic
    def edit_task(self, task_id: str, **changes: Any) -> Task:
        """Any fields of `Task`; `status` may be given by its name. Moves `date_updated`."""
        old = self.tasks[task_id]
        now = self.clock.stamp()
        if "status" in changes:
            changes |= self._status_change(old, changes["status"], now)
        task = self.put_task(replace(old, **changes, date_updated=now))
        self._tell_changes(old, task, changes, now)
        return task

    @atomic
    def edit_tasks(self, task_ids: Iterable[str], *, within_s: float = 0, **changes: Any) -> list[Task]:
        """A mass edit: all have the same `date_updated`, or evenly spread ones of the `within_s` seconds that
        it takes.

        `changes` are fields of `Task` but for its status.
        """
        found = [self.tasks[task_id] for task_id in task_ids]
        began = self.clock.stamp()
        edited = []
        for number, old in enumerate(found):
            now = began + round(within_s * MS_PER_SECOND * number / len(found))
            task = self.put_task(replace(old, **changes, date_updated=now))
            edited.append(task)
            self._tell_changes(old, task, changes, now)
        self.clock.advance(within_s)
        return edited

    def _tell_changes(self, old: Task, task: Task, changes: Iterable[str], now: int) -> None:
        for name in changes:
            for item in webhook_payloads.change(self, name, old, task):
                self._tell(task, name, item, now)

    def _status_change(self, task: Task, status: Status | str, now: int) -> dict[str, Any]:
        stage = status if isinstance(status, Status) else self.status_named(task.space_id, status)
        return {
            "status": stage,
            "status_log": (*task.status_log, (stage, now)),
            "date_closed": now if stage.type == "closed" else None,
            "date_done": now if stage.type in ("done", "closed") else None,
        }

    def status_named(self, space_id: str, name: str) -> Status:
        """A status of a space by its name."""
        return {status.name: status for status in self.spaces[space_id].statuses}[name]

    def _tell(self, task: Task, field: str, item: HistoryItem, now: int) -> None:
        """One change sends its own event and `taskUpdated` (observed)."""
        for name in dict.fromkeys((_EVENTS.get(field, "taskUpdated"), "taskUpdated")):
            self.emit(Event(name, ("task_id", task.id), self.actor_id(), now, (item,)))

    @atomic
    def set_field(self, task_id: str, field_id: str, value: Any) -> Task:
        """Sets a custom field, or unsets it with None."""
        fields = {**self.tasks[task_id].fields, self.fields[field_id].id: value}
        return self.edit_task(
            task_id, fields={one: given for one, given in fields.items() if given is not None}
        )

    @atomic
    def tag_task(self, task_id: str, *names: str) -> Task:
        """Gives the task exactly these tags."""
        tags = tuple(Tag(name, "#FFFFFF", "#FF4081", self.actor_id()) for name in names)
        return self.edit_task(task_id, tags=tags)

    @atomic
    def move_task(self, task_id: str, list_id: str) -> Task:
        """To another list, its subtasks with it; their `date_updated` stays (observed)."""
        old, target = self.tasks[task_id], self.lists[list_id]
        origin = self.lists[old.list_id]
        for member in family(self, task_id):
            self._carry(self.tasks[member], target)
        task = self._touch_quietly(task_id)
        item, now = webhook_payloads.move(self, origin, target), self.clock.now_ms()
        self.emit(Event("taskMoved", ("task_id", task_id), self.actor_id(), now, (item,)))
        return task

    def _carry(self, task: Task, target: TaskList) -> None:
        status, log = task.status, task.status_log
        if target.space_id != task.space_id:
            statuses = self.spaces[target.space_id].statuses
            status = next((one for one in statuses if one.type == task.status.type), statuses[0])
            log = (*log, (status, self.clock.now_ms()))
        locations = tuple(one for one in task.locations if one != target.id)
        moved = replace(task, list_id=target.id, space_id=target.space_id, locations=locations)
        self.put_task(replace(moved, status=status, status_log=log))

    def _touch_quietly(self, task_id: str) -> Task:
        """Moves `date_updated` only if the doubtful changes are to do so."""
        task = self.tasks[task_id]
        if not self.doubts.quiet_changes_touch or task.deleted:
            return task
        return self.put_task(replace(task, date_updated=self.clock.stamp()))

    @atomic
    def archive_task(self, task_id: str, *, archived: bool = True) -> Task:
        """The one archiving that shows as `archived: true` on the task."""
        old = self.tasks[task_id]
        task = self.put_task(replace(old, archived=archived))
        if archived != old.archived:
            self._tell_changes(old, task, ("archived",), self.clock.now_ms())
        return self._touch_quietly(task_id)

    @atomic
    def delete_task(self, task_id: str) -> None:
        """Into the trash, with everything below it."""
        for member in family(self, task_id):
            self.put_task(replace(self.tasks[member], deleted=True))
            event = Event("taskDeleted", ("task_id", member), self.actor_id(), self.clock.now_ms())
            self.emit(event)

    @atomic
    def restore_task(self, task_id: str) -> Task:
        """Out of the trash, with everything below it. Raises KeyError when its list is gone."""
        place = self.lists[self.tasks[task_id].list_id]
        for member in family(self, task_id):
            self.put_task(replace(self.tasks[member], deleted=False))
            if self.tasks[member].list_id not in self.lists:
                self._carry(self.tasks[member], place)
        return self._touch_quietly(task_id)

    @atomic
    def add_to_list(self, task_id: str, list_id: str) -> Task:
        """Shows the task in a further list."""
        task = self.tasks[task_id]
        if list_id != task.list_id and list_id not in task.locations:
            self.put_task(replace(task, locations=(*task.locations, self.lists[list_id].id)))
        return self._touch_quietly(task_id)

    @atomic
    def add_dependency(self, task_id: str, depends_on: str) -> Task:
        """`task_id` waits on `depends_on`; the pair shows on both."""
        tie = Dependency(task_id, depends_on, self.clock.now_ms(), self.actor_id())
        for one in (task_id, depends_on):
            task = self.tasks[one]
            self.put_task(replace(task, dependencies=(*task.dependencies, tie)))
        return self._touch_quietly(task_id)

    @atomic
    def remove_dependencies(self, task_id: str) -> Task:
        """The task waits on nothing any more and nothing on it."""
        for tie in self.tasks[task_id].dependencies:
            for one in (tie.task_id, tie.depends_on):
                task = self.tasks[one]
                rest = tuple(known for known in task.dependencies if known != tie)
                self.put_task(replace(task, dependencies=rest))
        return self._touch_quietly(task_id)

    @atomic
    def link_tasks(self, task_id: str, other: str) -> Task:
        """`task_id` knows of `other`."""
        task = self.tasks[task_id]
        link = Link(task_id, self.tasks[other].id, self.clock.now_ms(), self.actor_id())
        self.put_task(replace(task, links=(*task.links, link)))
        return self._touch_quietly(task_id)
