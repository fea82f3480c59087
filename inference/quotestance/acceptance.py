"""What speaks for and against a candidate being a quote, as names for the judge.

Every name can be read: ``o*lemma=want`` is the lemma of a cue with an object behind it. What
the parser thinks, what the cue table lists, who the source is and how the content looks all
stand side by side; the judge's weights, learnt from labelled articles, settle what counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from spacy.tokens import Doc, Token

from quotestance.attributions import Attribution
from quotestance.frames import Frame
from quotestance.speakable import can_speak, is_relay, is_text
from quotestance.syntax import verb_key
from quotestance.textview import Span

Names = tuple[str, ...]
_FIRST_PERSON = frozenset({"i", "we", "my", "our", "us", "me"})
_BESIDE_VERB = frozenset({"aux", "auxpass", "neg", "advmod", "mark"})
_BESIDE_NOUN = frozenset({"det", "poss", "amod", "compound"})
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_FINITE = frozenset(
    "is are was were be am has have had do does did will would can could should shall may might "
    "must isn't don't won't can't didn't let it's that's he's she's there's we're they're you're "
    "i'm we've they've".split()
)


def reported_names(doc: Doc, a: Attribution, frame: Frame) -> Names:
    """The features of a candidate of reported content.

    Parameters
    ----------
    doc : Doc
        The paragraph's parse.
    a : Attribution
        With verb, head and opening.
    frame : Frame
        The paragraph.
    """
    names = [*_of_cue(doc, a), *_of_source(doc, a), *_of_content(doc, a, frame)]
    names += [f"{a.frame}*{name}" for name in names if name.startswith(_CROSSED)]
    names += [f"frame={a.frame}", f"role={frame.role}", f"turns={bool(frame.turns)}"]
    return tuple(names)


# Features that mean something else with each syntactic frame.
_CROSSED = (
    "kind=", "known=", "lemma=", "tag=", "dep=", "left=", "head.", "first.pos=", "length=", "gap=",
    "marked=", "modal=", "verbal=", "prep=", "known*",
)  # fmt: skip


def _of_cue(doc: Doc, a: Attribution) -> Iterator[str]:
    verb = _token(doc, a.verb)
    key = verb_key(verb)
    yield from (f"kind={a.kind}", f"known={a.known}", f"lemma={key}", f"tag={verb.tag_}")
    yield from (f"dep={verb.dep_}", f"adjective={a.adjective}")
    if a.frame == "x":
        preposition = doc[a.content[0][0] - 1].lower_
        yield from (f"prep={preposition}", f"lemma={key}*prep={preposition}")
    for child in verb.lefts:
        if child.dep_ in _BESIDE_VERB:
            yield f"left={child.lower_}"


def _of_source(doc: Doc, a: Attribution) -> Iterator[str]:
    source = _token(doc, a.head)
    strict = can_speak(source, speech=False)
    yield from (f"source={source.lemma_.lower()}", f"source.tag={source.tag_}")
    yield from (f"source.dep={source.dep_}", f"source.strict={strict}")
    yield from (f"source.text={is_text(source)}", f"source.relay={is_relay(source)}")
    yield f"known*{a.known}*strict={strict}"
    for child in source.lefts:
        if child.dep_ in _BESIDE_NOUN:
            yield f"source.left={child.dep_}"
            if child.dep_ == "det":
                yield f"source.det={child.lower_}"


def _of_content(doc: Doc, a: Attribution, frame: Frame) -> Iterator[str]:
    head = _token(doc, a.opening)
    start, end = a.content[0]
    inside = doc[start:end]
    yield from (
        f"head.tag={head.tag_}",
        f"head.dep={head.dep_}",
        f"head.lemma={head.lemma_.lower()}",
    )
    yield from (f"first={inside[0].lower_}", f"first.pos={inside[0].pos_}")
    yield from (f"length={min(6, (end - start).bit_length())}", f"parts={len(a.content)}")
    yield f"that={start > 0 and doc[start - 1].lower_ == 'that'}"
    if a.verb is not None:
        yield f"gap={max(-1, min(4, start - a.verb))}"
    if end < len(doc):
        yield f"next={doc[end].pos_ if doc[end].is_alpha else doc[end].text}"
    at, to = frame.to_article(inside[0].idx, inside[-1].idx + 1)
    yield f"marked={any(q.start < to and at < q.end for q in frame.fragments)}"
    if any(q.start <= at and to <= q.end for q in frame.fragments):
        yield f"verbatim*capitals={round(3 * _capitals([t.text for t in inside if t.is_alpha]))}"
    if any(t.lower_ in _FIRST_PERSON for t in inside):
        yield "first.person"
    yield f"modal={any(t.tag_ == 'MD' for t in inside)}"
    yield f"verbal={any(t.pos_ in ('VERB', 'AUX') for t in inside)}"


def _shape(mark: str) -> str:
    """A mark as it is; any letter or digit as "a"."""
    return "a" if mark.isalnum() else mark


def _capitals(words: Sequence[str]) -> float:
    """The share of capitalised words: titles have many."""
    return sum(w[0].isupper() for w in words) / max(1, len(words))


def _token(doc: Doc, at: int | None) -> Token:
    """A token that every candidate has."""
    if at is None:
        raise ValueError("a candidate lacks its cue, source or content head")
    return doc[at]


def turn_names(
    text: str,
    spans: tuple[Span, ...],
    *,
    form: str,
    cue: str | None,
    cue_class: str | None,
    sourced: bool,
    role: str,
) -> Names:
    """The features of quoted sentences, a transcript's turn or a block quotation.

    Parameters
    ----------
    text : str
        The article's view text.
    spans : tuple of (int, int)
        The content in it.
    form : str
        "turn", "bare", "continues", "speech" or "block".
    cue, cue_class : str or None
        The words that attribute it, and their class.
    sourced : bool
        Whether a source was found.
    role : str
        The role of its paragraph.
    """
    start, end = spans[0][0], spans[-1][1]
    words = [w for s, e in spans for w in _WORD.findall(text[s:e])]
    lower = {w.lower().replace("’", "'") for w in words}
    before, behind = text[max(0, start - 40) : start], text[end : end + 3]
    lead = before.rstrip("\"'“”‘’«» ")[-1:]
    single = "’" in behind or behind[:1] == "'"
    names = [
        f"form={form}", f"sourced={sourced}", f"cue={cue_class}", f"role={role}",
        f"parts={min(3, len(spans))}", f"length={min(6, len(words).bit_length())}",
        f"capitals={round(3 * _capitals(words))}", f"ends={_shape(text[end - 1])}",
        f"lead={_shape(lead)}", f"finite={bool(lower & _FINITE)}", f"single={single}",
        f"first.person={bool(lower & _FIRST_PERSON)}", f"upper={text[start].isupper()}",
    ]  # fmt: skip
    names += [f"{form}*sourced={sourced}", f"cue={cue is not None}*sourced={sourced}"]
    names += [
        f"{form}*{n}" for n in names if n.startswith(("length=", "lead=", "ends=", "finite="))
    ]
    return tuple(names)
