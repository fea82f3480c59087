"""What the commands `train`, `evaluate`, `compare` and `corpus-report` do and print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isnan, nan
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from quotestance.classifier import StanceClassifier
from quotestance.codebook import load_codebook
from quotestance.output import write_json
from quotestance_training.config import load_config
from quotestance_training.evaluate import Evaluation
from quotestance_training.evaluate import evaluate as run_evaluation
from quotestance_training.labelled import load_labelled
from quotestance_training.metrics import Score
from quotestance_training.train import Trial, sweep
from quotestance_training.train import train as run_training
from quotestance_training.trained import Trained

_FIGURES = (
    "quote_f1",
    "quote_f1_exact",
    "quote_precision",
    "quote_ece",
    "issue_micro_f1",
    "stance_macro_f1",
    "sentiment_macro_f1",
    "stance_ece",
)


def train(path: Path, overrides: Sequence[str]) -> None:
    """Train, or sweep where the configuration has a grid; print the held-out figures."""
    config = load_config(path, overrides)
    console = Console(stderr=True)

    def say(text: str) -> None:
        console.print(text, highlight=False, markup=False)

    if config.sweep is not None:
        _print_sweep(sweep(config, say), config.sweep.metric)
        return
    trained = run_training(config, say)
    _print_training(trained)
    _console().print(f"bundle {trained.name} in {trained.bundle}", highlight=False)
    if trained.address:
        _console().print(f"logged as {trained.address} in {config.tracking.uri}", highlight=False)


def _console() -> Console:
    """The terminal; a file or a pipe gets wide lines, so that tables are not cut."""
    console = Console()
    return console if console.is_terminal else Console(width=120)


def _print_training(trained: Trained) -> None:
    table = Table(title="Held out: mean ± sd over rounds")
    table.add_column("figure")
    for name in trained.rounds:
        table.add_column(name, justify="right")
    table.add_column("mean ± sd", justify="right")
    baselines = [n for n in trained.mean if n.startswith("baseline_") and n.endswith("_f1")]
    figures = [n for n in _FIGURES if n in trained.mean]
    names = [*figures, *baselines, *(n for n in trained.mean if "_f1/" in n or "_recall/" in n)]
    for name in names:
        values = [_figure(figures.get(name, nan)) for figures in trained.rounds.values()]
        table.add_row(name, *values, _mean_sd(trained, name))
    _console().print(table)


def _figure(value: float) -> str:
    return "–" if isnan(value) else f"{value:.3f}"


def _mean_sd(trained: Trained, name: str) -> str:
    """The mean, and the sd where there are several seeds."""
    sd = trained.sd[name]
    return _figure(trained.mean[name]) + ("" if isnan(sd) else f" ± {sd:.3f}")


def _print_sweep(trials: Sequence[Trial], metric: str) -> None:
    table = Table(title=f"Sweep, best {metric} first")
    table.add_column("settings")
    table.add_column(f"{metric}, mean ± sd", justify="right")
    for trial in trials:
        settings = ", ".join(f"{k}={v}" for k, v in trial.settings.items())
        table.add_row(settings, _mean_sd(trial.result, metric))
    _console().print(table)


def evaluate(model: str, gold: Path, output: Path | None, resamples: int) -> None:
    """Evaluate a model on labelled articles; print the table, write the JSON."""
    classifier = StanceClassifier.from_pretrained(model)
    documents = load_labelled(gold, classifier.bundle.codebook)
    result = run_evaluation(classifier, documents, resamples=resamples)
    _print_evaluation(result, f"{classifier.bundle.name} on {gold}")
    if output is not None:
        record = {"model": classifier.bundle.name, "gold": str(gold), **result.to_dict()}
        write_json(output, record)


def _print_evaluation(result: Evaluation, title: str) -> None:
    counts = ", ".join(f"{n} {what}" for what, n in result.counts.items())
    table = Table(title=f"{title}\n{counts}")
    table.add_column("figure")
    table.add_column("value [95 % interval]", justify="right", no_wrap=True)
    for baseline in result.baselines:
        table.add_column(baseline, justify="right", no_wrap=True)
    for name, score in result.scores.items():
        table.add_row(name, str(score), *_baseline_cells(name, result.baselines))
    table.add_section()
    for task, labels in result.per_class.items():
        for label, value in labels.items():
            table.add_row(f"gold quotes: {task.split()[0]} F1, {label}", f"{value:.3f}")
    _console().print(table)


def _baseline_cells(name: str, baselines: Mapping[str, Mapping[str, Score]]) -> list[str]:
    return [_figure(s[name].value) if name in s else "" for s in baselines.values()]


def compare(
    names: Sequence[str], uri: str, experiment: str | None, metrics: Sequence[str],
    output: Path | None,
) -> None:  # fmt: skip
    """Print tracked runs side by side; each later one against the first."""
    from quotestance_training.compare import difference, table
    from quotestance_training.tracking import logged_runs

    runs = logged_runs(uri, [experiment] if experiment else [], names)
    records = table(runs, metrics)
    shown = Table(title=f"Runs in {uri}")
    shown.add_column("figure", overflow="fold")
    for run in runs:
        shown.add_column(run.name, justify="right", overflow="fold")  # never cut short
    for name in _compared(records, metrics):
        shown.add_row(name, *(_cell(record, name) for record in records))
    if len(runs) > 1:
        shown.add_section()
        gaps = [difference(runs[0], run) for run in runs[1:]]
        cells = ["" if gap is None else str(gap) for gap in gaps]
        shown.add_row("stance macro-F1 less the first's", "", *cells)
    _console().print(shown)
    if output is not None:
        write_json(output, records)


def _compared(records: Sequence[Mapping[str, Any]], metrics: Sequence[str]) -> list[str]:
    """The figures that are asked for, or the main ones and the gates that some run has."""
    known = dict.fromkeys(name for record in records for name in record)
    main = [n for n in _FIGURES if n in known]
    rest = [n for n in known if n.startswith(("gate_", "baseline_")) and not n.endswith("_sd")]
    ends = ("_low", "_high")
    return list(metrics) or [*main, *(n for n in rest if not n.endswith(ends))]


def _cell(record: Mapping[str, Any], name: str) -> str:
    if name not in record:
        return "–"
    sd = record.get(f"{name}_sd")
    return f"{record[name]:.3f}" + (f" ± {sd:.3f}" if sd is not None else "")


def corpus_report(statements: Path, second: Path, codebook: Path) -> None:
    """Print the corpus report."""
    from quotestance_training.corpus_report import corpus_report as run
    from quotestance_training.corpus_report import print_report

    print_report(run(statements, second, load_codebook(codebook)))
