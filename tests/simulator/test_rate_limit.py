"""The rate limit and its headers."""

from collections.abc import Iterator
from email.utils import parsedate_to_datetime

import httpx2
import pytest

from app.simulator.server import RunningSimulator
from tests.simulator.conftest import NOON, client, small_world
from tests.simulator.reading import refusal


@pytest.fixture
def strict() -> Iterator[RunningSimulator]:
    """Five calls in each ten seconds, at the start of a window."""
    with RunningSimulator(small_world(tasks=5), rate_limit=5, rate_window_s=10) as running:
        yield running


def headers(answer: httpx2.Response) -> tuple[int, int, int]:
    names = ("limit", "remaining", "reset")
    limit, remaining, reset = (int(answer.headers[f"X-RateLimit-{name}"]) for name in names)
    return limit, remaining, reset


def test_a_budget_is_spent_and_comes_back(strict: RunningSimulator) -> None:
    """Five calls go through, the sixth is 429 until `Reset`; then the budget is whole again."""
    with client(strict) as http:
        remaining = [headers(http.get("/user"))[1] for _ in range(5)]
        assert remaining == [4, 3, 2, 1, 0]
        refused = http.get("/user")
        assert refusal(refused) == (429, "APP_002")
        assert headers(refused) == (5, 0, NOON // 1_000 + 10)
        strict.world.clock.advance(9.999)
        assert http.get("/user").status_code == 429
        strict.world.clock.advance(0.001)
        assert headers(http.get("/user")) == (5, 4, NOON // 1_000 + 20)
    assert strict.requests.refused == 2


def test_reset_minus_date_is_the_wait(strict: RunningSimulator) -> None:
    """The `Date` header follows the same clock, so that the difference needs no clock of one's own."""
    strict.world.clock.advance(3)
    with client(strict) as http:
        answer = http.get("/user")
    date = parsedate_to_datetime(answer.headers["Date"]).timestamp()
    assert headers(answer)[2] - date == 7


def test_headers_are_on_every_answer(strict: RunningSimulator) -> None:
    """Whether well, refused, spoilt, unknown or without a token: each answer carries all three."""
    strict.desk.rate.limit = 100
    strict.faults.add("error", "/team")
    strict.faults.add("garbage", f"/team/{strict.team_id}/task")
    strict.faults.add("rate_limit", "/user", after=1)
    paths = (
        "/user",
        "/user",
        "/team",
        "/nowhere",
        "/task/x",
        f"/team/{strict.team_id}/task",
        "/space/1/list",
    )
    with client(strict) as http:
        answers = [http.get(path) for path in paths]
    answers += [
        httpx2.get(f"{strict.base_url}/user", verify=False),
        httpx2.get(strict.base_url, headers={"Authorization": "x"}, verify=False),
    ]
    assert [one.status_code for one in answers] == [200, 429, 500, 404, 404, 200, 404, 401, 401]
    assert {headers(one)[0] for one in answers} == {100}


def test_each_token_has_its_own_budget(strict: RunningSimulator) -> None:
    """One token's spending leaves another's untouched; the scheme word makes no other token."""
    other = strict.world.token_for(strict.world.members()[1].id)
    with client(strict) as mine, client(strict, other) as theirs, client(strict, f"Bearer {other}") as same:
        for _ in range(6):
            last = mine.get("/user")
        assert last.status_code == 429
        assert headers(theirs.get("/user"))[1] == 4
        assert headers(same.get("/user"))[1] == 3


def test_others_spend_the_same_budget(strict: RunningSimulator) -> None:
    """With `foreign_cost` each call costs more than itself, and what is left never falls below zero."""
    strict.desk.foreign_cost = 1
    with client(strict) as http:
        answers = [http.get("/user") for _ in range(4)]
    assert [headers(one)[1] for one in answers] == [3, 1, 0, 0]
    assert [one.status_code for one in answers] == [200, 200, 200, 429]


def test_refused_calls_cost_nothing(strict: RunningSimulator) -> None:
    """However often one asks in vain, the next window has its whole budget."""
    with client(strict) as http:
        for _ in range(20):
            http.get("/user")
        strict.world.clock.advance(10)
        assert headers(http.get("/user"))[1] == 4
    assert strict.requests.by_status == {200: 6, 429: 15}


def test_wrong_requests_cost_too(strict: RunningSimulator) -> None:
    """A 404 and a 400 are calls like any other."""
    with client(strict) as http:
        http.get("/nowhere")
        http.get(f"/team/{strict.team_id}/task", params={"page": "x"})
        assert headers(http.get("/user"))[1] == 2


@pytest.mark.parametrize(("wait", "retry_after"), [(3, "3"), (0.2, "1"), (0, None)])
def test_a_refusal_out_of_the_blue(calm: RunningSimulator, wait: float, retry_after: str | None) -> None:
    """The fault `rate_limit` refuses though there is budget left, over after `amount` seconds."""
    calm.faults.add("rate_limit", amount=wait)
    with client(calm) as http:
        refused, after = http.get("/user"), http.get("/user")
    assert refused.status_code == 429
    assert headers(refused)[1] == 0
    assert refused.headers.get("Retry-After") == retry_after
    assert headers(refused)[2] == calm.world.clock.now_ms() // 1_000 + (
        int(retry_after) if retry_after else 0
    )
    assert (after.status_code, headers(after)[1]) == (200, 9_999)
