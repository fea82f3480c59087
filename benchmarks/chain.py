"""Measure the chain: speed by step, in one process and two, memory, time to the first row.

    python benchmarks/chain.py [--model NAME] [--articles N] [--repeats N] [--output FILE]

The articles are the three seeds, the thirteen of ``tests/data/bsa_dev`` and the stories of
``seeds/stories``, repeated under distinct ids; none stands twice in a window, where an encoder
would read its quotes once for both. Machines are noisy, so spaCy's bare parse of the same
paragraphs runs in turn with the chain, window by window: the ratio of the two says more than
either. The repeated texts are kind to caches: each surname that was never met before costs a
third of a millisecond more.
"""

from __future__ import annotations

import argparse
import inspect
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psutil
from rich.console import Console
from rich.table import Table

from quotestance import articles as articles_module
from quotestance import classifier as classifier_module
from quotestance import quotes as quotes_module
from quotestance.articles import Article
from quotestance.bundle import load_bundle
from quotestance.classifier import StanceClassifier
from quotestance.language import parse, pipeline
from quotestance.models.encoder import EncoderModel
from quotestance.models.linear import LinearModel
from quotestance.output import write_json
from quotestance.sources import find_bundle

ROOT = Path(__file__).parents[1]
WINDOW = 64  # articles that go through the chain together, as in a batch
STEPS: dict[str, tuple[tuple[Any, str], ...]] = {
    "clean + layout": ((articles_module, "clean"), (articles_module, "paragraphs")),
    "parse (spaCy)": ((quotes_module, "parse"),),
    "frames + quotes": ((classifier_module, "extract_many"),),
    "speakers": ((classifier_module, "resolve"),),
    "sides": ((classifier_module, "side_of"),),
    "features": ((LinearModel, "features"),),
    "linear model": (
        (LinearModel, "judge"),
        (LinearModel, "stances"),
        (LinearModel, "toward"),
    ),
    "encoder": ((EncoderModel, "scores"),),
}
REST = "rows"
_BATCH = """
import json, sys, time
from quotestance.batch import predict_files
source, output, workers, model = sys.argv[1:]
start = time.perf_counter()
report = predict_files([source], output, workers=int(workers), model=model)
seconds = time.perf_counter() - start
print(json.dumps([report.articles, report.rows, len(report.rejects), seconds]))
"""
_FIRST = """
import sys
from quotestance import StanceClassifier
text = open(sys.argv[1], encoding="utf-8").read()
rows = StanceClassifier.from_pretrained(sys.argv[2]).predict(text)
print(len(rows), flush=True)
sys.stdin.read()
"""


@dataclass(frozen=True)
class Batch:
    """One run of `predict_files` in a fresh process.

    Parameters
    ----------
    seconds : float
        From the call, so with loading the model, to the written file.
    peak_mb, peak_child_mb, peak_all_mb : float
        Highest resident memory of the process, of its largest child, and of all of them
        together, where shared pages count in each. Sampled five times a second: ``ru_maxrss`` would
        begin with what the process that started it held.
    """

    workers: int
    articles: int
    rows: int
    seconds: float
    peak_mb: float
    peak_child_mb: float
    peak_all_mb: float


