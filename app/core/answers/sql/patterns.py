"""How large a regular expression becomes: of `(x{9}){9}` PostgreSQL makes 81 states before it searches."""

import re

MOST_STATES = 5_000
# An escape, a class in brackets, a count, or one letter.
_PARTS = re.compile(r"\\.|\[\^?\]?[^\]]*\]?|\{[0-9]*,?[0-9]*\}|.", re.DOTALL)


def states(pattern: str) -> int:
    """About how many states it has, with each count multiplied out."""
    sums, last = [0], 0
    for part in _PARTS.findall(pattern):
        if part == "(":
            sums.append(0)
        elif part == ")" and len(sums) > 1:
            last = max(1, sums.pop())
            sums[-1] += last
        elif part[0] == "{" and len(part) > 1:
            more = last * (_times(part) - 1)
            sums[-1] += more
            last += more
        else:
            last = 1
            sums[-1] += last
    return sum(sums)


def _times(count: str) -> int:
    return max([1, *(min(int(number), 1_000) for number in re.findall(r"[0-9]+", count))])
