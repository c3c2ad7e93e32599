"""Secrets are encrypted for one row and one purpose, and no key is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.encryption import SecretKey, SecretKeys, describe_unknown_key, key_id_of
from app.core.errors import SecretUnreadable

NEW, OLD = "0f1e2d3c4b5a6978" * 4, "9a8b7c6d5e4f3021" * 4
BOTH, ONLY_OLD = SecretKeys.read([NEW, OLD]), SecretKeys.read([OLD])
texts = st.text(st.characters(exclude_categories=["Cs"]))


@given(texts, texts)
def test_a_secret_comes_back_for_its_own_row(secret: str, row: str) -> None:
    """Whatever the secret and the row, and it stands nowhere in what is stored."""
    encrypted = BOTH.encrypt(secret, "webhooks.secret", row)
    assert BOTH.decrypt(encrypted, "webhooks.secret", row) == secret
    assert len(secret) < 8 or secret not in encrypted


@given(texts, texts)
def test_a_copied_secret_does_not_decrypt(row: str, other: str) -> None:
    """Not in another row, and not in another column of the same row."""
    encrypted = BOTH.encrypt("s3cret", "webhooks.secret", row)
    for purpose, place in (("webhooks.secret", f"{row}{other}x"), ("tokens.token", row)):
        with pytest.raises(SecretUnreadable, match="was changed, or belongs to another row"):
            BOTH.decrypt(encrypted, purpose, place)


@pytest.mark.parametrize("spoilt", ["", "x", ":", "{id}:", "{id}:gAAAA", "{id}:ä", "{turned}", "{id}:{id}"])
def test_what_was_changed_is_unreadable(spoilt: str) -> None:
    """Anything that may stand in the column: one kind of error, never another."""
    whole = BOTH.encrypt("s3cret", "webhooks.secret", "w")
    turned = f"{whole[:60]}{'a' if whole[60] == 'b' else 'b'}{whole[61:]}"
    with pytest.raises(SecretUnreadable):
        BOTH.decrypt(spoilt.format(id=key_id_of(whole), turned=turned), "webhooks.secret", "w")


def test_the_first_key_encrypts_and_all_decrypt() -> None:
    """So that a key can be changed while others still use the old one."""
    old = ONLY_OLD.encrypt("s3cret", "p", "w")
    assert BOTH.decrypt(old, "p", "w") == "s3cret"
    new = BOTH.encrypt("s3cret", "p", "w")
    assert key_id_of(new) == BOTH.first_id != ONLY_OLD.first_id
    with pytest.raises(SecretUnreadable, match=f"another SECRET_KEY: the id of that key is {BOTH.first_id}"):
        ONLY_OLD.decrypt(new, "p", "w")
    assert f"this process has {ONLY_OLD.first_id}" in describe_unknown_key("x", ONLY_OLD)
    assert "this process has none" in describe_unknown_key("x", SecretKeys())


def test_no_key_is_told() -> None:
    """Not by a key, not by keys, not by the id that is stored."""
    shown = f"{BOTH!r} {BOTH} {BOTH.ids} {BOTH.encrypt('s', 'p', 'r')}"
    assert NEW not in shown and OLD not in shown
    assert len(BOTH.ids) == 2 and all(len(one) == 16 for one in BOTH.ids)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hunter2", "32 characters or more"),
        ("", "32 characters or more"),
        ("hunter2" * 5, "repeats"),
        ("a" * 64, "repeats"),
        ("0f1e2d3c4b5a6978 " * 4, "contains a space"),
        ("0f1e2d3c4b5a6978,0f1e2d3c4b5a6978", "a comma"),
        ("0f1e2d3c4b5a6978ä" * 4, "not ASCII"),
    ],
)
def test_what_is_no_key_is_refused(text: str, said: str) -> None:
    """With what to do, and without the text."""
    with pytest.raises(ValueError, match=said) as caught:
        SecretKey.of(text)
    assert "openssl rand -hex 32" in str(caught.value) and "hunter2" not in str(caught.value)
