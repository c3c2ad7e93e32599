"""Settings are read as people write them, and complaints name all faults and no secret."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit
from zoneinfo import ZoneInfo

import psycopg.conninfo
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.config import Settings, load_database_url, load_offline_settings, load_settings
from app.core.answers.formats import Formats
from app.core.errors import SettingsError
from app.sql.database_url import normal_database_url

TOKEN = "pk_1_SECRET"
POOLER = "aws-0-eu-central-1.pooler.supabase.com:6543/postgres"


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.lower() in Settings.model_fields:
            monkeypatch.delenv(name)


def load(**settings: Any) -> Settings:
    return load_settings(_env_file=None, **settings)


def complaint(**settings: Any) -> str:
    with pytest.raises(SettingsError) as caught:
        load(**settings)
    return str(caught.value)


def test_a_token_is_enough() -> None:
    """Everything else has a default; the token itself may be stored with a connected workspace."""
    settings = load(clickup_api_token=f" {TOKEN}\n", clickup_base_url="http://localhost:8000/api/v2/ ")
    assert settings.clickup_base_url == "http://localhost:8000/api/v2"
    assert settings.clickup_api_token and settings.clickup_api_token.get_secret_value() == TOKEN
    assert load().clickup_api_token is None
    assert settings.database_url is None
    assert settings.zone is None


@pytest.mark.parametrize("name", ["clickup", "_a1", "Click_Up", "x" * 40])
def test_a_schema_has_a_plain_name(name: str) -> None:
    """Letters, digits and underscores, for the tables and for the views."""
    settings = load(clickup_api_token=TOKEN, database_schema=name, database_views_schema=f"{name[:30]}_views")
    assert (settings.schemas.tables, settings.schemas.views) == (name, f"{name[:30]}_views")


@pytest.mark.parametrize(
    "name",
    ["1st", "a-b", "a b", "a.b", 'a"b', "a;b", "a%b", "ä", "pg_temp", "PG_x", "information_schema", "x" * 41],
)
@pytest.mark.parametrize("setting", ["database_schema", "database_views_schema"])
def test_no_other_name_is_a_schema(setting: str, name: str) -> None:
    """What would have to be quoted, is too long, or is PostgreSQL's own."""
    assert complaint(clickup_api_token=TOKEN, **{setting: name}).startswith(f"{setting.upper()} is wrong")


@pytest.mark.parametrize("names", [("mirror", "mirror"), ("a", "a")])
def test_views_are_not_among_the_tables(names: tuple[str, str]) -> None:
    """They have the same names."""
    said = complaint(clickup_api_token=TOKEN, database_schema=names[0], database_views_schema=names[1])
    assert "DATABASE_VIEWS_SCHEMA is wrong: it must be another schema than DATABASE_SCHEMA" in said
    assert "another schema" in complaint(clickup_api_token=TOKEN, database_schema="mirror")


def test_a_week_begins_on_one_of_three_days() -> None:
    """On another one it does in no country; the complaint lists them."""
    assert [load(week_start=day).week_start for day in ("monday", "sunday", "saturday")]
    said = complaint(week_start="friday")
    assert said == "WEEK_START is wrong: Input should be 'monday', 'sunday' or 'saturday'"


@pytest.mark.parametrize(
    ("name", "choice"), [("DATE_FORMAT", "'30.11.2026'"), ("NUMBER_FORMAT", "'1.234,5'")]
)
def test_a_format_is_one_of_a_few(name: str, choice: str) -> None:
    """Each is its own example, in the environment and in `.env`; the complaint about another lists them."""
    said = complaint(**{name.lower(): "%d.%m.%y"})
    assert said.startswith(f"{name} is wrong: Input should be ") and choice in said


