"""What one pass brought back, and which scopes were read to their end."""

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Coverage:
    """`unread`: scopes that were not read to their end, so that absence from them says nothing. `prove`:
    tasks to ask for one by one, because listing and mirror contradict each other. `lists`: lists that were
    read themselves.
    """

    unread: list[str] = field(default_factory=list)
    prove: set[str] = field(default_factory=set)
    lists: set[str] = field(default_factory=set)


@dataclass(slots=True)
class SeenTasks:
    """Ids of tasks that any listing of a pass showed, also of those that could not be understood.

    `unstored`: those that no checkpoint has yet, in the order of their coming.
    """

    ids: set[str] = field(default_factory=set)
    unstored: list[str] = field(default_factory=list)

    @property
    def stored(self) -> int:
        """How many of them checkpoints have."""
        return len(self.ids) - len(self.unstored)

    def add(self, task_ids: Iterable[str]) -> None:
        """A page showed them, and its rows are committed."""
        for task_id in task_ids:
            if task_id not in self.ids:
                self.ids.add(task_id)
                self.unstored.append(task_id)
