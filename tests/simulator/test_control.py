"""The simulator's own paths, for tests and demos in another process."""

from typing import Any

import httpx2
import orjson
import pytest

from app.simulator.server import RunningSimulator
from tests.simulator.conftest import client, small_world


def control(sim: RunningSimulator, name: str, wish: Any = None) -> Any:
    answer = httpx2.post(
        f"{sim.control_url}/{name}", content=b"" if wish is None else orjson.dumps(wish), verify=False
    )
    return answer.raise_for_status().json()


def test_truth_is_the_worlds(calm: RunningSimulator) -> None:
    """The same truth as inside the process, without a token and without spending one."""
    answer = httpx2.get(f"{calm.control_url}/truth", verify=False)
    assert answer.json() == orjson.loads(orjson.dumps(calm.world.truth()))
    assert answer.json()["tasks"]
    assert calm.requests.total == 0
    with client(calm) as http:
        assert http.get("/user").headers["X-RateLimit-Remaining"] == "9999"


def test_requests_are_counted_by_route_and_status(reader: httpx2.Client, calm: RunningSimulator) -> None:
    """Every call counts under its route, the refused ones too; calls of the control paths do not."""
    calm.faults.add("rate_limit", "/team")
    for path in ("/user", "/user", "/team", "/task/x", f"/team/{calm.team_id}/task?page=0", "/nowhere"):
        reader.get(path)
    assert httpx2.get(f"{calm.control_url}/requests", verify=False).json() == {
        "total": 6,
        "refused": 1,
        "by_route": {
            "GET /user": 2,
            "GET /team": 1,
            "GET /task/{task_id}": 1,
            "GET /team/{team_id}/task": 1,
            "GET (unknown)": 1,
        },
        "by_status": {"200": 3, "429": 1, "404": 2},
        "most_in_window": 5,
    }
    assert calm.requests.count("GET /user") == 2
    assert calm.requests.paths[-2] == f"GET /api/v2/team/{calm.team_id}/task?page=0"


def test_the_rate_limit_may_change(http: httpx2.Client, sim: RunningSimulator) -> None:
    """From the next call on."""
    assert control(sim, "limit", {"calls": 2}) == {"calls": 2}
    assert [http.get("/user").status_code for _ in range(3)] == [200, 200, 429]
    assert httpx2.get(f"{sim.control_url}/requests", verify=False).json()["most_in_window"] == 2


def test_reset_takes_everything_back_but_the_world(http: httpx2.Client, sim: RunningSimulator) -> None:
    """Log, budget, faults and latency are fresh; what was changed in the world stays."""
    control(sim, "faults", {"rules": [{"action": "error", "times": None}]})
    control(sim, "latency", {"ms": 1})
    control(sim, "mutate", {"n": 5})
    truth = sim.world.truth()
    assert http.get("/user").status_code == 500
    assert control(sim, "reset") == {}
    assert httpx2.get(f"{sim.control_url}/requests", verify=False).json()["total"] == 0
    assert sim.desk.latency_ms == 0
    assert http.get("/user").headers["X-RateLimit-Remaining"] == "9999"
    assert sim.world.truth() == truth


def test_mutate_does_what_it_says(sim: RunningSimulator) -> None:
    """So many changes, of these kinds only, with the ids they concerned."""
    before = sim.world.truth()
    done = control(sim, "mutate", {"n": 7, "seed": 3, "kinds": ["rename_task"]})["done"]
    assert [one["kind"] for one in done] == ["rename_task"] * 7
    changed = {one["subjects"][0] for one in done}
    after = sim.world.truth()
    moved = {one for one, task in after["tasks"].items() if task != before["tasks"][one]}
    assert moved == changed
    assert len(control(sim, "mutate")["done"]) == 1
    assert control(sim, "mutate", {"n": 0}) == {"done": []}


def test_mutate_repeats_by_its_seed(sim: RunningSimulator) -> None:
    """The same wish on the same world does the same; another seed does something else."""
    with RunningSimulator(small_world()) as other, RunningSimulator(small_world()) as third:
        first = control(sim, "mutate", {"n": 50, "seed": 3})
        assert first == control(other, "mutate", {"n": 50, "seed": 3})
        assert first != control(third, "mutate", {"n": 50, "seed": 4})
        assert sim.world.truth() == other.world.truth() != third.world.truth()


def test_faults_are_replaced(reader: httpx2.Client, calm: RunningSimulator) -> None:
    """New rules take the place of the old ones, those given inside the process included."""
    calm.faults.add("no_permission", times=None)
    rule = {"action": "error", "path": "/user", "amount": 503, "times": 2, "query": {"a": "b"}}
    assert control(calm, "faults", {"seed": 1, "rules": [rule]}) == {"rules": 1}
    assert [reader.get("/user?a=b").status_code for _ in range(3)] == [503, 503, 200]
    assert reader.get("/team").status_code == 200
    control(calm, "faults", {"rules": [rule]})
    assert control(calm, "faults") == {"rules": 0}
    assert reader.get("/user?a=b").status_code == 200


