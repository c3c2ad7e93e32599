"""Keys are read as people write them, kept as hashes, and no complaint tells a secret."""

import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from app.config import Settings, load_settings
from app.core.answers.api_keys import read_api_keys
from app.core.errors import SettingsError

SECRET = "hunter2-hunter2-hunter2"
OTHER = "another-secret-of-mine"

names = st.text(string.ascii_letters + string.digits + " -_.é", min_size=1, max_size=20).map(str.strip)
secrets = st.text(string.ascii_letters + string.digits + "-_.:/+=$!", min_size=16, max_size=64)
entries = st.lists(
    st.tuples(names.filter(bool), st.sampled_from(["read", "write"]), secrets),
    min_size=1,
    unique_by=(lambda one: one[0].casefold(), lambda one: one[2]),
)


@given(entries, secrets)
def test_each_key_is_found_by_its_secret_and_by_nothing_else(
    wanted: list[tuple[str, str, str]], stranger: str
) -> None:
    """Names and scopes are as written, whatever blanks stand around them."""
    keys = read_api_keys(" , ".join(f"{name} : {scope}: {secret}" for name, scope, secret in wanted))
    for name, scope, secret in wanted:
        found = keys.find(secret.encode())
        assert found is not None
        assert (found.name, found.scope) == (name, scope)
        assert keys.find(secret[:-1].encode()) is None
    assert (keys.find(stranger.encode()) is None) == (stranger not in {secret for *_, secret in wanted})


def test_a_bare_secret_that_stands_alone_may_write() -> None:
    """It is named by its place."""
    (key,) = read_api_keys(SECRET).keys
    assert (key.name, key.scope) == ("key 1", "write")


@given(secrets, secrets, st.sampled_from(["a:read:", ""]), st.sampled_from([",", " , ", ",\t"]))
def test_no_part_of_a_secret_is_a_key_of_its_own(first: str, second: str, named: str, comma: str) -> None:
    """A comma within a secret makes no second key, which could write; whatever stands around it."""
    for text in (f"{named}{first}{comma}{second}", f"{second}{comma}b:read:{first}"):
        try:
            keys = read_api_keys(text)
        except ValueError:
            continue
        assert text.count(":") >= 2 * len(keys.keys)


def test_a_secret_counts_as_guessable_unless_it_is_long() -> None:
    """128 random bits have 32 letters in hexadecimal."""
    assert [read_api_keys(f"a:read:{'x' * length}").keys[0].is_guessable for length in (31, 32)] == [
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (f"a:read:{OTHER},b:{SECRET}", "entry 2 must be name:scope:secret"),
        (f"b:owner:{SECRET}", "entry 1 must be name:scope:secret"),
        (f"b:READ:{SECRET}", "entry 1 must be name:scope:secret"),
        (f"b:{SECRET}:read", "entry 1 must be name:scope:secret"),
        (f":read:{SECRET}", "the name in entry 1 is empty"),
        (f"{'n' * 65}:read:{SECRET}", "the name in entry 1"),
        (f"n\x07:read:{SECRET}", "the name in entry 1"),
        (f"a:read:{OTHER},,b:read:{SECRET}", "entry 2 is empty: remove a comma"),
        (f"a:read:{SECRET},", "entry 2 is empty"),
        (f"a:read:{OTHER},{SECRET}", "entry 2 has no name and scope"),
        (
            f"{SECRET},{OTHER}",
            "entry 1 has no name and scope, which is allowed only for a single",
        ),
        (f"{SECRET},b:read:{OTHER}", "entry 1 has no name and scope"),
        (f"'a:read:{OTHER}'", "entry 1 begins or ends with a quotation mark"),
        (f'"a:read:{OTHER}","b:read:{SECRET}"', "entry 1 begins or ends with a quotation mark"),
        (f'"{SECRET}"', "entry 1 begins or ends with a quotation mark"),
        (
            "b:read:hunter2",
            "the secret in entry 1 has fewer than 16 characters; create one with: openssl rand",
        ),
        ("hunter2", "the secret in entry 1 has fewer than 16 characters"),
        ("b:read:hunter2 hunter2 hunter2", "the secret in entry 1 has characters that are not allowed"),
        ("b:read:hunter2-hunter2-ü", "the secret in entry 1 has characters that are not allowed"),
        (f"a:read:{SECRET},b:write:{SECRET}", "the secret in entry 2 is that of entry 1 again"),
        (f"a:read:{SECRET},a:read:{OTHER}", "the name in entry 2 is that of entry 1 again"),
        (f"App:read:{OTHER},app:write:{SECRET}", "the name in entry 2 is that of entry 1 again"),
    ],
)
def test_a_wrong_entry_is_named_by_its_number(wrong: str, said: str) -> None:
    """And by nothing that stands in it; so it is in the message about all settings."""
    with pytest.raises(ValueError, match=said) as caught:
        read_api_keys(wrong)
    told = f"{caught.value!r} {complaint(api_keys=wrong)}"
    assert "hunter2" not in told and OTHER not in told
    assert "API_KEYS is wrong" in told