def test_formats_are_read_from_a_file(tmp_path: Path) -> None:
    """As they stand there, with blanks and marks."""
    file = tmp_path / "settings"
    file.write_text("DATE_FORMAT=30 Nov 2026\nNUMBER_FORMAT=1'234.5\nWEEK_START=sunday\n")
    assert load_settings(_env_file=file).formats == Formats("30 Nov 2026", "1'234.5")
    file.write_text("DATE_FORMAT=11/30/2026\nNUMBER_FORMAT=1 234,5\n")
    assert load_settings(_env_file=file).formats == Formats("11/30/2026", "1 234,5")


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names are those of the fields; what is empty counts as not set."""
    for name, value in {
        "CLICKUP_API_TOKEN": TOKEN,
        "TIMEZONE": "Asia/Kolkata",
        "CLICKUP_TEAM_ID": "",
        "OVERLAP_SECONDS": "",
    }.items():
        monkeypatch.setenv(name, value)
    settings = load()
    assert settings.zone == ZoneInfo("Asia/Kolkata")
    assert settings.clickup_team_id is None
    assert settings.overlap_seconds == 300


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"clickup_api_token": ""}, "CLICKUP_API_TOKEN is wrong: it is empty or contains spaces"),
        ({"clickup_api_token": "pk_1 2"}, "CLICKUP_API_TOKEN is wrong: it is empty or contains spaces"),
        ({"clickup_api_token": "pk_…"}, "CLICKUP_API_TOKEN is wrong"),
        (
            {"clickup_base_url": "api.clickup.com"},
            "CLICKUP_BASE_URL is wrong: it is not an http or https address",
        ),
        ({"timezone": "Berlin"}, "TIMEZONE is wrong: 'Berlin' is not a time zone"),
        ({"rate_limit_free_percent": 95}, "RATE_LIMIT_FREE_PERCENT is wrong"),
        ({"overlap_seconds": "soon"}, "OVERLAP_SECONDS is wrong"),
        ({"log_level": "loud"}, "LOG_LEVEL is wrong"),
        ({"database_url": "mysql://u:hunter2@h/d"}, "DATABASE_URL is wrong: it must begin with"),
    ],
)
def test_a_wrong_setting_is_named(wrong: dict[str, Any], said: str) -> None:
    """The complaint is one line that begins with the setting's name."""
    text = complaint(**{"clickup_api_token": TOKEN} | wrong)
    assert text.startswith(said)
    assert "\n" not in text


def test_all_faults_are_told_at_once() -> None:
    """Several faults make one message, a line each, and no value that is a secret is in it."""
    text = complaint(
        database_url="mysql://ada:hunter2@host/db",
        timezone="Nowhere",
        max_deleted_percent=101,
        log_format="xml",
    )
    names = [line.split(" is ")[0] for line in text.splitlines()]
    assert sorted(names) == [
        "DATABASE_URL",
        "LOG_FORMAT",
        "MAX_DELETED_PERCENT",
        "TIMEZONE",
    ]
    assert "hunter2" not in text


@pytest.mark.parametrize("token", ["pk_hunter2 ", "pk hunter2", "hunter2\u00e9"])
def test_no_secret_is_shown(token: str) -> None:
    """Neither complaints nor the settings' own text give a secret away, also not down the chain."""
    url = "postgresql://ada:hunter2@host/db"
    try:
        shown = repr(load(clickup_api_token=token, database_url=url))
    except SettingsError as error:
        shown = f"{error!r} {error.__cause__!r}"
    assert "hunter2" not in shown


def test_offline_commands_need_no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database's address is read without a token; other faults still count."""
    assert load_offline_settings(_env_file=None).database_url is None
    with pytest.raises(SettingsError, match="LOG_LEVEL"):
        load_offline_settings(_env_file=None, clickup_api_token=TOKEN, log_level="loud")
    with pytest.raises(SettingsError, match="LOG_LEVEL"):
        load_offline_settings(_env_file=None, log_level="loud")
    monkeypatch.setitem(Settings.model_config, "env_file", None)
    monkeypatch.setenv("DATABASE_URL", "postgres://ada@host/db")
    url = load_database_url()
    assert url is not None
    assert url.get_secret_value() == "postgresql://ada@host/db"


