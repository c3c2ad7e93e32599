"""Which workspace a request is about."""

import pytest

from app.core.answers.access import Limits, choose_workspace

NONE, ONE, TWO = Limits(), Limits(("a",)), Limits(("a", "b"))


@pytest.mark.parametrize(
    ("asked", "limits", "default", "chosen"),
    [
        (None, NONE, "a", "a"),
        (None, NONE, None, None),
        ("b", NONE, "a", "b"),
        (None, ONE, "b", "a"),
        ("a", ONE, "b", "a"),
        (None, TWO, "b", "b"),
        ("a", TWO, None, "a"),
    ],
)
def test_the_parameter_goes_before_the_key_and_the_key_before_the_service(
    asked: str | None, limits: Limits, default: str | None, chosen: str | None
) -> None:
    """Within what the key may see."""
    assert choose_workspace(asked, limits, default) == chosen


@pytest.mark.parametrize(
    ("asked", "limits", "error"),
    [
        ("b", ONE, LookupError),
        (None, Limits(()), LookupError),
        ("a", Limits(()), LookupError),
        (None, TWO, ValueError),
    ],
)
def test_no_workspace_is_chosen_that_the_key_may_not_see(
    asked: str | None, limits: Limits, error: type[Exception]
) -> None:
    """An empty list allows none; of several one must be named, if the service's is not among them."""
    with pytest.raises(error):
        choose_workspace(asked, limits, "c")
