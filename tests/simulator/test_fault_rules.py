"""Which requests a rule strikes, how often and by what chance."""

import httpx2
import pytest

from app.simulator.faults import Faults, Rule
from app.simulator.server import RunningSimulator
from tests.simulator.conftest import client


def statuses(http: httpx2.Client, count: int, path: str = "/user") -> list[int]:
    return [http.get(path).status_code for _ in range(count)]


def test_once_by_itself(reader: httpx2.Client, calm: RunningSimulator) -> None:
    """A rule strikes once unless it says otherwise."""
    rule = calm.faults.add("error")
    assert statuses(reader, 3) == [500, 200, 200]
    assert (rule.seen, rule.struck) == (3, 1)


def test_after_and_times(reader: httpx2.Client, calm: RunningSimulator) -> None:
    """The first `after` fitting requests go well, then `times` are struck; None is without end."""
    calm.faults.add("error", "/user", after=2, times=2)
    calm.faults.add("error", "/team", times=None)
    assert statuses(reader, 2, "/team") == [500, 500]
    assert statuses(reader, 6) == [200, 200, 500, 500, 200, 200]
    assert statuses(reader, 3, "/team") == [500] * 3


@pytest.mark.parametrize(
    ("details", "struck"),
    [
        ({}, True),
        ({"path": "/team/*/task"}, True),
        ({"path": "/team/*"}, True),
        ({"path": "/task/*"}, False),
        ({"path": "/team"}, False),
        ({"path": "/TEAM/*"}, False),
        ({"method": "GET"}, True),
        ({"method": "POST"}, False),
        ({"query": {"page": "1"}}, True),
        ({"query": {"page": "0"}}, False),
        ({"query": {"page": "1", "archived": "true"}}, False),
        ({"query": {"list_ids[]": "8"}}, True),
        ({"path": "/team/*/task", "method": "G*", "query": {"list_ids[]": "7"}}, True),
    ],
)
def test_what_a_rule_fits(
    reader: httpx2.Client, calm: RunningSimulator, details: dict[str, object], struck: bool
) -> None:
    """A shell pattern for path and method, and parameters that must be there, all at once."""
    path = f"/team/{calm.team_id}/task"
    calm.faults.add("error", **details)
    answer = reader.get(path, params={"page": "1", "list_ids[]": ["7", "8"]})
    assert (answer.status_code == 500) == struck


def test_several_rules_at_once(reader: httpx2.Client, calm: RunningSimulator) -> None:
    """Each rule counts by itself; different faults meet on one request."""
    path = f"/team/{calm.team_id}/task"
    calm.faults.add("no_last_page", path)
    calm.faults.add("miss_rows", path, amount=1, after=1)
    assert reader.get(path).json().keys() == {"tasks"}
    assert reader.get(path).json()["tasks"] == []
    assert reader.get(path).json()["tasks"] != []


def test_probability_is_a_share() -> None:
    """0 never strikes, 1 always, and between them about that share, decided by the seed alone."""

    def strikes(seed: int, probability: float) -> list[bool]:
        faults = Faults(seed, error=probability)
        return [bool(faults.match_fault("GET", "/user", {})) for _ in range(500)]

    assert strikes(1, 0) == [False] * 500
    assert strikes(1, 1) == [True] * 500
    assert 90 < sum(strikes(1, 0.25)) < 160
    assert strikes(1, 0.25) == strikes(1, 0.25) != strikes(2, 0.25)


def test_the_same_seed_is_the_same_misfortune() -> None:
    """The same requests meet the same faults in another server, whatever they are."""

    def fate(seed: int) -> list[str]:
        faults = Faults(seed, error=0.2, reset=0.1, rate_limit=0.2, garbage=0.3)
        with RunningSimulator(faults=faults) as sim, client(sim) as http:
            return [one_fate(http) for _ in range(40)]

    first = fate(3)
    assert first == fate(3) != fate(4)
    assert len(set(first)) >= 4


def one_fate(http: httpx2.Client) -> str:
    try:
        answer = http.get("/team")
    except httpx2.NetworkError:
        return "reset"
    return (
        f"{answer.status_code} {[type(one).__name__ for one in answer.json()['teams']]}"
        if (answer.status_code == 200)
        else str(answer.status_code)
    )


def test_times_count_strikes_and_not_chances() -> None:
    """With a probability the rule waits until it has struck `times` times."""
    faults = Faults(1)
    rule = faults.add("error", times=3, probability=0.1)
    struck = [bool(faults.match_fault("GET", "/user", {})) for _ in range(300)]
    assert sum(struck) == rule.struck == 3
    assert not any(struck[:3])


def test_clear(reader: httpx2.Client, calm: RunningSimulator) -> None:
    """From then on everything goes well."""
    calm.faults.add("error", times=None)
    assert statuses(reader, 2) == [500, 500]
    calm.faults.clear()
    assert statuses(reader, 2) == [200, 200]


@pytest.mark.parametrize(
    ("details", "error"),
    [
        ({"action": "explode"}, ValueError),
        ({}, ValueError),
        ({"action": "cut", "times": "2"}, TypeError),
        ({"action": "cut", "after": None}, TypeError),
        ({"action": "cut", "probability": [1]}, TypeError),
        ({"action": "cut", "path": 5}, TypeError),
        ({"action": "cut", "query": {"page": 1}}, TypeError),
        ({"action": "cut", "query": None}, TypeError),
        ({"action": "cut", "query": ["page"]}, TypeError),
        ({"action": "cut", "seen": "x"}, TypeError),
        ({"action": "cut", "where": "here"}, TypeError),
    ],
)
def test_bad_rules_leave_the_old_ones(details: dict[str, object], error: type[Exception]) -> None:
    """One bad rule among good ones, and everything stays as it was."""
    faults = Faults()
    old = faults.add("error")
    with pytest.raises(error):
        faults.replace(1, [{"action": "reset"}, details])
    assert faults.rules == [old]


def test_bad_names_are_refused_at_once() -> None:
    """A misspelt fault is an error where it is written."""
    with pytest.raises(ValueError, match="explode"):
        Faults(explode=0.5)
    with pytest.raises(ValueError, match="explode"):
        Faults().add("explode")  # type: ignore[arg-type]
    assert Rule("cut").fits("GET", "/any", {})
