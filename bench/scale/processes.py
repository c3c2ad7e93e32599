"""The processes of a campaign: the simulated ClickUp, workers, and the one that receives webhooks."""

import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from socket import create_server
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import psutil

from app.config import Settings
from bench.scale.plan import Plan

_END_SECONDS = 60
_EVENT = re.compile(r"^\S+Z \[(?:warning|error) *\] (\S+)", re.MULTILINE)
_ANSWER_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Simulator:
    """The simulated ClickUp. `tokens`: of each workspace, by its id."""

    process: "subprocess.Popen[str]"
    base_url: str
    tokens: dict[str, str]

    def ask(self, what: str, workspace_id: str) -> Any:
        """What one of its own paths answers for a workspace."""
        return self._call(what, workspace_id, None)

    def tell(self, what: str, workspace_id: str, **wish: Any) -> Any:
        """Has something happen in a workspace."""
        return self._call(what, workspace_id, json.dumps(wish).encode())

    def _call(self, what: str, workspace_id: str, body: bytes | None) -> Any:
        origin = self.base_url.removesuffix("/api/v2")
        url = f"{origin}/_simulator/{what}?{urlencode({'world': workspace_id})}"
        request = Request(url, data=body, headers={"Content-Type": "application/json"})
        with urlopen(request, timeout=_ANSWER_SECONDS) as answer:
            return json.loads(answer.read())


@contextmanager
def simulating(plan: Plan) -> Iterator[Simulator]:
    """A simulated ClickUp in a process of its own, with one workspace more than the plan says."""
    command = [
        sys.executable, "-m", "app", "simulator", "--port", "0", "--workspaces", str(plan.workspaces + 1),
        "--tasks", str(plan.tasks), "--rate-limit", str(plan.rate_limit),
        "--latency-ms", str(plan.latency_ms),
    ]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment({})) as process:
        try:
            tokens, base_url = _read_tokens(process)
            named = _workspace_ids(base_url)
            yield Simulator(process, base_url, {named[token]: token for token in tokens})
        finally:
            process.terminate()


def _read_tokens(process: "subprocess.Popen[str]") -> tuple[list[str], str]:
    assert process.stdout is not None
    tokens, base_url = list[str](), ""
    for line in process.stdout:
        token, base_url = (word.partition("=")[2] for word in line.split()[-2:])
        tokens.append(token)
        if line.startswith("ready:"):
            return tokens, base_url
    raise SystemExit("the simulated ClickUp did not start")


def _workspace_ids(base_url: str) -> dict[str, str]:
    with urlopen(f"{base_url.removesuffix('/api/v2')}/_simulator/worlds", timeout=_ANSWER_SECONDS) as answer:
        return {world["token"]: world["id"] for world in json.loads(answer.read())}


@dataclass(slots=True)
class Workers:
    """Worker processes, by what names the database knows them, and what they used. `settings`: their
    environment.
    """

    plan: Plan
    folder: Path
    settings: Mapping[str, str]
    running: list["subprocess.Popen[bytes]"] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    _started: int = 0
    _used_by_ended: float = 0.0

    def start(self) -> None:
        """One more. Its name in the database tells it from the others."""
        self._started += 1
        name = f"worker {self._started}"
        command = [sys.executable, "-m", "app", "worker", "--concurrency", str(self.plan.concurrency)]
        with (self.folder / f"{name}.log").open("wb") as log:
            named = environment({**self.settings, "PGAPPNAME": name})
            process = subprocess.Popen(command, cwd=self.folder, env=named, stdout=log, stderr=log)
        self.running.append(process)
        self.names.append(name)

    def kill(self, number: int) -> None:
        """Kill -9."""
        self._end(number, signal.SIGKILL)

    def end(self, number: int) -> None:
        """Tells it to end, and waits until it has."""
        self._end(number, signal.SIGTERM)

    def pause(self, number: int) -> None:
        """It stands still, wherever it is."""
        self.running[number].send_signal(signal.SIGSTOP)

    def go_on(self, number: int) -> None:
        """As if nothing had happened."""
        self.running[number].send_signal(signal.SIGCONT)

    def processor_seconds(self) -> float:
        """Of all workers so far."""
        return self._used_by_ended + sum(processor_seconds(one.pid) for one in self.running)

    def complaints(self) -> Counter[str]:
        """How often the logs of all processes name each event; they have warnings and errors only."""
        texts = [log.read_text(errors="replace") for log in self.folder.glob("*.log")]
        return Counter(event for text in texts for event in _EVENT.findall(text))

    def _end(self, number: int, signal_number: int) -> None:
        process = self.running.pop(number)
        del self.names[number]
        self._used_by_ended += processor_seconds(process.pid)
        process.send_signal(signal_number)
        process.wait(_END_SECONDS)

    def restart_all(self, settings: Mapping[str, str]) -> None:
        """Ends all in order, and starts as many with other settings."""
        number, self.settings = len(self.running), settings
        for _ in range(number):
            self.end(0)
        for _ in range(number):
            self.start()

    def end_all(self) -> None:
        """None is left."""
        for process in self.running:
            process.send_signal(signal.SIGCONT)
            process.kill()
            process.wait()


@contextmanager
def working(plan: Plan, folder: Path, settings: Mapping[str, str]) -> Iterator[Workers]:
    """The workers of the plan."""
    workers = Workers(plan, folder, settings)
    try:
        for _ in range(plan.workers):
            workers.start()
        yield workers
    finally:
        workers.end_all()


def processor_seconds(pid: int) -> float:
    """What a process used so far, without its children."""
    used = psutil.Process(pid).cpu_times()
    return float(used.user + used.system)


def processor_seconds_of_all(pid: int) -> float:
    """What a process and all its children used so far, those that ended as well."""
    process = psutil.Process(pid)
    ended = process.cpu_times()
    living = 0.0
    for child in process.children(recursive=True):
        try:
            living += processor_seconds(child.pid)
        except psutil.NoSuchProcess:
            continue
    return float(ended.user + ended.system + ended.children_user + ended.children_system) + living


def free_port() -> int:
    """One that nobody listens on now."""
    with create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """No setting of a real mirror."""
    kept = {name: value for name, value in os.environ.items() if name.lower() not in Settings.model_fields}
    return kept | {"PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONUNBUFFERED": "1", **settings}