@pytest.mark.parametrize(
    ("copied", "normal"),
    [
        (f"postgresql://postgres.abcd:pw@{POOLER}", f"postgresql://postgres.abcd:pw@{POOLER}"),
        (f"postgresql://postgres.abcd:pw@{POOLER}?pgbouncer=true", f"postgresql://postgres.abcd:pw@{POOLER}"),
        (
            f"postgres://u:pw@{POOLER}?pgbouncer=true&connection_limit=1&sslmode=require",
            f"postgresql://u:pw@{POOLER}?sslmode=require",
        ),
        (f"postgresql+psycopg://u:pw@{POOLER}?supa=base-pooler.x", f"postgresql://u:pw@{POOLER}"),
        ("  'postgresql://u:pw@h:5432/d'\n", "postgresql://u:pw@h:5432/d"),
        ('"postgres://u@h/d?schema=public"', "postgresql://u@h/d"),
        ("postgresql://h/d", "postgresql://h/d"),
        ("postgresql:///d?host=/run/pg", "postgresql:///d?host=/run/pg"),
        ("postgresql://u:@h/d", "postgresql://u:@h/d"),
        ("postgresql://u:pw@[::1]:5432/d", "postgresql://u:pw@[::1]:5432/d"),
    ],
)
def test_a_copied_url_becomes_libpqs(copied: str, normal: str) -> None:
    """What other drivers add is dropped, what libpq knows stays, and libpq can read the result."""
    assert normal_database_url(copied) == normal
    assert normal_database_url(normal) == normal
    psycopg.conninfo.conninfo_to_dict(normal)


@pytest.mark.parametrize(
    ("typed", "password"),
    [
        ("p@ss", "p@ss"),
        ("p#ss", "p#ss"),
        ("p/ss", "p/ss"),
        ("p?ss&x=1", "p?ss&x=1"),
        ("p:ss:", "p:ss:"),
        ("@#/?:", "@#/?:"),
        ("p ss+", "p ss+"),
        ("50%", "50%"),
        ("grün", "grün"),
        ("p%40ss", "p@ss"),
        ("p%23%2F%3F%3A", "p#/?:"),
        ("50%25", "50%"),
    ],
)
def test_passwords_may_hold_any_sign(typed: str, password: str) -> None:
    """A password is quoted where it was typed as it is, and left alone where it was quoted already."""
    parts = psycopg.conninfo.conninfo_to_dict(
        normal_database_url(f"postgresql://postgres.abcd:{typed}@{POOLER}?pgbouncer=true")
    )
    assert parts == {
        "user": "postgres.abcd",
        "password": password,
        "host": "aws-0-eu-central-1.pooler.supabase.com",
        "port": "6543",
        "dbname": "postgres",
    }


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1))
def test_a_quoted_password_survives(password: str) -> None:
    """Whatever the password, quoted it comes through, and a second reading changes nothing."""
    url = normal_database_url(f"postgresql://u:{quote(password, safe='')}@h/d")
    assert unquote(urlsplit(url).password or "") == password
    assert normal_database_url(url) == url


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://u:hunter2@h/d", "must begin with postgresql://"),
        ("u:hunter2@h/d", "must begin with postgresql://"),
        ("https://abcd.supabase.co", "must begin with postgresql://"),
        ("", "must begin with postgresql://"),
        (f"postgresql://postgres.abcd:[YOUR-PASSWORD]@{POOLER}", r"replace \[YOUR-PASSWORD\]"),
    ],
)
def test_what_is_no_postgresql_url_is_refused(url: str, said: str) -> None:
    """The reason says what to do and does not repeat the address."""
    with pytest.raises(ValueError, match=said) as caught:
        normal_database_url(url)
    assert "hunter2" not in str(caught.value)
