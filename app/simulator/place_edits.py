"""What happens to spaces, folders, lists and people. None of it moves a task's `date_updated` for sure."""

from dataclasses import replace
from typing import Any

from app.simulator.atomic import atomic
from app.simulator.comment_edits import CommentEdits
from app.simulator.model import Event, Folder, Person, Role, Space, TaskList


class PlaceEdits(CommentEdits):
    """Raises KeyError for ids that do not exist."""

    @atomic
    def rename_space(self, space_id: str, name: str) -> Space:
        """Shows on everything in it at once."""
        return self._put_space(replace(self.spaces[space_id], name=name))

    @atomic
    def archive_space(self, space_id: str, *, archived: bool = True) -> Space:
        """Hides its tasks from the listing, as an archived list does."""
        return self._put_space(replace(self.spaces[space_id], archived=archived))

    def _put_space(self, space: Space) -> Space:
        self.spaces[space.id] = space
        self._place_changed("space", space.id)
        return space

    @atomic
    def create_folder(self, space_id: str, name: str = "New folder") -> Folder:
        """An empty folder."""
        folder = Folder(self.ids.number(), name, self.spaces[space_id].id, len(self.folders))
        self.folders[folder.id] = folder
        self._told("folderCreated", ("folder_id", folder.id))
        return folder

    @atomic
    def rename_folder(self, folder_id: str, name: str) -> Folder:
        """Shows on every task in it at once."""
        return self._put_folder(replace(self.folders[folder_id], name=name))

    @atomic
    def archive_folder(self, folder_id: str, *, archived: bool = True) -> Folder:
        """Its lists and tasks keep saying `archived: false` (observed)."""
        return self._put_folder(replace(self.folders[folder_id], archived=archived))

    def _put_folder(self, folder: Folder) -> Folder:
        self.folders[folder.id] = folder
        self._place_changed("folder", folder.id)
        return folder

    @atomic
    def create_list(self, space_id: str, folder_id: str | None = None, name: str = "New list") -> TaskList:
        """An empty list, in a folder or straight in the space."""
        place = TaskList(
            self.ids.number(), name, self.spaces[space_id].id, folder_id, self.ids.number(), len(self.lists)
        )
        self.lists[place.id] = place
        self._told("listCreated", ("list_id", place.id))
        return place

    @atomic
    def rename_list(self, list_id: str, name: str) -> TaskList:
        """Shows on every task in it at once."""
        return self._put_list(replace(self.lists[list_id], name=name), "name", self.lists[list_id].name, name)

    @atomic
    def archive_list(self, list_id: str, *, archived: bool = True) -> TaskList:
        """Its tasks keep saying `archived: false` and leave the team's listing (observed)."""
        return self._put_list(replace(self.lists[list_id], archived=archived))

    @atomic
    def move_list(self, list_id: str, folder_id: str | None) -> TaskList:
        """To another folder of its space, or out of all folders."""
        if folder_id is not None and self.folders[folder_id].space_id != self.lists[list_id].space_id:
            raise ValueError("A list moves within its space")
        return self._put_list(replace(self.lists[list_id], folder_id=folder_id))

    def _put_list(self, place: TaskList, *change: str) -> TaskList:
        self.lists[place.id] = place
        self._place_changed("list", place.id, *change)
        return place

    @atomic
    def delete_list(self, list_id: str) -> None:
        """Its tasks go with it, wherever else they were shown."""
        place = self.lists[list_id]
        for task_id in sorted(self.tasks_in_list.get(place.id, ())):
            task = self.tasks[task_id]
            if task.list_id == place.id and not task.deleted:
                self.delete_task(task_id)
            elif task.list_id != place.id:
                self.put_task(
                    replace(task, locations=tuple(one for one in task.locations if one != place.id))
                )
        del self.lists[place.id]
        self._told("listDeleted", ("list_id", place.id))

    def _place_changed(self, kind: str, place_id: str, *change: str) -> None:
        self._told(f"{kind}Updated", (f"{kind}_id", place_id), *change)
        if self.doubts.quiet_changes_touch:
            for task in [one for one in self.tasks.values() if self._lies_in(one.list_id, place_id)]:
                self._touch_quietly(task.id)

    def _lies_in(self, list_id: str, place_id: str) -> bool:
        place = self.lists.get(list_id)
        return place is not None and place_id in (place.id, place.folder_id, place.space_id)

    def _told(self, name: str, subject: tuple[str, str], *change: str) -> None:
        """`change` says what changed, from what, to what; only some events tell it."""
        self.reframe()
        what, before, after = change or (None, None, None)
        self.emit(Event(name, subject, self.owner().id, self.clock.stamp(), what, before, after))

    @atomic
    def join(self, username: str | None, *, role: Role = Role.MEMBER, email: str = "") -> Person:
        """A new person; with the name None somebody who was invited and has not come yet."""
        user_id = max(self.people) + 1
        person = Person(user_id, username, email or f"person{user_id}@example.com", role, "#7b68ee")
        return self._put_person(person)

    @atomic
    def leave(self, user_id: int) -> Person:
        """The person vanishes from the members; their time and comments stay."""
        return self._put_person(replace(self.people[user_id], left=True))

    @atomic
    def edit_person(self, user_id: int, **changes: Any) -> Person:
        """Any fields of `Person`: another name, another role."""
        return self._put_person(replace(self.people[user_id], **changes))

    def _put_person(self, person: Person) -> Person:
        self.people[person.id] = person
        self.reframe()
        return person

    @atomic
    def token_for(self, user_id: int) -> str:
        """A further token, of another person."""
        token = f"pk_{self.people[user_id].id}_{self.ids.secret()[:32]}"
        self.tokens[token] = user_id
        return token
