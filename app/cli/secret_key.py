"""`clickup-sync secret-key`: the key that encrypts secrets in the database."""

from app.adapters.secret_keys import add_secret_key, describe_source, read_secret_keys
from app.cli.outcome import run_command, with_logging
from app.cli.output import console
from app.config import load_offline_settings
from app.context import open_database
from app.jobs.stored_secrets import reencrypt_secrets


def rotate_secret_key() -> None:
    """A new key, and every secret encrypted with it."""
    run_command(_rotate())


async def _rotate() -> None:
    settings = with_logging(load_offline_settings())
    async with open_database(settings) as database:
        keys = read_secret_keys(settings) if settings.secret_key else add_secret_key(settings)
        done = await reencrypt_secrets(database, keys)
    _say(f"Key {keys.first_id}, from {describe_source(settings)}, is now used to encrypt.")
    changed = done.webhooks.changed + done.tokens.changed
    unchanged = done.webhooks.unchanged + done.tokens.unchanged
    _say(
        f"{settings.formats.pluralize(changed, 'secret')} encrypted again, {unchanged} had this key already."
    )
    if settings.secret_key and len(keys.keys) == 1:
        _say(
            "SECRET_KEY has one key. To change it, set SECRET_KEY=NEW,OLD for all processes and run this "
            "again."
        )
    elif len(keys.keys) > 1:
        _say("When no process uses the earlier keys any more, remove them there.")
    for webhook_id in done.webhooks.unreadable:
        _say(f"The secret of webhook {webhook_id} cannot be decrypted: the service creates a new webhook.")
    for workspace_id in done.tokens.unreadable:
        _say(
            f"The token of workspace {workspace_id} cannot be decrypted. Set it again: "
            f"clickup-sync workspaces set-token {workspace_id} --token-stdin"
        )


def _say(sentence: str) -> None:
    console.print(sentence, soft_wrap=True)
