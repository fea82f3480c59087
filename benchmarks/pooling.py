"""How an encoder and its first stage are best weighed against each other.

    pip install -c constraints.txt ".[training]"
    python benchmarks/pooling.py [MODEL] [--output FILE]

The weights are fitted on few articles (``tests/data/bsa_dev``). Here each of these is left out in
turn, the weights are fitted on the others, and the article is read with them: with constants for
the classes or without, and with more or less said by the development writers of the statements,
whom neither stage has read. The lower the negative log-likelihood of the articles left out, the
better. It chose `quotestance_training.calibrate_encoder.WRITERS`; no test data are read.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from quotestance.bundle import load_bundle
from quotestance.models.encoder import EncoderModel, pooled
from quotestance.output import write_json
from quotestance.sources import find_bundle
from quotestance_training.calibrate import Heard, expected_calibration_error, pool
from quotestance_training.calibrate_encoder import Told, told_of
from quotestance_training.config import EncoderConfig, load_config
from quotestance_training.pair_rows import LabelledQuote
from quotestance_training.risk import risk_coverage
from quotestance_training.train_data import load_data
from quotestance_training.train_encoder import Workshop

ROOT = Path(__file__).parents[1]
COUNTS = (0.0, 0.05, 0.1, 0.25, 0.5, 1.0)  # of a writer's quote, beside one of an article
TASKS: dict[str, Callable[[Told], Heard]] = {
    "stance": lambda told: told.stance,
    "sentiment": lambda told: told.sentiment,
}


@dataclass(frozen=True)
class Row:
    """One way to weigh, and how articles fare that are left out."""

    task: str
    constants: bool
    writers: float
    rows: int
    log_loss: float
    calibration_error: float
    macro_f1: float
    accuracy_at_80: float


def hear(source: str) -> tuple[list[Told], Told]:
    """What a bundle's stages say of each development article, and of the development writers."""
    config = load_config(ROOT / "configs" / "train" / "distil.yaml")
    model = load_bundle(find_bundle(source)).model
    if not isinstance(model, EncoderModel) or not isinstance(config.model, EncoderConfig):
        raise SystemExit(f"{source}: only an encoder has two stages")
    own = tuple(s for s in config.data.sources if s.name == "labelled")
    data = load_data(config.data.model_copy(update={"sources": own}), seed=config.seeds[0])
    shop = Workshop.open(config, config.model, data, print)
    train, held = shop.parted(shop.rounds()[0])
    writers = [shop.quotes[k] for k in held]
    articles: dict[str, list[LabelledQuote]] = {}
    for quote in data.article_quotes():
        articles.setdefault(quote.group, []).append(quote)
    told = [told_of(model, quotes) for quotes in articles.values()]
    return told, told_of(replace(model, linear=shop.first_stage(train)), writers)


def left_out(articles: Sequence[Heard], writers: Heard, *, constants: bool) -> NDArray[np.float32]:
    """Probabilities of each article's rows by the weights of the others, shape (n, 3)."""
    found = []
    for k, article in enumerate(articles):
        rest = [*articles[:k], *articles[k + 1 :], writers]
        pair, first, *shifts = pool(rest, constants=constants)
        found.append(pooled((pair, first), article.scores, article.first, shifts or (0.0,)))
    return np.concatenate(found)


def measure(articles: Sequence[Told], writers: Told) -> list[Row]:
    """Every way to weigh."""
    from sklearn.metrics import f1_score

    rows = []
    for task, of in TASKS.items():
        heard = [of(told) for told in articles]
        y = np.concatenate([h.y for h in heard])
        for constants in (False, True):
            for counts in COUNTS:
                p = left_out(heard, replace(of(writers), counts=counts), constants=constants)
                figures = (
                    -np.log(p[np.arange(len(y)), y]).mean(),
                    expected_calibration_error(p, y),
                    f1_score(y, p.argmax(axis=1), average="macro"),
                    risk_coverage(p, y).accuracy_at(0.8),
                )
                told = (round(float(f), 4) for f in figures)
                rows.append(Row(task, constants, counts, len(y), *told))
    return rows


def show(rows: Sequence[Row]) -> None:
    """Print a table, the best of each task in green."""
    table = Table("task", "constants", "writers count", "log loss", "ECE", "macro-F1", "at 80 %")
    for row in rows:
        best = min(r.log_loss for r in rows if r.task == row.task)
        loss = f"[green]{best:.4f}[/green]" if row.log_loss == best else f"{row.log_loss:.4f}"
        figures = (row.calibration_error, row.macro_f1, row.accuracy_at_80)
        table.add_row(row.task, "yes" if row.constants else "no", f"{row.writers:g}", loss,
                      *(f"{f:.3f}" for f in figures))  # fmt: skip
    Console(width=None if Console().is_terminal else 100).print(table)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("model", nargs="?", default="default",
                        help="as for `quotestance predict --model` [%(default)s]")  # fmt: skip
    default = ROOT / "benchmarks" / "results" / "pooling.json"
    parser.add_argument("--output", type=Path, default=default, help="the JSON file [%(default)s]")
    options = parser.parse_args()
    rows = measure(*hear(options.model))
    show(rows)
    write_json(options.output, [asdict(row) for row in rows])


if __name__ == "__main__":
    main()
