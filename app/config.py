"""Settings, read once from the environment and `.env`."""

import os
import re
from collections.abc import Mapping
from datetime import time
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from app.core.answers.api_keys import ApiKeys, read_api_keys
from app.core.answers.formats import DateFormat, Formats, NumberFormat, WeekStart
from app.core.encryption import SecretKeys
from app.core.errors import SettingsError
from app.core.redaction import secrets_of_url
from app.core.schemas import Schemas, schema_name
from app.core.web_address import is_loopback, travels_in_clear, web_address
from app.sql.database_url import normal_database_url

_ORIGIN = re.compile(r"https?://([a-z0-9.-]+|\[[0-9a-f:]+\])(:[0-9]{1,5})?")


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f"{name!r} is not a time zone; use a name such as Europe/Berlin or Asia/Kolkata")
    return name


def _time_of_day(text: object) -> time:
    try:
        hour, minute = str(text).split(":")[:2]
        return time(int(hour), int(minute))
    except ValueError:
        raise ValueError(f"{text!r} is not a time of day; use HH:MM, such as 23:55") from None


def _keys(given: object) -> object:
    """Of the keys' secrets no more than their hashes stays in the settings."""
    text = given.get_secret_value() if isinstance(given, SecretStr) else given
    if not isinstance(text, str):
        return text
    return read_api_keys(text) if text.strip() else None


def _origins(given: object) -> object:
    if not isinstance(given, str):
        return given
    return tuple(_origin(number, text.strip()) for number, text in enumerate(given.split(","), 1)) or None


def _origin(number: int, text: str) -> str:
    origin = text.lower().removesuffix("/")
    if origin != "*" and not _ORIGIN.fullmatch(origin):
        raise ValueError(f"entry {number} is not an origin; use a form such as https://dashboard.example.com")
    return origin


