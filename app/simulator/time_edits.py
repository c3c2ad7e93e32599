"""What people do to their time. Logging it moves the task's `date_updated`; the rest is quiet."""

from dataclasses import replace
from typing import Any

from app.simulator import webhook_payloads
from app.simulator.atomic import atomic
from app.simulator.clock import MS_PER_HOUR
from app.simulator.model import Event, TimeEntry
from app.simulator.task_edits import TaskEdits


class TimeEdits(TaskEdits):
    """Raises KeyError for ids that do not exist."""

    @atomic
    def add_time(
        self,
        task_id: str | None,
        user_id: int | None = None,
        *,
        start: int | None = None,
        duration: int = MS_PER_HOUR,
        **details: Any,
    ) -> TimeEntry:
        """A finished entry, by default one that ends now. `details` are fields of `TimeEntry`."""
        now = self.clock.stamp()
        begin = now - duration if start is None else start
        return self._log(task_id, user_id, begin, begin + duration, now, details)

    @atomic
    def start_timer(self, task_id: str | None, user_id: int | None = None, **details: Any) -> TimeEntry:
        """A person has one running timer at most: another one is stopped."""
        self.stop_timer(user_id)
        now = self.clock.stamp()
        return self._log(task_id, user_id, now, None, now, details)

    def _log(
        self,
        task_id: str | None,
        user_id: int | None,
        start: int,
        end: int | None,
        now: int,
        details: dict[str, Any],
    ) -> TimeEntry:
        who = self.actor_id() if user_id is None else self.people[user_id].id
        task = self.tasks[task_id] if task_id else None
        with self.acting_for(who):
            entry = self.put_entry(
                TimeEntry(self.ids.entry(), who, start, end, now, task.id if task else None, **details)
            )
            if task:
                self.put_task(replace(self.tasks[task.id], date_updated=self.clock.stamp()))
                self._tell_time(task.id, entry, "Time Tracking Created")
        return entry

    @atomic
    def stop_timer(self, user_id: int | None = None) -> TimeEntry | None:
        """Ends the person's running timer; None when there is none. Counts as time logged."""
        who = self.actor_id() if user_id is None else user_id
        running = next((one for one in self.entries.values() if one.user_id == who and one.end is None), None)
        if running is None:
            return None
        now = self.clock.stamp()
        with self.acting_for(who):
            entry = self.put_entry(replace(running, end=max(now, running.start), at=now))
            if entry.task_id and not self.tasks[entry.task_id].deleted:
                self.put_task(replace(self.tasks[entry.task_id], date_updated=self.clock.stamp()))
                self._tell_time(entry.task_id, entry, "Time Tracking Updated")
        return entry

    @atomic
    def edit_time(self, entry_id: str, **changes: Any) -> TimeEntry:
        """Any fields of `TimeEntry`; moves its `at`, and quietly at most the task."""
        old = self.entries[entry_id]
        entry = self.put_entry(replace(old, **changes, at=self.clock.stamp()))
        for task_id in {old.task_id, entry.task_id} - {None}:
            self._touch_quietly(str(task_id))
        return entry

    @atomic
    def delete_time(self, entry_id: str) -> None:
        """Nothing tells anybody (observed)."""
        entry = self.entries[entry_id]
        self.drop_entry(entry_id)
        if entry.task_id:
            self._touch_quietly(entry.task_id)

    def _tell_time(self, task_id: str, entry: TimeEntry, what: str) -> None:
        about = {"data": {"description": what, "interval_id": entry.id}}
        items = (webhook_payloads.session(self, task_id, entry),)
        subject = ("task_id", task_id)
        self.emit(Event("taskTimeTrackedUpdated", subject, self.actor_id(), entry.at, items, about))
