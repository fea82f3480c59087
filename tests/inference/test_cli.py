"""The command line: data on stdout, all else on stderr, exit codes 0, 1 and 2."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from quotestance import Position, __version__
from quotestance.batch import predict_files
from quotestance.positions import COLUMNS, to_json_line
from quotestance.summary import read_positions

SAID = "“We will sign it in October,” a State Department official said in Washington.\n"
HEAVY = ("spacy", "sklearn", "numpy", "pyarrow", "mlflow", "torch", "trafilatura",
         "quotestance_training")  # fmt: skip
# At most 20,000 bytes a file: writing more fails as on a full disk.
FULL_DISK = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
from quotestance.cli import main
main()
"""
HELP = """
import sys
from quotestance.cli import main
try:
    main()
except SystemExit as stop:
    assert stop.code in (0, None), stop.code
loaded = [name for name in sys.argv[-1].split(",") if name in sys.modules]
print("LOADED", loaded, file=sys.stderr)
"""


def _run(
    *arguments: str | Path, stdin: str | bytes = b"", code: str | None = None
) -> subprocess.CompletedProcess[str]:
    start = ["-m", "quotestance.cli"] if code is None else ["-c", code]
    done = subprocess.run(
        [sys.executable, *start, *map(str, arguments)],
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        capture_output=True, timeout=300, check=False,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "100"},
    )  # fmt: skip
    return subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
    )


def test_help_and_version_load_nothing_heavy() -> None:
    for arguments in (["--help"], ["predict", "--help"], ["--version"]):
        script = HELP.replace("main()\ne", f"sys.argv[1:] = {arguments!r}; main()\ne")
        script = script.replace("sys.argv[-1]", repr(",".join(HEAVY)))
        done = _run(code=script)
        assert done.stderr == "LOADED []\n"
        assert "Usage: " in done.stdout or __version__ in done.stdout


def test_the_check_for_heavy_modules_can_see_them() -> None:
    script = HELP.replace("main()\ne", "import numpy; sys.argv[1:] = ['--version']; main()\ne")
    done = _run(code=script.replace("sys.argv[-1]", repr(",".join(HEAVY))))
    assert done.stderr == "LOADED ['numpy']\n"


def test_help_names_the_commands() -> None:
    done = _run("--help")
    assert done.returncode == 0
    for command in ("predict", "extract", "train", "evaluate", "report", "export", "inspect",
                    "link", "audit"):  # fmt: skip
        assert command in done.stdout


