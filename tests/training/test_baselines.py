"""What a model must beat."""

from __future__ import annotations

import json

import pytest
from datasets import Dataset

from quotestance_training import baselines
from quotestance_training.corpora import Corpus


def rows(*labels: tuple[str, str, dict[str, str], str]) -> Dataset:
    """Text, side, issues and sentiment of each row."""
    return Dataset.from_list(
        [
            {"text": text, "side": side, "issues": json.dumps(issues), "sentiment": sentiment}
            for text, side, issues, sentiment in labels
        ]
    )


TRAIN = rows(
    ("a fine pact", "us", {"pact": "favor", "force": "favor"}, "positive"),
    ("a fine pact", "us", {"pact": "favor"}, "neutral"),
    ("a poor pact", "afghan", {"pact": "against"}, "neutral"),
    ("a poor pact", "afghan", {"pact": "against", "force": "neutral"}, "negative"),
    ("a poor pact", "afghan", {"pact": "favor"}, "neutral"),
    ("no pact", "other", {}, "negative"),
)


def test_the_most_frequent_labels_are_learnt() -> None:
    assert baselines.learn(TRAIN) == {
        "stance": "favor",
        "sentiment": "neutral",
        "side": "afghan",
        "stance_by": {
            "force|afghan": "neutral",
            "force|us": "favor",
            "pact|afghan": "against",
            "pact|us": "favor",
        },
    }


def test_a_tie_goes_to_the_first_in_the_alphabet() -> None:
    tied = rows(
        ("x", "us", {"pact": "neutral"}, "positive"), ("x", "us", {"pact": "favor"}, "negative")
    )
    learnt = baselines.learn(tied)
    assert (learnt["stance"], learnt["sentiment"]) == ("favor", "negative")


@pytest.mark.parametrize(
    ("text", "sentiment", "stance"),
    [
        ("This is a great and wonderful agreement.", "positive", "favor"),
        ("This is a terrible, shameful mistake.", "negative", "against"),
        ("The delegation meets on Monday.", "neutral", "neutral"),
    ],
)
def test_vader(text: str, sentiment: str, stance: str) -> None:
    assert baselines.vader_sentiment(text) == sentiment
    assert baselines.vader_stance(text) == stance


def test_tfidf_learns_words_that_tell() -> None:
    texts = ["we welcome the pact", "we reject the pact"] * 5
    found = baselines.tfidf(texts, ["favor", "against"] * 5, ["they reject it", "they welcome it"])
    assert found == ["against", "favor"]


def test_tfidf_of_a_label_that_never_varies() -> None:
    assert baselines.tfidf(["one", "two"], ["favor", "favor"], ["three"] * 3) == ["favor"] * 3


def test_stance_pairs_follow_the_rows() -> None:
    assert baselines.stance_pairs(TRAIN)[:3] == [
        (0, "pact", "favor"),
        (0, "force", "favor"),
        (1, "pact", "favor"),
    ]


def test_every_baseline_answers_every_pair_and_row(corpus: Corpus) -> None:
    writers = corpus.data["writer"]
    train = corpus.data.select([i for i, w in enumerate(writers) if w != "t01"])
    test = corpus.data.select([i for i, w in enumerate(writers) if w == "t01"])
    found = baselines.answers(train, test)
    assert list(found) == ["majority", "per_side", "vader", "tfidf"]
    pairs, learnt = baselines.stance_pairs(test), baselines.learn(train)
    for stances, sentiments in found.values():
        assert (len(stances), len(sentiments)) == (len(pairs), len(test))
    assert set(found["majority"][0]) == {learnt["stance"]}
    sides = test["side"]
    assert found["per_side"][0] == [
        learnt["stance_by"].get(f"{issue}|{sides[r]}", learnt["stance"]) for r, issue, _ in pairs
    ]
    assert len(set(found["per_side"][0])) > 1
    right = [a == gold for a, (_, _, gold) in zip(found["tfidf"][0], pairs, strict=True)]
    assert 0.8 < sum(right) / len(right) < 1, "the snippets' stance mostly shows in their words"


def test_an_unseen_issue_and_side_gets_the_majority() -> None:
    unseen = rows(("no pact", "other", {"pact": "against"}, "neutral"))
    assert baselines.answers(TRAIN, unseen)["per_side"][0] == ["favor"]
