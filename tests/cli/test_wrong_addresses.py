"""Whatever stands in DATABASE_URL, its password is in no output, no log and no error."""

import os
import subprocess
import sys
import traceback
from pathlib import Path
from urllib.parse import quote

import pytest
import structlog
import typer
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.cli.outcome import exit_with_error
from app.config import load_settings
from app.core.errors import SyncError
from app.logging_config import configure_logging
from app.sql.connection import check_connection
from tests.cli import command

MARK = "S3cretMark"
TOKEN = "pk_123_HUNTER2HUNTER2HUNTER2"
NOISE = st.text("@/:?#%&=+,;[]()!$ '\"\\äß日\u202e\t", max_size=4)
# None of them needs a name server.
HOSTS = (
    "127.0.0.1:1",
    "[::1]:1",
    "[::1]x:5432",
    "127.0.0.1:port",
    "127.0.0.1:99999",
    "[::1",
    "[x]:1",
    "a b",
    ":1",
)
TAILS = (
    "/d",
    "",
    "/d?sslmode=require",
    "/d?sslmode=bogus",
    "/d?nonsense=1",
    "/d?connect_timeout=x",
    "/a/b",
    "/d%00",
    "?",
)
FORMS = (
    "postgresql://u:{password}@{host}{tail}",
    "postgres://:{password}@{host}{tail}",
    "postgresql://u@{host}/d?password={password}",
    "postgresql://u@{host}/d?sslpassword={password}&application_name=x",
    "postgresql://u@{host}{tail}#password={password}",
    "host=127.0.0.1 port=1 user=u password='{password}'",
    "http://u:{password}@{host}{tail}",
    "u:{password}@{host}{tail}",
)


@st.composite
def addresses(draw: st.DrawFn) -> str:
    password = f"{draw(NOISE)}{MARK}{draw(NOISE)}"
    password = draw(st.sampled_from([password, quote(password, safe=""), quote(password)]))
    form, host, tail = (draw(st.sampled_from(choices)) for choices in (FORMS, HOSTS, TAILS))
    return form.format(password=password, host=host, tail=tail)


async def what_is_said(url: str) -> None:
    """Reads the settings and connects, and tells in all ways what comes of it."""
    try:
        known = load_settings(_env_file=None, clickup_api_token=TOKEN, database_url=url)
        assert known.database_url is not None
        sys.stdout.write(f"{known} {known!r} {known.model_dump()}")
        await check_connection(known.database_url.get_secret_value())
    except SyncError as error:
        configure_logging("debug", "people")
        structlog.get_logger().error("failed", error=error, exc_info=True)
        traceback.print_exception(error)
        with pytest.raises(typer.Exit):
            exit_with_error("Failed", error, 1)
    else:
        raise AssertionError("there is no such server")


@settings(
    max_examples=int(os.environ.get("FUZZ_CASES", "60")),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(addresses())
@example(f"postgresql://u:{MARK}@[::1]x:5432/db")
@example(f"postgresql://u:{MARK}@127.0.0.1:5432x/db")
async def test_no_address_shows_its_password(capsys: pytest.CaptureFixture[str], url: str) -> None:
    """Well formed or not, quoted or not; no text that is made of it has the password."""
    await what_is_said(url)
    said = capsys.readouterr()
    assert said.err
    assert MARK not in said.out + said.err


@pytest.mark.parametrize("words", ["status", "doctor", "serve --port 0", "mcp --port 0"])
def test_no_command_shows_it(tmp_path: Path, words: str) -> None:
    """The reported one: exit code 2, and a sentence that names the setting."""
    done = command.run(
        tmp_path, *words.split(), clickup_api_token=TOKEN, log_level="debug",
        database_url=f"postgresql://u:{MARK}@[::1]x:5432/db",
    )  # fmt: skip
    assert done.returncode == 2 and "DATABASE_URL is wrong: the host or port is invalid" in done.stderr
    assert MARK not in done.stdout + done.stderr


_CRASH = """
import os
from app.adapters.redaction import redact_standard_streams
redact_standard_streams()
print("out", os.environ["API_KEYS"])
def crash(url):
    raise RuntimeError(f"{url} {os.environ['CLICKUP_API_TOKEN']} {os.environ['SECRET_KEY']!r}")
crash(os.environ["DATABASE_URL"])
"""


def test_a_crash_shows_no_secret(tmp_path: Path) -> None:
    """Not even one that nobody caught, nor what anything prints; also those that stand in `.env`."""
    keys = "0f1e2d3c4b5a6978" * 4, "9a8b7c6d5e4f3021" * 4
    (tmp_path / ".env").write_text(f"SECRET_KEY={keys[0]}\nAPI_KEYS=a:read:{keys[1]}\n")
    given = {"clickup_api_token": "t0ken-of-mine", "database_url": f"host=x password={MARK}"}
    code = f"import os; os.environ |= {{'SECRET_KEY': '{keys[0]}', 'API_KEYS': 'a:read:{keys[1]}'}}"
    done = subprocess.run(
        [sys.executable, "-c", _CRASH.replace("print(", f"{code}; print(", 1)],
        cwd=tmp_path, env=command.environment(**given), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1 and "RuntimeError: host=x password=*** *** '***'" in done.stderr
    assert done.stdout == "out a:read:***\n"
    for secret in (*keys, MARK, "t0ken-of-mine"):
        assert secret not in done.stdout + done.stderr
