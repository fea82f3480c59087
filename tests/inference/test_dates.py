"""Dates in text and date fields."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotestance.dates import find_dates, parse_date

DAY = date(2013, 10, 12)
NUMBERS = ["31", "99", "0", "13", "２０１３", "2013", "1999"]
PIECES = st.lists(
    st.sampled_from([*NUMBERS, "Feb", "October", "May.", "-", ", ", " ", "th"]), max_size=12
)


@given(st.one_of(st.text(st.characters(exclude_categories=())), PIECES.map("".join)))
def test_any_text_gives_dates_in_order_and_inside_it(text: str) -> None:
    found = list(find_dates(text))
    offsets = [at for _, at in found]
    assert offsets == sorted(offsets)
    assert all(0 <= at < len(text) for at in offsets)
    assert all(1900 <= day.year <= 2099 for day, _ in found)


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.text("ab ,.\n", max_size=20))
def test_every_date_is_found_where_it_stands(day: date, before: str) -> None:
    for form in ("%Y-%m-%d", "%d %B %Y", "%B %d, %Y", "%d %b %Y", "%b. %d, %Y"):
        text = f"{before} {day:{form}} and later"
        assert list(find_dates(text)) == [(day, len(before) + 1)]


@pytest.mark.parametrize(
    "text",
    [
        "2013-10-12",
        "2013-10-12T08:30:00Z",
        "12 October 2013",
        "12th October 2013",
        "12 Oct 2013",
        "October 12, 2013",
        "Oct. 12, 2013",
        "OCTOBER 12, 2013",
        "Oct 12th 2013",
        "Sat, 12 Oct 2013 08:00:00 GMT",
    ],
)
def test_the_ways_to_write_a_date(text: str) -> None:
    assert [day for day, _ in find_dates(text)] == [DAY]
    assert parse_date(text) == "2013-10-12"


@pytest.mark.parametrize("month", ["Sep", "Sept", "Sept.", "September"])
def test_the_ways_to_write_september(month: str) -> None:
    assert [day for day, _ in find_dates(f"on {month} 9, 2013")] == [date(2013, 9, 9)]


@pytest.mark.parametrize(
    "text",
    [
        "31 June 2013",
        "February 30, 2013",
        "2013-13-01",
        "October 2013",
        "12/10/2013",
        "Marines 12, 2013",
        "Mayor 3, 2013",
        "Decades 20, 2013",
        "October 12, 1813",
        "12013-10-12",
        "",
    ],
)
def test_what_is_no_date(text: str) -> None:
    assert list(find_dates(text)) == []


def test_dates_come_in_the_order_of_the_text() -> None:
    text = "After May 2, 2014 came 3 June 2014, long after 2013-10-12."
    assert [day.isoformat() for day, _ in find_dates(text)] == [
        "2014-05-02",
        "2014-06-03",
        "2013-10-12",
    ]


@pytest.mark.parametrize(
    "value",
    [
        DAY,
        datetime(2013, 10, 12, 23, 59),
        datetime(2013, 10, 12, 1, tzinfo=UTC),
        "20131012",
        20131012,
        " 2013-10-12 ",
        "2013-10-12 08:30",
        "Published on 12 October 2013",
    ],
)
def test_date_fields(value: object) -> None:
    assert parse_date(value) == "2013-10-12"


@pytest.mark.parametrize("value", [None, "", "  "])
def test_an_empty_field_is_no_date(value: object) -> None:
    assert parse_date(value) is None


@pytest.mark.parametrize("value", ["yesterday", "12/10/2013", "2013", "2013-02-30", 5, True, ["x"]])
def test_a_field_that_is_no_date_says_so(value: object) -> None:
    with pytest.raises(ValueError) as caught:
        parse_date(value)
    assert str(caught.value) == f"date {str(value)!r} is not a date; use YYYY-MM-DD"


@given(st.one_of(st.text(), st.integers(), st.floats(), st.binary(), st.none()))
def test_any_field_is_a_date_or_a_value_error(value: object) -> None:
    try:
        parsed = parse_date(value)
    except ValueError as error:
        assert "is not a date; use YYYY-MM-DD" in str(error)
    else:
        assert parsed is None or date.fromisoformat(parsed)
