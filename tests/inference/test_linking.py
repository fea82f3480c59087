"""The same statement in many outlets; all quotes are invented but those of two seed articles."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quotestance import Position, StanceClassifier
from quotestance.errors import InputError
from quotestance.linking import Conflict, conflicts, describe, link

ONE = "The lawyers of both ministries have settled the wording on the northern bases and airports."
TWO = "Nobody in this palace expects the elders to approve immunity for foreign soldiers."
THREE = "The assembly will hear the governor's report about the night raids in November."
BOILERPLATE = "We remain committed to a strong and lasting partnership between our two nations."
BASE = Position(
    article_id="a", article_date="2013-10-12", quote_id="q000", statement_id=None, kind="direct",
    text="", spans=[[0, 1]], quote_score=None, cue="said", cue_span=None, source="an official",
    source_span=None, speaker=None, speaker_kind="anonymous", via=None, side="us", side_reason="",
    issue=None, issue_score=None, stance=None, stance_scores=None, abstained=False,
    sentiment="neutral", sentiment_scores={}, sentiment_toward={"us": "neutral"}, model="m",
    codebook="c",
)  # fmt: skip


def quotes(*texts: str, kind: str = "direct") -> list[Position]:
    """Each from an article of its own."""
    return [replace(BASE, article_id=f"a{i}", text=t, kind=kind) for i, t in enumerate(texts)]


def groups(rows: list[Position]) -> list[set[int]]:
    """Which rows share an id, those alone left out."""
    found: defaultdict[str | None, set[int]] = defaultdict(set)
    for i, row in enumerate(link(rows)):
        found[row.statement_id].add(i)
    return [group for group in found.values() if len(group) > 1]


@pytest.mark.parametrize(
    "copy",
    [
        f"“{ONE.upper()}”",
        ONE.replace("both", "[the]"),
        f"{ONE[:-1]} … in the north",
        ONE.replace("lawyers", "lawyer").replace("settled the", "settled"),
    ],
)
def test_one_quotation_in_two_outlets(copy: str) -> None:
    assert groups(quotes(f"{ONE} {TWO}", copy)) == [{0, 1}]


def test_too_few_words_tell_nothing() -> None:
    assert groups(quotes(f"{ONE} {TWO}", "settled the wording on the northern bases")) == []


def test_a_spliced_quote_and_two_quotes_that_are_one_elsewhere() -> None:
    assert groups(quotes(f"{ONE} {TWO} {THREE}", f"{ONE} … {THREE}")) == [{0, 1}]
    assert groups(quotes(ONE, TWO, f"{ONE} {TWO}")) == [{0, 1, 2}]


def test_two_halves_that_share_a_sentence_need_a_whole() -> None:
    assert groups(quotes(f"{ONE} {TWO}", f"{TWO} {THREE}")) == []
    assert groups(quotes(f"{ONE} {TWO}", f"{TWO} {THREE}", f"{ONE} {TWO} {THREE}")) == [{0, 1, 2}]


def test_stock_phrases_never_link() -> None:
    assert groups(quotes(*["We will not be rushed."] * 3, *["Thank you very much."] * 2)) == []


def test_boilerplate_chains_nothing() -> None:
    (group,) = groups(quotes(f"{ONE} {BOILERPLATE}", f"{TWO} {BOILERPLATE}", BOILERPLATE))
    assert group in ({0, 2}, {1, 2})


def test_opposite_and_other_statements_stay_apart() -> None:
    assert groups(quotes(ONE, ONE.replace("have", "have not"))) == []
    assert groups(quotes(THREE, THREE.replace("November", "April"))) == []


def test_indirect_quotes_link_by_all_their_words_alone() -> None:
    assert groups(quotes(ONE, ONE, kind="indirect")) == [{0, 1}]
    assert groups(quotes(f"{ONE} {TWO}", ONE, kind="indirect")) == []
    mixed = replace(BASE, article_id="b", kind="mixed", text=f"he was sure that “{ONE}” and left")
    assert groups([*quotes(f"{ONE} {TWO}"), mixed]) == [{0, 1}]


def test_rows_of_a_quote_share_the_id_and_nothing_else_changes() -> None:
    rows = [*quotes(ONE, TWO), replace(BASE, article_id="a0", text=ONE, issue="x")]
    found = link(rows)
    assert found[0].statement_id == found[2].statement_id != found[1].statement_id
    assert [replace(row, statement_id=None) for row in found] == rows
    assert all(len(str(row.statement_id)) == 13 for row in found)
    assert link(found) == found
    assert link([]) == []


def test_ids_hold_over_files_that_are_linked_apart() -> None:
    together = link(quotes(ONE, TWO, ONE, "Thank you."))
    assert link(quotes(ONE))[0].statement_id == together[0].statement_id
    assert link(quotes("Thank you."))[0].statement_id != together[3].statement_id  # other articles


def test_one_id_for_two_articles_is_an_error() -> None:
    with pytest.raises(InputError, match="quote 'q000' of article 'a' has two texts, 'The lawyers"):
        link([replace(BASE, text=ONE), replace(BASE, text=TWO, issue="x")])


PIECES = [ONE, TWO, THREE, BOILERPLATE, "We will not be rushed.", ONE.replace("have", "have not")]


@settings(deadline=None)
@given(
    st.lists(st.lists(st.sampled_from(PIECES), min_size=1, max_size=3).map(" ".join), max_size=8),
    st.randoms(use_true_random=False),
)
def test_the_order_of_rows_changes_nothing(texts: list[str], rng: random.Random) -> None:
    rows = quotes(*texts)
    shuffled = rng.sample(rows, len(rows))
    assert _ids(rows) == _ids(shuffled)


def _ids(rows: list[Position]) -> dict[str | None, str | None]:
    return {row.article_id: row.statement_id for row in link(rows)}


@settings(deadline=None)
@given(st.lists(st.text(max_size=40), max_size=5))
def test_any_text_can_be_linked(texts: list[str]) -> None:
    rows = quotes(*texts)
    assert [replace(row, statement_id=None) for row in link(rows)] == rows


def test_two_seed_articles_carry_one_briefing(project: Path, classifier: StanceClassifier) -> None:
    names = ("aljazeera_kerry_karzai_talks", "kerry_karzai_deadlock")
    rows = []
    for name in names:
        text = (project / "seeds" / "articles" / f"{name}.txt").read_text(encoding="utf-8")
        rows += classifier.predict(text, id=name, date="2013-10-12")
    found: defaultdict[str | None, set[tuple[str | None, str]]] = defaultdict(set)
    for row in link(rows):
        found[row.statement_id].add((row.article_id, row.text[:20]))
    common = [s for s in found.values() if {article for article, _ in s} == set(names)]
    assert sorted(map(sorted, common)) == [
        [(names[0], "At no point during t"), (names[0], "The differences that"),
         (names[1], "The differences that")],
        [(names[0], "It's going to be mor"), (names[1], "Our NATO allies and ")],
    ]  # fmt: skip


def test_time_grows_about_linearly(seconds: Callable[[Callable[[], object]], float]) -> None:
    rng = random.Random(0)
    words = [f"w{i}" for i in range(3000)]
    texts = [f"{' '.join(rng.choices(words, k=25))} we are ready to sign it" for _ in range(4000)]
    few, many = quotes(*texts[:2000]), quotes(*texts)
    assert seconds(lambda: link(many)) < 4 * seconds(lambda: link(few))


# --- conflicts ----------------------------------------------------------------------------


def test_sides_speakers_and_gaps() -> None:
    text = f"{ONE} {TWO}"
    rows = link(
        [
            replace(BASE, article_id="a", text=ONE, side="us", speaker="John Kerry"),
            replace(BASE, article_id="b", text=ONE, side="afghan", speaker="Kerry"),
            replace(BASE, article_id="c", text=text, side="unknown", speaker="Jay Carney"),
            replace(BASE, article_id="d", text=THREE, side="unknown"),
            replace(BASE, article_id="e", text=THREE, side="unknown", speaker="John Kerry"),
        ]
    )
    name = str(rows[0].statement_id)
    assert conflicts(rows) == [
        Conflict(name, "side", {"us": ["a"], "afghan": ["b"]}, text),
        Conflict(name, "speaker", {"John Kerry": ["a"], "Jay Carney": ["c"]}, text),
        Conflict(name, "gap", {"us": ["a"], "afghan": ["b"], "unknown": ["c"]}, text),
    ]
    assert describe(rows, conflicts(rows)) == (
        "5 quotes, 2 statements, 2 of them in two or more articles; conflicts: 1 of side, 1 of "
        "speaker; 1 gaps in sides"
    )


def test_no_conflict_without_links() -> None:
    assert conflicts(quotes(ONE, ONE)) == []  # no ids yet
    assert conflicts(link(quotes(ONE, TWO))) == []
    assert conflicts([]) == []
