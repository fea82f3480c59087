"""Step 8: articles and quotes in, positions out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quotestance import Article, Quote, SentimentClassifier, StanceClassifier
from quotestance.errors import CodebookError, InputError

TALKS = (
    "“We will not be rushed into signing this agreement,” an adviser at the presidential palace "
    "said on Saturday. The adviser said that Afghan courts must try any soldier who commits a "
    "crime on Afghan soil.\n\n“If there is no agreement by the end of October, all our troops will "
    "leave,” a State Department official said in Washington.\n"
)
PIECES = st.sampled_from(
    ["“We will go,” ", "he said. ", "The minister ", "denied that ", "\r\n\r\n", "\t", "‘no’ ",
     '"', "KABUL — ", "<b>", "\x00", "é", "𝒳", "¥", "troops will leave. ", "officials said ", "it",
     "(", "â€œ"]
)  # fmt: skip


def test_who_said_what_for_which_side(classifier: StanceClassifier) -> None:
    rows = classifier.predict(TALKS, id="a", date="2013-10-12")
    first = rows[0]
    assert (first.article_id, first.article_date, first.quote_id) == ("a", "2013-10-12", "q000")
    assert first.text == "We will not be rushed into signing this agreement,"
    assert (first.kind, first.cue, first.side) == ("direct", "said", "afghan")
    assert first.source == "an adviser at the presidential palace"
    assert {row.side for row in rows if "troops will leave" in row.text} == {"us"}
    assert {row.kind for row in rows if "courts" in row.text} == {"indirect"}


def test_one_row_for_each_quote_and_issue(classifier: StanceClassifier) -> None:
    rows = classifier.predict(TALKS, date="2013-10-12")
    assert len({(r.quote_id, r.issue) for r in rows}) == len(rows)
    for one in rows:
        for other in rows:
            if one.quote_id == other.quote_id:
                assert replace(one, issue=None, issue_score=None, stance=None, stance_scores=None,
                               abstained=False) == \
                       replace(other, issue=None, issue_score=None, stance=None,
                               stance_scores=None, abstained=False)  # fmt: skip


def test_a_quote_on_no_issue_is_one_row_without_issue(
    classifier: StanceClassifier, reticent: StanceClassifier
) -> None:
    rows = reticent.predict(TALKS)
    quotes = {r.quote_id for r in classifier.predict(TALKS)}
    assert [r.quote_id for r in rows] == sorted(quotes)
    for row in rows:
        assert row.issue is row.issue_score is row.stance is row.stance_scores is None
        assert row.abstained is False
        assert row.sentiment_scores


def test_a_stance_below_the_threshold_is_withheld_with_its_scores(
    classifier: StanceClassifier, unsure: StanceClassifier
) -> None:
    sure = [r for r in classifier.predict(TALKS) if r.issue]
    withheld = [r for r in unsure.predict(TALKS) if r.issue]
    assert [r.stance_scores for r in sure] == [r.stance_scores for r in withheld] != []
    assert all(r.abstained and r.stance is None for r in withheld)


def test_spans_point_at_the_words(classifier: StanceClassifier, project: Path) -> None:
    paths = sorted((project / "seeds/articles").glob("*.txt"))
    assert len(paths) == 3
    for path in paths:
        text = path.read_bytes().decode("utf-8")
        rows = classifier.predict(text, date="2013-10-12")
        assert rows
        for row in rows:
            assert row.spans == sorted(row.spans)
            words = " ".join(text[s:e] for s, e in row.spans)
            assert " ".join(words.split()) == row.text
            for value, span in ((row.cue, row.cue_span), (row.source, row.source_span)):
                assert (value is None) == (span is None)
                if span is not None:
                    assert text[span[0] : span[1]] == value


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(PIECES | st.text(max_size=8), max_size=25).map("".join))
def test_any_text_gives_rows_whose_spans_lie_in_it(classifier: StanceClassifier, text: str) -> None:
    if not text.strip():
        with pytest.raises(InputError, match="the text is empty"):
            classifier.predict(text)
        return
    article = Article.of(text)
    for row in classifier.predict(article):
        assert row.spans
        for start, end in row.spans:
            assert 0 <= start < end <= len(text)
        for value, span in ((row.cue, row.cue_span), (row.source, row.source_span)):
            assert value == (article.text[slice(*span)] if span else None)


def test_an_article_without_quotes_has_no_rows(classifier: StanceClassifier) -> None:
    assert classifier.predict("Rain fell on the hills all day, and the road stayed empty.") == []


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("", {}, "the text is empty"),
        (" \n", {}, "the text is empty"),
        (7, {}, "text is int, expected a string"),
        ("He said no.", {"date": "someday"}, "someday"),
    ],
)
def test_no_article(
    classifier: StanceClassifier, text: str, options: dict[str, str], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        classifier.predict(text, **options)


def test_dates_as_text_or_date_and_ids_from_the_text(classifier: StanceClassifier) -> None:
    rows = classifier.predict(TALKS, date="2013-10-12")
    assert rows == classifier.predict(TALKS, date=date(2013, 10, 12))
    assert rows[0].article_id == classifier.predict(TALKS)[0].article_id
    assert rows[0].article_id != classifier.predict(TALKS + "\nMore.")[0].article_id


def test_an_article_alone_and_among_others_gives_the_same_rows(
    classifier: StanceClassifier,
) -> None:
    texts = [TALKS, "He said no.", "Rain fell.", TALKS.replace("October", "November") * 3]
    articles = [Article.of(t, id=str(i)) for i, t in enumerate(texts)]
    alone = [classifier.predict(a) for a in articles]
    assert list(classifier.predict_many(articles)) == alone
    assert list(classifier.predict_many(articles[::-1], window=3)) == alone[::-1]
    assert list(classifier.predict_many([])) == []


def test_extracting_finds_the_quotes_of_predicting(classifier: StanceClassifier) -> None:
    article = Article.of(TALKS, date="2013-10-12")
    (records,) = classifier.extract_many([article])
    quotes = {r.quote_id: r for r in classifier.predict(article)}
    assert [f"q{r['index']:03d}" for r in records] == list(quotes)
    for record, row in zip(records, quotes.values(), strict=True):
        assert [list(s) for s in record["spans"]] == row.spans
        for name in ("text", "kind", "cue", "source", "speaker", "speaker_kind", "via", "side",
                     "side_reason"):  # fmt: skip
            assert record[name] == getattr(row, name)


def test_quotes_with_side_and_issue(classifier: StanceClassifier) -> None:
    quotes = [
        Quote.of("We will not be rushed.", side="afghan", issue="signing_deadline"),
        Quote.of("We will not be rushed.", side="us", issue="residual_force"),
    ]
    rows = classifier.predict_quotes(quotes)
    assert [(r.side, r.side_reason, r.issue) for r in rows] == [
        ("afghan", "given", "signing_deadline"),
        ("us", "given", "residual_force"),
    ]
    assert all(r.article_id is None and r.spans == [] and r.speaker is None for r in rows)
    assert rows[0].stance_scores != rows[1].stance_scores
    assert classifier.predict_quotes([]) == []


def test_quotes_without_side_or_issue(classifier: StanceClassifier) -> None:
    text = "We want the agreement signed by October, and our soldiers tried by our own courts."
    rows = classifier.predict_quotes([Quote.of(text)])
    assert {(r.side, r.side_reason) for r in rows} == {("unknown", "not given")}
    assert len({r.issue for r in rows}) == len(rows) > 1
    order = classifier.bundle.codebook.issue_ids
    assert [r.issue for r in rows] == sorted((r.issue for r in rows), key=order.index)


def test_the_cue_of_a_quote_counts(classifier: StanceClassifier) -> None:
    text = "to sign the agreement by October"
    rows = classifier.predict_quotes(
        [Quote.of(text, side="afghan", issue="signing_deadline", kind="indirect", cue=cue)
         for cue in ("refused", "agreed")]
    )  # fmt: skip
    against = [r.stance_scores["against"] for r in rows if r.stance_scores]
    assert against[0] > against[1]


@pytest.mark.parametrize(
    ("quote", "message"),
    [
        (Quote.of("No.", side="french"), "quote 1: side 'french' is not in codebook 'bsa2013'; "
                                         "accepted: us, afghan, other, unknown"),
        (Quote.of("No.", issue="weather"), "quote 1: issue 'weather' is not in codebook 'bsa2013'; "
                                           "accepted: bsa_agreement, signing_deadline"),
    ],
)  # fmt: skip
def test_labels_that_the_codebook_does_not_have(
    classifier: StanceClassifier, quote: Quote, message: str
) -> None:
    with pytest.raises(CodebookError, match=message):
        classifier.predict_quotes([Quote.of("Yes."), quote])


def test_an_empty_quote(classifier: StanceClassifier) -> None:
    with pytest.raises(InputError, match="quote 1: the quote's text is empty"):
        classifier.predict_quotes([Quote.of("Yes."), Quote.of(" ")])


def test_explaining_is_about_the_labels_that_are_predicted(classifier: StanceClassifier) -> None:
    quote = Quote.of("We will not be rushed.", side="afghan", issue="signing_deadline", cue="said")
    (row,) = classifier.predict_quotes([quote])
    assert row.stance_scores is not None
    stance = max(row.stance_scores, key=row.stance_scores.__getitem__)
    why = classifier.explain(quote, "signing_deadline", top=3)
    assert list(why) == [
        "issue=signing_deadline", f"stance={stance}", f"sentiment={row.sentiment}",
    ]  # fmt: skip
    assert all(len(parts) == 3 for parts in why.values())
    with pytest.raises(CodebookError, match="issue 'weather'"):
        classifier.explain(quote, "weather")


def test_sentiment_toward_a_marked_target(toward: SentimentClassifier) -> None:
    bad = "Critics denounced the general as a stubborn liar."
    good = "Admirers praised the general as a wise leader, and welcomed his progress."
    items = [(t, (t.index("general"), t.index("general") + 7)) for t in (bad, good)]
    found = toward.predict(items)
    assert found[0]["label"] == "negative"
    assert found[0]["scores"]["negative"] > found[1]["scores"]["negative"]  # type: ignore[index]
    for f in found:
        scores = f["scores"]
        assert isinstance(scores, dict)
        assert sum(scores.values()) == pytest.approx(1.0, abs=2e-4)
        assert scores[f["label"]] == max(scores.values())
    assert toward.predict(items[1:]) == found[1:]
    assert toward.predict([]) == []


@pytest.mark.parametrize("span", [(-1, 3), (2, 2), (3, 2), (0, 6), (5, 9)])
def test_a_target_outside_its_text(toward: SentimentClassifier, span: tuple[int, int]) -> None:
    start, end = span
    expected = rf"item 1: target span \({start}, {end}\) does not lie inside a text of 5 characters"
    with pytest.raises(InputError, match=expected):
        toward.predict([("Kabul", (0, 5)), ("Kabul", span)])


def test_where_a_text_names_a_side(classifier: StanceClassifier) -> None:
    text = "The State Department wrote to the Afghan government."
    actors = classifier.bundle.actors
    spans = {side: actors.first_named(text).get(side) for side in ("us", "afghan")}
    assert spans["us"] is not None and spans["afghan"] is not None
    assert text[slice(*spans["us"])] == "State Department"
    assert text[slice(*spans["afghan"])].startswith("Afghan")
    assert actors.first_named("Rain fell.").get("us") is None
