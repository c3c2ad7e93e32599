"""What goes wrong, when and how often. The same seed and requests bring the same misfortune."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from random import Random
from threading import Lock
from typing import Any, Literal, get_args

Action = Literal[
    "rate_limit",
    "error",
    "reset",
    "cut",
    "slow",
    "dead_token",
    "no_permission",
    "proxy_page",
    "empty",
    "ok_with_error",
    "lag",
    "miss_rows",
    "repeat_rows",
    "ignore_page",
    "false_last_page",
    "no_last_page",
    "cap_archived",
    "garbage",
    "distort",
]

ACTIONS: tuple[Action, ...] = get_args(Action)


@dataclass(slots=True)
class Rule:
    """One misfortune, for the requests it fits.

    `path` is a shell pattern below `/api/v2` ("/team/*/task", "/task/86abc"), `query` parameters that
    must be there. The first `after` fitting requests go well, then `times` of them are struck (None:
    without end), each with `probability`.

    What `amount` means: for `error` the status (500), likewise for `proxy_page` (403) and `empty` (401); for
    `slow` and `lag` seconds; for `rate_limit` the seconds until it is over; for `miss_rows` the share of rows
    that is missing, for `repeat_rows` the share that comes twice. `ecode` is ClickUp's error code for
    `error`, `dead_token` and `no_permission`.

    rate_limit: 429 though there is budget left · error: 5xx as HTML, others as ClickUp's JSON · reset:
    the connection breaks without an answer · cut: it breaks in the middle of the body · dead_token:
    401 OAUTH_019 · no_permission: 401 OAUTH_027 · proxy_page: HTML of a proxy or firewall · empty: a status
    without a body · ok_with_error: 200 with `{err, ECODE}` · lag: the team's task listing as it was ·
    repeat_rows: others are pushed off the end · ignore_page: always the first page · false_last_page,
    no_last_page: the flag lies or is missing · cap_archived: one page of archived tasks and a false
    `last_page` · garbage: rows that are none, without any usable id, among the true ones · distort: true rows
    with values of odd types and unknown kinds.
    """

    action: Action
    path: str = "*"
    method: str = "*"
    query: Mapping[str, str] = field(default_factory=dict)
    after: int = 0
    times: int | None = 1
    probability: float = 1.0
    amount: float = 0.0
    ecode: str = ""
    seen: int = field(default=0, init=False)
    struck: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        """Raises TypeError for details that could never fit a request."""
        numbers = (self.after, self.probability, self.amount, 0 if self.times is None else self.times)
        if not isinstance(self.query, Mapping):
            raise TypeError("query must be an object")
        texts = (self.path, self.method, self.ecode, *self.query.values())
        if not all(isinstance(one, int | float) for one in numbers):
            raise TypeError("after, times, probability and amount must be numbers")
        if not all(isinstance(one, str) for one in texts):
            raise TypeError("path, method, ecode and query must be text")

    def fits(self, method: str, path: str, query: Mapping[str, tuple[str, ...]]) -> bool:
        """Whether the rule speaks of such a request at all."""
        return (
            fnmatchcase(path, self.path)
            and fnmatchcase(method, self.method)
            and all(value in query.get(name, ()) for name, value in self.query.items())
        )

    def strikes(self, random: Random) -> bool:
        """Whether a fitting request is struck; each call counts as one request."""
        self.seen += 1
        if self.seen <= self.after or (self.times is not None and self.struck >= self.times):
            return False
        if self.probability < 1 and random.random() >= self.probability:
            return False
        self.struck += 1
        return True


class Faults:
    """The rules in force. Without any, everything goes well.

    `Faults(seed=3, rate_limit=0.01, reset=0.02)` strikes those shares of all requests, forever.
    """

    def __init__(self, seed: int = 0, **probabilities: float) -> None:
        self._lock = Lock()
        self._random = Random(f"faults {seed}")
        self.rules: list[Rule] = []
        for action, probability in probabilities.items():
            self.add(_action(action), times=None, probability=probability)

    @property
    def random(self) -> Random:
        """The chance behind everything here."""
        return self._random

    def add(self, action: Action, path: str = "*", **details: Any) -> Rule:
        """A rule with the details of `Rule`; strikes once unless `times` says otherwise."""
        rule = Rule(_action(action), path, **details)
        with self._lock:
            self.rules.append(rule)
        return rule

    def clear(self) -> None:
        """From now on everything goes well."""
        with self._lock:
            self.rules.clear()

    def match_fault(self, method: str, path: str, query: Mapping[str, tuple[str, ...]]) -> dict[Action, Rule]:
        """What happens to this request."""
        with self._lock:
            fitting = [rule for rule in self.rules if rule.fits(method, path, query)]
            return {rule.action: rule for rule in fitting if rule.strikes(self._random)}

    def replace(self, seed: int, rules: Iterable[Mapping[str, Any]]) -> None:
        """Other rules altogether, from plain data. ValueError or TypeError leave the old ones."""
        new = [Rule(**{**rule, "action": _action(str(rule.get("action")))}) for rule in rules]
        with self._lock:
            self._random = Random(f"faults {seed}")
            self.rules[:] = new


def _action(name: str) -> Action:
    for action in ACTIONS:
        if action == name:
            return action
    raise ValueError(f"{name!r} is no fault; there are {', '.join(ACTIONS)}")