class Stopwatch:
    """Seconds by step; a step inside another counts for itself alone."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.open: list[str] = []
        self.since = 0.0

    def _charge(self) -> None:
        now = time.perf_counter()
        if self.open:
            step = self.open[-1]
            self.seconds[step] = self.seconds.get(step, 0.0) + now - self.since
        self.since = now

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Charge the time of the block to a step."""
        self._charge()
        self.open.append(name)
        try:
            yield
        finally:
            self._charge()
            self.open.pop()

    def timed(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, its time charged to a step; a generator's where it is advanced."""

        def call(*args: Any, **kwargs: Any) -> Any:
            with self.step(name):
                return function(*args, **kwargs)

        def generate(*args: Any, **kwargs: Any) -> Iterator[Any]:
            items = function(*args, **kwargs)
            end = object()
            while True:
                with self.step(name):
                    item = next(items, end)
                if item is end:
                    return
                yield item

        return generate if inspect.isgeneratorfunction(function) else call

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch the chain's own functions, so that what is measured is what runs."""
        patches = [
            patch.object(owner, name, self.timed(step, getattr(owner, name)))
            for step, places in STEPS.items()
            for owner, name in places
        ]
        for each in patches:
            each.start()
        try:
            yield
        finally:
            for each in reversed(patches):
                each.stop()


def load_records(count: int) -> list[dict[str, str]]:
    """The benchmark's articles as JSON records with distinct ids."""
    seeds = sorted((ROOT / "seeds" / "articles").glob("*.txt"))
    sources = [{"text": path.read_text(encoding="utf-8")} for path in seeds]
    for path in sorted((ROOT / "tests" / "data" / "bsa_dev").glob("*.json")):
        record = json.loads(path.read_text(encoding="utf-8"))
        sources.append({"text": record["text"], "date": record["date"]})
    for path in sorted((ROOT / "seeds" / "stories").glob("*/*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            sources.append({"text": record["text"], "date": record["date"]})
    if len(sources) < WINDOW:
        raise SystemExit(f"only {len(sources)} different articles: fewer than a window holds")
    return [{"id": f"a{i:06d}", **sources[i % len(sources)]} for i in range(count)]


def measure_steps(records: Sequence[dict[str, str]], model: str) -> tuple[dict[str, float], float]:
    """Run the chain in this process.

    Returns
    -------
    steps : dict of str to float
        Seconds by step.
    peer : float
        Seconds of spaCy's bare parse of the same paragraphs.
    """
    classifier = StanceClassifier.from_pretrained(model)
    for _ in classifier.predict_many(_articles(records[:16])):
        pass  # warm: model loaded, caches as after the first articles of any batch
    watch, peer = Stopwatch(), 0.0
    for at in range(0, len(records), WINDOW):
        batch = _articles(records[at : at + WINDOW])
        with watch.watching(), watch.step(REST):
            for _ in classifier.predict_many(batch, window=WINDOW):
                pass
        bodies = [a.view.text[p.start : p.end] for a in batch for p in a.paragraphs
                  if p.role == "body"]  # fmt: skip
        start = time.perf_counter()
        for _ in parse(bodies):
            pass
        peer += time.perf_counter() - start
    return {name: watch.seconds.get(name, 0.0) for name in (*STEPS, REST)}, peer


def _articles(records: Sequence[dict[str, str]]) -> list[Article]:
    return [Article.of(r["text"], id=r["id"], date=r.get("date")) for r in records]


def measure_batch(source: Path, workers: int, model: str) -> Batch:
    """Run `predict_files` in a fresh process and watch its memory."""
    output = source.with_name(f"positions-{workers}.parquet")
    command = [sys.executable, "-c", _BATCH, str(source), str(output), str(workers), model]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        peak = child = together = 0.0
        while process.poll() is None:
            own, *others = _resident(process.pid)
            peak, child = max(peak, own), max(child, *others, 0.0)
            together = max(together, own + sum(others))
            time.sleep(0.2)  # a look at all processes is not free
        printed = process.stdout.read() if process.stdout else ""
    if process.returncode:
        raise SystemExit(f"predict_files with {workers} workers exited {process.returncode}")
    done, rows, rejects, seconds = json.loads(printed)
    if rejects:
        raise SystemExit(f"{rejects} articles were rejected: nothing to measure")
    return Batch(workers, done, rows, seconds, peak, child, together)


def _resident(pid: int) -> list[float]:
    """Resident megabytes of a process and of each of its children."""
    try:
        root = psutil.Process(pid)
        family = [root, *root.children(recursive=True)]
    except psutil.Error:
        return [0.0]
    found = []
    for process in family:
        try:
            found.append(process.memory_info().rss / 2**20)
        except psutil.Error:  # it ended between the two looks
            found.append(0.0)
    return found


def measure_first(model: str) -> float:
    """Seconds from the start of a fresh process to its first prediction."""
    article = ROOT / "seeds" / "articles" / "karzai_walk_away.txt"
    start = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-c", _FIRST, str(article), model],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        answer = process.stdout.readline() if process.stdout else ""
        seconds = time.perf_counter() - start
        process.communicate()
    if not answer.strip():
        raise SystemExit("the fresh process predicted nothing")
    return seconds


def measure(count: int, repeats: int, model: str, report: Callable[[str], None]) -> dict[str, Any]:
    """Take every measure, the best of `repeats`; the JSON record of the run."""
    records = load_records(count)
    words = sum(len(r["text"].split()) for r in records)
    load = os.getloadavg()
    report("time to the first prediction")
    first = [measure_first(model) for _ in range(max(3, repeats))]
    runs = []
    for i in range(repeats):
        report(f"steps, {i + 1} of {repeats}")
        runs.append(measure_steps(records, model))
    steps, peer = min(runs, key=lambda run: sum(run[0].values()))
    batches = []
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "articles.jsonl"
        lines = (json.dumps(r, ensure_ascii=False) + "\n" for r in records)
        source.write_text("".join(lines), encoding="utf-8")
        for workers in (1, 2):
            report(f"batch, {workers} process(es)")
            tries = [measure_batch(source, workers, model) for _ in range(repeats)]
            batches.append(min(tries, key=lambda b: b.seconds))
    total = sum(steps.values())
    return {
        "model": load_bundle(find_bundle(model)).name,
        "articles": count,
        "words": words,
        "repeats": repeats,
        "machine": _machine(load),
        "steps": {n: {"seconds": s, "share": s / total, **_rates(count, words, s)}
                  for n, s in steps.items()},
        "chain": {"seconds": total, **_rates(count, words, total)},
        "spacy": {"seconds": peer, **_rates(count, words, peer), "pipes": pipeline().pipe_names},
        "chain_to_spacy": total / peer,
        "batches": [{**asdict(b), **_rates(count, words, b.seconds)} for b in batches],
        "first_prediction": {"seconds": min(first), "all": first},
        "targets": _targets(count / total, batches[0].peak_mb, min(first)),
    }  # fmt: skip


def _rates(count: int, words: int, seconds: float) -> dict[str, float]:
    seconds = max(seconds, 1e-9)
    return {"articles_per_s": count / seconds, "words_per_s": words / seconds}


def _machine(load: tuple[float, float, float]) -> dict[str, Any]:
    names = ("quotestance", "spacy", "numpy", "scikit-learn")
    return {
        "python": platform.python_version(),
        "system": platform.platform(),
        "cores": os.cpu_count(),
        "load_at_start": load,
        "load_at_end": os.getloadavg(),
        "versions": {name: version(name) for name in names},
    }


def _targets(speed: float, memory: float, first: float) -> dict[str, Any]:
    return {
        "articles_per_s_one_process": {"least": 10, "found": speed, "met": speed >= 10},
        "peak_mb_one_process": {"most": 700, "found": memory, "met": memory <= 700},
        "first_prediction_s": {"most": 3, "found": first, "met": first <= 3},
    }


def show(result: dict[str, Any], console: Console) -> None:
    """Print the run as tables."""
    size = f"{result['articles']:,} articles, {result['words']:,} words"
    table = Table(title=f"The chain with {result['model']} on {size}")
    for name in ("step", "seconds", "share", "articles/s", "words/s"):
        table.add_column(name, justify="left" if name == "step" else "right")
    for name, step in result["steps"].items():
        table.add_row(name, *_cells(step, f"{step['share']:.0%}"))
    table.add_section()
    table.add_row("the chain", *_cells(result["chain"], "100%"), style="bold")
    table.add_row("spaCy alone", *_cells(result["spacy"], f"{1 / result['chain_to_spacy']:.0%}"))
    for batch in result["batches"]:
        name = f"predict_files, {batch['workers']} process{'es' * (batch['workers'] > 1)}"
        table.add_row(name, *_cells(batch, ""))
    console.print(table)
    console.print(f"chain / spaCy alone: {result['chain_to_spacy']:.2f}")
    for b in result["batches"]:
        console.print(
            f"peak memory, workers={b['workers']}: {b['peak_mb']:.0f} MB, largest child "
            f"{b['peak_child_mb']:.0f} MB, all together {b['peak_all_mb']:.0f} MB"
        )
    console.print(f"start to first prediction: {result['first_prediction']['seconds']:.2f} s")
    for name, target in result["targets"].items():
        bound = f"at least {target['least']}" if "least" in target else f"at most {target['most']}"
        console.print(f"{'met   ' if target['met'] else 'MISSED'} {name}: "
                      f"{target['found']:.2f}, {bound}")  # fmt: skip


def _cells(row: dict[str, Any], share: str) -> tuple[str, str, str, str]:
    seconds, articles, words = row["seconds"], row["articles_per_s"], row["words_per_s"]
    return f"{seconds:.2f}", share, f"{articles:,.1f}", f"{words:,.0f}"


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--model", default="default", help="a bundle [%(default)s]")
    parser.add_argument("--articles", type=int, default=1000, help="how many [1000]")
    parser.add_argument("--repeats", type=int, default=1, help="of which the best counts [1]")
    default = ROOT / "benchmarks" / "results" / "chain.json"
    parser.add_argument("--output", type=Path, default=default, help="the JSON file [%(default)s]")
    options = parser.parse_args()
    if options.articles < 1 or options.repeats < 1:
        parser.error("--articles and --repeats must be at least 1")
    notes = Console(stderr=True)
    result = measure(
        options.articles, options.repeats, options.model, lambda text: notes.print(f"… {text}")
    )
    show(result, Console())
    write_json(options.output, result)
    notes.print(f"written: {options.output}")


if __name__ == "__main__":
    main()