def test_version() -> None:
    done = _run("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"quotestance {__version__}\n", "")


@pytest.mark.parametrize(
    "arguments",
    [
        ["predict"], ["predict", "a.txt", "--colour"], ["predict", "a.txt", "--workers", "0"],
        ["inspect", "We will sign."], ["export", "a.jsonl"], ["forecast"],
    ],
)  # fmt: skip
def test_wrong_usage(arguments: list[str]) -> None:
    done = _run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Usage: " in done.stderr and "Traceback" not in done.stderr


def test_stdin_to_stdout() -> None:
    done = _run("predict", "-", "--date", "2013-10-12", stdin=SAID)
    assert done.returncode == 0
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert records and all(list(r) == list(COLUMNS) for r in records)
    assert {r["side"] for r in records} == {"us"}
    assert done.stderr == f"1 articles, {len(records)} rows\n"


def test_csv_to_stdout() -> None:
    done = _run("predict", "-", "--format", "csv", stdin=json.dumps({"text": SAID, "id": "x"}))
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert rows and list(rows[0]) == list(COLUMNS)
    assert "1 articles have no date" in done.stderr


@pytest.mark.parametrize("ending", ["jsonl", "csv", "parquet"])
def test_the_command_writes_the_bytes_that_python_writes(
    articles: Path, tmp_path: Path, ending: str
) -> None:
    ours, theirs = tmp_path / f"py.{ending}", tmp_path / f"cli.{ending}"
    predict_files([articles], str(ours))
    done = _run("predict", articles, "-o", theirs, "--workers", "2")
    assert (done.returncode, done.stdout) == (0, "")
    assert theirs.read_bytes() == ours.read_bytes()
    if ending == "jsonl":
        assert _run("predict", articles).stdout.encode() == ours.read_bytes()


def test_rejects_mean_exit_code_one_and_good_rows_are_written(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.txt", tmp_path / "bad.txt"
    good.write_text(SAID, encoding="utf-8")
    bad.write_text("", encoding="utf-8")
    output = tmp_path / "positions.jsonl"
    done = _run("predict", good, bad, "-o", output)
    assert (done.returncode, done.stdout) == (1, "")
    assert {r.article_id for r in read_positions(output)} == {"good"}
    assert f"rejected: {bad}: the text is empty; expected an article" in done.stderr
    assert f"1 rejected (see {tmp_path / 'positions.rejects.jsonl'})" in done.stderr
    again = _run("predict", good, "-o", output)
    assert again.returncode == 0
    assert not (tmp_path / "positions.rejects.jsonl").exists()


def test_extract(tmp_path: Path) -> None:
    done = _run("extract", "-", "--date", "2013-10-12", stdin=SAID)
    (record,) = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0
    assert (record["text"], record["side"], record["article_date"]) == (
        "We will sign it in October,", "us", "2013-10-12",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--model", "nowhere"], "error: nowhere: no such model; accepted: default"),
        (["-o", "x.xlsx"], "error: x.xlsx: ending '.xlsx' tells no format; accepted"),
        (["--format", "xml"], "error: --format: format 'xml'; accepted: jsonl, csv, parquet"),
        (["--format", "parquet"], "error: -: Parquet cannot go to standard output"),
    ],
)
def test_errors_are_one_line(arguments: list[str], message: str) -> None:
    done = _run("predict", "-", *arguments, stdin=SAID)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(message)
    assert done.stderr.count("\n") == 1


def test_an_output_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = _run("predict", "-", "-o", tmp_path / "file" / "out.jsonl", stdin=SAID)
    assert done.returncode == 1
    assert done.stderr.startswith("error: ") and done.stderr.count("\n") == 1
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("ending", ["jsonl", "csv", "parquet"])
def test_a_full_disk_leaves_the_old_output_as_it_was(
    articles: Path, tmp_path: Path, ending: str
) -> None:
    # articles whose ids do not compress, so that Parquet too goes over the limit
    records = [json.loads(line) for line in articles.read_text(encoding="utf-8").splitlines()]
    for record in records:
        record["id"] = os.urandom(400).hex()
    articles.write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
    folder = tmp_path / "out"
    folder.mkdir()
    output = folder / f"positions.{ending}"
    output.write_bytes(b"old")
    done = _run("predict", articles, "-o", output, code=FULL_DISK)
    assert done.returncode == 1
    assert "File too large" in done.stderr and "Traceback" not in done.stderr
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == {output.name: b"old"}


def _heed_interrupts() -> None:
    """What a shell starts in the background is told to ignore them, and its children with it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_an_interrupted_run_leaves_nothing(articles: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    process = subprocess.Popen(
        [sys.executable, "-m", "quotestance.cli", "predict", "-", "-o",
         str(folder / "positions.jsonl")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        preexec_fn=_heed_interrupts,
    )  # fmt: skip
    assert process.stdin is not None
    try:
        process.stdin.write(articles.read_bytes())  # and more might come: it stays open
        process.stdin.flush()
        deadline = time.monotonic() + 120
        while not (folder.is_dir() and any(p.stat().st_size for p in folder.iterdir())):
            assert time.monotonic() < deadline and process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    assert process.returncode not in (0, -signal.SIGINT), stderr.decode()
    assert stdout == b"" and b"Traceback" not in stderr
    assert list(folder.iterdir()) == []


def test_a_closed_pipe_is_no_traceback(articles: Path) -> None:
    command = f'"{sys.executable}" -m quotestance.cli predict "{articles}" | head -n 1'
    done = subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, timeout=300, check=True
    )
    assert len(done.stdout.splitlines()) == 1
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("first", ["jsonl", "csv", "parquet"])
@pytest.mark.parametrize("second", ["jsonl", "csv", "parquet"])
def test_export_between_formats(
    written: Callable[[str], Path], tmp_path: Path, first: str, second: str
) -> None:
    output = tmp_path / f"again.{second}"
    done = _run("export", written(first), "-o", output)
    assert (done.returncode, done.stdout) == (0, "")
    assert output.read_bytes() == written(second).read_bytes()


def test_export_to_stdout(written: Callable[[str], Path]) -> None:
    done = _run("export", written("parquet"), "-o", "-")
    assert done.stdout.encode() == written("jsonl").read_bytes()


def test_export_of_a_file_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("a\n1\n")
    done = _run("export", tmp_path / "p.csv", "-o", tmp_path / "q.jsonl")
    assert done.returncode == 1
    assert "p.csv, row 1: lacks the columns article_id" in done.stderr
    assert not (tmp_path / "q.jsonl").exists()


def test_inspect() -> None:
    arguments = [
        "--issue",
        "signing_deadline",
        "--side",
        "afghan",
        "--cue",
        "refused",
        "--top",
        "4",
    ]
    encoder = json.loads(_run("inspect", "to be rushed", *arguments).stdout)
    assert list(encoder) == ["position"], "an encoder has no features to name"
    arguments += ["--model", "linear"]
    done = _run("inspect", "to be rushed", *arguments)
    shown = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (0, "")
    assert list(shown) == ["position", "why", "features"]
    assert list(shown["position"]) == list(COLUMNS)
    assert (shown["position"]["issue"], shown["position"]["side"]) == ("signing_deadline", "afghan")
    assert all(len(parts) <= 4 for parts in shown["why"].values())
    assert shown["features"]["w:rushed"] == shown["features"]["cue_class:refuse"] == 1.0
    assert _run("inspect", "-", *arguments, stdin="to be rushed\n").stdout == done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["We go.", "--issue", "weather"], "issue 'weather' is not in codebook 'bsa2013'"),
        (["We go.", "--issue", "talks_progress", "--side", "x"], "side 'x' is not in codebook"),
        ([" ", "--issue", "talks_progress"], "the quote's text is empty"),
    ],
)
def test_inspecting_what_cannot_be(arguments: list[str], message: str) -> None:
    done = _run("inspect", *arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert message in done.stderr and "Traceback" not in done.stderr


def test_report_counts_and_page(
    written: Callable[[str], Path], rows: list[Position], tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    done = _run("report", written("csv"), "-o", page)
    assert (done.returncode, done.stderr) == (0, f"wrote {page}\n")
    for issue in {r.issue for r in rows if r.issue}:
        assert issue in done.stdout
    assert "quotes" in done.stdout
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


@pytest.mark.parametrize("ending", ["jsonl", "csv", "parquet"])
def test_link_writes_all_rows_with_ids(
    written: Callable[[str], Path], rows: list[Position], tmp_path: Path, ending: str
) -> None:
    first, output = tmp_path / "first.csv", tmp_path / f"linked.{ending}"
    _run("export", written("parquet"), "-o", first)
    long = next(i for i, row in enumerate(rows) if "all our troops" in row.text)
    twin = replace(rows[long], article_id="x", side="other")
    other = tmp_path / "other.jsonl"
    other.write_text(to_json_line(twin) + "\n", encoding="utf-8")
    found = tmp_path / "conflicts.jsonl"
    done = _run("link", first, other, "-o", output, "--conflicts", found)
    assert (done.returncode, done.stdout) == (0, "")
    assert re.fullmatch(
        r"\d+ quotes, \d+ statements, [1-9]\d* of them in two or more articles; "
        r"conflicts: 1 of side, 0 of speaker; 0 gaps in sides\n",
        done.stderr,
    )
    linked = list(read_positions(output))
    assert [replace(r, statement_id=None) for r in linked[:-1]] == rows
    assert linked[-1].statement_id == linked[long].statement_id is not None
    (conflict,) = map(json.loads, found.read_text(encoding="utf-8").splitlines())
    assert (conflict["kind"], conflict["values"]["other"]) == ("side", ["x"])


def test_link_refuses_rows_that_stand_twice_and_two_outputs_to_stdout(
    written: Callable[[str], Path], tmp_path: Path
) -> None:
    output = tmp_path / "linked.jsonl"
    done = _run("link", written("csv"), written("jsonl"), "-o", output)
    assert done.returncode == 1
    assert "stands already in" in done.stderr and done.stderr.count("\n") == 1
    assert not output.exists()
    assert _run("link", written("csv"), "-o", "-", "--conflicts", "-").returncode == 2


def test_a_conflicts_file_that_cannot_be_written_leaves_no_rows(
    written: Callable[[str], Path], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    done = _run("link", written("csv"), "-o", tmp_path / "linked.jsonl",
                "--conflicts", tmp_path / "file" / "c.jsonl")  # fmt: skip
    assert done.returncode == 1
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_audit_prints_a_table_and_writes_json(
    written: Callable[[str], Path], tmp_path: Path
) -> None:
    output = tmp_path / "audit.json"
    done = _run("audit", written("csv"), "-o", output, "--least", "2")
    assert (done.returncode, done.stderr) == (0, "")
    assert "direct speech" in done.stdout and "fewer than 2" in done.stdout
    assert json.loads(output.read_text(encoding="utf-8"))["least"] == 2
    again = _run("audit", written("csv"), "-o", "-", "--least", "2")
    assert again.stdout == output.read_text("utf-8")


def test_audit_of_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "p.jsonl").write_text("")
    done = _run("audit", tmp_path / "p.jsonl")
    assert (done.returncode, done.stderr) == (0, "")
    assert "0 articles, 0 quotes" in done.stdout


def test_report_escapes_what_an_article_says(tmp_path: Path) -> None:
    evil = "<script>alert(1)</script>"
    article = {"id": evil, "text": f"“We will {evil} sign it in October,” an official said."}
    output, page = tmp_path / "p.jsonl", tmp_path / "p.html"
    _run("predict", "-", "-o", output, stdin=json.dumps(article))
    (row, *_) = read_positions(output)
    assert evil in row.text and row.article_id == evil
    done = _run("report", output, "-o", page)
    assert done.returncode == 0
    html = page.read_text(encoding="utf-8")
    assert "<script" not in html
    assert html.count("&lt;script&gt;") >= 2


def test_actors_check_counts_or_says_what_is_wrong(project: Path) -> None:
    good = project / "configs" / "actors" / "bsa2013.yaml"
    done = _run("actors", "check", good)
    assert done.returncode == 0
    assert re.fullmatch(
        r".*bsa2013\.yaml: \d{3,} people with \d{3,} offices, \d+ bodies, \d+ roles; "
        r"sides us, afghan\n",
        done.stdout,
    )
    bad = _run("actors", "check", project / "configs" / "codebooks" / "bsa2013.yaml")
    assert bad.returncode == 1
    assert "issues: unknown key; accepted: schema_version" in bad.stderr
    assert bad.stdout == ""
