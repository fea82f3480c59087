"""The quotes of one parsed paragraph, in offsets of the article's view."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import replace

from spacy.tokens import Doc

from quotestance import acceptance
from quotestance.attributions import Attribution
from quotestance.beside import beside
from quotestance.found import Antecedent, Found, Reading
from quotestance.frames import Frame, Turn, sentence_frame
from quotestance.judge import Judge
from quotestance.language import parse
from quotestance.marks import Quotation, names_a_thing
from quotestance.nesting import settle
from quotestance.reported import OPEN, candidates
from quotestance.speakable import can_speak, gender, is_person, is_relay, is_text
from quotestance.syntax import Range, noun_phrase, subject
from quotestance.textview import Span
from quotestance.turn_cues import turn_attribution

_ANTECEDENT_DEPS = {"nsubj", "nsubjpass", "dobj", "pobj", "poss", "attr", "conj", "appos", "ROOT"}
_FORMS = {
    "c": "clause", "aside": "clause", "according": "clause", "view": "clause", "i": "infinitive",
    "o": "phrase", "x": "phrase", "s": "judgement", "noun": "nominal", "headline": "headline",
}  # fmt: skip
_MOST_OF_SUMMARY = 0.3  # of a quoted summary must be what it reports
_SIGNATURE = re.compile(r"\s*(?:--|[-–—])\s*(?P<name>[A-Z][\w.'’-]+(?:\s[\w.'’-]+){0,6}?)\.?$")


def _length(spans: tuple[Span, ...]) -> int:
    return sum(end - start for start, end in spans)


def read_paragraph(
    text: str, frame: Frame, doc: Doc, lead: Found | None, judge: Judge, *,
    keep_proposals: bool = False,
) -> Reading:  # fmt: skip
    """Read the quotes of a paragraph.

    Parameters
    ----------
    text : str
        The article's view text.
    frame : Frame
        The paragraph.
    doc : Doc
        The parse of ``frame.text``.
    lead : Found or None
        What the paragraph before leaves open: a speaker for bare quotes, a quotation that is
        not closed yet, or a colon.
    judge : Judge
        Accepts or refuses what the rules propose.
    keep_proposals : bool
        Whether the reading shall hold all candidates, for training a judge.
    """
    reader = _Reader(text, frame, doc, lead, judge)
    block = reader.block_quote()
    turns = [block] if block is not None else reader.turns()
    proposals = [] if block is not None else reader.proposals()
    quotes = [*judged(turns, judge), *reader.reported(proposals)]
    quotes.sort(key=lambda f: f.spans[0])
    reading = Reading(quotes, lead=reader.lead_out(quotes), antecedents=[*reader.antecedents()])
    if keep_proposals:
        reported = (reader.found(a, names) for a, names in proposals)
        reading.proposed = [*turns, *(found for found in reported if found is not None)]
    return reading


def turn_names(text: str, found: Found, form: str, role: str = "body") -> acceptance.Names:
    """The features of whole quoted sentences for the judge."""
    return acceptance.turn_names(
        text, found.spans, form=form, role=role, cue_class=found.cue_class,
        cue=text[slice(*found.cue)] if found.cue else None, sourced=found.source is not None,
    )  # fmt: skip


def judged(turns: list[Found], judge: Judge) -> list[Found]:
    """The turns that the judge accepts, with their probability."""
    head = judge.heads["turn"]
    scored = [replace(t, score=head.probability(t.names)) for t in turns]
    return [t for t in scored if t.score >= head.threshold]


class _Reader:
    """Reads one paragraph; holds what the readers of turns and of reports share."""

    def __init__(self, text: str, frame: Frame, doc: Doc, lead: Found | None, judge: Judge) -> None:
        self.text = text
        self.frame = frame
        self.doc = doc
        self.lead = lead
        self.judge = judge
        self.taken: set[int] = set()
        self.offsets = [t.idx for t in doc]
        self.text_end = frame.to_article(0, len(frame.text))[1]
        self.windows = [self._tokens(t.at, t.to) for t in frame.turns]

    # -- turns

    def turns(self) -> list[Found]:
        """The whole quoted sentences, those of one speaker and cue joined."""
        result: list[Found] = []
        for i, turn in enumerate(self.frame.turns):
            found = self._turn(i, turn, result[-1] if result else None)
            if found.merge and result:
                last = result[-1]
                result[-1] = replace(last, spans=last.spans + found.spans)
            else:
                result.append(found)
        return [self._named(found) for found in result]

    def _named(self, found: Found, form: str = "") -> Found:
        """A turn with its features for the judge."""
        form = form or ("continues" if found.continues else "turn" if found.cue else "bare")
        names = turn_names(self.text, found, form, self.frame.role)
        return replace(found, names=names, form="bare" if form == "bare" else "turn")

    def _turn(self, i: int, turn: Turn, last: Found | None) -> Found:
        span = (turn.quotation.start, turn.quotation.end)
        base = Found((span,), verbatim=True, sentence=self._sentence(turn.at, turn.to))
        low = self.windows[i - 1][1] if i else 0
        start, end = self.windows[i]
        high = self.windows[i + 1][0] if i + 1 < len(self.windows) else len(self.doc)
        signature = self._signature(turn)
        if signature is not None:
            goes_on = i == 0 and self.lead is not None and self.lead.merge
            return replace(base, source=signature, continues=goes_on, merge=goes_on)
        if self._invites_after(turn, end, high):
            attribution = turn_attribution(self.doc, end, self._first_stop(end, high), after=True)
            if attribution is not None:
                return self._relayed(turn, attribution) or self._attributed(base, attribution)
        lead_text = self.doc[low:start].text.rstrip(' "')
        if last is not None and self._split(low, start):
            return replace(base, merge=True, continues=True)
        if lead_text.endswith((":", ",")) or (lead_text and lead_text[-1:].isalnum()):
            attribution = turn_attribution(
                self.doc, self._last_stop(low, start), start, after=False
            )
            if attribution is not None:
                return self._attributed(base, attribution)
        return self._bare(base, low, start, last)

    def _relayed(self, turn: Turn, a: Attribution) -> Found | None:
        """What a quoted summary reports: "The minister stressed that ...," the readout said.

        The position is the minister's; the readout is only its way into the paper.
        """
        if a.head is None or not is_relay(self.doc[a.head]):
            return None
        q = turn.quotation
        inner = sentence_frame(self.text, q.start, q.end)
        reader = _Reader(self.text, inner, next(parse([inner.text])), None, self.judge)
        reported = reader.reported(reader.proposals())
        size = q.end - q.start
        found = next((f for f in reported if _length(f.spans) > _MOST_OF_SUMMARY * size), None)
        if found is None:
            return None
        if a.verb is not None:
            self.taken.add(a.verb)
        return replace(
            found, verbatim=True, marked=False, via=self._span(a.source), judged_by="turn", at=None,
            sentence=self._sentence(turn.at, turn.to),
        )  # fmt: skip

    def _signature(self, turn: Turn) -> Span | None:
        """The name behind a dash that ends a paragraph: "We wait." - A. Name."""
        rest = self.text[turn.quotation.close : self.text_end]
        match = _SIGNATURE.fullmatch(rest) if len(rest) < 100 else None
        if match is None:
            return None
        at = turn.quotation.close
        return at + match.start("name"), at + match.end("name")

    def _invites_after(self, turn: Turn, end: int, high: int) -> bool:
        """Whether the text behind a turn may attribute it."""
        if end >= high:
            return False
        first = next((t for t in self.doc[end:high] if t.text not in ('"', ",")), None)
        if first is None:
            return False
        inner = self.text[turn.quotation.end - 1]
        comma = self.text[turn.quotation.close : turn.quotation.close + 1] == ","
        return inner in ",—–-" or comma or first.text[0].islower() or inner in "?!…"

    def _split(self, low: int, start: int) -> bool:
        """Whether only the attribution of the turn before stands between two turns."""
        between = self.doc[low:start].text.strip(' "')
        stops = len(re.findall(r"(?<![A-Z])[.?!](?:\s|$)", between.rstrip(".?!,:") + " "))
        return stops == 0 and not between.endswith(":")

    def _bare(self, base: Found, low: int, start: int, last: Found | None) -> Found:
        """A turn without a cue: the speaker of the sentence or of the paragraph before."""
        if start > low and self.doc[low:start].text.strip(' "'):
            source = self._subject_before(low, start)
            if source is not None:
                return replace(base, source=self._span(noun_phrase(self.doc[source])),
                               apposition=beside(self.doc, source))  # fmt: skip
        if last is not None:
            return replace(base, merge=True, continues=True)
        if self.lead is None:
            return base
        if self.lead.merge or self.lead.continues:
            return replace(base, continues=True, merge=self.lead.merge)
        return replace(base, source=self.lead.source, cue=self.lead.cue,
                       cue_class=self.lead.cue_class, apposition=self.lead.apposition)  # fmt: skip

    def _subject_before(self, low: int, start: int) -> int | None:
        """The subject of the last sentence before a bare turn."""
        for verb in reversed(self.doc[self._last_stop(low, start) : start]):
            if verb.pos_ in ("VERB", "AUX") and verb.dep_ != "aux":
                found = subject(verb)
                if found is not None and low <= found.i < start:
                    return int(found.i)
        return None

    def _attributed(self, base: Found, a: Attribution) -> Found:
        if a.verb is not None:
            self.taken.add(a.verb)
        return replace(
            base,
            cue=self._span(a.cue),
            cue_class=a.kind,
            source=self._span(a.source),
            apposition=beside(self.doc, a.head),
        )

    # -- reported content

    def proposals(self) -> list[tuple[Attribution, acceptance.Names]]:
        """All candidates of reported content with what the judge thinks of each, and why."""
        head = self.judge.heads["reported"]
        dummy = {i for start, end in self.windows for i in range(start, end)}
        result = []
        for a in candidates(self.doc, self.frame.role, dummy, self.taken):
            names = acceptance.reported_names(self.doc, a, self.frame)
            result.append((replace(a, score=head.probability(names)), names))
        return result

    def reported(self, proposals: list[tuple[Attribution, acceptance.Names]]) -> list[Found]:
        """The accepted indirect and mixed quotes, and fragments that are direct on their own."""
        settled = settle(
            self.doc, [a for a, _ in proposals], self.judge.heads["reported"].threshold
        )
        found = (self.found(a) for a in settled)
        return [f for f in found if f is not None]

    def found(self, a: Attribution, names: acceptance.Names = ()) -> Found | None:
        """An attribution in offsets of the article's view."""
        spans = tuple(s for r in a.content if (s := self._span(r)) is not None)
        cue = self._span((a.verb, a.verb + 1)) if a.verb is not None else None
        if not spans:
            return None
        spans, verbatim, marked = self._with_marks(spans)
        first = self.doc[a.content[0][0]]
        return Found(
            spans=spans,
            source=self._span(a.source),
            cue=self._span(a.cue),
            cue_class="say" if a.kind == OPEN else a.kind,  # as `cues.cue_class` has it
            via=self._span(a.via),
            verbatim=verbatim,
            marked=marked,
            apposition=beside(self.doc, a.head),
            sentence=self._sentence(first.idx, first.idx + 1),
            judged_by="reported",
            form=_FORMS[a.frame],
            names=names,
            score=a.score,
            at=cue[0] if cue is not None else None,
        )

    def _with_marks(self, spans: tuple[Span, ...]) -> tuple[tuple[Span, ...], bool, bool]:
        """Take in the marks at a span's edges; tell whether it is quoted wholly or in part."""
        fragments = [q for q in self.frame.fragments if not self._is_scare(q)]
        if all(any(q.start <= s and e <= q.end for q in fragments) for s, e in spans):
            return spans, True, True
        grown = tuple(self._grown(s, e, fragments) for s, e in spans)
        touched = any(q.start < e and s < q.end for q in fragments for s, e in spans)
        return grown, False, touched

    def _grown(self, s: int, e: int, fragments: list[Quotation]) -> Span:
        """A span with the marks of the quotations that begin or end with it."""
        for q in fragments:
            if q.start < e and s < q.end:
                s = q.open if s == q.start else s
                if e <= q.end and not self.text[e : q.end].strip(".,?!…"):
                    e = q.close
        return s, e

    def _is_scare(self, q: Quotation) -> bool:
        words = len(self.text[q.start : q.end].split())
        return words <= 4 and names_a_thing(self.text, q)

    # -- between paragraphs

    def block_quote(self) -> Found | None:
        """A paragraph without marks behind a paragraph that leads in with a colon."""
        if self.lead is None or not self.lead.marked or self.frame.turns or self.frame.fragments:
            return None
        start = self.frame.start
        block = replace(
            self.lead,
            spans=((start, self.frame.to_article(0, len(self.frame.text))[1]),),
            verbatim=True,
            marked=False,
            sentence=(start, start),
        )
        return self._named(block, "block")

    def lead_out(self, quotes: list[Found]) -> Found | None:
        """What this paragraph leaves for a bare quote in the next one."""
        if not len(self.doc):
            return None
        last_turn = self.frame.turns[-1] if self.frame.turns else None
        tail = self.doc[self.windows[-1][1] :].text.strip(' "') if last_turn else self.frame.text
        if last_turn is not None and not tail:
            return Found(((0, 0),), continues=True, merge=True)
        low = self.windows[-1][1] if last_turn else 0
        colon = self.frame.text.rstrip().endswith(":")
        a = turn_attribution(self.doc, self._last_stop(low, len(self.doc)), len(self.doc),
                             after=False)  # fmt: skip
        if colon and a is not None:
            return replace(self._attributed(Found(((0, 0),)), a), marked=True)
        if last_turn is not None and len(tail) < 120 and quotes and quotes[-1].cue is not None:
            return Found(((0, 0),), continues=True, merge=True)
        head = self._main_subject(low)
        if head is None:
            head = a.head if a is not None else None
        if head is None:
            return None
        source = self._span(noun_phrase(self.doc[head]))
        return Found(((0, 0),), source=source, apposition=beside(self.doc, head))

    def _main_subject(self, low: int) -> int | None:
        """Whom the last sentence of a paragraph is about, if that can speak."""
        last = self.doc[self._last_stop(low, len(self.doc)) :]
        found = subject(last.root) if len(last) else None
        if found is None or found.i < low or not can_speak(found, speech=False):
            return None
        return int(found.i)

    def antecedents(self) -> Iterator[Antecedent]:
        """The nouns of people and bodies outside of whole quoted sentences, in order."""
        for token in self.doc:
            if token.dep_ not in _ANTECEDENT_DEPS or token.pos_ not in ("NOUN", "PROPN"):
                continue
            if self.frame.turn_over(token.idx):
                continue
            if not can_speak(token, speech=False) and not is_text(token):
                continue
            phrase = noun_phrase(token)
            span = self._span(phrase)
            if span is not None:
                yield Antecedent(
                    text=self.text[slice(*span)],
                    beside=beside(self.doc, token.i, phrase[1]),
                    subject=token.dep_ in ("nsubj", "nsubjpass"),
                    plural=token.tag_ in ("NNS", "NNPS"),
                    proper=token.pos_ == "PROPN",
                    at=span[0],
                    person=is_person(token),
                    gender=gender(token),
                )

    # -- helpers

    def _tokens(self, at: int, to: int) -> Range:
        """The token range of ``frame.text[at:to]``."""
        first, end = bisect_left(self.offsets, at), bisect_left(self.offsets, to)
        return (first, end) if first < end else (0, 0)

    def _first_stop(self, low: int, high: int) -> int:
        for t in self.doc[low:high]:
            if t.text in (".", "?", "!") and t.i > low:
                return int(t.i) + 1
        return high

    def _last_stop(self, low: int, high: int) -> int:
        for t in reversed(self.doc[low : max(low, high - 1)]):
            if t.text in (".", "?", "!", '."') and t.i < high - 2:
                return int(t.i) + 1
        return low

    def _span(self, tokens: Range | None) -> Span | None:
        if tokens is None or tokens[1] <= tokens[0]:
            return None
        first, last = self.doc[tokens[0]], self.doc[tokens[1] - 1]
        return self.frame.to_article(first.idx, last.idx + len(last.text))

    def _sentence(self, at: int, to: int) -> Span:
        start, _ = self._tokens(at, to)
        sent = self.doc[start].sent
        return self.frame.to_article(sent.start_char, max(sent.end_char, sent.start_char + 1))
