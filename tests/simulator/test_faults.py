"""Faults on the way: refusals, broken connections, slowness. One by one, each does what it says."""

import httpx2
import pytest

from app.simulator.faults import ACTIONS
from app.simulator.server import RunningSimulator
from tests.simulator import test_spoilt_answers
from tests.simulator.conftest import client
from tests.simulator.reading import ALL, refusal


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_error_5xx_is_html(reader: httpx2.Client, calm: RunningSimulator, status: int) -> None:
    """A server's error comes as HTML, once, and then all is well."""
    calm.faults.add("error", "/user", amount=status)
    answer = reader.get("/user")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "text/html"
    assert answer.text.startswith("<html>")
    assert reader.get("/user").json()["user"]


def test_error_is_500_by_itself_and_json_below(reader: httpx2.Client, calm: RunningSimulator) -> None:
    """Without an amount the status is 500; below that the answer is of ClickUp's error shape."""
    calm.faults.add("error", "/user")
    assert reader.get("/user").status_code == 500
    calm.faults.add("error", "/user", amount=403)
    assert refusal(reader.get("/user")) == (403, "ITEMV2_003")


def test_reset_breaks_the_connection(reader: httpx2.Client, calm: RunningSimulator) -> None:
    """No answer at all, and the request counts as asked, not as answered."""
    calm.faults.add("reset", "/user")
    with pytest.raises(httpx2.NetworkError):
        reader.get("/user")
    assert (calm.requests.total, sum(calm.requests.by_status.values())) == (1, 0)
    assert reader.get("/user").status_code == 200


def test_reset_breaks_one_connection_only(calm: RunningSimulator) -> None:
    """Another client's connection stays."""
    with client(calm) as one, client(calm) as other:
        assert other.get("/user").status_code == one.get("/user").status_code == 200
        calm.faults.add("reset", "/team")
        with pytest.raises(httpx2.NetworkError):
            one.get("/team")
        stream = other.get("/user").extensions["network_stream"]
        assert other.get("/user").extensions["network_stream"] is stream


def test_cut_breaks_in_the_middle_of_the_body(reader: httpx2.Client, calm: RunningSimulator) -> None:
    """Status and length arrive, and half of the body."""
    calm.faults.add("cut", "/team")
    arrived = b""
    with pytest.raises(httpx2.RemoteProtocolError), reader.stream("GET", "/team") as answer:
        assert answer.status_code == 200
        for part in answer.iter_raw():
            arrived += part
    assert len(arrived) == int(answer.headers["content-length"]) // 2 > 0
    assert reader.get("/team").content.startswith(arrived)


def test_slow_outlasts_a_time_out(http: httpx2.Client, sim: RunningSimulator) -> None:
    """The answer takes `amount` seconds longer, and only that one; meanwhile others are answered."""
    sim.faults.add("slow", "/user", amount=30)
    with pytest.raises(httpx2.ReadTimeout):
        http.get("/user", timeout=0.1)
    assert http.get("/team").status_code == 200
    assert http.get("/user").status_code == 200


def test_dead_token(reader: httpx2.Client, calm: RunningSimulator) -> None:
    """401 with the code that says that the token itself is dead."""
    calm.faults.add("dead_token")
    assert refusal(reader.get("/team")) == (401, "OAUTH_019")
    assert reader.get("/team").status_code == 200


def test_no_permission(reader: httpx2.Client, calm: RunningSimulator) -> None:
    """401 with a code that speaks of the object only."""
    calm.faults.add("no_permission", f"/team/{calm.team_id}/task")
    assert reader.get("/user").status_code == 200
    assert refusal(reader.get(f"/team/{calm.team_id}/task")) == (401, "OAUTH_027")


def test_ok_with_error(reader: httpx2.Client, calm: RunningSimulator) -> None:
    """200 with an error inside, and no rows."""
    calm.faults.add("ok_with_error", f"/team/{calm.team_id}/task")
    assert refusal(reader.get(f"/team/{calm.team_id}/task", params=ALL)) == (200, "APP_001")


def test_refused_calls_cost_budget(reader: httpx2.Client, calm: RunningSimulator) -> None:
    """An error on the way is a call like any other; a refused one is not."""
    for action in ("error", "ok_with_error", "no_permission", "rate_limit"):
        calm.faults.add(action, "/user")  # all at once on one request, and the limit comes first
    assert [reader.get("/user").status_code for _ in range(2)] == [429, 200]
    assert reader.get("/user").headers["X-RateLimit-Remaining"] == "9998"


def test_every_action_has_a_test() -> None:
    """Each fault is tested by a function that names it, here, for the limit or for spoilt answers."""
    names = " ".join([*globals(), *vars(test_spoilt_answers), "test_rate_limit"])
    assert not [action for action in ACTIONS if f"test_{action}" not in names]


def test_proxy_page_is_html_and_no_word_of_clickups(http: httpx2.Client, sim: RunningSimulator) -> None:
    """A firewall's page has a status and nothing of ClickUp's: no error object, no budget."""
    sim.faults.add("proxy_page", "/user")
    page = http.get("/user")
    assert (page.status_code, page.headers["content-type"]) == (403, "text/html")
    assert "x-ratelimit-limit" not in page.headers


def test_empty_is_a_status_alone(http: httpx2.Client, sim: RunningSimulator) -> None:
    """401 and not one byte, unless another status is asked for."""
    sim.faults.add("empty", "/team")
    sim.faults.add("empty", "/user", amount=403)
    nothing, other = http.get("/team"), http.get("/user")
    assert (nothing.status_code, nothing.content) == (401, b"")
    assert (other.status_code, other.content) == (403, b"")


def test_a_refusal_carries_the_code_that_the_rule_names(http: httpx2.Client, sim: RunningSimulator) -> None:
    """Of the token, of an object, or any other."""
    for action, ecode in (("dead_token", "OAUTH_021"), ("no_permission", "ACCESS_016"), ("error", "ODD_1")):
        sim.faults.add(action, "/user", ecode=ecode, amount=400)
        assert http.get("/user").json()["ECODE"] == ecode
