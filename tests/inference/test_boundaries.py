"""Where content ends: in the cue's own clause, before the reporter goes on."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokens import Doc

from quotestance.attributions import STOPS
from quotestance.boundaries import right_content
from quotestance.complements import openings
from quotestance.language import parse


def _parsed(text: str) -> Doc:
    return next(iter(parse([text])))


def of(text: str, cue: str, dummy: str = "") -> set[str | None]:
    """The content in each frame; `dummy` are words that stand for quoted sentences."""
    doc = _parsed(text)
    verb = next(t for t in doc if t.text == cue)
    hidden = {t.i for t in doc if t.text in dummy.split()}
    found = [right_content(verb, o.start, o.head, hidden) for o in openings(verb, frozenset())]
    assert found, "the parse offers no content"
    return {doc[slice(*r)].text if r else None for r in found}


DRY = "the well was dry"
LEASE = "to sign the lease"


@pytest.mark.parametrize(
    ("text", "cue", "content"),
    [
        # tense: the cue's own time comes back
        ("The union says the drug was safe and has refused to stop the trial.", "says",
         "the drug was safe"),
        ("The mayor says the well is dry and has called for rain.", "says", "the well is dry"),
        ("The mayor said the well is dry and called for rain.", "said", "the well is dry"),
        ("The mayor promised that it would go and apologised.", "promised", "it would go"),
        ("The mayor promised that he would pay the farmers and apologised to the council.",
         "promised", "he would pay the farmers"),
        (f"The mayor claimed that {DRY}, and the clerk said so too.", "claimed", DRY),
        # content that is no clause holds no finite verb
        ("The mayor wants a new text and has sent two letters.", "wants", "a new text"),
        ("The mayor wants a new text, but the council refuses it.", "wants", "a new text"),
        ("The mayor rejected the lease and praised the farmers.", "rejected", "the lease"),
        (f"The mayor refused {LEASE} and went home.", "refused", LEASE),
        # relative clauses, concessions, comments
        ("The mayor wants a new text, which the council has not read.", "wants", "a new text"),
        (f"The mayor refused {LEASE}, which the council had read.", "refused", LEASE),
        (f"The mayor said {DRY}, although nobody had looked.", "said", DRY),
        (f"The mayor refused {LEASE}, although the council had read it.", "refused", LEASE),
        (f"The mayor said {DRY}, a charge that the council denied.", "said", DRY),
        (f"The mayor refused {LEASE}, a decision that angered the farmers.", "refused", LEASE),
        ("The mayor rejected the lease, a move that pleased the farmers.", "rejected", "the lease"),
        (f"The mayor said {DRY}, further straining the talks.", "said", DRY),
        ("The mayor said the guards would leave, thereby ending the dispute.", "said",
         "the guards would leave"),
        # another attribution
        (f"The mayor said {DRY}, adding that the pump was broken.", "said", DRY),
        (f"The mayor refused {LEASE}, saying that it was a trap.", "refused", LEASE),
        (f"The mayor said {DRY}, the clerk said.", "said", DRY),
        (f"The report warned that {DRY}, a spokesman for the council said on Monday.", "warned",
         DRY),
        # other clauses
        (f"The mayor said that {DRY}; the council disagreed with him.", "said", DRY),
        ("The mayor rejected the lease -- the council signed it.", "rejected", "the lease"),
        ("The mayor rejected the lease — the council signed it.", "rejected", "the lease"),
        ("The mayor rejected the lease, while the council signed it.", "rejected", "the lease"),
        ("The mayor rejected the lease, whereas the council signed it.", "rejected", "the lease"),
        (f"The mayor refused {LEASE}, while the council praised it.", "refused", LEASE),
    ],
)  # fmt: skip
def test_the_reporter_goes_on(text: str, cue: str, content: str) -> None:
    assert of(text, cue) == {content}


@pytest.mark.parametrize(
    ("cue", "content"),
    [
        ("said", "the well was dry and the pump was broken"),
        ("said", "the well was dry and that the pump was broken"),
        ("said", "the well was dry, the gate was shut and the road was closed"),
        ("said", "the road, which was built in May, was closed"),
        ("said", "the guards, who came in May, would leave"),
        ("claims", "she was sent there and she was forced to work"),
        ("claims", "the guards left and they took the keys"),
        ("refused", "to sign the lease or to read it"),
    ],
)
def test_content_goes_on(cue: str, content: str) -> None:
    assert of(f"The mayor {cue} {content}.", cue) == {content}


def test_content_ends_before_a_quoted_sentence_and_is_none_inside_one() -> None:
    text = f"The mayor said {DRY} yesterday."
    assert of(text, "said", dummy="yesterday") == {DRY}
    assert of(text, "said", dummy="the") == {None}


PARTS = (
    "the mayor|said|says|wants|that|the road was shut|a new text|to sign|,|and|but|while|although|"
    "which|a charge that|has refused|adding|;|--|—|.|(|)|-|the clerk said|It|  |would|'s"
).split("|")


@settings(max_examples=80)
@given(
    st.lists(st.sampled_from(PARTS), min_size=2, max_size=14).map(" ".join),
    st.sets(st.integers(0, 20), max_size=3),
)
def test_content_is_what_follows_up_to_a_word(text: str, dummy: set[int]) -> None:
    doc = _parsed(text)
    for verb in doc:
        for o in openings(verb, frozenset()):
            found = right_content(verb, o.start, o.head, dummy)
            if o.start in dummy:
                assert found is None
            if found is None:
                continue
            start, end = found
            assert start == o.start < end <= len(doc)
            assert doc[end - 1].text not in STOPS
            assert not dummy & set(range(start, end))
