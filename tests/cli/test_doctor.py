"""The doctor: one line for each thing that may be wrong, with what to do about it."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app.simulator.clock import Clock
from app.simulator.model import Role
from app.simulator.world import World
from app.sql.migrate import applied_revisions
from tests.cli.conftest import SimulatorState, small_world
from tests.conftest import Server
from tests.database import connect


def findings(desk: SimulatorState, **changes: Any) -> dict[str, dict[str, str]]:
    """By subject, as scripts read them."""
    return {one["subject"]: one for one in json.loads(desk.run("doctor", "--json", **changes).stdout)}


def test_a_healthy_set_up(desk: SimulatorState) -> None:
    """Exit code 0, a line for each subject, and the same for scripts."""
    done = desk.run("doctor")
    assert done.returncode == 0
    found = findings(desk)
    assert found.keys() >= {
        "token", "clock", "time zone", "workspace", "role", "rate limit", "time entries", "spaces",
        "database", "connection", "permissions", "schema", "SQL of assistants", "roles", "changes by others",
    }  # fmt: skip
    # The tests may run as root.
    assert {one["verdict"] for subject, one in found.items() if subject != "account"} == {"good"}
    assert all(one.keys() == {"subject", "verdict", "found", "advice"} for one in found.values())
    for subject, one in found.items():
        assert f"{subject}: {one['found']}" in done.stdout


def test_a_dead_token_is_bad_and_the_rest_is_still_looked_at(desk: SimulatorState) -> None:
    """Exit code 1; the database's lines stand there all the same."""
    changes = {"clickup_api_token": "pk_1_DEADBEEF"}
    done = desk.run("doctor", **changes)
    assert done.returncode == 1
    assert "CLICKUP_API_TOKEN" in done.stdout and "DEADBEEF" not in done.stdout + done.stderr
    found = findings(desk, **changes)
    assert found["token"]["verdict"] == "bad"
    assert found["database"]["verdict"] == "good"


class TestAMembersToken:
    @pytest.fixture
    def world(self) -> World:
        return small_world(owner_role=Role.MEMBER)

    def test_is_minded_with_advice(self, desk: SimulatorState) -> None:
        """It works, costs more and sees less: said, and no failure."""
        assert desk.run("doctor").returncode == 0
        found = findings(desk)
        assert (found["role"]["verdict"], found["role"]["found"]) == ("mind", "member")
        assert found["time entries"]["verdict"] == "mind"
        assert "admin" in found["role"]["advice"]


