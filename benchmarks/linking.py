"""Measure linking: pairs found by kind of copy, speed, memory; beside other ways in one run.

    python benchmarks/linking.py [--quotes N ...] [--output FILE]

The quotes are invented, from a grammar of some hundred phrases, so that unrelated ones share
phrases as officials' sentences do. Six statements in ten are carried once; the others come again
as outlets carry them. Beside them stand traps: statements with a "not", a number or a place
exchanged (``turned``), speeches that share a long stock sentence (``boilerplate``), and short
stock phrases (``stock``). A trimmed copy without the exchanged words fits both statements: some
false pairs cannot be avoided. Recall is the share of a statement's copies that are linked to its
whole; precision, the share of pairs in a common statement that belong together.

``exact`` compares whole quotes by their normalised words. The two MinHash rows are datasketch's
LSH (Jaccard index of 3-word shingles at least 0.5, 128 permutations): over whole quotes, and over
their sentences, where one common sentence is enough. Every system runs in a fresh process; its
clock starts when the quotes are there, and ``(quotes alone)`` is the floor of all peaks.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import re
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from itertools import product
from pathlib import Path
from typing import Any

from measuring import peak_mb
from rich.console import Console
from rich.table import Table

from quotestance.lexicon import FUNCTION_WORDS, NEGATIONS
from quotestance.linking import link
from quotestance.output import write_json
from quotestance.positions import Position
from quotestance.wording import words_of

ROOT = Path(__file__).parents[1]
COPIES = ("exact", "trimmed", "spliced", "bracketed", "noisy", "divided")
TRAPS = ("turned", "boilerplate", "stock")
PHRASES = {
    "who": "the ministry|our negotiators|the upper house|the provincial council|the embassy staff|"
    "the army command|most of the elders|the joint commission|the technical team|the president|"
    "the border police|foreign investors|the drafting group|the election office|our partners|"
    "the governor of Herat|the delegation from Khost|two former envoys|the legal advisers|"
    "the families of the victims|the village elders|the finance committee|the training mission",
    "does": "will examine|has rejected|is ready to accept|must publish|wants to reopen|has praised|"
    "cannot explain|should postpone|intends to sign|did not read|has quietly shelved|may amend|"
    "will keep|is going to defend|has drafted|would welcome|keeps repeating|will hand over|"
    "failed to deliver|is looking at|has sent back|hopes to finish|agreed to discuss|refuses",
    "what": "the annex on immunity|the third chapter of the draft|a request for 24 helicopters|"
    "the timetable of the withdrawal|the wording on raids at night|a list of 9 bases|"
    "the guarantee against attacks from abroad|the clause about contractors|every open question|"
    "the prisoners at the northern base|a plan for the airports|the funding of the local police|"
    "the text that both sides initialled|the offer made in spring|the report on the bombing|"
    "the promise of 4 billion dollars|the rules on searching homes|a letter from the palace|"
    "the transfer of the prison|an inquiry into the strike|the visas for interpreters",
    "where": "in Kabul|in Herat|in Khost|in the eastern valleys|along the border|at the air base|"
    "in both parliaments|in the southern districts|at the conference in Doha|behind closed doors|"
    "on the ring road|in the national assembly|in Kandahar|before the council of elders",
    "when": "before the snow melts|by the end of the week|after the vote in April|this autumn|"
    "as soon as the lawyers agree|in the coming 10 days|once the dust has settled|without delay|"
    "when the assembly has spoken|over the next three winters|before anybody boards a plane|"
    "whatever the newspapers write|on the first day of the new session|while there is still time",
    "why": "because our people deserve an honest answer|since nobody gains from a vacuum|"
    "so that soldiers know under which law they serve|for the sake of those who lost sons here|"
    "because trust has worn thin on every side|as the donors in Tokyo were told|"
    "and that is not a matter of days or weeks|which is what we told the senators|"
    "although some would rather see us fail|and the price of bread shows it|"
    "because a signature without confidence is worth little|and every shopkeeper understands that",
}
SYLLABLES = (
    "bal dor fen gim kal lor mar nep pel rud sab tam vel zor".split(),
    "a e i o".split(),
    "dan ken lim mor nal rin sol tar".split(),
    "ic al ous ish en".split(),
)
WORDS = ["".join(parts) for parts in product(*SYLLABLES)]
random.Random(0).shuffle(WORDS)
POOL = {slot: text.split("|") for slot, text in PHRASES.items()}
BOILERPLATE = (
    "We remain committed to a strong and lasting partnership between our two nations.",
    "Our thoughts are with the families of all those who were wounded in this cowardly attack.",
    "The sovereignty of our country and the safety of our citizens come before everything else.",
)
STOCK = ("We will not be rushed.", "Thank you very much.", "I have nothing to add to that.",
         "This is an important step.", "Talks are going well and will continue.")  # fmt: skip
UNSLIPPED = NEGATIONS | {"two", "three"}  # a change would make another statement
SYSTEMS = ("(quotes alone)", "exact", "minhash", "minhash sentences", "link")


@dataclass(frozen=True, slots=True)
class Sample:
    """A quote, the statement that it belongs to, and the kind of copy or trap that it is."""

    text: str
    statement: int
    kind: str


def sentence(rng: random.Random) -> str:
    """One sentence of the grammar, its nouns described by words of all frequencies."""
    parts = [rng.choice(POOL[slot]) for slot in ("who", "does", "what", "where", "when", "why")]
    if rng.random() < 0.5:
        del parts[3 + rng.randrange(3)]
    text = re.sub(r"\b(?:the|a|our|every) (?=\w)", lambda m: m[0] + described(rng), " ".join(parts))
    return text[0].upper() + text[1:] + "."


def described(rng: random.Random) -> str:
    """An invented adjective, few of them often and most seldom (Zipf), or none."""
    rank = int(rng.paretovariate(0.35)) - 1
    return f"{WORDS[rank]} " if rank < len(WORDS) else ""


def invent(count: int, seed: int = 0) -> list[Sample]:
    """Quotes in random order."""
    rng = random.Random(seed)
    samples: list[Sample] = []
    number = 0
    while len(samples) < count:
        number += 1
        said = [sentence(rng) for _ in range(rng.randint(1, 5))]
        chance = rng.random()
        if chance < 0.05:
            samples.append(Sample(rng.choice(STOCK), -number, "stock"))
            continue
        if chance < 0.1:
            said.append(rng.choice(BOILERPLATE))
        samples.append(Sample(" ".join(said), number, "boilerplate" if chance < 0.1 else "whole"))
        if chance > 0.6:
            copies = [copy(said, rng.choice(COPIES), rng) for _ in range(rng.randint(1, 4))]
            samples += [Sample(text, number, kind) for c in copies for text, kind in c]
        elif chance > 0.55:
            samples.append(Sample(turned(" ".join(said), rng), -number, "turned"))
    # a stock sentence alone belongs to nobody's speech
    samples += [Sample(text, -(10**9) - i, "boilerplate") for i, text in enumerate(BOILERPLATE)]
    rng.shuffle(samples)
    return samples[:count]


def copy(said: Sequence[str], kind: str, rng: random.Random) -> list[tuple[str, str]]:
    """A statement as another outlet carries it: one quote, or two where it is divided."""
    whole = " ".join(said)
    if kind == "trimmed":
        words = whole.split()
        kept = max(12, round(len(words) * rng.uniform(0.3, 0.8)))
        return [(" ".join(words[:kept] if rng.random() < 0.5 else words[-kept:]), kind)]
    if kind == "spliced" and len(said) > 2:
        return [(f"{said[0]} … {' '.join(said[2:])}", kind)]
    if kind == "divided" and len(said) > 1:
        at = rng.randrange(1, len(said))
        return [(" ".join(said[:at]), kind), (" ".join(said[at:]), kind)]
    if kind == "bracketed":
        words = whole.split()
        for _ in range(2):
            words.insert(rng.randrange(1, len(words)), rng.choice(("[the deal]", "(it)", "[…]")))
        return [(" ".join(words), kind)]
    if kind == "noisy":
        return [(slipped(whole, rng), kind)]
    return [(whole.rstrip(".").replace("the ", "The ") + ",", "exact")]


def slipped(text: str, rng: random.Random) -> str:
    """One word in twelve left out, repeated, filled up or spelt another way."""
    words: list[str] = []
    for word in text.split():
        slip = rng.randrange(4) if rng.random() < 1 / 12 else -1
        spelt = word if word in FUNCTION_WORDS else word + "s"
        changes = {0: [], 1: [word, "well"], 2: [spelt], 3: [word, "that"]}
        safe = word.isalpha() and word.lower() not in UNSLIPPED
        words += changes[slip] if slip >= 0 and safe else [word]
    return " ".join(words)


def turned(text: str, rng: random.Random) -> str:
    """The same words saying another thing."""
    options = [
        *(
            text.replace(f" {v} ", f" {v} not ", 1)
            for v in ("will", "should", "may", "must", "has")
        ),
        re.sub(r"\d+", lambda m: str(int(m[0]) + rng.randint(1, 40)), text, count=1),
        text.replace("Herat", "Zaranj").replace("Kabul", "Jalalabad").replace("Khost", "Farah"),
    ]
    changed = [option for option in options if option != text]
    return rng.choice(changed) if changed else f"Nobody {text}"


# --- systems: a label for each quote; the same label means the same statement -----------------


def exact(texts: Sequence[str]) -> list[Any]:
    return [words_of(text) for text in texts]


def linked(rows: Sequence[Position]) -> list[Any]:
    return [row.statement_id for row in link(rows)]


def minhash(pieces: Sequence[Sequence[str]]) -> list[Any]:
    """Quotes joined where any of their pieces are near duplicates."""
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(threshold=0.5, num_perm=128)
    root = list(range(len(pieces)))

    def find(i: int) -> int:
        while root[i] != i:
            root[i] = root[root[i]]
            i = root[i]
        return i

    for i, texts in enumerate(pieces):
        for k, text in enumerate(texts):
            words = words_of(text)
            sketch = MinHash(num_perm=128, seed=1)
            sketch.update_batch([" ".join(words[n : n + 3]).encode()
                                 for n in range(max(1, len(words) - 2))])  # fmt: skip
            for other in index.query(sketch):
                root[find(i)] = find(other[0])
            index.insert((i, k), sketch)
    return [find(i) for i in range(len(pieces))]


def rows_of(samples: Iterable[Sample]) -> list[Position]:
    """The quotes as rows, each from an article of its own."""
    return [
        Position(
            article_id=f"a{i:06d}", article_date=None, quote_id="q000", statement_id=None,
            kind="direct", text=sample.text, spans=[[0, len(sample.text)]], quote_score=None,
            cue="said", cue_span=None, source=None, source_span=None, speaker=None,
            speaker_kind="unknown", via=None, side="unknown", side_reason="", issue=None,
            issue_score=None, stance=None, stance_scores=None, abstained=False,
            sentiment="neutral", sentiment_scores={}, sentiment_toward={}, model="", codebook="",
        )
        for i, sample in enumerate(samples)
    ]  # fmt: skip


def run(system: str, count: int) -> dict[str, Any]:
    """One system in this process."""
    samples = invent(count)
    rows = rows_of(samples)
    texts = [row.text for row in rows]
    work: dict[str, Callable[[], list[Any]]] = {
        "(quotes alone)": lambda: list(range(len(rows))),
        "exact": lambda: exact(texts),
        "minhash": lambda: minhash([[text] for text in texts]),
        "minhash sentences": lambda: minhash([re.split(r"(?<=[.…]) ", text) for text in texts]),
        "link": lambda: linked(rows),
    }
    start = time.perf_counter()
    labels = work[system]()
    seconds = max(time.perf_counter() - start, 1e-9)
    peak = peak_mb()
    return {"system": system, "quotes": count, "seconds": seconds, "quotes_per_s": count / seconds,
            "peak_mb": peak, **judge(samples, labels)}  # fmt: skip


def judge(samples: Sequence[Sample], labels: Sequence[Any]) -> dict[str, Any]:
    """Recall by kind of copy; precision by kind of quote, and of all pairs."""
    sizes = Counter(labels)
    same = Counter(zip(labels, (s.statement for s in samples), strict=True))
    wholes = {s.statement: label for s, label in zip(samples, labels, strict=True)
              if s.kind in ("whole", "boilerplate")}  # fmt: skip
    found: defaultdict[str, list[bool]] = defaultdict(list)
    right: Counter[str] = Counter()
    pairs: Counter[str] = Counter()
    for sample, label in zip(samples, labels, strict=True):
        if sample.kind in COPIES and sample.statement in wholes:
            found[sample.kind].append(wholes[sample.statement] == label)
        right[sample.kind] += same[label, sample.statement] - 1
        pairs[sample.kind] += sizes[label] - 1
    everything = [hit for hits in found.values() for hit in hits]
    return {
        "recall": {kind: sum(found[kind]) / len(found[kind]) for kind in COPIES if found[kind]},
        "recall_all": sum(everything) / len(everything),
        "precision": {kind: right[kind] / pairs[kind] for kind in pairs if pairs[kind]},
        "precision_all": right.total() / pairs.total() if pairs.total() else None,
        "false_pairs": {kind: (pairs[kind] - right[kind]) // 2 for kind in TRAPS},
        "counts": Counter(s.kind for s in samples),
    }


def measure(counts: Sequence[int], report: Callable[[str], None]) -> dict[str, Any]:
    """Every system on the first size, linking alone on the others."""
    load = os.getloadavg()
    runs = []
    for i, count in enumerate(counts):
        for system in SYSTEMS if i == 0 else ("(quotes alone)", "link"):
            report(f"{system}, {count:,} quotes")
            command = [sys.executable, __file__, "--quotes", str(count), "--system", system]
            done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
            runs.append(json.loads(done.stdout))
    names = ("quotestance", "datasketch", "numpy")
    machine = {"python": platform.python_version(), "system": platform.platform(),
               "cores": os.cpu_count(), "load_at_start": load, "load_at_end": os.getloadavg(),
               "versions": {name: version(name) for name in names}}  # fmt: skip
    return {"machine": machine, "runs": runs}


def show(result: dict[str, Any], console: Console) -> None:
    """Print the run as a table."""
    table = Table(title="Linking: recall by kind of copy, precision of pairs")
    for name in ("system", "quotes", *COPIES, "recall", "precision", "quotes/s", "peak MB"):
        table.add_column(name, justify="left" if name == "system" else "right")
    for one in result["runs"]:
        if one["system"] == "(quotes alone)":
            scores = [""] * (len(COPIES) + 3)
        else:
            scores = [f"{one['recall'].get(kind, float('nan')):.3f}" for kind in COPIES]
            scores += [f"{one['recall_all']:.3f}", f"{one['precision_all']:.3f}",
                       f"{one['quotes_per_s']:,.0f}"]  # fmt: skip
        table.add_row(one["system"], f"{one['quotes']:,}", *scores, f"{one['peak_mb']:.0f}")
    console.print(table)
    for one in result["runs"]:
        if one["system"] != "(quotes alone)":
            traps = ", ".join(f"{kind} {n:,}" for kind, n in one["false_pairs"].items())
            console.print(f"false pairs, {one['system']}, {one['quotes']:,} quotes: {traps}")


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "--quotes", type=int, nargs="+", default=[10_000, 30_000, 100_000],
        help="sizes; others than link run on the first alone [10000 30000 100000]",
    )  # fmt: skip
    default = ROOT / "benchmarks" / "results" / "linking.json"
    parser.add_argument("--output", type=Path, default=default, help="the JSON file [%(default)s]")
    parser.add_argument("--system", choices=SYSTEMS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if min(options.quotes) < 100:
        parser.error("--quotes must be at least 100")
    if options.system:
        print(json.dumps(run(options.system, options.quotes[0])))
        return
    notes = Console(stderr=True)
    result = measure(options.quotes, lambda text: notes.print(f"… {text}"))
    show(result, Console())
    write_json(options.output, result)
    notes.print(f"written: {options.output}")


if __name__ == "__main__":
    main()
