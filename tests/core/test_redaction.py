"""A secret is taken out of every text, however it is quoted, and nothing else is."""

import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.adapters.redaction import redactor
from app.core.redaction import Redactor, secrets_of_url

texts = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=6), texts, texts)
def test_a_secret_is_found_in_every_form(secret: str, before: str, after: str) -> None:
    """As it is, quoted for an address, in JSON, in Python's representation."""
    redact = Redactor([secret])
    forms = (secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1], repr(secret)[1:-1])
    for form in forms:
        if len(form) >= 6:
            assert form not in redact(f"{before} {form} {after}").replace("***", "\0")


def test_a_secret_with_a_colon_is_known_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key's secret is all that stands behind its name and its scope."""
    monkeypatch.setenv("API_KEYS", "app:read:0123456789abcdef:xyz, other:write:fedcba9876543210")
    assert redactor()("0123456789abcdef:xyz and fedcba9876543210") == "*** and ***"


def test_the_longest_secret_goes_first() -> None:
    """One that begins like another leaves no rest."""
    assert Redactor(["hunter2", "hunter2-and-more"])("is hunter2-and-more, or hunter2") == "is ***, or ***"


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("token pk_123_ABCDEFGHIJ0123456789ABCDEFGHIJKL!", "token ***!"),
        ("at postgresql://me:s3cret@host/db", "at postgresql://me:***@host/db"),
        ("at https://me:s3cret@host/ and on", "at https://me:***@host/ and on"),
        ("at https://example.com:8000/a@b", "at https://example.com:8000/a@b"),
        ("mail me@example.com: now", "mail me@example.com: now"),
        ("", ""),
    ],
)
def test_what_looks_like_a_secret_is_taken_out(said: str, heard: str) -> None:
    """A token and a password in an address, also those that nobody named before."""
    assert Redactor()(said) == heard


def test_short_secrets_and_none_are_no_pattern() -> None:
    """An empty one would be found between all letters, a short one in many words."""
    assert Redactor(["", "pw", "p"])("the password of port 5432") == "the password of port 5432"


@pytest.mark.parametrize(
    ("url", "secrets"),
    [
        ("postgresql://me:s3cret@host:5432/db", {"s3cret"}),
        ("postgresql://me:s3cret@[::1]x:5432/db", {"s3cret"}),
        ("postgresql://me:s3@cret@host/db", {"s3", "s3@cret"}),
        ("postgresql://me@host/db?sslmode=require&password=s3cret&x=1", {"s3cret"}),
        ("postgresql://me:other1@host/db?sslpassword=s3cret", {"s3cret", "other1"}),
        ("host=x password=s3cret user=me", {"s3cret"}),
        ("host=x password='s3 cret' user=me", {"s3 cret"}),
        ("postgresql://postgres:postgres@host/postgres", set()),
        ("postgresql://host/db", set()),
        ("", set()),
    ],
)
def test_passwords_are_found_in_addresses(url: str, secrets: set[str]) -> None:
    """Also in one that no driver reads; not one that is shown anyway, as the user's name."""
    assert secrets_of_url(url) == secrets
