"""No recipe of the pages shows a secret to other users, to a shell's history or to the list of processes."""

import re

import pytest

from tests.docs.reading import name_of, pages, read

_RECIPES = re.compile(r"^```(?:sh|ini|text|dockerfile)\n(.*?)^```", re.MULTILINE | re.DOTALL)
# A program that gets an address with its password, or a secret, as an argument.
_ARGUMENT = re.compile(
    r"(?:psql|pg_dump|pg_restore|createdb)\b[^\n]*(?:\$\{?DATABASE_URL|postgres(?:ql)?://[^\s/]*:[^\s/]+@)"
    r"|--(?:token|password|secret)[= ]"
)
_HISTORY = re.compile(r"\bexport (?:CLICKUP_API_TOKEN|DATABASE_URL|API_KEYS|SECRET_KEY|PGPASSWORD)=")
_UNIT = re.compile(r"^(?:Environment|ENV)[= ].*(?:TOKEN|DATABASE_URL|API_KEYS|SECRET_KEY)", re.MULTILINE)


@pytest.mark.parametrize("page", pages(), ids=name_of)
@pytest.mark.parametrize("shown", [_ARGUMENT, _HISTORY, _UNIT], ids=["argument", "history", "unit"])
def test_no_recipe_shows_a_secret(page: object, shown: re.Pattern[str]) -> None:
    """Not as an argument, not exported at a prompt, not in a unit or an image that everybody can read."""
    for recipe in _RECIPES.findall(read(str(page))):
        assert not shown.search(recipe), recipe


@pytest.mark.parametrize("page", ["README.md", ".env.example"])
def test_the_file_of_settings_is_made_for_its_owner_alone(page: str) -> None:
    """By the command that is copied from there."""
    text = read(page)
    assert "install -m 600 .env.example .env" in text and "cp .env.example" not in text
