"""An article, its fields, and what is refused."""

from __future__ import annotations

import dataclasses
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotestance.articles import Article
from quotestance.errors import InputError, QuotestanceError
from quotestance.marks import quotations

TEXT = "The envoy waits.\n\n“We will wait,” he said on Sunday at the gate of the old palace."


ANYTHING = st.text(st.characters(exclude_categories=())).filter(lambda text: bool(text.strip()))


@given(ANYTHING)
def test_any_text_is_an_article_whose_quotations_lie_in_it(text: str) -> None:
    article = Article.of(text)
    assert len(article.text) == len(text)
    article.text.encode("utf-8")  # what no file could hold is gone
    assert bool(article.paragraphs) == bool(article.view.text.strip())
    for paragraph in article.paragraphs:
        for q in quotations(article.view.text, paragraph.start, paragraph.end):
            for start, end in article.view.to_source_spans(q.start, q.end):
                assert 0 <= start <= end <= len(text)


def test_the_text_stays_as_it_was_read() -> None:
    text = "KABUL (AP) -- The envoyâ€™s “wait”.\r\n"
    article = Article.of(text)
    assert article.text == text
    assert article.view.text == "The envoy’s “wait”.\n"
    at = article.view.text.index("wait")
    assert text[slice(*article.view.to_source(at, at + 4))] == "wait"


def test_an_article_never_changes() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Article.of(TEXT).text = "other"  # type: ignore[misc]


def test_without_an_id_the_text_gives_one() -> None:
    same, again, other = Article.of(TEXT), Article.of(TEXT), Article.of(TEXT + " ")
    assert same.id == again.id != other.id
    assert len(same.id) == 12
    assert Article.of(TEXT, id="a-1").id == "a-1"


@pytest.mark.parametrize(
    ("text", "given_date", "expected"),
    [
        (TEXT, "2013-10-12", ("2013-10-12", "given")),
        (TEXT, date(2013, 10, 12), ("2013-10-12", "given")),
        ("CITY, Oct. 12, 2013 — " + TEXT, None, ("2013-10-12", "text")),
        ("CITY, Oct. 12, 2013 — " + TEXT, "2013-11-01", ("2013-11-01", "given")),
        (TEXT * 20 + " Published 2013-10-12T08:00:00Z", None, ("2013-10-12", "text")),
        (TEXT * 20 + " On 12 October 2013. " + TEXT * 20, None, (None, "none")),
        (TEXT, None, (None, "none")),
        (TEXT, " ", (None, "none")),
    ],
)
def test_the_date_and_where_it_comes_from(
    text: str, given_date: object, expected: tuple[str | None, str]
) -> None:
    article = Article.of(text, date=given_date)
    assert (article.date, article.date_source) == expected


def test_the_date_tells_another_storys_tail() -> None:
    text = TEXT + "\n\nCITY, October 3, 2023 — Another story begins here, and goes on."
    assert [p.role for p in Article.of(text, date="2013-10-12").paragraphs] == [
        "body",
        "body",
        "tail",
    ]


def test_lone_surrogates_are_replaced_one_for_one() -> None:
    article = Article.of("We\ud83d will wait", id="a\udcff", title="\ud83d")
    assert (article.text, article.id, article.title) == ("We\ufffd will wait", "a\ufffd", "\ufffd")
    assert Article.of("We 😀 wait").text == "We 😀 wait"


@pytest.mark.parametrize(
    ("text", "given_date", "message"),
    [
        ("", None, "news.csv, row 3: the text is empty; expected an article"),
        (" \n\t", None, "news.csv, row 3: the text is empty; expected an article"),
        (None, None, "news.csv, row 3: text is NoneType, expected a string"),
        (b"bytes", None, "news.csv, row 3: text is bytes, expected a string"),
        (TEXT, "soon", "news.csv, row 3: date 'soon' is not a date; use YYYY-MM-DD"),
        (TEXT, "2013-02-30", "news.csv, row 3: date '2013-02-30' is not a date; use YYYY-MM-DD"),
    ],
)
def test_what_is_refused_says_where_and_why(text: str, given_date: object, message: str) -> None:
    with pytest.raises(InputError) as caught:
        Article.of(text, date=given_date, source="news.csv", row=3)
    assert str(caught.value) == message
    assert isinstance(caught.value, QuotestanceError)


def test_without_a_source_the_message_says_input() -> None:
    with pytest.raises(InputError, match=r"^input: the text is empty"):
        Article.of("")