pieces = st.sampled_from(["hunter2", ":", ",", " ", "read", "write", "n", "-", "\x00", "ä"])


@given(st.lists(pieces).map("".join))
def test_whatever_is_written_nothing_tells_a_secret(text: str) -> None:
    """It is either read or refused; what is refused is not repeated, of what is read the names are shown."""
    try:
        keys = read_api_keys(text)
    except ValueError as error:
        assert "hunter2" not in f"{error!r} {error.__cause__!r} {error.__context__!r}"
    else:
        shown = repr(keys)
        for key in keys.keys:
            shown = shown.replace(repr(key.name), "")
        assert "hunter2" not in shown


def test_settings_keep_no_secret() -> None:
    """Neither their text nor anything in them has it, however it was handed in."""
    for given_text in (f"a:read:{SECRET}", SecretStr(f"a:read:{SECRET}")):
        settings = load_settings(_env_file=None, clickup_api_token="pk_1_X", api_keys=given_text)
        assert settings.api_keys is not None
        assert settings.api_keys.find(SECRET.encode())
        assert SECRET not in repr(settings) + str(settings.model_dump())
        assert "digest" not in repr(settings)


def test_keys_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """As they stand there; what is blank means none."""
    monkeypatch.setenv("API_KEYS", f"a:read:{SECRET}")
    monkeypatch.setenv("CORS_ORIGINS", "https://one.example.com, http://localhost:3000/")
    settings = load_settings(_env_file=None, clickup_api_token="pk_1_X")
    assert settings.api_keys == read_api_keys(f"a:read:{SECRET}")
    assert settings.cors_origins == ("https://one.example.com", "http://localhost:3000")
    monkeypatch.setenv("API_KEYS", " ")
    monkeypatch.setenv("CORS_ORIGINS", "")
    settings = load_settings(_env_file=None, clickup_api_token="pk_1_X")
    assert (settings.api_keys, settings.cors_origins) == (None, None)


@pytest.mark.parametrize(
    "wrong", ["dashboard.example.com", "https://u:hunter2@h", "https://h/path", "ftp://h", "*,"]
)
def test_what_is_no_origin_is_refused(wrong: str) -> None:
    """With its number, and without its text."""
    told = complaint(cors_origins=wrong)
    assert told.startswith("CORS_ORIGINS is wrong: entry ")
    assert "hunter2" not in told


def complaint(**settings: Any) -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings(_env_file=None, clickup_api_token="pk_1_X", **settings)
    assert not isinstance(caught.value.__cause__, Exception)
    return str(caught.value)


def test_the_settings_that_are_not_keys_have_defaults() -> None:
    """1,200 requests a minute, no other origin."""
    settings: Settings = load_settings(_env_file=None, clickup_api_token="pk_1_X")
    assert (settings.api_rate_limit, settings.cors_origins) == (1200, None)
