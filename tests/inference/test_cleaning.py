"""Repairs of scraped text: what they change, what they leave, and that they never fail."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotestance.cleaning import clean

FRAGMENTS = [
    "“", "”", '"', "'", "‘", "’", "``", "''", "«", "»", "â€™", "â„¢", "‚Äô", "Б─°", "Â\xa0", "\xa0",
    "\x00", "\x0b", "\x0c", "\r", "\r\n", "\n", "\n\n", "\u2028", "\ufeff", "\u202e", "\u00ad",
    "سلام", "שלום", "😀", "👩‍👩‍👧", "\ud83d", "\udcff", "KABUL (AP) -- ", "CITY: ", "-- ", "— ",
    ":01:02. > :01:07.", "(Photo: X)", "time.After", 'no."Then', "afterhis", " -- ", "al—Qaeda",
    "We will wait", "He said, ", " ", "\t", "e\u0301", "９", "١٢",
]  # fmt: skip
ANYTHING = st.one_of(
    st.text(st.characters(exclude_categories=())),
    st.lists(st.sampled_from(FRAGMENTS), max_size=30).map("".join),
)


@given(ANYTHING)
def test_any_text_is_cleaned_and_maps_back(source: str) -> None:
    view = clean(source)
    assert len(view.starts) == len(view.ends) == len(view.text)
    for s, e in zip(view.starts, view.ends, strict=True):
        assert 0 <= s <= e <= len(source)
    assert all(a <= b for a, b in pairwise(view.starts))
    assert all(a <= b for a, b in pairwise(view.ends))


@given(st.lists(st.sampled_from("We will wait until the vote is over .".split())).map(" ".join))
def test_a_text_without_damage_stays_as_it_is(source: str) -> None:
    assert clean(source).text == source


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        # marks that stand for other marks
        ("‘‘We will wait,’’ she added.", "“We will wait,” she added."),
        ("``We will wait,'' she added.", "“We will wait,” she added."),
        ('"I`m ready to wait," he said.', '"I’m ready to wait," he said.'),
        ("the envoys` reply", "the envoys’ reply"),
        ("the Palace”s reply", "the Palace’s reply"),
        ('It isn"t over', "It isn’t over"),
        ("the U.S.—led force, al—Qaeda", "the U.S.-led force, al-Qaeda"),
        # encoding damage
        ("Washingtonâ„¢s offer", "Washington’s offer"),
        ("today‚Äôs step", "today’s step"),
        ("the envoyâ€™s â€œno”", "the envoy’s “no”"),
        ("Б─°resultsБ─²", "“results”"),
        # characters that are not to be seen
        ("\ufeffWe\u200b will\x00 wait", "We will wait"),
        ("nego\u00adtiations go on", "negotiations go on"),
        ("\u202bWe will wait\u202c, \u2066he\u2069 said", "We will wait, he said"),
        ("We\xa0will\u2009wait\tnow", "We will wait now"),
        # ends of lines
        ("One.\r\nTwo.\rThree.", "One.\nTwo.\nThree."),
        ("Page one ends\x0cPage two begins", "Page one ends\nPage two begins"),
        ("One.\u2028Two.\u2029Three.", "One.\nTwo.\nThree."),
        # datelines
        ("KABUL (AP) -- The group waited.", "The group waited."),
        ("KABUL ( -- The group waited.", "The group waited."),
        ("KABUL, Afghanistan (XYZ) — The group waited.", "The group waited."),
        ("NEW YORK/KABUL, Oct 12 (XYZ) - The group waited.", "The group waited."),
        ("– With talks stalled, all waited.", "With talks stalled, all waited."),
        # glued words
        ("decide in time.After the session", "decide in time. After the session"),
        ("He left afterhis visit", "He left after his visit"),
        ("“We wait.”The envoy left", "“We wait.” The envoy left"),
        ('"We wait."The envoy left', '"We wait." The envoy left'),
        ('He agreed."We wait," she said.', 'He agreed. "We wait," she said.'),
        ('“We wait,"The envoy said', '“We wait," The envoy said'),
        ('"No."He left.\nHe agreed."We wait."', '"No." He left.\nHe agreed. "We wait."'),
        # captions
        ("(Photo: A. Name/AGENCY)As most waited", "As most waited"),
    ],
)
def test_repairs(source: str, expected: str) -> None:
    assert clean(source).text == expected


@pytest.mark.parametrize(
    "source",
    [
        "He said, “We will wait,” and left.",
        "“It’s the ministers’ word,” she said.",
        "the U.S. and its e.g. 3.5 percent",
        "thereafter, the hereafter",
        "a force—large and slow—came",
        "naïve café “über” Zürich",
        "MINISTER X: We will wait.",
        "SMITH: No.\nJONES: Yes.\nSMITH: No.\nJONES: Yes.",
        "به گفته او «صبر می‌کنیم»",
        "We wait 👩‍👩‍👧 now",
    ],
)
def test_what_is_left_alone(source: str) -> None:
    assert clean(source).text == source


def test_a_heading_and_the_dash_below_it_are_no_dateline() -> None:
    source = "TALKS STALL AGAIN\n\n- the envoy waits."
    assert clean(source).text.startswith("TALKS STALL AGAIN\n\n")


@pytest.mark.parametrize(
    ("source", "word", "inside"),
    [
        ("KABUL (AP) -- The group waited.", "group", "group"),
        ("Washingtonâ„¢s long offer", "offer", "offer"),
        ("Washingtonâ„¢s long offer", "’", "â„¢"),
        ("time.After the session", "After", "After"),
        ("\ufeffOne.\r\nTwo.", "Two", "Two"),
        ("‘‘No,’’ she said", "”", "’’"),
    ],
)
def test_words_lead_back_to_the_source(source: str, word: str, inside: str) -> None:
    view = clean(source)
    at = view.text.index(word)
    start, end = view.to_source(at, at + len(word))
    assert source[start:end] == inside


WRAPPED = """\
The two sides met again on Sunday in the capital, and after
four hours of talk the envoy said that "the people of this
valley will not be hurried, whatever the date on the paper
may be." Nobody else spoke to the press about the session
that was held behind closed doors, and the delegates left
by the back gate of the compound without a further word to
the waiting crowd, which had stood there since the morning
hours in spite of the rain and of the wind from the hills."""


def test_hard_wraps_are_undone_inside_quotation_marks_too() -> None:
    view = clean(WRAPPED)
    assert "\n" not in view.text
    assert view.text == WRAPPED.replace("\n", " ")
    at = view.text.index("people of this valley")
    start, end = view.to_source(at, at + 21)
    assert WRAPPED[start:end] == "people of this\nvalley"


def test_hard_wraps_keep_the_breaks_between_paragraphs() -> None:
    text = clean(WRAPPED + "\n\n" + WRAPPED).text
    assert text == "\n\n".join([WRAPPED.replace("\n", " ")] * 2)


def test_paragraphs_of_one_line_are_no_hard_wraps() -> None:
    source = "\n".join(f"The envoy waited for day number {i} of the talks." for i in range(12))
    assert clean(source).text == source


def test_time_coded_lines_become_one_running_text() -> None:
    source = (
        ":01:02. > :01:07.we will wait,\n:01:07. > :01:09.and stop they\n\n:01:09. > :01:12.said"
    )
    view = clean(source)
    assert view.text == "we will wait, and stop they said"
    start = view.text.index("wait")
    spans = view.to_source_spans(start, view.text.index(" they"))
    assert [source[s:e] for s, e in spans] == ["wait,", "and stop"]


def test_dashes_between_paragraphs_become_breaks() -> None:
    source = "Talks stall --- first part. -- second part. -- third part. -- fourth part."
    expected = ["Talks stall", "first part.", "second part.", "third part.", "fourth part."]
    assert clean(source).text.split("\n\n") == expected


def test_a_few_dashes_are_only_dashes() -> None:
    source = "The envoy -- a tall man -- waited."
    assert clean(source).text == source


def test_no_break_spaces_do_not_stop_the_repair_of_the_words_between() -> None:
    source = "\xa0".join(["the envoyâ€™s word"] * 60)
    assert clean(source).text == " ".join(["the envoy’s word"] * 60)


LONG = {
    "straight marks": lambda n: '"' * n,
    "curly marks": lambda n: "“" * n,
    "apostrophes": lambda n: "'" * n,
    "opening marks": lambda n: ' "a' * n,
    "marks and one accent": lambda n: '"' * n + " é",
    "one long word and one accent": lambda n: "a" * n + " é",
    "line breaks": lambda n: "\n" * n,
    "marks on lines": lambda n: '"\n' * n,
    "dateline and spaces": lambda n: "ABC" + " " * n,
    "dateline and breaks": lambda n: "ABC" + "\n" * n,
    "time code and arrows": lambda n: "1:02" + ">" * n,
    "time codes": lambda n: "1:02 > 1:03 a\n" * (n // 8),
    "null bytes": lambda n: "\x00" * n,
    "no-break spaces": lambda n: "é\xa0" * n,
    "glued sentences": lambda n: 'no."Then' * (n // 4),
    "emoji": lambda n: "😀" * n,
    "lone surrogates": lambda n: "\ud83d" * n,
    "right to left": lambda n: "سلام " * (n // 4),
}


@pytest.mark.parametrize("make", LONG.values(), ids=LONG.keys())
def test_time_grows_with_the_length_only(
    make: Callable[[int], str], seconds: Callable[[Callable[[], object]], float]
) -> None:
    small, large = make(25_000), make(100_000)
    # four times the text: a linear pass takes 4 times as long, a quadratic one 16 times
    assert seconds(lambda: clean(large)) < 10 * seconds(lambda: clean(small))
