"""Evaluation against figures counted by hand, and known baselines on real labels."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import f1_score

from quotestance.articles import Article
from quotestance.bundle import Bundle, load_bundle
from quotestance.classifier import StanceClassifier
from quotestance.codebook import SENTIMENTS, STANCES, Codebook
from quotestance.features import Example
from quotestance.models.encoder import EncoderModel
from quotestance.positions import Position
from quotestance_training.corpora import Corpus, examples, gold_quotes
from quotestance_training.evaluate import Evaluation, evaluate
from quotestance_training.labelled import (
    GoldProposition,
    GoldQuote,
    LabelledDocument,
    load_labelled,
)
from quotestance_training.trained import Trained

TEXT = "We welcome the pact said Pruett. " * 4


class Told(StanceClassifier):
    """A classifier whose rows for articles are given; its models are those of a real bundle."""

    def __init__(self, bundle: Bundle, rows: dict[str, list[Position]]) -> None:
        super().__init__(bundle)
        self.rows = rows

    def predict_many(
        self, articles: Iterable[Article], *, window: int = 64
    ) -> Iterator[list[Position]]:
        for article in articles:
            yield self.rows[article.id]


def gold(span: tuple[int, int], side: str, issues: dict[str, str], sentiment: str,
         **more: Any) -> GoldQuote:  # fmt: skip
    labels = {"kind": "direct", "side": side, "issues": issues, "sentiment": sentiment}
    return GoldQuote(spans=[span], **(labels | more))


def row(quote_id: str, span: tuple[int, int], side: str = "us", issue: str | None = None,
        stance: str | None = None, sentiment: str = "neutral",
        source: list[int] | None = None) -> Position:  # fmt: skip
    return Position(
        article_id=None, article_date=None, quote_id=quote_id, statement_id=None,
        quote_score=None, kind="direct", text="",
        spans=[list(span)], cue=None, cue_span=None, source=None, source_span=source, speaker=None,
        speaker_kind="unknown", via=None, side=side, side_reason="", issue=issue,
        issue_score=0.9 if issue else None, stance=stance, stance_scores=None,
        abstained=issue is not None and stance is None, sentiment=sentiment, sentiment_scores={},
        sentiment_toward={}, model="m", codebook="c",
    )  # fmt: skip


DOCUMENTS = [
    LabelledDocument(
        id="a",
        text=TEXT,
        quotes=[
            gold((0, 10), "us", {"bsa_agreement": "favor", "signing_deadline": "against"},
                 "positive", source=(11, 15)),
            gold((20, 40), "afghan", {"residual_force": "neutral"}, "neutral", kind="indirect"),
            gold((50, 60), "us", {"bsa_agreement": "favor"}, "positive", optional=True),
        ],
    ),
    LabelledDocument(
        id="b",
        text=TEXT,
        quotes=[
            gold((0, 20), "other", {}, "negative", kind="mixed", source=(30, 35)),
            gold((40, 50), "us", {"taliban_talks": "favor"}, "positive"),
        ],
    ),
]  # fmt: skip
ROWS = {
    "a": [
        # the quote exactly; one position right, one on an issue that is not labelled
        row("q0", (0, 10), "us", "bsa_agreement", "favor", "positive", [12, 20]),
        row("q0", (0, 10), "us", "taliban_talks", "against", "positive", [12, 20]),
        # most of the quote; the issue right, the stance abstained; a source where none is
        row("q1", (20, 35), "afghan", "residual_force", None, "neutral", [1, 2]),
        row("q2", (50, 60), "us", "bsa_agreement", "favor", "positive"),  # the optional one
        row("q3", (70, 80), "us", "bsa_agreement", "favor", "positive"),  # no quote at all
    ],
    "b": [
        # half of the quote: just enough; the wrong side and sentiment
        row("q0", (0, 10), "us", None, None, "neutral", [34, 40]),
        row("q1", (40, 41), "us"),  # a tenth of a quote: too little, so one missed, one too much
    ],
}


@pytest.fixture(scope="module")
def bundle(tiny_bundle: Path) -> Bundle:
    return load_bundle(tiny_bundle)


@pytest.fixture(scope="module")
def result(bundle: Bundle) -> Evaluation:
    return evaluate(Told(bundle, ROWS), DOCUMENTS, resamples=100)


def test_counts(result: Evaluation) -> None:
    assert result.counts == {
        "articles": 2,
        "gold quotes": 4,
        "predicted quotes": 5,
        "optional gold quotes": 1,
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("quote F1 @0.5", 2 * 3 / (5 + 4)),
        ("quote F1 exact", 2 * 1 / (5 + 4)),
        ("recall direct", 1 / 2),
        ("recall indirect", 1),
        ("recall mixed", 1),
        ("source overlap", 2 / 3),
        ("quote+source F1", 2 * 2 / (5 + 4)),
        ("side accuracy", 2 / 3),
        ("side macro-F1", (1 + 0 + 2 / 3) / 3),  # afghan, other, us
        ("issue micro-F1", 2 * 2 / (3 + 3)),  # in the three quotes that were found
        ("stance macro-F1", (1 + 0) / 2),  # favor right, neutral abstained
        ("sentiment macro-F1", (1 + 2 / 3 + 0) / 3),  # positive, neutral, negative
        ("position F1", 2 * 1 / (4 + 4)),
    ],
)
def test_figures_counted_by_hand(result: Evaluation, name: str, value: float) -> None:
    assert result.scores[name].value == pytest.approx(value)


def position_f1(bundle: Bundle, **changes: Any) -> float:
    """The position F1 of one quote with one position, the predicted row being changed."""
    right = row("q0", (0, 10), "us", "bsa_agreement", "favor")
    documents = [
        LabelledDocument(
            id="a", text=TEXT, quotes=[gold((0, 10), "us", {"bsa_agreement": "favor"}, "neutral")]
        )
    ]
    told = Told(bundle, {"a": [replace(right, **changes)]})
    return evaluate(told, documents, resamples=100).scores["position F1"].value


def test_a_position_is_quote_side_issue_and_stance(bundle: Bundle) -> None:
    assert position_f1(bundle) == 1
    assert position_f1(bundle, spans=[[0, 5]]) == 1, "half of the quote is enough"
    assert position_f1(bundle, sentiment="negative", kind="mixed", source="he") == 1
    for wrong in (
        {"spans": [[0, 4]]},
        {"side": "afghan"},
        {"issue": "taliban_talks"},
        {"stance": "against"},
        {"stance": None, "abstained": True},
    ):
        assert position_f1(bundle, **wrong) == 0, wrong


def test_no_row_at_all_is_a_miss(bundle: Bundle) -> None:
    nothing = evaluate(Told(bundle, {"a": [], "b": []}), DOCUMENTS, resamples=100)
    assert nothing.scores["quote F1 @0.5"].value == 0
    assert nothing.scores["position F1"].value == 0
    assert math.isnan(nothing.scores["side accuracy"].value)
    assert nothing.to_dict()["scores"]["side accuracy"] == {
        "value": None,
        "low": None,
        "high": None,
    }


def test_perfect_rows_score_one(bundle: Bundle) -> None:
    rows = {
        d.id: [
            row(f"q{k}", q.spans[0], str(q.side), issue, stance, str(q.sentiment),
                list(q.source) if q.source else None)
            for k, q in enumerate(d.quotes)
            for issue, stance in [*(q.issues or {}).items()] or [(None, None)]
        ]
        for d in DOCUMENTS
    }  # fmt: skip
    scores = evaluate(Told(bundle, rows), DOCUMENTS, resamples=100).scores
    # nobody is named in these documents
    names = [n for n in scores if not n.startswith(("gold quotes", "speaker"))]
    assert len(names) == 15
    assert {n: scores[n].value for n in names} == dict.fromkeys(names, 1.0)


def test_speakers_and_sides_are_told_by_coverage_and_precision(bundle: Bundle) -> None:
    spans = [(0, 4), (10, 14), (20, 24), (30, 34)]
    known = ["us", "us", "afghan", "unknown"]
    document = LabelledDocument(
        id="x",
        text=TEXT,
        quotes=[gold(s, side, {}, "neutral", speaker_name="Ada Holm")
                for s, side in zip(spans, known, strict=True)],
    )  # fmt: skip
    told = [("us", "Holm"), ("afghan", "Osk Berg"), ("unknown", None), ("us", "ada holm")]
    rows = [replace(row(f"q{k}", span, side), speaker=name)
            for k, (span, (side, name)) in enumerate(zip(spans, told, strict=True))]  # fmt: skip
    scores = evaluate(Told(bundle, {"x": rows}), [document], resamples=100).scores
    assert scores["speaker coverage"].value == pytest.approx(3 / 4)
    assert scores["speaker precision"].value == pytest.approx(2 / 3)
    assert scores["side coverage"].value == pytest.approx(2 / 3)
    assert scores["side precision"].value == pytest.approx(1 / 3)


def test_intervals_resample_articles(result: Evaluation, bundle: Bundle) -> None:
    score = result.scores["side accuracy"]  # a: 2 of 2, b: 0 of 1
    assert (score.low, score.high) == (0, 1)
    again = evaluate(Told(bundle, ROWS), DOCUMENTS, resamples=100)
    assert again.to_dict() == result.to_dict()
    twice = [d.model_copy(update={"id": f"{d.id}{k}"}) for k in range(20) for d in DOCUMENTS]
    rows = {d.id: ROWS[d.id[0]] for d in twice}
    many = evaluate(Told(bundle, rows), twice, resamples=200).scores["side accuracy"]
    assert many.value == pytest.approx(2 / 3)
    assert 0.4 < many.low < 2 / 3 < many.high < 0.9


def test_one_article_has_no_intervals_and_says_null(bundle: Bundle) -> None:
    result = evaluate(Told(bundle, ROWS), DOCUMENTS[:1], resamples=100)
    assert result.to_dict()["scores"]["side accuracy"] == {"value": 1.0, "low": None, "high": None}
    json.dumps(result.to_dict(), allow_nan=False)


def test_the_models_alone_are_scored_on_gold_quotes(
    bundle: Bundle, statements: Path, corpus: Corpus, codebook: Codebook
) -> None:
    documents = load_labelled(statements, codebook)
    found = evaluate(StanceClassifier(bundle), documents, resamples=100)
    model = bundle.model
    rows = model.features(examples(corpus.data))
    feelings = [SENTIMENTS[k] for k in model.sentiments(rows).argmax(axis=1)]
    wanted = f1_score(list(corpus.data["sentiment"]), feelings, average="macro")
    assert found.scores["gold quotes: sentiment macro-F1"].value == pytest.approx(wanted)
    issues = [json.loads(i) for i in corpus.data["issues"]]
    probabilities = model.stances(rows, [next(iter(i)) for i in issues])
    stances = probabilities.argmax(axis=1)
    gold_stances = [STANCES.index(next(iter(i.values()))) for i in issues]
    wanted = f1_score(gold_stances, stances, average=None)
    assert found.per_class["stance macro-F1"] == pytest.approx(
        dict(zip(STANCES, wanted, strict=True))
    )
    assert found.scores["gold quotes: stance macro-F1"].value == pytest.approx(np.mean(wanted))
    sure, right = probabilities.max(axis=1), stances == gold_stances
    gaps = [abs(sure[k].sum() - right[k].sum()) for b in range(10)
            if (k := (sure * 10).astype(int).clip(max=9) == b).any()]  # fmt: skip
    error = found.scores["gold quotes: stance calibration error"].value
    assert error == pytest.approx(sum(gaps) / len(sure), abs=1e-6)
    surest = np.argsort(-sure, kind="stable")[: -(-len(sure) * 4 // 5)]
    at_80 = found.scores["gold quotes: stance accuracy at 80 %"].value
    assert at_80 == pytest.approx(right[surest].mean())
    truth = np.array([[i in g for i in codebook.issue_ids] for g in issues])
    chosen = model.issues(rows) >= bundle.threshold("issue")
    wanted = f1_score(truth.ravel(), chosen.ravel())
    assert found.scores["gold quotes: issue micro-F1"].value == pytest.approx(wanted)
    assert found.scores["quote F1 @0.5"].value > 0.9, "the chain finds the plain quotes itself"


def test_propositions_are_asked_about_where_a_model_reads_any(
    bundle: Bundle, encoder_trained: Trained
) -> None:
    asked = [
        GoldProposition(text="The pact is welcome.", stance="favor"),
        GoldProposition(text="The pact is a mistake.", stance="against"),
        GoldProposition(text="Roads should be built.", stance="none"),
    ]
    quotes = [DOCUMENTS[0].quotes[0].model_copy(update={"propositions": asked})]
    documents = [DOCUMENTS[0].model_copy(update={"quotes": quotes}), DOCUMENTS[1]]
    encoder = load_bundle(encoder_trained.bundle)
    name = "gold quotes: stance on free propositions"
    found = evaluate(Told(encoder, ROWS), documents, resamples=100).scores[name]
    [example] = [Example(q, "us") for q in gold_quotes(documents[:1])[0]]
    assert isinstance(encoder.model, EncoderModel)
    rows = encoder.model.weigh([p.text for p in asked[:2]], [example] * 2).stance
    told = [STANCES[k] for k in rows.argmax(1)]
    wanted = f1_score(["favor", "against"], told, average="macro", labels=["favor", "against"])
    assert found.value == pytest.approx(wanted), "what no one bears on has no stance"
    none = evaluate(Told(bundle, ROWS), documents, resamples=100).scores[name]
    assert math.isnan(none.value), "a linear model knows its codebook only"


def test_baselines_learnt_in_training_are_applied_to_gold_quotes(bundle: Bundle) -> None:
    learnt = {
        "stance": "favor",
        "sentiment": "positive",
        "side": "us",
        "stance_by": {"signing_deadline|us": "against"},
    }
    told = Told(replace(bundle, manifest={**bundle.manifest, "baselines": learnt}), ROWS)
    found = evaluate(told, DOCUMENTS, resamples=100).baselines
    assert list(found) == ["VADER", "majority", "per side"]
    # gold stances without the optional quote's: favor, against, neutral, favor
    stance, sentiment = "gold quotes: stance macro-F1", "gold quotes: sentiment macro-F1"
    assert found["majority"][stance].value == pytest.approx((4 / 6) / 3)
    per_side = found["per side"]
    assert per_side[stance].value == pytest.approx((1 + 4 / 5 + 0) / 3)
    # gold sentiments: positive, neutral, negative, positive
    assert found["majority"][sentiment].value == pytest.approx((4 / 6) / 3)
    assert sentiment not in per_side
    without = {k: v for k, v in bundle.manifest.items() if k != "baselines"}
    plain = evaluate(Told(replace(bundle, manifest=without), ROWS), DOCUMENTS, resamples=100)
    assert list(plain.baselines) == ["VADER"]


def test_vader_on_the_labelled_articles(bundle: Bundle, project: Path, codebook: Codebook) -> None:
    documents = load_labelled(project / "tests/data/bsa_dev", codebook)
    told = Told(bundle, {d.id: [] for d in documents})
    vader = evaluate(told, documents, resamples=100).baselines["VADER"]
    assert round(vader["gold quotes: stance macro-F1"].value, 3) == 0.365
    assert round(vader["gold quotes: sentiment macro-F1"].value, 3) == 0.434
