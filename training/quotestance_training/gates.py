"""Gates against models that are right for the wrong reasons, run at each training.

A model must change its answer when the proposition is negated or the target swapped, must not
change it when the speaker gets another name, must keep stance and sentiment apart, and must know
little once the quote or the target is hidden.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from quotestance.actors import Actors
from quotestance.codebook import SENTIMENTS, STANCES, Codebook
from quotestance.models.common import Model, TargetText
from quotestance.models.encoder import EncoderModel
from quotestance_training.corpora import gold_quotes
from quotestance_training.holdout import Figures, Held
from quotestance_training.labelled import load_labelled
from quotestance_training.metrics import macro_f1
from quotestance_training.pair_rows import LabelledQuote, quotes_of

CONTRAST, APART = "contrast.jsonl", "stance_not_sentiment.jsonl"
_NAMES = ("the deputy minister", "Colonel Idris Temory", "Margaret Oakes", "officials", "she")
_HIDDEN = "…"
_THING = "it"


@dataclass(frozen=True)
class Gate:
    """What a figure must be.

    Parameters
    ----------
    limit : float
    least : bool
        Whether the figure must be at least the limit, or at most.
    meaning : str
    """

    limit: float
    least: bool
    meaning: str

    def passed(self, value: float) -> bool:
        """Whether a figure is on the right side of the limit."""
        return value >= self.limit if self.least else value <= self.limit


GATES: dict[str, Gate] = {
    "gate_negated_changed": Gate(0.7, True, "stance changes when the proposition is negated"),
    "gate_swapped_changed": Gate(0.7, True, "sentiment changes when the target is swapped"),
    "gate_renamed_same": Gate(0.95, True, "stance stays when the speaker is renamed"),
    "gate_apart_stance_f1": Gate(0.6, True, "stance where sentiment says otherwise, macro-F1"),
    "gate_hidden_quote_gain": Gate(0.12, False, "stance without the quote, above majority"),
    "gate_hidden_target_gain": Gate(0.12, False, "sentiment without its target, above majority"),
    "gate_side_gap": Gate(0.2, False, "stance macro-F1, best side less worst"),
    "gate_voice_gap": Gate(0.25, False, "stance macro-F1, best outlet less worst"),
}


def run_gates(
    model: Model,
    folder: Path,
    codebook: Codebook,
    actors: Actors,
    held: Sequence[LabelledQuote],
    voices: Sequence[str],
) -> Figures:
    """The figures of all gates that a model can be put through.

    Parameters
    ----------
    folder : Path
        With `CONTRAST` and `APART`; nothing in them is ever trained on.
    held : sequence of LabelledQuote
        Quotes of writers that the model has not seen.
    voices : sequence of str
        The kind of outlet of each.
    """
    contrast, apart = (_quotes(folder / name, codebook, actors) for name in (CONTRAST, APART))
    figures = _on_issues(model, apart, held, voices)
    figures |= _swapped(model, [q for q in contrast if len(q.targets) == 2])
    if isinstance(model, EncoderModel):
        figures |= _negated(model, [q for q in contrast if len(q.propositions) == 2])
        figures |= _apart(model, apart)
    return figures


def through_gates(
    held: Held,
    model: Model,
    folder: Path,
    codebook: Codebook,
    actors: Actors,
    quotes: Sequence[LabelledQuote],
    voices: Sequence[str],
    say: Callable[[str], None],
) -> Held:
    """Run all gates and tell how they went; the held-out figures with those of the gates."""
    figures = run_gates(model, folder, codebook, actors, quotes, voices)
    for line in describe(figures):
        say(line)
    return held.also(figures)


def _quotes(file: Path, codebook: Codebook, actors: Actors) -> list[LabelledQuote]:
    documents = load_labelled(file, codebook)
    return quotes_of(documents, gold_quotes(documents), actors)


def describe(figures: Mapping[str, float]) -> list[str]:
    """One line for each gate that was run."""
    lines = []
    for name, gate in GATES.items():
        value = figures.get(name, float("nan"))
        if value == value:
            sign = "≥" if gate.least else "≤"
            end = "passed" if gate.passed(value) else "FAILED"
            lines.append(f"gate: {gate.meaning}: {value:.3f} ({sign} {gate.limit:g}) {end}")
    return lines


def _negated(model: EncoderModel, quotes: Sequence[LabelledQuote]) -> Figures:
    pairs = [(p, q.example) for q in quotes for p, _ in q.propositions]
    gold = np.array([STANCES.index(s) for q in quotes for _, s in q.propositions])
    answers = model.weigh([p for p, _ in pairs], [e for _, e in pairs]).stance.argmax(1)
    found, wanted = answers.reshape(-1, 2), gold.reshape(-1, 2)
    return {
        "gate_negated_changed": float((found[:, 0] != found[:, 1]).mean()),
        "gate_negated_right": float((found == wanted).all(1).mean()),
    }


def _swapped(model: Model, quotes: Sequence[LabelledQuote]) -> Figures:
    texts = [TargetText(t, span, q.example.side) for q in quotes for t, span, _ in q.targets]
    gold = np.array([SENTIMENTS.index(s) for q in quotes for *_, s in q.targets]).reshape(-1, 2)
    found = model.toward(texts).argmax(1)
    hidden = [
        TargetText(t.text[: t.target[0]] + _THING + t.text[t.target[1] :], None)
        for t in texts
        if t.target is not None
    ]
    labels = [SENTIMENTS[k] for k in gold.ravel()]
    guess = [SENTIMENTS[k] for k in model.toward(hidden).argmax(1)]
    pairs = found.reshape(-1, 2)
    return {
        "gate_swapped_changed": float((pairs[:, 0] != pairs[:, 1]).mean()),
        "gate_swapped_right": float((pairs == gold).all(1).mean()),
        "gate_hidden_target_gain": macro_f1(labels, guess) - _majority(labels),
    }


def _apart(model: EncoderModel, quotes: Sequence[LabelledQuote]) -> Figures:
    """Stance on a free proposition where sentiment points elsewhere."""
    asked = [(q.propositions[0], q) for q in quotes if q.propositions]
    answers = model.weigh([p for (p, _), _ in asked], [q.example for _, q in asked])
    gold = [stance for (_, stance), _ in asked]
    found = [STANCES[k] for k in answers.stance.argmax(1)]
    feelings = [SENTIMENTS[k] for k in answers.sentiment.argmax(1)]
    return {
        "gate_apart_stance_f1": macro_f1(gold, found),
        "gate_apart_sentiment_f1": macro_f1([str(q.sentiment) for _, q in asked], feelings),
    }


def _on_issues(
    model: Model, apart: Sequence[LabelledQuote], held: Sequence[LabelledQuote],
    voices: Sequence[str],
) -> Figures:  # fmt: skip
    """What any model can be asked: stance on the codebook's issues."""
    gold, found = _stances(model, held)
    labels = [s for row in gold for s in row]
    hidden = [_changed(q, text=_HIDDEN, context="", before="") for q in held]
    _, blind = _stances(model, hidden)
    figures = {
        "gate_hidden_quote_gain": macro_f1(labels, _flat(blind)) - _majority(labels),
        "gate_side_gap": _gap(gold, found, [q.example.side for q in held], skip=("unknown",)),
        "gate_voice_gap": _gap(gold, found, voices, skip=("",)),
        "gate_renamed_same": _renamed(model, held, found),
    }
    told = [q for q in apart if q.issues]
    truth, answers = _stances(model, told)
    figures["gate_apart_issue_stance_f1"] = macro_f1(_flat(truth), _flat(answers))
    return figures


