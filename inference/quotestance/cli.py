"""The command line: data on stdout, progress and messages on stderr.

Exit codes: 0 all went well, 1 something failed or was rejected, 2 wrong usage. Heavy imports
stand inside the commands, so that ``--help`` answers at once.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from quotestance import __version__
from quotestance.errors import MissingExtraError, QuotestanceError

if TYPE_CHECKING:
    from quotestance.batch import Report

app = typer.Typer(
    name="quotestance",
    help="Who said what, for which side, on which issue, with what stance and sentiment.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

Inputs = Annotated[
    list[str], typer.Argument(metavar="IN...", help="Files, folders, globs, or - for stdin.")
]
Output = Annotated[
    str,
    typer.Option("--output", "-o", metavar="OUT", help=".jsonl, .csv or .parquet; - is stdout."),
]
Model = Annotated[
    str, typer.Option(help="linear, default, a bundle's folder, or models:/NAME@ALIAS.")
]
DateOption = Annotated[
    str | None, typer.Option("--date", help="YYYY-MM-DD, for articles without a date of their own.")
]
FormatOption = Annotated[
    str | None, typer.Option("--format", help="jsonl, csv or parquet; else told by OUT's ending.")
]


def main() -> None:
    """Run the command line; errors that we raise on purpose become one line and exit code 1."""
    try:
        app()
    except QuotestanceError as error:
        _say(f"error: {error}")
        sys.exit(1)
    except OSError as error:
        _say(f"error: {error}")
        sys.exit(1)
    except KeyboardInterrupt:
        _say("interrupted; no output was left half-written")
        sys.exit(1)


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"quotestance {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show it.")
    ] = False,
) -> None:
    """Root options."""


@app.command()
def predict(
    inputs: Inputs,
    output: Output = "-",
    model: Model = "default",
    format: FormatOption = None,
    date: DateOption = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
) -> None:
    """Turn articles into rows of positions."""
    from quotestance.batch import predict_files

    with _progress("articles") as step:
        report = predict_files(
            inputs, output, model=model, format=format, date=date, workers=workers, on_article=step
        )
    _close(report, output)


@app.command()
def extract(inputs: Inputs, output: Output = "-", date: DateOption = None) -> None:
    """Only find quotes, speakers and sides: JSONL, one quote a line."""
    from quotestance.batch import extract_files

    with _progress("articles") as step:
        report = extract_files(inputs, output, date=date, on_article=step)
    _close(report, output)


@app.command()
def train(
    config: Annotated[Path, typer.Argument(help="A YAML file, such as configs/train/linear.yaml.")],
    overrides: Annotated[
        list[str] | None, typer.Argument(metavar="[KEY=VALUE]...", help="model.C_stance=2 seed=7")
    ] = None,
) -> None:
    """Train by a configuration, tracked in MLflow."""
    _training("train").train(config, overrides or [])


@app.command()
def evaluate(
    model: Annotated[str, typer.Argument(help="linear, default, a folder, or models:/NAME@ALIAS.")],
    gold: Annotated[Path, typer.Option(help="Folder of labelled articles.")],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="JSON file.")] = None,
    resamples: Annotated[int, typer.Option(min=100, help="Bootstrap resamples.")] = 1000,
) -> None:
    """Compare predictions with labelled articles: one table, with intervals and baselines."""
    _training("evaluate").evaluate(model, gold, output, resamples)


@app.command()
def compare(
    runs: Annotated[
        list[str] | None, typer.Argument(metavar="[RUN]...", help="Names or ids; all if none.")
    ] = None,
    uri: Annotated[str, typer.Option(help="An MLflow store.")] = "sqlite:///build/mlflow.db",
    experiment: Annotated[str | None, typer.Option(help="Only runs of this experiment.")] = None,
    metric: Annotated[list[str] | None, typer.Option(help="Figures to show, in order.")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="JSON file.")] = None,
) -> None:
    """Show tracked runs side by side, with the significance of their differences."""
    _training("compare").compare(runs or [], uri, experiment, metric or [], output)


@app.command("corpus-report", hidden=True)
def corpus_report(
    statements: Annotated[Path, typer.Argument()] = Path("seeds/statements"),
    second: Annotated[Path, typer.Option()] = Path("seeds/second_coding"),
    codebook: Annotated[Path, typer.Option()] = Path("configs/codebooks/bsa2013.yaml"),
) -> None:
    """Counts, near-duplicates, variety and agreement of the statements corpus."""
    _training("corpus-report").corpus_report(statements, second, codebook)


@app.command()
def report(
    positions: Annotated[Path, typer.Argument(help="What predict wrote.")],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="An HTML page.")] = None,
) -> None:
    """Print side × issue with counts by stance; with -o also write an HTML page."""
    from quotestance.summary import read_positions, summarize

    rows = list(read_positions(positions))
    _print_summary(summarize(rows))
    if output is not None:
        from quotestance.report import write_report

        write_report(rows, output)
        _say(f"wrote {output}")


@app.command()
def export(
    positions: Annotated[Path, typer.Argument(help="What predict wrote.")],
    output: Output,
    format: FormatOption = None,
) -> None:
    """Write positions in another format."""
    from quotestance.output import format_of, open_rows
    from quotestance.summary import read_positions

    rows = list(read_positions(positions))
    sides = tuple(rows[0].sentiment_toward) if rows else ("us", "afghan")
    with open_rows(output, format_of(output, format), sides) as writer:
        writer.write(rows)


@app.command()
def link(
    positions: Annotated[list[Path], typer.Argument(help="What predict wrote, one file or more.")],
    output: Output,
    format: FormatOption = None,
    conflicts: Annotated[
        str | None, typer.Option(metavar="FILE.jsonl", help="Where linked quotes disagree.")
    ] = None,
) -> None:
    """Give quotes that are one statement in many outlets a common statement_id."""
    from quotestance import linking
    from quotestance.output import format_of, open_rows, open_text
    from quotestance.summary import read_many

    if output == conflicts == "-":
        raise typer.BadParameter("--output and --conflicts cannot both be -")
    given = format_of(output, format)
    rows = linking.link(read_many(positions))
    found = linking.conflicts(rows)
    sides = tuple(dict.fromkeys(s for row in rows for s in row.sentiment_toward))
    with ExitStack() as files:
        files.enter_context(open_rows(output, given, sides or ("us", "afghan"))).write(rows)
        if conflicts is not None:
            lines = (json.dumps(asdict(c), ensure_ascii=False) + "\n" for c in found)
            files.enter_context(open_text(conflicts)).writelines(lines)
    _say(linking.describe(rows, found))


@app.command()
def audit(
    positions: Annotated[Path, typer.Argument(help="What predict or link wrote.")],
    output: Annotated[str | None, typer.Option("--output", "-o", help="JSON; - is stdout.")] = None,
    least: Annotated[int, typer.Option(min=1, help="Mark issues with fewer quotes of a side.")] = 5,
) -> None:
    """Print how each side is quoted: kinds, speakers, statements, and where the sides differ."""
    from rich.console import Console

    from quotestance.audit import audit as audit_rows
    from quotestance.audit import print_audit
    from quotestance.output import open_text
    from quotestance.summary import read_positions

    found = audit_rows(list(read_positions(positions)), least=least)
    if output != "-":
        print_audit(found, Console(markup=False))  # a side or issue may have brackets
    if output is not None:
        with open_text(output) as file:
            json.dump(found.to_dict(), file, indent=1, ensure_ascii=False)
            file.write("\n")


@app.command()
def inspect(
    text: Annotated[str, typer.Argument(help="A quote, or - to read one from stdin.")],
    issue: Annotated[str, typer.Option(help="An issue of the codebook.")],
    side: Annotated[str, typer.Option(help="us, afghan, other or unknown.")] = "unknown",
    cue: Annotated[str | None, typer.Option(help="The words that attribute it.")] = None,
    model: Model = "default",
    top: Annotated[int, typer.Option(min=1, help="How many features.")] = 10,
) -> None:
    """Show a quote's labels and, by a linear model, the features that weighed most (JSON)."""
    from quotestance import Quote, StanceClassifier
    from quotestance.features import Example, quote_features

    words = sys.stdin.read() if text == "-" else text
    quote = Quote.of(words.strip(), side=side, issue=issue, cue=cue)
    classifier = StanceClassifier.from_pretrained(model)
    (row,) = classifier.predict_quotes([quote])
    shown: dict[str, Any] = {"position": row.to_dict()}
    if classifier.explains:
        shown["why"] = classifier.explain(quote, issue, top=top)
        shown["features"] = quote_features(Example(quote, side))
    typer.echo(json.dumps(shown, indent=1, ensure_ascii=False))


