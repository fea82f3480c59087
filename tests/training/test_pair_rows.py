"""Rows of the encoder: from labelled quotes, leaks, keys."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from quotestance.actors import Actors
from quotestance.codebook import Codebook
from quotestance.errors import InputError
from quotestance.models.encoder import ALONE
from quotestance_training.corpora import gold_quotes
from quotestance_training.labelled import GoldQuote, LabelledDocument
from quotestance_training.pair_rows import (
    MISSING,
    LabelledQuote,
    PairRow,
    digest,
    heard_by,
    key_of,
    quotes_of,
    rows_of,
    without_leaks,
)

TEXT = "It rained. “Kabul lies, and we go,” the envoy said."
LABELS = {
    "spans": [(12, 34)], "kind": "direct", "cue": (46, 50), "source": (36, 45),
    "speaker_kind": "anonymous", "side": "us", "issues": {"residual_force": "against"},
    "sentiment": "negative", "sentiment_toward": {"us": "neutral", "afghan": "negative"},
    "propositions": [{"text": "Troops should stay.", "stance": "against"},
                     {"text": "Taxes should rise.", "stance": "none"}],
    "targets": [{"text": "Kabul", "span": (12, 17), "sentiment": "negative"}],
}  # fmt: skip


def document(**changes: object) -> LabelledDocument:
    quote = GoldQuote.model_validate({**LABELS, **changes})
    return LabelledDocument(id="d", text=TEXT, quotes=[quote], writer="w1")


def quotes(actors: Actors, **changes: object) -> list[LabelledQuote]:
    documents = [document(**changes)]
    return quotes_of(documents, gold_quotes(documents), actors)


def rows(
    found: Sequence[LabelledQuote], codebook: Codebook, negatives: float = 1, seed: int = 1,
    odds: float = 0.1,
) -> list[PairRow]:  # fmt: skip
    likely = np.full((len(found), 9), odds)
    return rows_of(found, codebook, likely=likely, negatives=negatives, seed=seed)


def test_a_quote_carries_all_its_labels(actors: Actors) -> None:
    (quote,) = quotes(actors)
    assert quote.group == "w1"
    assert quote.issues == {"residual_force": "against"}
    assert quote.propositions == (
        ("Troops should stay.", "against"),
        ("Taxes should rise.", "none"),
    )
    assert quote.targets == (("Kabul lies, and we go,", (0, 5), "negative"),)
    assert quote.named == {"afghan": (0, 5)}
    assert quote.example.quote.source == "the envoy"


def test_rows_of_a_quote(actors: Actors, codebook: Codebook) -> None:
    found = rows(quotes(actors), codebook)
    text = "United States | the envoy said : « Kabul lies, and we go, » | It rained."
    on, off, here, elsewhere, target, *sides = [row for row in found if row.first != ALONE]
    assert (on.bearing, on.stance, on.issue, on.sentiment) == (1, 1, "residual_force", 0)
    assert on.second == text and on.first.startswith("US troops should stay")
    assert (off.bearing, off.stance, off.sentiment) == (0, MISSING, 0)
    assert off.issue != "residual_force"
    assert (here.first, here.bearing, here.stance, here.issue) == ("Troops should stay.", 1, 1, "")
    assert (elsewhere.bearing, elsewhere.stance) == (0, MISSING)
    assert target.second == "United States | « Kabul » lies, and we go,"
    assert (target.first, target.target) == ("Kabul", 0)
    assert {row.first for row in sides} == {"Kabul"}, "the other side is not named"
    assert all(row.group == "w1" for row in found)


def test_what_nobody_labelled_makes_no_row(actors: Actors, codebook: Codebook) -> None:
    bare = quotes(actors, issues=None, sentiment=None, sentiment_toward=None, propositions=[],
                  targets=[])  # fmt: skip
    assert rows(bare, codebook) == []
    felt = quotes(actors, issues=None, sentiment_toward=None, propositions=[], targets=[])
    (row,) = rows(felt, codebook)
    assert (row.first, row.sentiment) == (ALONE, 0)


def test_a_teacher_is_asked_about_unlabelled_quotes(actors: Actors, codebook: Codebook) -> None:
    bare = quotes(actors, issues=None, sentiment=None, sentiment_toward=None, propositions=[],
                  targets=[])  # fmt: skip
    (row,) = rows_of(bare, codebook, likely=np.zeros((1, 9)), negatives=1, seed=1, taught=True)
    assert row.first == ALONE and not row.labelled
    assert all(r.labelled for r in rows(quotes(actors), codebook))


def test_some_quotes_are_read_alone_too(actors: Actors, codebook: Codebook) -> None:
    found = [row for row in rows(quotes(actors) * 200, codebook) if row.first == ALONE]
    assert 40 < len(found) < 120
    assert {row.sentiment for row in found} == {0}


def test_likely_issues_are_drawn_as_negatives(actors: Actors, codebook: Codebook) -> None:
    (quote,) = quotes(actors)
    odds = np.full((60, 9), 0.0)
    odds[:, 3] = 0.97
    found = rows_of([quote] * 60, codebook, likely=odds, negatives=1, seed=1)
    drawn = [row.issue for row in found if row.bearing == 0 and row.issue]
    assert len(drawn) == 60
    assert drawn.count(codebook.issue_ids[3]) > 35
    assert "residual_force" not in drawn


@pytest.mark.parametrize(("negatives", "count"), [(0, 0), (2, 2), (50, 8)])
def test_so_many_negatives(actors: Actors, codebook: Codebook, negatives: int, count: int) -> None:
    found = rows(quotes(actors), codebook, negatives)
    issues = [row.issue for row in found if row.bearing == 0 and row.issue]
    assert len(issues) == len(set(issues)) == count


def test_the_seed_decides(actors: Actors, codebook: Codebook) -> None:
    found = quotes(actors) * 20
    assert rows(found, codebook, 0.5) == rows(found, codebook, 0.5)
    assert rows(found, codebook, 0.5) != rows(found, codebook, 0.5, seed=2)
    assert digest(rows(found, codebook)) == digest(rows(found, codebook))
    assert digest(rows(found, codebook)) != digest(rows(found, codebook, seed=2))


def test_a_target_must_stand_in_the_quote(actors: Actors) -> None:
    outside = [{"text": "the envoy", "span": (36, 45), "sentiment": "neutral"}]
    with pytest.raises(InputError, match="'the envoy' stands outside the quote's spans"):
        quotes(actors, targets=outside)


def test_leaks_are_found_under_other_marks() -> None:
    train = [PairRow("A", "The « army » is brave."), PairRow("B", "We go."), PairRow("C", "Rain")]
    held = [PairRow("x", "the army is « brave »"), PairRow("", "we  GO")]
    kept, dropped = without_leaks(train, held)
    assert [row.first for row in kept] == ["C"]
    assert dropped == 2
    assert without_leaks(train, [])[1] == 0


def test_rows_for_some_heads_alone() -> None:
    both = PairRow("We should go.", "us | « go »", bearing=1, stance=0, sentiment=1)
    target, nothing = PairRow("army", "The « army »", target=2), PairRow("Else", "unknown")
    rows = [both, target, nothing]
    assert heard_by(rows, ("stance",)) == [
        PairRow("We should go.", "us | « go »", stance=0),
        nothing,
    ], "a teacher may have an answer on what nobody labelled"
    assert heard_by(rows, ("bearing", "stance", "sentiment", "target")) == rows


def test_keys_tell_pairs_apart() -> None:
    assert key_of("a", "b") == key_of("a", "b")
    assert len({key_of("a", "b"), key_of("ab", ""), key_of("", "ab"), key_of("b", "a")}) == 4
    assert len(key_of("a", "b")) == 16
