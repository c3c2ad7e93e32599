"""Everything at once: a workspace that changes, a ClickUp that fails, a database and a service that die.

One seed makes one story: the same changes, misfortunes and deaths in the same order.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from threading import Event, Thread

import orjson
import psycopg

from app.simulator.faults import Faults
from app.simulator.server import RunningSimulator
from app.sql.embedded import fresh_database
from tests.cli import command
from tests.engine.conftest import small_world
from tests.engine.mirror import Mirror
from tests.engine.service.running import STILL, free_socket

_TROUBLE = ("rate_limit", "error", "reset", "cut", "ok_with_error", "slow")
_HURRY = {
    **STILL,
    "sync_interval_seconds": 1,
    "full_sync_interval_seconds": 4,
    "verify_interval_seconds": 3,
    "webhook_check_seconds": 2,
    "token_probe_seconds": 1,
    "request_timeout_seconds": 5,
    "log_level": "error",
}


@dataclass(slots=True)
class Watch:
    """What was true of each task, and what the mirror must therefore never have said.

    `deleted`, `idle`: tasks that were deleted, or had no tracked minute, at some time. `busy`: tasks for
    which the mirror once showed minutes.
    """

    mirror: Mirror
    deleted: set[str] = field(default_factory=set)
    idle: set[str] = field(default_factory=set)
    busy: set[str] = field(default_factory=set)
    lies: list[str] = field(default_factory=list)
    over: Event = field(default_factory=Event)

    def note_truth(self) -> None:
        """Called after each single change, so that nothing is missed in between."""
        truth = self.mirror.world.truth()
        self.deleted |= set(truth["deleted_tasks"])
        self.idle |= {key for key, task in truth["tasks"].items() if task["tracked_ms"] < 60_000}

    def look(self) -> None:
        """Adds every lie that the mirror tells at this moment."""
        for row in self.mirror.rows("SELECT clickup_task_id AS id, is_deleted, tracked_minutes FROM tasks"):
            if row["is_deleted"] and row["id"] not in self.deleted:
                self.lies.append(f"task {row['id']} lives and is marked deleted")
            elif row["tracked_minutes"]:
                self.busy.add(row["id"])
            elif row["id"] in self.busy - self.idle - self.deleted:
                self.lies.append(f"task {row['id']} has known time and shows none")

    def keep_looking(self) -> None:
        while not self.over.wait(0.05):
            # The database may be down just now: then it tells no lies.
            with suppress(psycopg.Error):
                self.look()


@dataclass(slots=True)
class Stage:
    """One story's workspace, database and service process."""

    random: Random
    folder: Path
    mirror: Mirror
    watch: Watch
    port: int
    process: "subprocess.Popen[str] | None" = None
    told: list[str] = field(default_factory=list)

    def start_service(self) -> None:
        settings = {**_HURRY, "public_url": f"http://127.0.0.1:{self.port}"}
        self.process = command.start(
            self.folder, "serve", "--port", str(self.port), clickup_api_token=self.mirror.sim.token,
            clickup_base_url=self.mirror.sim.base_url, clickup_team_id=self.mirror.sim.team_id,
            database_url=self.mirror.database_url, **settings,
        )  # fmt: skip

    def end_service(self, how: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(how)
        self.process.communicate(timeout=120)
        with suppress(psycopg.Error):
            self.mirror.rows(
                "UPDATE clickup_jobs.procrastinate_workers SET last_heartbeat = now() - interval '1 hour'"
            )


def change(stage: Stage) -> None:
    for _ in range(stage.random.randint(1, 8)):
        stage.mirror.world.mutate(stage.random, 1)
        stage.watch.note_truth()


def trouble(stage: Stage) -> None:
    """Another share of the requests fails, in another way; or none."""
    faults, share = stage.mirror.faults, stage.random.choice((0, 0.03, 0.1, 0.25))
    faults.clear()
    for action in stage.random.sample(_TROUBLE, 3):
        amount = 0.2 if action in ("slow", "rate_limit") else 0
        faults.add(action, times=None, probability=share, amount=amount)


def lagging_index(stage: Stage) -> None:
    stage.mirror.faults.add("lag", "/team/*/task", times=20, amount=2)


def hidden_rows(stage: Stage) -> None:
    stage.mirror.faults.add("miss_rows", "/team/*/task", times=5, amount=0.3)


def dead_token(stage: Stage) -> None:
    stage.mirror.world.kill_token()
    time.sleep(stage.random.uniform(0.5, 2))
    stage.mirror.world.revive_token()


def kill_service(stage: Stage) -> None:
    stage.end_service(signal.SIGKILL)
    stage.start_service()


def stop_service(stage: Stage) -> None:
    stage.end_service(signal.SIGTERM)
    stage.start_service()


def restart_database(stage: Stage) -> None:
    pid_file = stage.folder / "postgres" / "postmaster.pid"
    os.kill(int(pid_file.read_text().split()[0]), signal.SIGINT)
    while pid_file.exists():
        time.sleep(0.05)
    time.sleep(stage.random.uniform(0, 1))
    assert command.run(stage.folder, "database", "--data-dir", str(stage.folder)).returncode == 0


def lose_deliveries(stage: Stage) -> None:
    webhooks = stage.mirror.sim.webhooks
    webhooks.lost, webhooks.duplicates = stage.random.choice((0, 0.5, 1)), stage.random.choice((0, 0.5))
    webhooks.shuffled = stage.random.choice((0, 0.5))


STEPS: dict[Callable[[Stage], None], int] = {
    change: 30,
    trouble: 4,
    lagging_index: 2,
    hidden_rows: 2,
    dead_token: 1,
    kill_service: 2,
    stop_service: 1,
    restart_database: 1,
    lose_deliveries: 2,
}


@contextmanager
def staged(seed: int, folder: Path) -> Iterator[Stage]:
    """A service over a database and a workspace of its own."""
    random = Random(f"chaos {seed}")
    world = small_world(seed, tasks=random.choice((60, 150, 230)), comments=40, entries=80)
    url = fresh_database(folder, "chaos").url
    with free_socket() as probe:
        port = probe.getsockname()[1]
    with RunningSimulator(world, faults=Faults(seed)) as simulator:
        mirror = Mirror(simulator, url)
        stage = Stage(random, folder, mirror, Watch(mirror), port)
        watching = Thread(target=stage.watch.keep_looking, daemon=True)
        stage.watch.note_truth()
        stage.start_service()
        watching.start()
        try:
            yield stage
        finally:
            stage.watch.over.set()
            watching.join()
            stage.end_service(signal.SIGKILL)
            command.run(folder, "database", "--stop", "--data-dir", str(folder))


def play(stage: Stage, seconds: float) -> None:
    """So many seconds of it; then everything is well again."""
    steps, weights = list(STEPS), list(STEPS.values())
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        step = stage.random.choices(steps, weights)[0]
        stage.told.append(step.__name__)
        step(stage)
        time.sleep(stage.random.uniform(0, 0.4))
    stage.mirror.faults.clear()


def sync(stage: Stage, kind: str) -> None:
    """A pass by the service, asked for from outside, that begins now: one under way is too old."""
    asked_at = datetime.now(UTC)
    while True:
        done: subprocess.CompletedProcess[str] = command.run(
            stage.folder, "sync", f"--{kind}", "--json", timeout=600,
            clickup_api_token=stage.mirror.sim.token, clickup_base_url=stage.mirror.sim.base_url,
            clickup_team_id=stage.mirror.sim.team_id, database_url=stage.mirror.database_url,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        run_id = orjson.loads(done.stdout)["run_id"]
        if stage.mirror.value("SELECT started_at FROM runs WHERE run_id = %s", run_id) >= asked_at:
            return


def leaves_no_trace(line: str) -> bool:
    """Comments changed without a trace: only verification, or a deep pass, reads them again."""
    return line.startswith("comment ") or ": assigned_comment is " in line
