"""A view's characters always lead back into the source."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotestance.textview import Edit, View

TEXTS = st.text(st.characters(exclude_categories=()), max_size=60)


def edits_of(length: int) -> st.SearchStrategy[list[Edit]]:
    """Edits in a text of that length; they may overlap."""
    bounds = st.tuples(st.integers(0, length), st.integers(0, length)).map(sorted)
    edit = st.builds(lambda b, t: Edit(b[0], b[1], t), bounds, st.text("ab ”", max_size=3))
    return st.lists(edit, max_size=6)


def check(view: View, source: str) -> None:
    """Every character stands for an interval of the source, in order."""
    assert len(view.starts) == len(view.ends) == len(view.text)
    for s, e in zip(view.starts, view.ends, strict=True):
        assert 0 <= s <= e <= len(source)
    assert all(a <= b for a, b in pairwise(view.starts))
    assert all(a <= b for a, b in pairwise(view.ends))


@given(TEXTS)
def test_without_edits_a_view_is_its_source(source: str) -> None:
    view = View.of(source)
    assert view.text == source
    assert view.starts == list(range(len(source)))
    assert view.ends == list(range(1, len(source) + 1))


@given(st.data())
def test_every_character_maps_into_the_source(data: st.DataObject) -> None:
    source = data.draw(TEXTS)
    lower = View.of(source, data.draw(edits_of(len(source))))
    check(lower, source)
    edits = data.draw(edits_of(len(lower.text)))
    upper = lower.edit(edits)
    check(upper, source)
    assert upper.text == View.of(lower.text, edits).text


@given(st.data())
def test_untouched_characters_map_to_themselves(data: st.DataObject) -> None:
    source = data.draw(TEXTS)
    edits = data.draw(edits_of(len(source)))
    view = View.of(source, edits)
    where = dict(zip(view.starts, view.text, strict=True))
    for i, char in enumerate(source):
        if not any(e.start <= i <= e.end for e in edits):
            assert where[i] == char


@given(st.data())
def test_a_span_covers_the_spans_inside_it(data: st.DataObject) -> None:
    source = data.draw(TEXTS.filter(bool))
    view = View.of(source, data.draw(edits_of(len(source))))
    if len(view.text) < 2:
        return
    start = data.draw(st.integers(0, len(view.text) - 2))
    end = data.draw(st.integers(start + 2, len(view.text)))
    outer, inner = view.to_source(start, end), view.to_source(start + 1, end)
    assert 0 <= outer[0] <= inner[0] <= inner[1] == outer[1] <= len(source)
    for s, e in view.to_source_spans(start, end):
        assert outer[0] <= s <= e <= outer[1]


def test_replacing_dropping_and_inserting() -> None:
    source = "one  two,three"
    view = View.of(source, [Edit(3, 5, " "), Edit(9, 9, " "), Edit(0, 1, "")])
    assert view.text == "ne two, three"
    assert source[slice(*view.to_source(3, 6))] == "two"
    assert view.to_source(2, 3) == (3, 5)
    assert view.to_source(7, 8) == (9, 9)  # what was inserted stands for nothing


def test_of_two_edits_that_overlap_the_first_wins() -> None:
    edits = [Edit(2, 5, "Y"), Edit(0, 3, "X")]
    assert View.of("abcdef", edits).text == "Xdef"


def test_stacked_edits_lead_back_to_the_source() -> None:
    source = "\ufeffHe saidâ€™ no.Then yes"
    view = View.of(source, [Edit(0, 1, ""), Edit(8, 11, "’")])
    at = view.text.index("Then")
    upper = view.edit([Edit(at, at, " ")])
    assert upper.text == "He said’ no. Then yes"
    assert source[slice(*upper.to_source(upper.text.index("Then"), len(upper.text)))] == "Then yes"
    assert upper.to_source(7, 8) == (8, 11)


def test_an_insertion_inside_a_longer_edit_keeps_the_order() -> None:
    view = View.of("a####b", [Edit(1, 5, "xy")]).edit([Edit(2, 2, " ")])
    assert view.text == "ax yb"
    check(view, "a####b")


def test_inserting_at_the_end_and_into_nothing() -> None:
    assert View.of("ab").edit([Edit(2, 2, "!")]).to_source(2, 3) == (2, 2)
    empty = View.of("abc", [Edit(0, 3, "")]).edit([Edit(0, 0, "x")])
    assert (empty.text, empty.starts, empty.ends) == ("x", [0], [0])


@pytest.mark.parametrize("span", [(-1, 2), (2, 2), (3, 1), (0, 6)])
def test_a_span_outside_the_view_is_an_error(span: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="outside a view of 5 characters"):
        View.of("abcde").to_source(*span)


def test_spans_are_cut_where_much_was_dropped() -> None:
    source = "we will [a long caption] wait"
    view = View.of(source, [Edit(8, 25, "")])
    parts = [source[s:e] for s, e in view.to_source_spans(0, len(view.text))]
    assert parts == ["we will", "wait"]


def test_spans_are_cut_around_a_character_that_stands_for_much() -> None:
    source = "we wait\n:01:02. > :01:07.and stop"
    view = View.of(source, [Edit(7, 25, " ")])
    assert view.text == "we wait and stop"
    parts = [source[s:e] for s, e in view.to_source_spans(0, len(view.text))]
    assert parts == ["we wait", "and stop"]


def test_spans_stay_whole_where_little_was_dropped() -> None:
    source = "we will\r\nwait"
    view = View.of(source, [Edit(7, 9, " ")])
    assert view.to_source_spans(0, len(view.text)) == [(0, 13)]
    assert view.to_source_spans(0, len(view.text), gap=1) == [(0, 7), (9, 13)]


def test_a_span_of_white_space_gives_no_spans() -> None:
    assert View.of("a   b").to_source_spans(1, 4) == []
