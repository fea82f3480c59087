"""Matching of predicted with gold quotes."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotestance.positions import Position
from quotestance_training.labelled import GoldQuote, LabelledDocument
from quotestance_training.matching import assign, characters, match, overlaps

SPANS = st.integers(0, 40).flatmap(lambda s: st.tuples(st.just(s), st.integers(s + 1, s + 15)))


def gold(*spans: tuple[int, int], optional: bool = False) -> GoldQuote:
    return GoldQuote(spans=list(spans), kind="direct", optional=optional)


def document(*quotes: GoldQuote) -> LabelledDocument:
    return LabelledDocument(id="d", text="x" * 100, quotes=list(quotes))


def row(quote_id: str, *spans: tuple[int, int], issue: str | None = None) -> Position:
    return Position(
        article_id="d", article_date=None, quote_id=quote_id, statement_id=None,
        quote_score=None, kind="direct", text="x",
        spans=[list(s) for s in spans], cue=None, cue_span=None, source=None, source_span=None,
        speaker=None, speaker_kind="unknown", via=None, side="unknown", side_reason="", issue=issue,
        issue_score=None, stance=None, stance_scores=None, abstained=False, sentiment="neutral",
        sentiment_scores={}, sentiment_toward={}, model="m", codebook="c",
    )  # fmt: skip


def ids(rows: Sequence[Position]) -> list[str]:
    return [r.quote_id for r in rows]


def test_the_overlap_is_the_jaccard_index_of_characters() -> None:
    (found,) = match(document(gold((0, 10))), [row("q0", (0, 5), (8, 12))]).matches
    assert found.overlap == pytest.approx(7 / 12)
    assert ids(found.rows) == ["q0"]


def test_the_threshold_itself_is_enough() -> None:
    quotes, rows = document(gold((0, 10))), [row("q0", (0, 5))]
    assert match(quotes, rows).matches[0].rows
    below = match(quotes, rows, threshold=0.51)
    assert (below.matches[0].rows, below.matches[0].overlap) == ((), 0.0)
    assert [ids(rs) for rs in below.extra] == [["q0"]]


def test_the_best_overlap_is_matched_first() -> None:
    found = match(document(gold((0, 10))), [row("q0", (0, 8)), row("q1", (0, 10))])
    assert ids(found.matches[0].rows) == ["q1"]
    assert [ids(rs) for rs in found.extra] == [["q0"]]


def test_a_taken_quote_leaves_the_next_best() -> None:
    # q0 fits both gold quotes, best the second; the first then takes q1
    quotes = document(gold((0, 10)), gold((0, 9)))
    found = match(quotes, [row("q0", (0, 9)), row("q1", (0, 6))])
    assert [ids(m.rows) for m in found.matches] == [["q1"], ["q0"]]
    assert not found.extra


def test_one_prediction_for_two_gold_quotes_serves_one() -> None:
    found = match(document(gold((0, 10)), gold((0, 10))), [row("q0", (0, 10))])
    assert [ids(m.rows) for m in found.matches] == [["q0"], []]


def test_all_rows_of_a_quote_stay_together() -> None:
    rows = [row("q0", (0, 5), issue="a"), row("q1", (9, 12)), row("q0", (0, 5), issue="b")]
    found = match(document(gold((0, 5))), rows)
    assert [r.issue for r in found.matches[0].rows] == ["a", "b"]
    assert [ids(rs) for rs in found.extra] == [["q1"]]


def test_optional_quotes_count_neither_way() -> None:
    quotes = document(gold((0, 10), optional=True), gold((20, 30)))
    hit = match(quotes, [row("q0", (0, 10)), row("q1", (20, 30))])
    assert [ids(m.rows) for m in hit.matches] == [["q1"]]
    assert not hit.extra, "found: not too much"
    missed = match(quotes, [row("q1", (20, 30))])
    assert [ids(m.rows) for m in missed.matches] == [["q1"]], "not found: not too little"


@given(st.lists(SPANS, max_size=6), st.lists(SPANS, max_size=6), st.sampled_from([0.2, 0.5, 0.8]))
def test_matching_is_one_to_one_and_complete(
    wanted: list[tuple[int, int]], predicted: list[tuple[int, int]], threshold: float
) -> None:
    rows = [row(f"q{i}", span) for i, span in enumerate(predicted)]
    found = match(document(*map(gold, wanted)), rows, threshold=threshold)
    assert [m.gold.spans[0] for m in found.matches] == wanted
    used = [m.rows[0].quote_id for m in found.matches if m.rows]
    left = [rs[0].quote_id for rs in found.extra]
    assert sorted(used + left) == sorted(ids(rows))
    for m in found.matches:
        assert not m.rows or m.overlap >= threshold
    # no pair that is left over on both sides would have been good enough
    for m in found.matches:
        for rs in found.extra if not m.rows else []:
            a, b = characters(m.gold.spans), characters(rs[0].spans)
            assert len(a & b) / len(a | b) < threshold


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ((0, 5), (4, 9), True),
        ((0, 5), (5, 9), False),
        ((5, 9), (0, 5), False),
        ((0, 9), (3, 4), True),
        (None, None, True),
        (None, (0, 5), False),
        ((0, 5), None, False),
    ],
)
def test_spans_overlap_where_they_share_a_character(
    a: tuple[int, int] | None, b: tuple[int, int] | None, expected: bool
) -> None:
    assert overlaps(a, b) is expected


def spans(*quotes: Sequence[tuple[int, int]]) -> list[Sequence[tuple[int, int]]]:
    return list(quotes)


def test_pairs_carry_their_overlap() -> None:
    gold_spans = spans([(0, 10)], [(20, 30), (40, 50)])
    found = spans([(20, 30)], [(60, 70)], [(0, 8)])
    assert assign(gold_spans, found, threshold=0.5) == {0: (2, 0.8), 1: (0, 0.5)}


def test_spans_count_as_one_set_of_characters() -> None:
    whole, parts = spans([(0, 20)]), spans([(10, 20), (0, 10), (5, 15)])
    assert assign(whole, parts, threshold=1.0) == {0: (0, 1.0)}
    assert assign(parts, whole, threshold=1.0) == {0: (0, 1.0)}


def test_equal_overlaps_go_to_the_first() -> None:
    same = spans([(0, 10)], [(0, 10)])
    assert assign(same, spans([(0, 10)]), threshold=0.5) == {0: (0, 1.0)}
    assert assign(spans([(0, 10)]), same, threshold=0.5) == {0: (0, 1.0)}
    assert assign(same, same, threshold=0.5) == {0: (0, 1.0), 1: (1, 1.0)}


def test_what_shares_no_character_is_no_pair_at_any_threshold() -> None:
    assert assign(spans([(0, 5)]), spans([(5, 9)]), threshold=0.0) == {}
    assert assign([], spans([(0, 5)]), threshold=0.0) == {}
    assert assign(spans([(0, 5)]), [], threshold=0.0) == {}


@given(
    st.lists(st.lists(SPANS, min_size=1, max_size=3), max_size=5),
    st.lists(st.lists(SPANS, min_size=1, max_size=3), max_size=5),
    st.sampled_from([0.1, 0.5, 0.9]),
)
def test_assigning_is_stable(
    wanted: list[list[tuple[int, int]]], found: list[list[tuple[int, int]]], threshold: float
) -> None:
    chosen = assign(wanted, found, threshold=threshold)
    assert len({j for j, _ in chosen.values()}) == len(chosen)
    score = {
        (i, j): len(characters(a) & characters(b)) / len(characters(a) | characters(b))
        for i, a in enumerate(wanted)
        for j, b in enumerate(found)
    }
    taken = dict(chosen.values())
    for (i, j), overlap in score.items():
        if chosen.get(i, (-1, 0.0))[0] == j:
            assert chosen[i][1] == overlap >= threshold
        elif overlap >= threshold:
            # one of the two has a partner that overlaps as much: best first, nobody left aside
            assert max(chosen.get(i, (-1, 0.0))[1], taken.get(j, 0.0)) >= overlap
