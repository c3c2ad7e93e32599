"""A name is found however it is typed; what is not found is told what is near."""

import pytest

from app.core.answers.matching import Candidate, find, fold, nearest, pick
from app.core.errors import AmbiguousName, UnknownName

PEOPLE = [
    Candidate("person", "1", "Zoë Kravitz", keys=("zoe@example.com",)),
    Candidate("person", "2", "Søren O’Brien"),
    Candidate("person", "3", "María-José Núñez"),
    Candidate("person", "4", "Łukasz Ångström"),
    Candidate("person", "5", "Ada Lovelace"),
    Candidate("person", "6", "Adam Smith"),
    Candidate("person", "7", "Ada Lovelace", is_gone=True),
    Candidate("person", "8", "山田 太郎"),
]


@pytest.mark.parametrize(
    ("asked", "key"),
    [
        ("zoe", "1"),
        ("ZOË KRAVITZ", "1"),
        ("Zoe@Example.com", "1"),
        ("Soren", "2"),
        ("soren o'brien", "2"),
        ("O´Brien", "2"),
        ("Nunez", "3"),
        ("maria jose nunez", "3"),
        ("Maria Nunez", "3"),
        ("Lukasz Angstrom", "4"),
        ("Ada Lovelace", "5"),
        ("7", "7"),
        (" adam ", "6"),
        ("山田", "8"),
    ],
)
def test_accents_case_quotes_and_hyphens_do_not_matter(asked: str, key: str) -> None:
    """Nor which part of the name it is; an id and an e-mail address are taken as they are."""
    found = find(asked, PEOPLE, "person")
    assert found is not None and found.key == key


@pytest.mark.parametrize(
    ("asked", "near"), [("Zoey", "Zoë"), ("Nunes", "Núñez"), ("Sorn", "Søren"), ("zoe@example.org", "Zoë")]
)
def test_what_is_near_is_told(asked: str, near: str) -> None:
    """With the id, by which it can be asked for."""
    with pytest.raises(UnknownName, match=rf"did you mean .*{near}.*\(person \d\)"):
        pick(asked, PEOPLE, "person")


def test_several_are_all_told() -> None:
    """Of two who are here; who left gives way."""
    with pytest.raises(AmbiguousName, match=r"Ada Lovelace \(person 5\) or Adam Smith \(person 6\)"):
        find("ad", PEOPLE, "person")


@pytest.mark.parametrize("asked", ["", "  ", "´", "-"])
def test_a_name_without_letters_means_nothing(asked: str) -> None:
    """Instead of everything that begins with it."""
    assert find(asked, PEOPLE, "person") is None


def test_folding_keeps_what_tells_names_apart() -> None:
    """Letters and digits of any script stay."""
    assert fold("Sprint‑12") == fold("sprint 12") != fold("Sprint 1")
    assert fold("Straße") == "strasse"
    assert nearest("asignee", ["assignee", "status"], 1) == ["assignee"]
    assert nearest("qqqqq", ["assignee", "status"]) == []
