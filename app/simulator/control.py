"""The simulator's own paths, for tests and demos in another process. ClickUp has none of them."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from random import Random
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.simulator.request import Json
from app.simulator.state import SimulatorState
from app.simulator.worlds import Worlds

Control = Callable[[SimulatorState, Json], Any]


@dataclass(frozen=True, slots=True)
class ControlRoute:
    """Answers 400 with `{"err": …}` when what was asked for makes no sense."""

    worlds: Worlds
    control: Control

    async def __call__(self, request: Request) -> Response:
        """The answer, with the body read as an object of wishes."""
        try:
            raw = await request.body()
            wish = orjson.loads(raw) if raw else {}
            if not isinstance(wish, dict):
                raise TypeError("The body must be an object")
            answer = self.control(self.worlds.choose(request.query_params.get("world")), wish)
        except (ValueError, TypeError, KeyError) as error:
            return _json({"err": str(error)}, 400)
        return _json(answer, 200)


def _json(answer: Any, status: int) -> Response:
    return Response(orjson.dumps(answer), status, media_type="application/json")


def truth(desk: SimulatorState, wish: Json) -> Any:
    """See `truth.tell`."""
    return desk.world.truth()


def requests(desk: SimulatorState, wish: Json) -> Any:
    """See `RequestLog.as_dict` and `RateLimit.most_used`."""
    return desk.requests.as_dict() | {"most_in_window": desk.rate.most_used}


def reset(desk: SimulatorState, wish: Json) -> Any:
    """Empties the request log and the rate windows, takes back faults, latency and strictness.

    The world stays.
    """
    desk.requests.reset()
    desk.rate.forget()
    desk.faults.clear()
    desk.latency_ms, desk.strict = 0.0, False
    return {}


def mutate(desk: SimulatorState, wish: Json) -> Any:
    """`{n, seed, kinds}` → what was done."""
    kinds = frozenset(map(str, wish["kinds"])) if wish.get("kinds") else None
    done = desk.world.mutate(Random(int(wish.get("seed", 0))), int(wish.get("n", 1)), kinds)
    return {"done": [asdict(one) for one in done]}


def odd(desk: SimulatorState, wish: Json) -> Any:
    """`{id, values: {field: value}}`: sent of that object from now on; without values the true ones."""
    desk.world.send_odd(str(wish["id"]), **wish.get("values", {}))
    return {"objects": len(desk.world.odd_values)}


def faults(desk: SimulatorState, wish: Json) -> Any:
    """`{seed, rules: [{action, path, times, …}]}` instead of the rules in force."""
    desk.faults.replace(int(wish.get("seed", 0)), wish.get("rules", []))
    return {"rules": len(desk.faults.rules)}


def latency(desk: SimulatorState, wish: Json) -> Any:
    """`{ms}` on every request from now on."""
    desk.latency_ms = max(0.0, float(wish.get("ms", 0)))
    return {"ms": desk.latency_ms}


def limit(desk: SimulatorState, wish: Json) -> Any:
    """`{calls}` in a window for each token from now on."""
    desk.rate.limit = max(1, int(wish["calls"]))
    return {"calls": desk.rate.limit}


def mass_edit(desk: SimulatorState, wish: Json) -> Any:
    """`{n, within_s}`: the first `n` live tasks get another priority, within so many seconds."""
    with desk.world.lock:
        live = [task.id for task in desk.world.tasks.values() if not task.deleted][: int(wish.get("n", 100))]
        other = 1 + (desk.world.tasks[live[0]].priority or 0) % 4 if live else 1
        desk.world.edit_tasks(live, within_s=float(wish.get("within_s", 0)), priority=other)
    return {"edited": len(live)}


def clock(desk: SimulatorState, wish: Json) -> Any:
    """`{advance_s}`: so much time passes at once."""
    desk.world.clock.advance(max(0.0, float(wish.get("advance_s", 0))))
    return {"now_ms": desk.world.clock.now_ms()}


def strict(desk: SimulatorState, wish: Json) -> Any:
    """`{on}`: whether requests that ClickUp's published document does not allow are refused."""
    desk.strict = wish.get("on", True) is True
    return {"on": desk.strict}


def control_routes(worlds: Worlds) -> list[Route]:
    """All of them, below `/_simulator`."""

    def route(method: str, name: str, control: Control) -> Route:
        endpoint = ControlRoute(worlds, control)
        return Route(f"/_simulator/{name}", endpoint.__call__, methods=[method])

    async def list_worlds(_: Request) -> Response:
        return _json(worlds.as_list(), 200)

    return [
        Route("/_simulator/worlds", list_worlds, methods=["GET"]),
        route("GET", "truth", truth),
        route("GET", "requests", requests),
        route("POST", "reset", reset),
        route("POST", "mutate", mutate),
        route("POST", "faults", faults),
        route("POST", "latency", latency),
        route("POST", "limit", limit),
        route("POST", "odd", odd),
        route("POST", "mass_edit", mass_edit),
        route("POST", "clock", clock),
        route("POST", "strict", strict),
    ]