def _stances(
    model: Model, quotes: Sequence[LabelledQuote]
) -> tuple[list[list[str]], list[list[str]]]:
    """Gold and predicted stances of each quote's issues."""
    asked = [list(q.issues or {}) for q in quotes]
    read = model.read([q.example for q in quotes], asked)
    pairs = [(k, i) for k, ids in enumerate(asked) for i in ids]
    best = iter(read.stances(pairs).argmax(1))
    gold = [[(q.issues or {})[i] for i in ids] for q, ids in zip(quotes, asked, strict=True)]
    return gold, [[STANCES[int(next(best))] for _ in ids] for ids in asked]


def _renamed(model: Model, held: Sequence[LabelledQuote], found: Sequence[Sequence[str]]) -> float:
    """Share of stances that stay when the speaker is called otherwise."""
    named = [k for k, q in enumerate(held) if q.example.quote.source and q.issues]
    others = [_changed(held[k], source=_NAMES[n % len(_NAMES)]) for n, k in enumerate(named)]
    _, again = _stances(model, others)
    before = [s for k in named for s in found[k]]
    return float(np.mean(np.array(before) == _flat(again))) if before else float("nan")


def _changed(quote: LabelledQuote, **change: str) -> LabelledQuote:
    """The same with other words."""
    words = replace(quote.example.quote, **change)  # type: ignore[arg-type]
    return replace(quote, example=replace(quote.example, quote=words))


def _gap(
    gold: Sequence[Sequence[str]], found: Sequence[Sequence[str]], groups: Sequence[str],
    *, skip: Iterable[str], least: int = 30,
) -> float:  # fmt: skip
    """Best less worst macro-F1 over groups that have at least so many stances."""
    scores = []
    for name in sorted(set(groups) - set(skip)):
        rows = [k for k, g in enumerate(groups) if g == name]
        labels = [s for k in rows for s in gold[k]]
        if len(labels) >= least:
            scores.append(macro_f1(labels, [s for k in rows for s in found[k]]))
    return max(scores) - min(scores) if len(scores) > 1 else float("nan")


def _majority(labels: Sequence[str]) -> float:
    top = max(sorted(set(labels)), key=labels.count)
    return macro_f1(labels, [top] * len(labels))


def _flat(rows: Sequence[Sequence[str]]) -> list[str]:
    return [s for row in rows for s in row]
