"""`python -m bench --tools`: how long each tool of the MCP server takes, and how much it answers."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from http.client import HTTPConnection
from itertools import islice, product
from pathlib import Path
from socket import create_server
from time import monotonic, sleep
from typing import Any

import psycopg
from rich.console import Console
from rich.table import Table

from app.simulator.server import RunningSimulator
from app.simulator.world import World
from app.sql.embedded import fresh_database

_ROUNDS = 40
_BYTES_A_TOKEN = 4
Asked = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Known:
    """What there is to ask about: ids of a few of each kind, spread over all."""

    tasks: list[str]
    people: list[str]
    spaces: list[str]
    folders: list[str]
    lists: list[str]


def _each(name: str, values: list[str]) -> Iterator[Asked]:
    return ({name: value} for value in values)


def _mixed(**choices: list[Any]) -> Iterator[Asked]:
    return (dict(zip(choices, values, strict=True)) for values in product(*choices.values()))


_DAYS_BACK = (7, 30, 60)


def _days_back(days: int) -> str:
    return (date.today() - timedelta(days=days)).isoformat()


# What each tool is asked, in turn.
_QUESTIONS: dict[str, Callable[[Known], Iterator[Asked]]] = {
    "get_workspaces": lambda _: iter([{}]),
    "get_spaces": lambda _: iter([{}]),
    "get_space": lambda known: _each("space_id", known.spaces),
    "get_folder": lambda known: _each("folder_id", known.folders),
    "get_list": lambda known: _each("list_id", known.lists),
    "find_places": lambda _: _each("name", ["a", "list", "о", "1"]),
    "find_people": lambda _: iter([{}, {"active": True}]),
    "find_tasks": lambda known: iter(
        [
            {}, {"q": "report"}, {"sort": "due"}, {"sort": "-tracked", "detail": "full"},
            {"sort": "title"},
            *_each("assignee", known.people[:3]), *_each("place", known.lists[:3]),
            {"status_type": ["open"], "priority": ["urgent"]}, {"with_comments": True},
        ]
    ),
    "get_task": lambda known: _each("task_id", known.tasks),
    "count_tasks_by_status": lambda known: iter([{}, *_each("place", known.spaces)]),
    "list_changes": lambda known: iter([{}, *_each("task_id", known.tasks[:4]), {"field": "status"}]),
    "find_time_entries": lambda known: iter([{}, *_each("person", known.people[:4])]),
    "get_time_report": lambda _: _mixed(
        group_by=["person", "list", "space"],
        per=["total", "day", "week"],
        **{"from": [_days_back(n) for n in _DAYS_BACK]},
    ),
    "get_timesheet": lambda known: _mixed(person=known.people, **{"from": [_days_back(30)]}),
    "get_running_timers": lambda _: iter([{}]),
    "list_attention": lambda _: _each("condition", ["overdue", "at_risk", "stale", "blocked", "untracked"]),
    "get_workload": lambda known: iter([{}, *_each("place", known.spaces[:3])]),
    "list_waiting_comments": lambda known: iter([{}, *_each("person", known.people[:4])]),
    "get_standup": lambda _: _each("date", ["today", "yesterday"]),
    "get_weekly_digest": lambda _: _each("date", ["this week", "last week"]),
    "get_progress": lambda _: _mixed(
        **{"from": [_days_back(n) for n in _DAYS_BACK]}, group_by=["all", "space", "list", "person"]
    ),
    "get_estimate_accuracy": lambda _: _mixed(group_by=["all", "space", "list", "person"]),
    "get_sync_status": lambda _: iter([{}]),
    "query": lambda _: _each(
        "sql",
        [
            "SELECT status, count(*) FROM tasks GROUP BY status",
            "SELECT * FROM tasks ORDER BY date_updated DESC LIMIT 20",
        ],
    ),
}  # fmt: skip


def measure_tools(console: Console, tasks: int, data_dir: Path) -> None:
    """Prints a row for each tool. Raises SystemExit for a tool that is not asked here, and for an error."""
    url = fresh_database(data_dir, "bench").url
    with RunningSimulator(World.generate(1, tasks=tasks), rate_limit=100_000_000) as simulator:
        settings = {
            "CLICKUP_API_TOKEN": simulator.token, "CLICKUP_BASE_URL": simulator.base_url, "DATABASE_URL": url,
            "CLICKUP_TEAM_ID": simulator.team_id, "LOG_LEVEL": "error",
        }  # fmt: skip
        sync = [sys.executable, "-m", "app", "sync", "--json"]
        subprocess.run(
            sync,
            cwd=data_dir,
            env=os.environ | settings,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    known = _look(url)
    with _server(settings, data_dir) as connection:
        offered = [tool["name"] for tool in _call(connection, "tools/list", {})["tools"]]
        if missing := set(offered) - _QUESTIONS.keys():
            raise SystemExit(f"not asked here: {', '.join(sorted(missing))}")
        console.print(_table(tasks, [_measure(connection, name, known) for name in offered]))


@dataclass(frozen=True, slots=True)
class _Figures:
    name: str
    median_ms: float
    p95_ms: float
    tokens: int


def _measure(connection: HTTPConnection, name: str, known: Known) -> _Figures:
    questions = list(islice(_QUESTIONS[name](known), _ROUNDS))
    took, largest = [], 0
    for number in range(_ROUNDS):
        asked = {"name": name, "arguments": questions[number % len(questions)]}
        began = monotonic()
        answer = _call(connection, "tools/call", asked)
        took.append((monotonic() - began) * 1000)
        if answer.get("isError"):
            raise SystemExit(f"{asked}: {answer['content']}")
        largest = max(largest, len(json.dumps(answer["structuredContent"], ensure_ascii=False).encode()))
    took.sort()
    return _Figures(name, took[_ROUNDS // 2], took[int(_ROUNDS * 0.95)], largest // _BYTES_A_TOKEN)


def _look(url: str) -> Known:
    with psycopg.connect(url) as connection:

        def ids(query: str) -> list[str]:
            return [row[0] for row in connection.execute(query.encode())]

        return Known(
            tasks=ids("SELECT clickup_task_id FROM tasks ORDER BY md5(clickup_task_id) LIMIT 40"),
            people=ids("SELECT clickup_user_id FROM employees WHERE is_active ORDER BY 1 LIMIT 10"),
            spaces=ids("SELECT space_id FROM spaces WHERE NOT is_deleted ORDER BY 1 LIMIT 10"),
            folders=ids("SELECT folder_id FROM folders WHERE NOT is_deleted ORDER BY 1 LIMIT 10"),
            lists=ids("SELECT list_id FROM lists WHERE NOT is_deleted ORDER BY 1 LIMIT 10"),
        )


@contextmanager
def _server(settings: dict[str, str], folder: Path) -> Iterator[HTTPConnection]:
    with create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "app", "mcp", "--port", str(port)]
    with subprocess.Popen(
        command, cwd=folder, env=os.environ | settings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            while not _listens(port):
                if process.poll() is not None:
                    raise SystemExit(f"the MCP server ended with exit code {process.returncode}")
                sleep(0.1)
            yield HTTPConnection("127.0.0.1", port, timeout=60)
        finally:
            process.terminate()


def _listens(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.connect()
    except OSError:
        return False
    connection.close()
    return True


def _call(connection: HTTPConnection, method: str, params: Asked) -> Any:
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
    headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
    connection.request("POST", "/mcp", body, headers)
    text = connection.getresponse().read().decode()
    answer = json.loads(text.partition("data: ")[2] if text.startswith("event:") else text)
    if "error" in answer:
        raise SystemExit(f"{method} {params}: {answer['error']}")
    return answer["result"]


def _table(tasks: int, figures: list[_Figures]) -> Table:
    table = Table(title=f"{tasks:,} tasks, one question after the other", title_justify="left")
    for column in ("tool", "half within ms", "95 of 100 within ms", "largest answer in tokens"):
        table.add_column(column, justify="left" if column == "tool" else "right", no_wrap=True)
    for row in figures:
        table.add_row(row.name, f"{row.median_ms:.0f}", f"{row.p95_ms:.0f}", f"{row.tokens:,}")
    return table