class TestAClockThatIsWrong:
    @pytest.fixture
    def world(self) -> World:
        return small_world(clock=Clock(time.time_ns() // 1_000_000 + 3_600_000))

    def test_is_measured(self, desk: SimulatorState) -> None:
        """An hour behind ClickUp's."""
        clock = findings(desk)["clock"]
        assert clock["verdict"] == "mind"
        assert "behind" in clock["found"] and clock["found"].startswith(("3599", "3600"))


@pytest.fixture
def as_reader(server: Server) -> Iterator[Callable[[str], str]]:
    """A database's address for a role that may create nothing and owns nothing."""
    server.run("CREATE ROLE {} LOGIN", "reader_only")
    yield lambda url: url.replace("//postgres:", "//reader_only:", 1)
    server.run("DROP ROLE {}", "reader_only")


def test_a_role_that_may_create_nothing(
    desk: SimulatorState, empty_database_url: str, as_reader: Callable[[str], str]
) -> None:
    """It names the grant that is missing."""
    permissions = findings(desk, database_url=as_reader(empty_database_url))["permissions"]
    assert permissions["verdict"] == "bad"
    assert "GRANT CREATE ON SCHEMA public TO reader_only" in permissions["advice"]


def test_a_schema_of_its_own_that_may_not_be_made(
    desk: SimulatorState, empty_database_url: str, as_reader: Callable[[str], str]
) -> None:
    """It speaks of the schema of the settings, and of the views' one."""
    changes = {"database_url": as_reader(empty_database_url), "database_schema": "clickup"}
    permissions = findings(desk, **changes)["permissions"]
    assert permissions["verdict"] == "bad"
    assert "CREATE SCHEMA clickup AUTHORIZATION reader_only" in permissions["advice"]
    with connect(empty_database_url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA clickup AUTHORIZATION reader_only")
    permissions = findings(desk, **changes)["permissions"]
    assert permissions["verdict"] == "bad"
    assert "CREATE SCHEMA mirror AUTHORIZATION reader_only" in permissions["advice"]
    with connect(empty_database_url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA mirror AUTHORIZATION reader_only")
    assert findings(desk, **changes)["permissions"]["verdict"] == "good"
    with connect(empty_database_url, autocommit=True) as connection:
        connection.execute("DROP OWNED BY reader_only")


@pytest.mark.parametrize("command", ["doctor", "sync", "migrate", "status"])
def test_tables_of_another_program_are_named(
    desk: SimulatorState, empty_database_url: str, command: str
) -> None:
    """Which ones are in the way and what to set: by the doctor, and by whatever would migrate."""
    with connect(empty_database_url, autocommit=True) as connection:
        connection.execute("CREATE TABLE tasks (id int); CREATE TABLE comments (id int)")
        connection.execute("CREATE TABLE alembic_version AS SELECT 'a1b2c3'::text AS version_num")
    done = desk.run(command, database_url=empty_database_url)
    assert done.returncode == 1
    for named in ("table public.comments", "table public.tasks", "DATABASE_SCHEMA=clickup"):
        assert named in done.stdout + done.stderr
    done = desk.run(command, database_url=empty_database_url, database_schema="clickup")
    assert done.returncode == 0


def test_a_mirror_in_another_schema_is_said(desk: SimulatorState) -> None:
    """Before a second one is made beside it; with the same schema of views there can be none."""
    schema = findings(desk, database_schema="clickup")["schema"]
    assert schema["verdict"] == "bad" and "DATABASE_SCHEMA=public" in schema["advice"]
    schema = findings(desk, database_schema="clickup", database_views_schema="clickup_views")["schema"]
    assert schema["verdict"] == "mind"
    assert "there is a mirror in public" in schema["found"] and "DATABASE_SCHEMA=public" in schema["advice"]


@pytest.mark.parametrize("command", ["doctor", "sync", "status"])
def test_tables_that_belong_to_another_role_are_no_traceback(
    desk: SimulatorState, as_reader: Callable[[str], str], command: str
) -> None:
    """A finding, or a failure in one sentence."""
    done = desk.run(command, database_url=as_reader(desk.settings["database_url"]))
    assert done.returncode in (1, 2)
    assert "Traceback" not in done.stderr


def test_a_schema_that_may_not_be_made_is_no_traceback(
    desk: SimulatorState, empty_database_url: str, as_reader: Callable[[str], str]
) -> None:
    """One sentence that says which right is missing."""
    done = desk.run("sync", database_url=as_reader(empty_database_url))
    assert done.returncode in (1, 2)
    assert "Traceback" not in done.stderr
    assert "may not create schemas" in done.stderr


def test_assistants_sql_that_nobody_may_answer(desk: SimulatorState) -> None:
    """Whose function it is decides: it is said what an administrator has to run, and that the rest works."""
    with connect(desk.settings["database_url"], autocommit=True) as connection:
        connection.execute("ALTER FUNCTION mirror.answer OWNER TO CURRENT_USER")
    found = findings(desk)["SQL of assistants"]
    assert found["verdict"] == "mind" and "`query`" in found["found"]
    assert "ALTER FUNCTION mirror.answer OWNER TO clickup_sync_reader" in found["advice"]
    assert desk.run("doctor").returncode == 0


def test_roles_that_can_do_more_than_they_should_are_named(desk: SimulatorState, server: Server) -> None:
    """Of the recipe of before, members of the assistants' role, and everybody; then who reads is said."""
    server.run("CREATE ROLE {}", "old_dashboard")
    url = desk.settings["database_url"]
    try:
        with connect(url, autocommit=True) as connection:
            connection.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO old_dashboard")
            connection.execute(
                "GRANT clickup_sync_reader TO old_dashboard; GRANT TRUNCATE ON tasks TO PUBLIC"
            )
            connection.execute("GRANT CREATE ON SCHEMA public TO PUBLIC")
        done = desk.run("doctor")
        assert done.returncode == 0
        for said in (
            "old_dashboard may read internal tables: public.access_credentials", "public.webhooks",
            "run `clickup-sync grant-reader old_dashboard`",
            "old_dashboard is a member of clickup_sync_reader",
            "REVOKE TRUNCATE, REFERENCES, TRIGGER ON public.tasks FROM PUBLIC",
            "REVOKE CREATE ON SCHEMA public, mirror FROM PUBLIC",
        ):  # fmt: skip
            assert said in done.stdout, said
        assert desk.run("grant-reader", "old_dashboard").returncode == 0
        with connect(url, autocommit=True) as connection:
            connection.execute(
                "REVOKE TRUNCATE ON tasks FROM PUBLIC; REVOKE CREATE ON SCHEMA public FROM PUBLIC"
            )
        roles = findings(desk)["roles"]
        assert (roles["verdict"], roles["found"]) == (
            "good",
            "old_dashboard can read the mirror, but no internal table",
        )
    finally:
        with connect(url, autocommit=True) as connection:
            connection.execute("DROP OWNED BY old_dashboard")
        server.run("DROP ROLE {}", "old_dashboard")


def test_an_old_schema_is_said_and_not_touched(desk: SimulatorState, empty_database_url: str) -> None:
    """Doctor looks and changes nothing."""
    schema = findings(desk, database_url=empty_database_url)["schema"]
    assert (schema["verdict"], schema["found"]) == ("mind", "at revision none")
    assert applied_revisions(empty_database_url) == []


def test_an_unreachable_database_is_bad(desk: SimulatorState) -> None:
    """Exit code 1, and ClickUp's lines stand there all the same."""
    url = "postgresql://me:s3cret@127.0.0.1:1/mirror"
    done = desk.run("doctor", database_url=url)
    assert done.returncode == 1
    assert "s3cret" not in done.stdout + done.stderr
    found = findings(desk, database_url=url)
    assert (found["database"]["verdict"], found["token"]["verdict"]) == ("bad", "good")


def test_clickup_out_of_reach_is_bad(desk: SimulatorState) -> None:
    """A sentence, no traceback."""
    done = desk.run("doctor", clickup_base_url="http://127.0.0.1:1/api/v2", request_attempts=1)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_several_workspaces_are_a_finding(desk: SimulatorState) -> None:
    """Which one to use is a setting to correct, named with the ids."""
    other = desk.sim.world.workspace
    desk.sim.world.other_workspaces.append(type(other)("77", "Side", 1, "Free Forever"))
    workspace = findings(desk)["workspace"]
    assert workspace["verdict"] == "bad"
    assert "77" in workspace["found"]


def test_changes_by_others_are_told_and_restored(desk: SimulatorState) -> None:
    """What waits, what went unnoticed, and what was restored: by doctor, status and the sync itself."""
    assert desk.run("sync").returncode == 0
    assert findings(desk)["changes by others"]["verdict"] == "good"
    with connect(desk.settings["database_url"], autocommit=True) as connection:
        connection.execute("UPDATE tasks SET title = 'edited' WHERE ctid IN (SELECT ctid FROM tasks LIMIT 2)")
        found = findings(desk)["changes by others"]
        assert found["verdict"] == "mind" and "2 in tasks" in found["found"] and "--full" in found["advice"]
        assert "2 in tasks" in desk.run("status").stdout
        assert "2 in tasks" in desk.run("sync", "--full").stdout
        found = findings(desk)["changes by others"]
        assert found["verdict"] == "good" and "2 rows were restored" in found["found"]
        assert "A full sync restored 2 rows" in desk.run("status").stdout
        connection.execute("ALTER TABLE comments DISABLE TRIGGER USER")
    found = findings(desk)["changes by others"]
    assert found["verdict"] == "mind" and "comments" in found["found"]
    assert desk.run("sync", "--full").returncode == 0
    assert findings(desk)["changes by others"]["verdict"] == "good"