actors_app = typer.Typer(help="Work on actors files: who is on which side.", no_args_is_help=True)
app.add_typer(actors_app, name="actors")


@actors_app.command("check")
def check_actors(
    file: Annotated[Path, typer.Argument(help="A YAML or JSON file of the actors' shape.")],
) -> None:
    """Validate an actors file: keys, dates, sides, names that stand twice."""
    from quotestance.actors import load_actors

    actors = load_actors(file)
    offices = sum(len(person.offices) for person in actors.people)
    typer.echo(
        f"{file}: {len(actors.people)} people with {offices} offices, {len(actors.bodies)} bodies, "
        f"{len(actors.roles)} roles; sides {', '.join(actors.sides)}"
    )


def _training(command: str) -> Any:
    """The training commands, or a clear word on what to install."""
    from importlib.util import find_spec

    if find_spec("mlflow") is None or find_spec("datasets") is None:
        raise MissingExtraError(f"quotestance {command}", "training")
    from quotestance_training import cli

    return cli


@contextmanager
def _progress(unit: str) -> Iterator[Callable[[int], None]]:
    """A progress bar on stderr, where that is a terminal."""
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (SpinnerColumn(), "[progress.description]{task.description}",
               MofNCompleteColumn(), TimeElapsedColumn())  # fmt: skip
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(unit, total=None)
        yield lambda n: bar.advance(task, n)


def _close(report: Report, output: str) -> None:
    """Say what was done; rejects mean exit code 1."""
    from quotestance.output import rejects_path

    if report.undated:
        _say(f"{report.undated} articles have no date; offices were taken at any time")
    for reject in report.rejects[:20]:
        _say(f"rejected: {reject}")
    where = rejects_path(output)
    more = f", {len(report.rejects)} rejected" if report.rejects else ""
    if report.rejects and where:
        more += f" (see {where})"
    _say(f"{report.articles} articles, {report.rows} rows{more}")
    if report.rejects:
        raise typer.Exit(1)


def _print_summary(summary: Any) -> None:
    from rich.console import Console
    from rich.table import Table

    known = ("us", "afghan", "other", "unknown")
    sides = sorted(summary.quotes, key=lambda s: known.index(s) if s in known else -1)
    table = Table(title=f"{summary.articles} articles, {summary.quotes.total()} quotes "
                        "(+ favor, – against, = neutral, ? not sure)")  # fmt: skip
    table.add_column("issue")
    for side in sides:
        table.add_column(side)
    for issue in sorted(summary.issues):
        table.add_row(issue, *(summary.cell(side, issue) for side in sides))
    table.add_section()
    table.add_row("quotes", *(str(summary.quotes[side]) for side in sides))
    Console().print(table)


if __name__ == "__main__":
    main()
