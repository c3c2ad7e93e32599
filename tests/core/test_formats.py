"""Dates and numbers as people of an installation write them: another look of the same value."""

from datetime import date, datetime
from decimal import Decimal
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.answers.formats import DateFormat, Formats, NumberFormat

DATES, NUMBERS = get_args(DateFormat), get_args(NumberFormat)
READ = {"30 Nov 2026": "%d %b %Y", "2026-11-30": "%Y-%m-%d", "30.11.2026": "%d.%m.%Y",
        "30/11/2026": "%d/%m/%Y", "11/30/2026": "%m/%d/%Y"}  # fmt: skip


@pytest.mark.parametrize("chosen", DATES)
def test_a_choice_of_date_is_how_it_shows_its_own_day(chosen: DateFormat) -> None:
    """So that nobody has to know signs for days and months."""
    assert Formats(date_format=chosen).day(date(2026, 11, 30)) == chosen


@pytest.mark.parametrize("chosen", NUMBERS)
def test_a_choice_of_number_is_how_it_shows_its_own_number(chosen: NumberFormat) -> None:
    """But for the blank, at which no line may end."""
    formats = Formats(number_format=chosen)
    assert formats.number(1234.5).replace("\N{NO-BREAK SPACE}", " ") == chosen
    assert formats.number(Decimal("1234.50"))[-3:] == f"{chosen[-2]}50"
    assert formats.number(1234.56, 1)[-2:] == f"{chosen[-2]}6"


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)), st.sampled_from(DATES))
def test_a_day_can_be_read_again(day: date, chosen: DateFormat) -> None:
    """No two days look alike."""
    assert datetime.strptime(Formats(date_format=chosen).day(day), READ[chosen]).date() == day


@given(st.integers(-(10**12), 10**12), st.sampled_from(NUMBERS))
def test_a_number_can_be_read_again(number: int, chosen: NumberFormat) -> None:
    """Its thousands are apart in groups of three."""
    formats = Formats(number_format=chosen)
    thousands = formats.number(1000)[1]
    sign, *groups = formats.number(number).replace("-", f"-{thousands}").split(thousands)
    groups = groups if sign == "-" else [sign, *groups]
    assert int("".join(groups)) == abs(number) and all(len(group) == 3 for group in groups[1:])
    assert formats.hours(number * 60 if number > 0 else 60).endswith(":00")


def test_a_year_is_left_out_where_it_is_the_present_one() -> None:
    """But of an ISO date, which nobody knows without."""
    days = [date(2026, 3, 4), date(2025, 3, 4)]
    shown = {chosen: [Formats(chosen).near_day(day, date(2026, 1, 1)) for day in days] for chosen in DATES}
    assert shown == {
        "30 Nov 2026": ["4 Mar", "4 Mar 2025"],
        "2026-11-30": ["2026-03-04", "2025-03-04"],
        "30.11.2026": ["04.03.", "04.03.2025"],
        "30/11/2026": ["04/03", "04/03/2025"],
        "11/30/2026": ["03/04", "03/04/2025"],
    }


@pytest.mark.parametrize(
    ("minutes", "text"), [(0, "0:00"), (59, "0:59"), (125, "2:05"), (89_206, "1'486:46"), (-5, "-0:05")]
)
def test_minutes_are_hours_and_minutes(minutes: int, text: str) -> None:
    """With the thousands of the hours apart."""
    assert Formats(number_format="1'234.5").hours(minutes) == text


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("the comments of 1,234 tasks were not read yet", "the comments of 1.234 tasks were not read yet"),
        ("1,234,567 rows; 5 of 12", "1.234.567 rows; 5 of 12"),
        ("lists 123,456 and 12,34, version 1,234b", "lists 123.456 and 12,34, version 1,234b"),
    ],
)
def test_numbers_of_a_sentence_are_written_alike(sentence: str, shown: str) -> None:
    """Reports write them for programs too; what is no number with thousands stays."""
    assert Formats(number_format="1.234,5").sentence(sentence) == shown
    assert Formats().sentence(sentence) == sentence