class Settings(BaseSettings):
    """All settings. `.env.example` and docs/settings.md are generated from the descriptions: `make docs`."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        str_strip_whitespace=True,
        hide_input_in_errors=True,
    )

    clickup_api_token: SecretStr | None = Field(
        default=None,
        description=(
            "Your personal token (pk_...): ClickUp, Settings, Apps, API token. The token of an owner or "
            "admin can read the time of everybody. Not needed if workspaces are connected with their own "
            "tokens: `clickup-sync workspaces`."
        ),
    )
    clickup_team_id: str | None = Field(
        default=None,
        description=(
            "Id of the workspace: the first number in the address of any ClickUp page. Default: the "
            "token's only workspace; with several, an error lists them."
        ),
    )
    clickup_allow_http: bool = Field(
        default=False,
        description=(
            "Allows `CLICKUP_BASE_URL` to be http on another machine, where others can read the token on "
            "its way. If the token is set in the environment, set this there too."
        ),
    )
    clickup_base_url: Annotated[str, AfterValidator(web_address)] = Field(
        default="https://api.clickup.com/api/v2",
        description="Address of ClickUp's API. Change it only for the simulator.",
    )
    clickup_client_id: str | None = Field(
        default=None,
        description=(
            "Client id of the app that you registered at ClickUp (Settings, ClickUp API), to connect "
            "workspaces by OAuth: `clickup-sync workspaces connect`."
        ),
    )
    clickup_client_secret: SecretStr | None = Field(
        default=None,
        description="Client secret of that app.",
    )
    clickup_authorize_url: Annotated[str, AfterValidator(web_address)] = Field(
        default="https://app.clickup.com/api",
        description=(
            "Address of ClickUp's page where people allow an app to read their workspaces. Change it only "
            "for the simulator."
        ),
    )
    database_url: SecretStr | None = Field(
        default=None,
        description=(
            "PostgreSQL 13 or newer: postgresql://user:password@host:port/database. For Supabase the URL "
            "of the transaction pooler (port 6543). Default: the bundled PostgreSQL, under `DATA_DIR`."
        ),
    )
    database_schema: Annotated[str, AfterValidator(schema_name)] = Field(
        default="public",
        description=(
            "Schema of the tables, created if missing. Use one of its own, such as clickup, if other "
            "programs use the database. Set it before the first sync."
        ),
    )
    database_views_schema: Annotated[str, AfterValidator(schema_name)] = Field(
        default="mirror",
        description=(
            "Schema of the views, which contains nothing else. Each installation in a database needs its own."
        ),
    )
    database_pool_size: int = Field(
        default=8,
        ge=2,
        le=100,
        description="Connections that one process may open. Three are enough; a worker needs two more.",
    )
    data_dir: Path = Field(
        default=Path("data"),
        description="Folder of the bundled PostgreSQL and of `secret.key`.",
    )
    secret_key: SecretStr | None = Field(
        default=None,
        description=(
            "Key that encrypts secrets in the database: 32 characters or more, from `openssl rand -hex "
            "32`. The same for all processes on one database. Several, separated by commas: the first "
            "encrypts, all decrypt. Default: a key that is created once, in `DATA_DIR/secret.key`."
        ),
    )
    timezone: Annotated[str, AfterValidator(_known_zone)] | None = Field(
        default=None,
        description=(
            "Time zone of dates and of the texts in `start_times`, such as Europe/Berlin. Default: the "
            "token owner's in ClickUp, else UTC. After a change the next sync rewrites texts, the next "
            "full sync dates."
        ),
    )
    week_start: WeekStart = Field(
        default="monday",
        description="First day of weeks. SQL of your own needs an expression for it: see docs/tables.md.",
    )
    date_format: DateFormat = Field(
        default="30 Nov 2026",
        description=(
            "How people see dates, on the page, in commands and in the words of the tools. JSON and CSV have "
            "2026-11-30. The default is `30 Nov 2026`."
        ),
    )
    number_format: NumberFormat = Field(
        default="1,234.5",
        description="How people see numbers, in the same places. JSON and CSV have 1234.5.",
    )

    sync_interval_seconds: int = Field(
        default=45,
        ge=1,
        description="Interval of incremental syncs.",
    )
    full_sync_interval_seconds: int = Field(
        default=420,
        ge=1,
        description=(
            "Interval of full syncs. If the rate limit does not allow it, they are less frequent; "
            "`status` shows the interval."
        ),
    )
    verify_interval_seconds: int = Field(
        default=86_400,
        ge=1,
        description=(
            "Within this time the comments of each task, and time that no listing shows, are read again, "
            "if the rate limit allows it."
        ),
    )
    daily_sync_at: Annotated[time, BeforeValidator(_time_of_day)] = Field(
        default=time(23, 55),
        description="Time of the daily snapshot, in the time zone of `TIMEZONE`.",
    )
    public_url: Annotated[str, AfterValidator(web_address)] | None = Field(
        default=None,
        description=(
            "Address such as https://example.com where ClickUp reaches this machine. The service then "
            "registers a webhook; without it, changes are found only by the intervals above."
        ),
    )
    webhook_check_seconds: int = Field(
        default=300,
        ge=1,
        description="Interval of checks of the webhook.",
    )
    token_probe_seconds: int = Field(
        default=30,
        ge=1,
        description="While ClickUp refuses the token: interval of checks whether it is valid again.",
    )
    runs_keep_days: int = Field(
        default=30,
        ge=1,
        description="Runs and webhook deliveries are deleted after this time.",
    )
    history_keep_days: int | None = Field(
        default=None,
        ge=1,
        description=(
            "Of older history the last version of each day is kept, for as many days again. Default: all for "
            "ever."
        ),
    )
    history: Literal["on", "off"] = Field(
        default="on",
        description="`off`: no versions and no changes are stored, only the present.",
    )

    api_keys: Annotated[ApiKeys | None, NoDecode, BeforeValidator(_keys)] = Field(
        default=None,
        description=(
            "API keys, separated by commas: name:scope:secret, scope `read`, `write` or `admin`; secret from "
            "`openssl rand -hex 32`. Clients send it as `Authorization: Bearer SECRET` or `X-API-Key: "
            "SECRET`. Default: none; then only programs on this machine may ask, and `serve --host` "
            "refuses other addresses."
        ),
    )
    api_rate_limit: int = Field(
        default=1200,
        ge=0,
        description="Requests a minute that one key may send to one process. 0: no limit.",
    )
    cors_origins: Annotated[tuple[str, ...] | None, NoDecode, BeforeValidator(_origins)] = Field(
        default=None,
        description=(
            "Origins such as https://example.com whose web pages may read answers in a browser, separated "
            "by commas. `*`: all. Default: none."
        ),
    )

    http_header_timeout_seconds: int = Field(
        default=10,
        ge=1,
        description="Time in which the request line and headers must arrive.",
    )
    http_body_timeout_seconds: int = Field(
        default=30,
        ge=1,
        description="Time in which the body must arrive.",
    )
    http_write_timeout_seconds: int = Field(
        default=30,
        ge=1,
        description="Time that a client may leave an answer unread.",
    )
    http_keep_alive_seconds: int = Field(
        default=75,
        ge=1,
        description="Time that an idle connection is kept open. Set it longer than in your reverse proxy.",
    )
    http_max_header_bytes: int = Field(
        default=32_768,
        ge=4_096,
        le=1_048_576,
        description="Size of the request line and headers together.",
    )
    http_max_connections: int = Field(
        default=512,
        ge=16,
        le=10_000,
        description="Open connections; fewer if the system allows fewer open files.",
    )
    http_max_connections_per_address: int = Field(
        default=128,
        ge=1,
        description=(
            "Open connections of one address; loopback is not counted. Behind a reverse proxy on another "
            "machine: the same as `HTTP_MAX_CONNECTIONS`."
        ),
    )
    http_max_long_answers: int = Field(
        default=200,
        ge=2,
        description=(
            "Answers of unlimited length at once: live pages, syncs that a client waits for, CSV. One key "
            "gets half of them."
        ),
    )

    rate_limit_free_percent: int = Field(
        default=20,
        ge=0,
        le=90,
        description="Share of the token's rate limit that is left to other programs.",
    )
    max_deleted_percent: int = Field(
        default=20,
        ge=0,
        le=100,
        description=(
            "If more than this share of the tasks is missing in ClickUp's listings, no task is marked as "
            "deleted, and the run says why. The same applies to time entries without a task."
        ),
    )
    overlap_seconds: int = Field(
        default=300,
        ge=60,
        description=(
            "An incremental sync starts this long before the end of the last one, because ClickUp's "
            "listings may show changes late. A full sync finds later ones."
        ),
    )
    request_timeout_seconds: float = Field(
        default=90,
        gt=0,
        description="Timeout of one request. Large listings take 6 to 12 seconds.",
    )
    request_attempts: int = Field(
        default=6,
        ge=1,
        le=20,
        description="Attempts of one request. Answers with 429 (rate limit) are not counted.",
    )
    rate_limit_patience_seconds: int = Field(
        default=900,
        ge=1,
        description="Time that one request waits while ClickUp answers with 429. Then its run fails.",
    )
    max_concurrent_requests: int = Field(
        default=32,
        ge=1,
        le=100,
        description="Requests to ClickUp at once.",
    )
    log_level: Literal["debug", "info", "warning", "error"] | None = Field(
        default=None,
        description=(
            "Default: `info` for the service, `warning` for other commands. `info` has one line per run "
            "and request."
        ),
    )
    log_format: Literal["people", "json"] = Field(
        default="people",
        description="`people`: readable lines. `json`: one JSON object a line.",
    )

    @field_validator("clickup_api_token")
    @classmethod
    def _token_is_filled(cls, token: SecretStr | None) -> SecretStr | None:
        if token is None:
            return None
        plain = token.get_secret_value().strip()
        if not plain or not plain.isascii() or any(letter.isspace() for letter in plain):
            raise ValueError("it is empty or contains spaces; copy it again from ClickUp, Settings, Apps")
        return SecretStr(plain)

    @field_validator("clickup_base_url")
    @classmethod
    def _token_does_not_travel_in_clear(cls, url: str, info: ValidationInfo) -> str:
        if travels_in_clear(url) and not info.data.get("clickup_allow_http"):
            raise ValueError(
                "it is http, so that the token could be read on the way; write https, or, if you mean it, "
                "set CLICKUP_ALLOW_HTTP=true too"
            )
        return url

    @field_validator("database_url")
    @classmethod
    def _database_url_is_readable(cls, url: SecretStr | None) -> SecretStr | None:
        return SecretStr(normal_database_url(url.get_secret_value())) if url else None

    @field_validator("secret_key")
    @classmethod
    def _secret_keys_are_keys(cls, keys: SecretStr | None) -> SecretStr | None:
        if keys is None:
            return None
        texts = [text.strip() for text in keys.get_secret_value().split(",")]
        SecretKeys.read(texts)
        return SecretStr(",".join(texts))

    @field_validator("database_views_schema")
    @classmethod
    def _views_have_a_schema_of_their_own(cls, views: str, info: ValidationInfo) -> str:
        if views == info.data.get("database_schema"):
            raise ValueError("it must be another schema than DATABASE_SCHEMA")
        return views

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no log may show; of the keys of the API only hashes are here."""
        given = (self.clickup_api_token, self.clickup_client_secret, self.database_url, self.secret_key)
        token, client, url, keys = (secret.get_secret_value() if secret else "" for secret in given)
        return token, client, *secrets_of_url(url), *keys.split(",")

    @property
    def schemas(self) -> Schemas:
        """Where the mirror is in its database."""
        return Schemas(self.database_schema, self.database_views_schema)

    @property
    def formats(self) -> Formats:
        """How dates and numbers are shown to people."""
        return Formats(self.date_format, self.number_format)

    @property
    def zone(self) -> ZoneInfo | None:
        """The configured zone; None leaves it to the token owner's ClickUp settings."""
        return ZoneInfo(self.timezone) if self.timezone else None


