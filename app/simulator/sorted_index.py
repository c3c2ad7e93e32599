"""A sorted collection of (number, id) keys that stays sorted while things move in it."""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from itertools import islice

Key = tuple[int, str]


class SortedIndex:
    """Ascending keys; loading many costs one sort, moving one costs a binary search."""

    def __init__(self) -> None:
        self._keys: list[Key] = []

    def load(self, keys: Iterable[Key]) -> None:
        """Takes in many keys at once."""
        self._keys.extend(keys)
        self._keys.sort()

    def add(self, key: Key) -> None:
        """Takes in one key."""
        insort(self._keys, key)

    def remove(self, key: Key) -> None:
        """Forgets a key; one that is not there is no error."""
        at = bisect_left(self._keys, key)
        if at < len(self._keys) and self._keys[at] == key:
            del self._keys[at]

    def __len__(self) -> int:
        return len(self._keys)

    def pick(self, index: int) -> str:
        """The id at that place in the order."""
        return self._keys[index][1]

    def ids_from(self, number: int) -> Iterator[str]:
        """The ids whose number is at least this, ascending."""
        return (key[1] for key in islice(self._keys, bisect_left(self._keys, (number, "")), None))

    def ids_between(self, first: int, last: int) -> list[str]:
        """The ids whose number lies in [first, last], ascending."""
        begin, end = bisect_left(self._keys, (first, "")), bisect_left(self._keys, (last + 1, ""))
        return [key[1] for key in self._keys[begin:end]]
