"""Put bundles through the gates against models that are right for the wrong reasons.

    pip install -c constraints.txt ".[training]"
    python benchmarks/gates.py [MODEL ...] [--held FOLDER] [--output FILE]

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
from quotestance_training.corpora import load_statements
from quotestance_training.gates import GATES, run_gates
from quotestance_training.pair_rows import quotes_of

ROOT = Path(__file__).parents[1]
Figures = dict[str, float]


def measure(source: str, held: Path, gates: Path) -> Figures:
    """All gates' figures of one bundle."""
    bundle = load_bundle(find_bundle(source))
    corpus = load_statements(held, bundle.codebook)
    quotes = quotes_of(corpus.documents, corpus.gold, bundle.actors)
    voices = list(corpus.data["voice"])
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


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("models", nargs="*", default=["linear", "default"],
                        help="as for `quotestance predict --model` [linear default]")  # fmt: skip
    held = ROOT / "seeds" / "positions" / "test"
    parser.add_argument("--held", type=Path, default=held, help="quotes of others [%(default)s]")
    default = ROOT / "benchmarks" / "results" / "gates.json"
    parser.add_argument("--output", type=Path, default=default, help="the JSON file [%(default)s]")
    options = parser.parse_args()
    gates = ROOT / "seeds" / "positions" / "gates"
    results = {model: measure(model, options.held, gates) for model in options.models}
    show(results)
    write_json(options.output, results)


if __name__ == "__main__":
    main()