class _GivenSettings(Settings):
    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


def given_settings(**values: Any) -> Settings:
    """Settings of these values and the defaults alone: no environment, no `.env`."""
    return _GivenSettings(**values)


def load_settings(**overrides: Any) -> Settings:
    """The settings, or one SettingsError that names all that is missing or wrong, without a value."""
    try:
        settings = Settings(**overrides)
    except ValidationError as error:
        raise SettingsError("\n".join(_complaints(error))) from None
    _refuse_permission_of_a_file(settings, overrides)
    return settings


def _refuse_permission_of_a_file(settings: Settings, overrides: Mapping[str, Any]) -> None:
    """A `.env` that somebody else wrote may not send the shell's token in clear by allowing it to itself."""
    if not travels_in_clear(settings.clickup_base_url) or not _is_in_environment("clickup_api_token"):
        return
    names = ("clickup_base_url", "clickup_allow_http")
    if not any(name in overrides or _is_in_environment(name) for name in names):
        raise SettingsError(
            "CLICKUP_BASE_URL is wrong: .env has it as http, and the token is from the environment, so that "
            "it could be read on the way. If you mean it, set CLICKUP_ALLOW_HTTP=true in the environment"
        )


def host_from_file(settings: Settings) -> str | None:
    """The host that gets the environment's token because `.env` names it as ClickUp's; None for ClickUp."""
    if settings.clickup_base_url == Settings.model_fields["clickup_base_url"].default:
        return None
    if not _is_in_environment("clickup_api_token") or _is_in_environment("clickup_base_url"):
        return None
    host = urlsplit(settings.clickup_base_url).hostname or ""
    return None if is_loopback(host) else host


def _is_in_environment(name: str) -> bool:
    return any(each.lower() == name and value.strip() for each, value in os.environ.items())


def load_database_url() -> SecretStr | None:
    """The database's address alone, for commands that never call ClickUp."""
    return load_offline_settings().database_url


def load_offline_settings(**overrides: Any) -> Settings:
    """The settings for commands that never call ClickUp: a CLICKUP_API_TOKEN that is wrong counts as none."""
    try:
        return load_settings(**overrides)
    except SettingsError as error:
        if "CLICKUP_API_TOKEN" not in str(error) or "\n" in str(error):
            raise
        return load_settings(clickup_api_token=None, **overrides)


def _complaints(error: ValidationError) -> list[str]:
    return [_complaint(str(item["loc"][0]).upper(), item["type"], item["msg"]) for item in error.errors()]


def _complaint(name: str, kind: str, message: str) -> str:
    if kind == "missing":
        return f"{name} is not set (see .env.example)"
    return f"{name} is wrong: {message.removeprefix('Value error, ')}"
