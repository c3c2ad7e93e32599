"""Ids as ClickUp gives them: short texts for tasks, long numbers as text for the rest."""

from random import Random
from uuid import UUID

_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"
_TASK_SPACE = 36**7
# Coprime to 36**7: walking in this step visits every id once, in an order that looks random.
_TASK_STEP = 48_271_590_121


# So many tasks and numbers one of several workspaces may have before it gives ids of the next one.
_TASKS_OF_ONE, _NUMBERS_OF_ONE = 1_000_000, 1_000_000_000


class Ids:
    """Never gives the same id twice; the same seed gives the same ids.

    Workspaces with the same seed and different numbers have no id in common.
    """

    def __init__(self, seed: int, workspace_number: int = 0) -> None:
        self._random = Random(f"ids {seed}")
        first_task = self._random.randrange(_TASK_SPACE)
        first_number = 901_200_000_000 + self._random.randrange(1_000_000)
        self._tasks = (first_task + workspace_number * _TASKS_OF_ONE * _TASK_STEP) % _TASK_SPACE
        self._number = first_number + workspace_number * _NUMBERS_OF_ONE
        if workspace_number:
            self._random = Random(f"ids {seed} {workspace_number}")

    def task(self) -> str:
        """Nine characters, as `86a3k1x0z`."""
        self._tasks = (self._tasks + _TASK_STEP) % _TASK_SPACE
        rest, letters = self._tasks, ""
        for _ in range(7):
            rest, digit = divmod(rest, 36)
            letters += _LETTERS[digit]
        return f"86{letters}"

    def number(self) -> str:
        """For places, comments and everything else numbered; ascending."""
        self._number += self._random.randrange(1, 40)
        return str(self._number)

    def entry(self) -> str:
        """For time entries and history: 19 digits, too many for a float; ascending."""
        return f"4{int(self.number()):018d}"

    def uuid(self) -> str:
        """For custom fields, options, groups and webhooks."""
        return str(UUID(int=self._random.getrandbits(128), version=4))

    def secret(self) -> str:
        """64 characters, for webhooks."""
        return "".join(self._random.choice(_LETTERS).upper() for _ in range(64))
