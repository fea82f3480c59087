"""Put bundles through the gates against models that are right for the wrong reasons.

    pip install -c constraints.txt ".[training]"
    python benchmarks/gates.py [--bundle NAME=FOLDER ...] [--held FOLDER] [--output FILE]

A training runs the gates on the quotes of its held-out writers. A bundle's first stage has read
all writers of the statements at last, so here they are run on quotes of ``seeds/positions/test``,
two writers whose work nothing was trained on. Contrast pairs and quotes whose stance and
sentiment part are those of ``seeds/positions/gates``, as in every training.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table

from quotestance.bundle import load_bundle
from quotestance.output import write_json
from quotestance.sources import find_bundle
from quotestance_training.corpora import gold_quotes
from quotestance_training.gates import GATES, run_gates
from quotestance_training.labelled import load_labelled
from quotestance_training.pair_rows import quotes_of

ROOT = Path(__file__).parents[1]
Figures = dict[str, float]


def measure(source: str, held: Path, gates: Path) -> Figures:
    """All gates' figures of one bundle."""
    bundle = load_bundle(find_bundle(source))
    documents = load_labelled(held, bundle.codebook)
    gold = gold_quotes(documents)
    quotes, voices = [], []
    for document, found in zip(documents, gold, strict=True):
        part = [q for q in quotes_of([document], [found], bundle.actors) if q.issues]
        quotes += part
        voices += [document.voice or ""] * len(part)
    return run_gates(bundle.model, gates, bundle.codebook, bundle.actors, quotes, voices)


def show(results: Mapping[str, Figures]) -> None:
    """Print a table, what fails in red."""
    table = Table("gate", "limit", *results)
    for name, gate in GATES.items():
        limit = f"{'≥' if gate.least else '≤'} {gate.limit:g}"
        table.add_row(gate.meaning, limit, *(_cell(name, r) for r in results.values()))
    Console(width=None if Console().is_terminal else 150).print(table)


def _cell(name: str, figures: Figures) -> str:
    value = figures.get(name, float("nan"))
    if value != value:
        return "–"
    return f"{value:.3f}" if GATES[name].passed(value) else f"[red]{value:.3f} fails[/red]"


def _named(text: str) -> tuple[str, str]:
    name, sign, folder = text.partition("=")
    if not sign or not name or not folder:
        raise argparse.ArgumentTypeError(f"{text!r}: accepted is NAME=FOLDER")
    return name, folder


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--bundle", type=_named, action="append", default=[],
                        metavar="NAME=FOLDER", help="a further bundle, repeatable")  # fmt: skip
    held = ROOT / "seeds" / "positions" / "test"
    parser.add_argument("--held", type=Path, default=held, help="quotes of others [%(default)s]")
    default = ROOT / "benchmarks" / "results" / "gates.json"
    parser.add_argument("--output", type=Path, default=default, help="the JSON file [%(default)s]")
    options = parser.parse_args()
    sources = {"linear": "linear", "default": "default", **dict(options.bundle)}
    gates = ROOT / "seeds/positions/gates"
    results = {name: measure(source, options.held, gates) for name, source in sources.items()}
    show(results)
    write_json(options.output, results)


if __name__ == "__main__":
    main()