def test_faults_repeat_by_their_seed(reader: httpx2.Client, calm: RunningSimulator) -> None:
    """Set again with the same seed they strike the same requests."""
    rules = [{"action": "error", "times": None, "probability": 0.5}]

    def fate(seed: int) -> list[int]:
        control(calm, "faults", {"seed": seed, "rules": rules})
        return [reader.get("/user").status_code for _ in range(40)]

    assert fate(1) == fate(1) != fate(2)


@pytest.mark.parametrize(
    "wish",
    [
        {"rules": [{"action": "reset"}, {"action": "explode"}]},
        {"rules": [{"action": "reset", "times": "2"}]},
        {"rules": [{"action": "reset", "query": None}]},
        {"rules": [{"action": "reset", "where": "here"}]},
        {"rules": [{}]},
        {"rules": ["reset"]},
        {"rules": {"action": "reset"}},
        {"rules": 5},
        {"rules": None},
        {"rules": [], "seed": "x"},
        {"rules": [], "seed": None},
        [],
    ],
)
def test_a_bad_rule_leaves_the_old(reader: httpx2.Client, calm: RunningSimulator, wish: Any) -> None:
    """400 with a reason, and the rules in force stay in force."""
    calm.faults.add("error", "/user")
    answer = httpx2.post(f"{calm.control_url}/faults", json=wish, verify=False)
    assert answer.status_code == 400
    assert answer.json()["err"]
    assert [reader.get("/user").status_code for _ in range(2)] == [500, 200]


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("mutate", b'{"kinds": ["nonsense"]}'),
        ("mutate", b'{"kinds": 5}'),
        ("mutate", b'{"n": "many"}'),
        ("mutate", b'{"n": null}'),
        ("mutate", b"{"),
        ("latency", b'{"ms": "slow"}'),
        ("latency", b'{"ms": null}'),
        ("reset", b"[]"),
    ],
)
def test_bad_wishes_change_nothing(calm: RunningSimulator, name: str, body: bytes) -> None:
    """400 with a reason; the world and the desk are what they were."""
    before = calm.world.truth()
    calm.desk.latency_ms = 0.5
    answer = httpx2.post(f"{calm.control_url}/{name}", content=body, verify=False)
    assert answer.status_code == 400
    assert answer.json().keys() == {"err"}
    assert (calm.world.truth(), calm.desk.latency_ms) == (before, 0.5)


def test_latency_is_spent_on_every_request(http: httpx2.Client, sim: RunningSimulator) -> None:
    """With much of it everything is too late, taken back nothing is; below zero there is none."""
    assert control(sim, "latency", {"ms": 30_000}) == {"ms": 30_000}
    for path in ("/user", "/nowhere"):
        with pytest.raises(httpx2.ReadTimeout):
            http.get(path, timeout=0.05)
    assert control(sim, "latency", {"ms": -5}) == {"ms": 0}
    assert http.get("/user").status_code == 200


def test_control_paths_are_not_clickups(reader: httpx2.Client, calm: RunningSimulator) -> None:
    """They lie beside the API, know their own methods only, and are no routes of it."""
    assert reader.get("/_simulator/truth").status_code == 404
    assert reader.get(f"{calm.control_url}/nothing").status_code == 404
    assert reader.get(f"{calm.control_url}/mutate").status_code == 404


def test_a_mass_edit_has_one_time_stamp_or_those_of_a_minute(sim: RunningSimulator) -> None:
    """All at once, or spread over the time that it takes, which has passed afterwards."""
    before = sim.world.clock.now_ms()
    assert control(sim, "mass_edit", {"n": 7}) == {"edited": 7}
    assert len(_edited_since(sim, before)) == 7
    assert len(set(_edited_since(sim, before).values())) == 1
    before = sim.world.clock.now_ms() + 1
    control(sim, "mass_edit", {"n": 7, "within_s": 60})
    stamps = sorted(_edited_since(sim, before).values())
    assert len(set(stamps)) == 7
    assert 50_000 < stamps[-1] - stamps[0] < 60_000
    assert sim.world.clock.now_ms() >= stamps[0] + 60_000


def _edited_since(sim: RunningSimulator, instant_ms: int) -> dict[str, int]:
    return {
        task.id: task.date_updated for task in sim.world.tasks.values() if task.date_updated >= instant_ms
    }


def test_time_passes_when_it_is_told_to(sim: RunningSimulator) -> None:
    """The answer says what time it is then."""
    before = sim.world.clock.now_ms()
    assert control(sim, "clock", {"advance_s": 75})["now_ms"] >= before + 75_000


def test_a_strict_server_refuses_what_the_document_does_not_allow(
    http: httpx2.Client, sim: RunningSimulator
) -> None:
    """An unknown parameter and a missing header are 422, without ClickUp's error object."""
    assert http.get("/user?fast=true").status_code == 200
    assert control(sim, "strict", {"on": True}) == {"on": True}
    assert http.get("/user").status_code == 200
    refused = http.get("/user?fast=true")
    assert refused.status_code == 422
    assert "ECODE" not in refused.json()
    path = f"/team/{sim.team_id}/time_entries"
    assert http.get(path).json()["validation"][0]["location"] == ["header", "content-type"]
    assert http.get(path, headers={"Content-Type": "application/json"}).status_code == 200
    control(sim, "reset")
    assert http.get("/user?fast=true").status_code == 200
