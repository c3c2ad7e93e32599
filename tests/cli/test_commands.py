"""Each command does its one thing, and tells scripts the same as people."""

import json
import signal
from zoneinfo import ZoneInfo

import pytest

from tests.cli.conftest import SimulatorState
from tests.engine.truth import differences


def test_sync_fills_the_mirror(desk: SimulatorState) -> None:
    """From nothing to a true copy, with one word, and progress on standard error."""
    done = desk.run("sync")
    assert done.returncode == 0
    assert "Done" in done.stdout and "requests" in done.stdout
    assert "comments" in done.stderr
    zone = ZoneInfo(desk.sim.world.owner().timezone)
    assert differences(desk.settings["database_url"], desk.sim.world.truth(), zone) == []


@pytest.mark.parametrize(("option", "kind"), [("--full", "full"), ("--deep", "deep")])
def test_sync_reports_to_scripts(desk: SimulatorState, option: str, kind: str) -> None:
    """One JSON document and nothing else on standard output."""
    done = desk.run("sync", option, "--json")
    assert done.returncode == 0
    report = json.loads(done.stdout)
    assert report.keys() == {
        "run_id", "workspace_id", "kind", "seconds", "requests", "rows_written", "counts", "notes",
    }  # fmt: skip
    assert (report["kind"], report["workspace_id"]) == (kind, desk.sim.team_id)
    assert report["requests"] > 0 and report["rows_written"] > 0


def test_employees_brings_people_alone(desk: SimulatorState) -> None:
    """No task is read."""
    done = desk.run("employees", "--json")
    assert (done.returncode, json.loads(done.stdout)["kind"]) == (0, "employees")
    assert desk.value("SELECT count(*) FROM employees") == len(desk.sim.world.members())
    assert desk.value("SELECT count(*) FROM tasks") == 0


@pytest.mark.slow
def test_max_deleted_percent_counts_for_one_run(desk: SimulatorState) -> None:
    """As the note says that withholds the deletions."""
    desk.run("sync")
    for task_id in list(desk.sim.world.truth()["tasks"])[:12]:
        desk.sim.world.delete_task(task_id)
    said = " ".join(desk.run("sync", "--full").stdout.split())
    assert "--max-deleted-percent 100" in said
    assert desk.run("sync", "--full", "--max-deleted-percent", "100").returncode == 0
    assert desk.value("SELECT count(*) FROM tasks WHERE is_deleted") >= 12


def test_status_before_anything(desk: SimulatorState) -> None:
    """It says what to do, and to scripts an empty list; it needs no token."""
    done = desk.run("status", clickup_api_token=None)
    assert (done.returncode, "clickup-sync sync" in done.stdout) == (0, True)
    assert json.loads(desk.run("status", "--json").stdout) == []


@pytest.mark.slow
def test_status_tells_counts_freshness_and_runs(desk: SimulatorState) -> None:
    """Also of a run that failed, with what it said; and the objects that could not be understood."""
    desk.sim.faults.add("garbage", "/team/*/task", times=None)
    desk.run("sync")
    desk.run("sync", clickup_api_token="pk_1_gone", clickup_team_id=desk.sim.team_id)
    done = desk.run("status")
    assert done.returncode == 0
    for word in ("What is here", "time entries", "succeeded", "failed", "OAUTH_025", "it has no id"):
        assert word in done.stdout
    status = json.loads(desk.run("status", "--json").stdout)[0]
    assert status.keys() == {
        "workspace", "counts", "streams", "freshness", "comments", "service", "webhooks", "webhook_backlog",
        "runs",
        "skipped", "problems", "webhook_health",
        "refused", "external_changes", "restoration", "jobs", "failed_jobs",
    }  # fmt: skip
    assert status["counts"]["tasks"] == len(desk.sim.world.truth()["tasks"])
    assert [run["status"] for run in status["runs"]] == ["failed", "succeeded"]
    assert {stream["stream"] for stream in status["streams"]} >= {"tasks", "time", "people", "places"}


def test_migrate_brings_the_schema(desk: SimulatorState, empty_database_url: str) -> None:
    """Once; it needs no token."""
    first = desk.run("migrate", database_url=empty_database_url, clickup_api_token=None)
    assert (first.returncode, "Applied: 0001" in first.stdout) == (0, True)
    again = desk.run("migrate", database_url=empty_database_url, clickup_api_token=None)
    assert (again.returncode, "up to date" in again.stdout) == (0, True)


def test_progress_says_how_long_it_will_take(desk: SimulatorState) -> None:
    """Where the rate limit makes the comments long, that is said before the first of them is read."""
    desk.sim.desk.rate.limit = 60
    desk.sim.desk.rate.window_s = 3_600
    place = next(iter(desk.sim.world.lists))
    for _ in range(80):
        desk.sim.world.create_task(place)
    process = desk.start("sync")
    assert process.stderr is not None
    lines = []
    for line in process.stderr:
        lines.append(line)
        if line.startswith("comments:"):
            break
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=120)
    tasks = len(desk.sim.world.truth()["tasks"])
    assert f"comments: {tasks} reads at 48 requests a minute take about 2 minutes" in lines[-1]
    assert process.returncode == 130


def test_help_names_every_command(desk: SimulatorState) -> None:
    """`clickup-sync` alone says what there is."""
    said = desk.run("--help").stdout
    for name in ("sync", "employees", "migrate", "status", "doctor", "database", "simulator", "demo"):
        assert name in said


def test_a_retry_says_which_jobs_failed(desk: SimulatorState) -> None:
    """Where none of that kind did there is nothing to do; a kind that does not exist is wrong usage."""
    assert desk.run("sync").returncode == 0
    said = desk.run("jobs", "retry", "snapshot")
    assert (said.returncode, said.stdout) == (0, "No job failed.\n")
    desk.value(
        "INSERT INTO failed_jobs (workspace_id, kind, error, attempts)"
        " SELECT workspace_id, 'incremental', 'ClickUp did not answer', 1 FROM workspaces RETURNING 1"
    )
    said = desk.run("jobs", "retry", "snapshot")
    assert (said.returncode, said.stdout) == (
        0, "No job of kind snapshot failed. Jobs of these kinds failed: incremental.\n",
    )  # fmt: skip
    said = desk.run("jobs", "retry", "nonsense")
    assert said.returncode == 2 and "kinds: webhook_refetch, token_check, incremental" in said.stderr
    assert "1 job will be tried again" in desk.run("jobs", "retry", "incremental").stdout
