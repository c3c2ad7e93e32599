"""Ids as ClickUp gives them: short texts for tasks, long numbers as text for the rest."""

from random import Random
from uuid import UUID

_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"
_TASK_SPACE = 36**7
# Coprime to 36**7: walking in this step visits every id once, in an order that looks random.
_TASK_STEP = 48_271_590_121


class Ids:
    """Never gives the same id twice; the same seed gives the same ids."""

    def __init__(self, seed: int) -> None:
        self._random = Random(f"ids {seed}")
        self._tasks = self._random.randrange(_TASK_SPACE)
        self._number = 901_200_000_000 + self._random.randrange(1_000_000)

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
