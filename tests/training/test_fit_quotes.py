"""The judge's candidates and how they are labelled; what the fit weighs, rounds and calibrates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_info, threadpool_limits

from quotestance.codebook import Codebook
from quotestance.judge import HEADS, RULES_ALONE, Judge, save_judge
from quotestance.quotes import propose_many
from quotestance_training.config import QuotesConfig
from quotestance_training.fit_quotes import Candidate, articles_of, candidates_of, fit
from quotestance_training.labelled import LabelledDocument, load_labelled

CONFIG = QuotesConfig()
Labelled = Callable[..., LabelledDocument]


def told(document: LabelledDocument) -> list[tuple[str, str, bool]]:
    """Head, first words and label of each candidate that stays, in the order of proposing."""
    kept = candidates_of([document], whole=True)
    result = []
    for p in next(propose_many([articles_of(document)], judge=RULES_ALONE)):
        # candidates keep the order of the proposals, some of which are left out
        if kept and (kept[0].head, kept[0].names) == (p.head, p.names):
            result.append((p.head, document.text[slice(*p.spans[0])], kept.pop(0).right))
    assert not kept
    return result


def right(document: LabelledDocument) -> list[str]:
    return [words for _, words, good in told(document) if good]


def wrong(document: LabelledDocument) -> set[str]:
    return {words for _, words, good in told(document) if not good}


# -- labels


def test_gold_quotes_are_right_and_narration_is_wrong(labelled: Labelled) -> None:
    document = labelled(
        "The mayor said that [i0|the bridge would close]. The wind pushed the price of coal up. "
        "“[d1|We will walk,]” said Mira Tollen. The office wants [i2|a quick repair]."
    )
    assert sorted(right(document)) == ["We will walk,", "a quick repair", "the bridge would close"]
    assert "the price of coal up" in wrong(document)


def test_of_two_readings_of_the_same_words_one_is_right(labelled: Labelled) -> None:
    document = labelled("The mayor said that [i0|the bridge would close].")
    found = [good for _, words, good in told(document) if words == "the bridge would close"]
    assert len(found) > 1, "the rules propose it in several frames"
    assert found.count(True) == 1


def test_half_of_the_words_are_enough(labelled: Labelled) -> None:
    text = "The mayor said that the bridge across the brown river would close on Monday."
    content = text[20:-1]
    half = labelled(text.replace(content, content[:20] + f"[i0|{content[20:]}]"))
    assert right(half) == [content], "40 of 55 characters"
    few = labelled(text.replace(content, content[:40] + f"[i0|{content[40:]}]"))
    assert content not in right(few), "15 of 55 characters"


def test_what_is_said_inside_a_quote_teaches_nothing(labelled: Labelled) -> None:
    inner = "the clerk wants a quick repair"
    quoted = labelled(f"The mayor said that [i0|{inner}].")
    assert right(quoted) == [inner]
    assert "a quick repair" not in wrong(quoted)
    plain = labelled(f"The mayor said that {inner}.")
    assert "a quick repair" in wrong(plain), "unless nothing is labelled there"


def test_optional_quotes_teach_nothing(labelled: Labelled) -> None:
    text = "The mayor said that [{}0|the bridge would close]. A clerk said [i1|the road was dry]."
    counted, optional = labelled(text.format("i")), labelled(text.format("o"))
    assert right(counted) == ["the bridge would close", "the road was dry"]
    assert right(optional) == ["the road was dry"]
    assert "the bridge would close" not in wrong(optional), "nor do its other readings"


def test_a_paragraph_of_a_longer_quotation_is_right(labelled: Labelled) -> None:
    document = labelled(
        "“[d0|We have walked over this bridge since the flood, and our children walk over it "
        "still, in rain and in snow and at night,]” said Mira Tollen.\n\n"
        "“[d0|It will stand.]”\n"
    )
    turns = [(words, good) for head, words, good in told(document) if head == "turn"]
    assert [good for _, good in turns] == [True, True]
    assert turns[1][0] == "It will stand.", "a small part, far below half"


def test_a_quoted_part_of_reported_content_is_not_right_by_its_place(labelled: Labelled) -> None:
    text = (
        "Mira Tollen said that [{}0|the bridge, the mill and the whole of the lower town were lost "
        "for good. “It will fall.” Nobody in the valley could doubt that any longer now]."
    )
    turns = {
        kind: [good for head, _, good in told(labelled(text.format(kind))) if head == "turn"]
        for kind in "dm"
    }
    assert turns == {"d": [True], "m": [False]}


def test_a_quoted_sentence_that_nobody_says_is_wrong(labelled: Labelled) -> None:
    document = labelled("“No Entry After Dark.” It hung over the gate.")
    assert [t for t in told(document) if t[0] == "turn"] == [
        ("turn", "No Entry After Dark.", False)
    ]


def test_a_candidate_knows_its_writer_and_its_text(labelled: Labelled) -> None:
    text = "The mayor said that [i0|the bridge would close]."
    documents = [labelled(text, writer="k01"), labelled(text, id="nameless")]
    for whole in (True, False):
        found = candidates_of(documents, whole=whole)
        assert {c.whole for c in found} == {whole}
        assert [c.writer for c in found if c.right] == ["k01", "nameless"]


def test_documents_do_not_mix(stories: Path, codebook: Codebook) -> None:
    documents = load_labelled(stories, codebook)
    together = candidates_of(documents, whole=True)
    assert together == [c for d in documents for c in candidates_of([d], whole=True)]
    gold = sum(len(d.quotes) for d in documents)
    assert 0.8 * gold < sum(c.right for c in together) <= gold
    assert {(c.head, c.right) for c in together} == {(h, r) for h in HEADS for r in (True, False)}


# -- fit


def rows(
    names: Sequence[str], good: bool, *, writer: str = "a", whole: bool = True, count: int = 10,
    heads: Sequence[str] = HEADS,
) -> list[Candidate]:  # fmt: skip
    return [Candidate(h, tuple(names), good, writer, whole) for h in heads] * count


def plain(writers: str = "ab") -> list[Candidate]:
    """By each writer, what says "yes" is right and what says "no" is wrong, mostly."""
    return [
        row
        for w in writers
        for row in [
            *rows(["yes"], True, writer=w), *rows(["no"], False, writer=w),
            *rows(["yes"], False, writer=w, count=1), *rows(["no"], True, writer=w, count=1),
        ]
    ]  # fmt: skip


@pytest.fixture(scope="module")
def candidates(stories: Path, statements: Path, codebook: Codebook) -> list[Candidate]:
    return [
        *candidates_of(load_labelled(stories, codebook), whole=True),
        *candidates_of(load_labelled(statements, codebook), whole=False),
    ]


def files(judge: Judge, folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in save_judge(folder, judge.heads, {}).iterdir()}


def test_the_same_candidates_give_the_same_bytes(
    candidates: list[Candidate], tmp_path: Path
) -> None:
    first = files(fit(candidates, CONFIG, n_folds=2), tmp_path / "1")
    assert files(fit(list(candidates), CONFIG, n_folds=2), tmp_path / "2") == first
    freer = fit(candidates, CONFIG.model_copy(update={"C": 3.0}), n_folds=2)
    assert files(freer, tmp_path / "3") != first


def test_the_number_of_threads_does_not_change_the_sums(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    solve = LogisticRegression.fit

    def watched(self: LogisticRegression, *given: object, **more: object) -> LogisticRegression:
        seen.extend(p["num_threads"] for p in threadpool_info() if p["user_api"] == "blas")
        return solve(self, *given, **more)

    monkeypatch.setattr(LogisticRegression, "fit", watched)
    with threadpool_limits(2):
        fit(plain(), CONFIG, n_folds=2)
    assert set(seen) == {1}


def test_a_judge_learns_from_articles_of_some_writers_for_others(
    candidates: list[Candidate],
) -> None:
    known = [c for c in candidates if c.writer != "k03"]
    unknown = [c for c in candidates if c.writer == "k03"]
    judge = fit(known, CONFIG, n_folds=2)
    heads = judge.heads
    accepted = [heads[c.head].probability(c.names) >= heads[c.head].threshold for c in unknown]
    agreed = sum(a == c.right for a, c in zip(accepted, unknown, strict=True))
    assert agreed / len(unknown) > 0.8
    assert {c.right for a, c in zip(accepted, unknown, strict=True) if a} >= {True}


def test_heads_learn_from_their_own_candidates_only() -> None:
    turned = [replace(c, right=not c.right) if c.head == "turn" else c for c in plain()]
    judge = fit(turned, CONFIG, n_folds=2)
    assert set(judge.heads) == set(HEADS)
    reported, turn = judge.heads["reported"], judge.heads["turn"]
    assert reported.probability(["yes"]) > 0.7 > 0.3 > reported.probability(["no"])
    assert turn.probability(["yes"]) < 0.3 < 0.7 < turn.probability(["no"])


def test_rare_names_are_dropped() -> None:
    seen = [*plain(), *rows(["yes", "twice"], True, count=2), *rows(["yes", "once"], True, count=1)]
    for min_count, expected in ((1, {"yes", "no", "twice", "once"}), (2, {"yes", "no", "twice"}),
                                (3, {"yes", "no"})):  # fmt: skip
        judge = fit(seen, CONFIG.model_copy(update={"min_count": min_count}), n_folds=2)
        assert set(judge.heads["turn"].weights) == expected


def test_a_name_that_stands_twice_in_a_candidate_counts_once() -> None:
    doubled = [replace(c, names=c.names * 2) for c in plain()]
    assert fit(doubled, CONFIG, n_folds=2).heads == fit(plain(), CONFIG, n_folds=2).heads


def test_statements_weigh_what_the_configuration_says() -> None:
    contrary = [
        *rows(["yes"], False, writer="c", whole=False, count=80),
        *rows(["no"], True, writer="c", whole=False, count=80),
    ]
    scores = []  # before the temperature, which the weight changes too
    for weight in (0.0, 0.2, 1.0):
        config = CONFIG.model_copy(update={"statement_weight": weight})
        head = fit([*plain("abef"), *contrary], config, n_folds=3).heads["reported"]
        scores.append(head.bias + head.weights["yes"])
    assert scores[0] > scores[1] > scores[2]
    assert scores[0] > 1
    assert scores[2] < 0, "they are more than the articles' candidates"


def test_without_weight_the_labels_of_statements_do_not_matter() -> None:
    config = CONFIG.model_copy(update={"statement_weight": 0.0})
    judges = [
        fit([*plain("abcd"), *rows(["yes"], good, writer="s", whole=False)], config, n_folds=2)
        for good in (True, False)
    ]
    assert judges[0].heads == judges[1].heads, "nor for temperature and threshold"


def test_temperature_comes_from_writers_that_were_not_learnt_from() -> None:
    # what is right with one writer is wrong with the other: held out, every sure answer is wrong
    quarrel = [
        *rows(["yes"], True, writer="a"), *rows(["no"], False, writer="a"),
        *rows(["yes"], False, writer="b"), *rows(["no"], True, writer="b"),
    ]  # fmt: skip
    # an unregularised fit is as sure as it can be
    config = CONFIG.model_copy(update={"C": 100.0})
    for head in HEADS:
        assert fit(quarrel, config, n_folds=2).heads[head].temperature > 10
        assert fit(plain(), config, n_folds=2).heads[head].temperature < 2


def test_the_threshold_is_the_one_with_the_best_f1() -> None:
    # 3 of 10 "half" are right: taking them all gains 6 quotes for 14 errors, which costs F1
    def mixed(good: int) -> list[Candidate]:
        return [
            *plain(),
            *(r for w in "ab" for r in rows(["half"], True, writer=w, count=good)),
            *(r for w in "ab" for r in rows(["half"], False, writer=w, count=10 - good)),
        ]

    config = CONFIG.model_copy(update={"C": 10.0})
    few, many = (fit(mixed(n), config, n_folds=2).heads["turn"] for n in (3, 7))
    assert few.probability(["half"]) < few.threshold <= few.probability(["yes"])
    assert many.threshold <= many.probability(["half"])
    assert all(0.2 <= head.threshold <= 0.5 for head in (few, many))


@settings(max_examples=25)  # a fit takes its time
@given(st.integers(1, 12), st.integers(1, 12), st.sampled_from([0.05, 0.3, 5.0]))
def test_weights_are_rounded_and_finite(good: int, bad: int, strength: float) -> None:
    seen = [
        row
        for w in "abc"
        for row in [*rows(["x", "common"], True, writer=w, count=good),
                    *rows(["y", "common"], False, writer=w, count=bad)]
    ]  # fmt: skip
    judge = fit(seen, CONFIG.model_copy(update={"C": strength}), n_folds=3)
    for head in judge.heads.values():
        for value in (*head.weights.values(), head.bias, head.temperature):
            assert round(value, 4) == value, "also nan fails here"
        assert 0 not in head.weights.values()
        assert 0.05 <= head.temperature <= 20
        assert 0.2 <= head.threshold <= 0.5
        assert head.probability(["x", "common"]) > head.probability(["y", "common"])


@pytest.mark.parametrize("only", [True, False])
def test_a_head_whose_label_never_varies(only: bool) -> None:
    # a small folder may hold no quoted sentence that is not a quote
    flat = [replace(c, right=only) if c.head == "turn" else c for c in plain()]
    head = fit(flat, CONFIG, n_folds=2).heads["turn"]
    assert (head.probability(["yes"]) >= head.threshold) is only
    assert (head.probability(["no"]) >= head.threshold) is only
