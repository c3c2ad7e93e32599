"""Every setting is documented, with its default, and `.env.example` is complete and loads."""

import os
import re
from pathlib import Path

import pytest

from app.config import Settings
from tests.docs import settings_text
from tests.docs.reading import ROOT, read, rows, section

FIELDS = Settings.model_fields


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.lower() in FIELDS:
            monkeypatch.delenv(name)


def example() -> dict[str, str]:
    """The assignments of .env.example."""
    return dict(re.findall(r"^([A-Z][A-Z_]*)=(.*)$", read(".env.example"), re.MULTILINE))


def test_the_example_names_every_setting_and_no_other() -> None:
    """.env.example has each setting once, and none that is not one."""
    assert list(example()) == [name for name in example() if name.lower() in FIELDS]
    assert {name.lower() for name in example()} == set(FIELDS)
    assert len(re.findall(r"^[A-Z_]+=", read(".env.example"), re.MULTILINE)) == len(FIELDS)


@pytest.mark.parametrize("field", FIELDS)
def test_every_setting_is_described_by_sentences(field: str) -> None:
    """The description, from which `.env.example` and docs/settings.md are made."""
    assert (FIELDS[field].description or "").endswith(".")


def test_the_example_is_made_from_the_descriptions() -> None:
    """`make docs` would change nothing in it."""
    assert read(".env.example") == settings_text.as_example()


def test_the_example_loads_and_means_the_defaults(tmp_path: Path) -> None:
    """Copied to .env, with a token filled in, the example gives exactly the defaults."""
    copied = tmp_path / ".env"
    copied.write_text(
        read(".env.example").replace("CLICKUP_API_TOKEN=", "CLICKUP_API_TOKEN=pk_1_X"), encoding="utf-8"
    )
    from_example = Settings(_env_file=copied)  # type: ignore[call-arg]
    assert from_example == Settings(_env_file=None, clickup_api_token="pk_1_X")  # type: ignore[call-arg, arg-type]


def test_the_example_holds_no_secret() -> None:
    """The token and the database's address are empty in .env.example."""
    assert example()["CLICKUP_API_TOKEN"] == ""
    assert example()["DATABASE_URL"] == ""


@pytest.mark.parametrize(
    ("page", "heading"), [("README.md", "A real workspace"), ("docs/start.md", "Configure")]
)
def test_what_the_first_pages_ask_for_are_settings(page: str, heading: str) -> None:
    """The settings in their tables exist."""
    table = rows(section(read(page), heading))
    assert table
    assert {name.lower() for name in table} <= set(FIELDS)


def test_no_page_shows_a_token() -> None:
    """Nothing that looks like a whole token stands in any page or in .env.example."""
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / ".env.example"):
        assert not re.search(r"pk_\d+_[A-Z0-9]{16,}", path.read_text(encoding="utf-8")), path.name
