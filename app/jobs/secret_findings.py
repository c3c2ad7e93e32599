"""Do secrets stay where they belong? What `doctor` and the log at the start say of keys and settings."""

import os
from collections.abc import Iterator
from pathlib import Path

import structlog

from app.adapters.secret_keys import describe_source, read_secret_keys
from app.config import Settings, host_from_file
from app.core.encryption import describe_unknown_key
from app.core.errors import SettingsError
from app.core.finding import Finding
from app.core.web_address import travels_in_clear
from app.core.words import pluralize
from app.jobs.stored_secrets import list_secret_key_ids
from app.supabase_db import Database

log = structlog.get_logger()
_SUBJECT = "secret key"


async def examine_secret_keys(database: Database, settings: Settings) -> Finding:
    """Whether the secrets in the database can be decrypted here, and are encrypted with the present key."""
    stored = await list_secret_key_ids(database)
    try:
        keys = read_secret_keys(settings)
    except SettingsError as error:
        return Finding(_SUBJECT, "bad", str(error), "correct the file, or set SECRET_KEY")
    unknown, old = stored.keys() - keys.ids, stored.keys() - {keys.first_id}
    if unknown:
        return Finding(
            _SUBJECT,
            "bad",
            describe_unknown_key(", ".join(sorted(unknown)), keys),
            "where that key is lost: the service makes webhooks anew by itself; give each workspace's token "
            "anew with `clickup-sync workspaces set-token`",
        )
    if old:
        found = f"{pluralize(sum(stored[one] for one in old), 'secret')} encrypted with an earlier key"
        return Finding(_SUBJECT, "mind", found, "run `clickup-sync secret-key rotate`")
    if not stored:
        return Finding(_SUBJECT, "good", "the database holds no secret")
    found = f"{pluralize(sum(stored.values()), 'secret')} encrypted with key {keys.first_id}"
    return Finding(_SUBJECT, "good", f"{found}, from {describe_source(settings)}")


def warn_of_settings(settings: Settings) -> None:
    """Logs what is risky in the settings."""
    _warn(examine_settings(settings))


def warn_of_account() -> None:
    """Logs that this process may do all on its machine, where it may."""
    _warn(examine_account())


def _warn(findings: Iterator[Finding]) -> None:
    for finding in findings:
        if finding.verdict != "good":
            log.warning("settings.risky", subject=finding.subject, found=finding.found, advice=finding.advice)


def examine_settings(settings: Settings) -> Iterator[Finding]:
    """Who can read the file of settings, and where the token and the deliveries travel."""
    yield from _examine_env_file()
    if host := host_from_file(settings):
        yield Finding(
            "CLICKUP_BASE_URL",
            "mind",
            f"{host} gets the token: .env says so, and the token is from the environment",
            "set both in the same place, or take CLICKUP_BASE_URL out",
        )
    elif travels_in_clear(settings.clickup_base_url):
        yield Finding("CLICKUP_BASE_URL", "mind", "is http: the token can be read on the way", "write https")
    if settings.public_url and travels_in_clear(settings.public_url):
        yield Finding("PUBLIC_URL", "mind", "is http: deliveries can be read on the way", "write https")


def examine_account() -> Iterator[Finding]:
    """Whether this process may do all on its machine; nothing where it may not."""
    if os.name == "posix" and os.geteuid() == 0:
        yield Finding("account", "mind", "runs as root, without need", "run it as a user of its own")


def _examine_env_file() -> Iterator[Finding]:
    if (exposed := _exposed_env_file()) is not None:
        yield Finding("settings file", "mind", exposed, "run: chmod 600 .env")
    elif Path(".env").exists():
        yield Finding("settings file", "good", f"{Path('.env').resolve()}, which only its owner can read")


def _exposed_env_file() -> str | None:
    if os.name != "posix":
        return None
    try:
        mode = Path(".env").stat().st_mode
    except OSError:
        return None
    return f"{Path('.env').resolve()} can be read by other users of this machine" if mode & 0o077 else None
