"""What happens to spaces, folders and lists. None of it moves a task's `date_updated` for sure."""

from dataclasses import replace

from app.simulator import webhook_payloads
from app.simulator.atomic import atomic
from app.simulator.generate_places import FEATURES
from app.simulator.model import Event, Folder, HistoryItem, Space, Status, TaskList
from app.simulator.names import COLORS
from app.simulator.people_edits import PeopleEdits

_WORKFLOW = (("to do", "open"), ("in progress", "custom"), ("complete", "closed"))


class PlaceEdits(PeopleEdits):
    """Raises KeyError for ids that do not exist."""

    @atomic
    def create_space(self, name: str = "New space") -> Space:
        """An empty space with three statuses and all custom fields."""
        statuses = tuple(
            Status(f"p{self.ids.number()}", stage, COLORS[index], index, kind)
            for index, (stage, kind) in enumerate(_WORKFLOW)
        )
        space = Space(self.ids.number(), name, COLORS[0], statuses, tuple(self.fields), FEATURES)
        now = self.clock.stamp()
        self.spaces[space.id] = space
        self._told("spaceCreated", ("space_id", space.id), now)
        return space

    @atomic
    def rename_space(self, space_id: str, name: str) -> Space:
        """Shows on everything in it at once."""
        return self._put_space(replace(self.spaces[space_id], name=name))

    @atomic
    def archive_space(self, space_id: str, *, archived: bool = True) -> Space:
        """Hides its tasks from the listing, as an archived list does."""
        return self._put_space(replace(self.spaces[space_id], archived=archived))

    @atomic
    def delete_space(self, space_id: str) -> None:
        """With its folders, its lists and their tasks."""
        place = self.spaces[space_id]
        for folder in [one for one in self.folders.values() if one.space_id == place.id]:
            self.delete_folder(folder.id)
        for alone in [one for one in self.lists.values() if one.space_id == place.id]:
            self.delete_list(alone.id)
        now = self.clock.stamp()
        del self.spaces[place.id]
        self._told("spaceDeleted", ("space_id", place.id), now)

    def _put_space(self, space: Space) -> Space:
        now = self.clock.stamp()
        self.spaces[space.id] = space
        self._place_changed("space", space.id, now)
        return space

    @atomic
    def create_folder(self, space_id: str, name: str = "New folder") -> Folder:
        """An empty folder."""
        folder = Folder(self.ids.number(), name, self.spaces[space_id].id, len(self.folders))
        now = self.clock.stamp()
        self.folders[folder.id] = folder
        self._told("folderCreated", ("folder_id", folder.id), now)
        return folder

    @atomic
    def rename_folder(self, folder_id: str, name: str) -> Folder:
        """Shows on every task in it at once."""
        return self._put_folder(replace(self.folders[folder_id], name=name))

    @atomic
    def archive_folder(self, folder_id: str, *, archived: bool = True) -> Folder:
        """Its lists and tasks keep saying `archived: false` (observed)."""
        return self._put_folder(replace(self.folders[folder_id], archived=archived))

    @atomic
    def delete_folder(self, folder_id: str) -> None:
        """Its lists go with it, and their tasks."""
        folder = self.folders[folder_id]
        for place in [one for one in self.lists.values() if one.folder_id == folder.id]:
            self.delete_list(place.id)
        now = self.clock.stamp()
        del self.folders[folder.id]
        self._told("folderDeleted", ("folder_id", folder.id), now)

    def _put_folder(self, folder: Folder) -> Folder:
        now = self.clock.stamp()
        self.folders[folder.id] = folder
        self._place_changed("folder", folder.id, now)
        return folder

    @atomic
    def create_list(self, space_id: str, folder_id: str | None = None, name: str = "New list") -> TaskList:
        """An empty list, in a folder or straight in the space."""
        place = TaskList(
            self.ids.number(), name, self.spaces[space_id].id, folder_id, self.ids.number(), len(self.lists)
        )
        now = self.clock.stamp()
        self.lists[place.id] = place
        self._told("listCreated", ("list_id", place.id), now)
        return place

    @atomic
    def rename_list(self, list_id: str, name: str) -> TaskList:
        """Shows on every task in it at once."""
        old = self.lists[list_id]
        return self._put_list(replace(old, name=name), HistoryItem("name", old.name, name))

    @atomic
    def archive_list(self, list_id: str, *, archived: bool = True) -> TaskList:
        """Its tasks keep saying `archived: false` and leave the team's listing (observed)."""
        return self._put_list(replace(self.lists[list_id], archived=archived))

    @atomic
    def move_list(self, list_id: str, folder_id: str | None) -> TaskList:
        """To another folder of its space, or out of all folders."""
        old = self.lists[list_id]
        if folder_id is not None and self.folders[folder_id].space_id != old.space_id:
            raise ValueError("A list moves within its space")
        place = replace(old, folder_id=folder_id)
        return self._put_list(place, webhook_payloads.move(self, old, place))

    def _put_list(self, place: TaskList, *items: HistoryItem) -> TaskList:
        now = self.clock.stamp()
        self.lists[place.id] = place
        self._place_changed("list", place.id, now, *items)
        return place

    @atomic
    def delete_list(self, list_id: str) -> None:
        """Its tasks go with it, wherever else they were shown."""
        place, now = self.lists[list_id], self.clock.stamp()
        for task_id in sorted(self.tasks_in_list.get(place.id, ())):
            task = self.tasks[task_id]
            if task.list_id == place.id and not task.deleted:
                self.delete_task(task_id)
            elif task.list_id != place.id:
                self.put_task(
                    replace(task, locations=tuple(one for one in task.locations if one != place.id))
                )
        del self.lists[place.id]
        self._told("listDeleted", ("list_id", place.id), now)

    def _place_changed(self, kind: str, place_id: str, now: int, *items: HistoryItem) -> None:
        self._told(f"{kind}Updated", (f"{kind}_id", place_id), now, *items)
        if self.doubts.quiet_changes_touch:
            for task in [one for one in self.tasks.values() if self._lies_in(one.list_id, place_id)]:
                self._touch_quietly(task.id)

    def _lies_in(self, list_id: str, place_id: str) -> bool:
        place = self.lists.get(list_id)
        return place is not None and place_id in (place.id, place.folder_id, place.space_id)

    def _told(self, name: str, subject: tuple[str, str], now: int, *items: HistoryItem) -> None:
        """Only some events say what changed."""
        self.reframe()
        self.emit(Event(name, subject, self.actor_id(), now, items))
