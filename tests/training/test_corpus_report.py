import json
from pathlib import Path

import pytest
from rich.console import Console

from quotestance.codebook import Codebook, Issue, load_codebook
from quotestance.errors import CodebookError, InputError
from quotestance_training.corpus_report import (
    CorpusReport,
    corpus_report,
    distinct_n,
    near_duplicates,
    print_report,
)

ROOT = Path(__file__).parents[2]
CODEBOOK = Codebook(
    schema_version=1,
    id="bridge",
    title="A bridge over the Lorn",
    sides=("east", "west"),
    issues=(
        Issue(id="bridge", proposition="The bridge should be built."),
        Issue(id="toll", proposition="The bridge should cost a toll."),
    ),
)
LONG = "The mayor wants the bridge before the floods come down from the hills again"


def label(**changes: object) -> dict[str, object]:
    usual: dict[str, object] = {
        "speaker_kind": "named",
        "side": "east",
        "issues": {"bridge": "favor"},
        "sentiment": "neutral",
        "sentiment_toward": {"east": "neutral", "west": "neutral"},
    }
    return usual | changes


def write(file: Path, rows: list[dict[str, object]]) -> None:
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


@pytest.fixture
def statements(tmp_path: Path) -> Path:
    def document(name: str, text: str, writer: str, **changes: object) -> dict[str, object]:
        quote = label(**changes) | {"spans": [[16, len(text)]], "texts": [text[16:]]}
        quote = {"kind": "indirect", "cue": [10, 15]} | quote
        return {"id": name, "text": text, "writer": writer, "voice": "wire", "quotes": [quote]}

    folder = tmp_path / "statements"
    folder.mkdir()
    both = {"bridge": "against", "toll": "neutral"}
    rows = [
        document("x1", LONG, "x"),
        document("y1", LONG + " soon", "y", side="west", issues=both),
        document("y2", "The major WANTS quiet, and a ferry of his own", "y", issues={}),
    ]
    write(folder / "all.jsonl", rows)
    return folder


@pytest.fixture
def second(tmp_path: Path) -> Path:
    folder = tmp_path / "second"
    folder.mkdir()
    first = [
        label(),
        label(side="west", issues={"bridge": "against", "toll": "neutral"}),
        label(issues={}),
        label(sentiment="negative"),
    ]
    other = [
        label(),
        label(side="west", issues={"bridge": "neutral", "toll": "neutral"}),
        label(issues={"toll": "favor"}),
        label(),
    ]
    for name, coder, rows in (("first_labels", "x", first), ("labels", "a", other)):
        keyed = [{"doc": "x1", "quote": i, "coder": coder} | row for i, row in enumerate(rows)]
        write(folder / f"{name}.jsonl", keyed)
    return folder


def test_counts_cells_and_cues(statements: Path, second: Path) -> None:
    report = corpus_report(statements, second, CODEBOOK)
    assert (report.snippets, report.quotes, report.coded_twice) == (3, 3, 4)
    assert report.counts["writer"] == {"x": 1, "y": 2}
    assert report.counts["side"] == {"east": 2, "west": 1}
    assert report.counts["issues per quote"] == {"0": 1, "1": 1, "2+": 1}
    assert report.cells["bridge", "against", "west"] == 1
    assert report.cells["toll", "favor", "east"] == 0
    assert report.cues == {"wants": 3}


def test_near_duplicates_are_named(statements: Path, second: Path) -> None:
    found = corpus_report(statements, second, CODEBOOK).duplicates
    assert found.pair == ("x1", "y1")
    assert found.highest == pytest.approx(12 / 13)
    assert [row[:2] for row in found.close] == [("x1", "y1")]


def test_texts_too_short_to_compare_are_no_duplicates() -> None:
    found = near_duplicates({"a": "No.", "b": "No.", "c": ""})
    assert (found.highest, found.pair, found.close) == (0.0, None, ())


def test_distinct_n() -> None:
    assert distinct_n(["We wait.", "we wait"], 1) == 0.5
    assert distinct_n(["one two three", "one two four"], 2) == 0.75
    assert distinct_n(["one"], 2) != distinct_n(["one"], 2)  # nan: there is no 2-gram


def test_alpha_by_hand(statements: Path, second: Path) -> None:
    found = corpus_report(statements, second, CODEBOOK).agreement
    assert found["side"].alpha.value == 1
    # coincidences: neutral-neutral 6, neutral-negative 1 and back; 8 values in all
    assert found["sentiment"].alpha.value == pytest.approx(1 - 7 * 2 / (2 * 7 * 1))
    # bears on: yes-yes 4, no-no 3, one pair differs; 9 yes, 7 no
    assert found["bears on issue"].pairs == 8
    assert found["bears on issue"].alpha.value == pytest.approx(1 - 15 * 2 / (2 * 9 * 7))
    assert (found["stance"].pairs, found["stance"].same) == (4, 0.75)
    interval = found["bears on issue"].alpha
    assert interval.low <= interval.value <= interval.high


def test_no_variation_has_no_alpha(statements: Path, second: Path) -> None:
    found = corpus_report(statements, second, CODEBOOK).agreement["toward east"]
    assert found.alpha.value != found.alpha.value
    assert found.same == 1


def test_codings_of_different_quotes_are_refused(statements: Path, second: Path) -> None:
    file = second / "labels.jsonl"
    file.write_text("".join(file.read_text().splitlines(keepends=True)[:-1]))
    with pytest.raises(InputError, match="x1, quote 3: labelled by one coder only"):
        corpus_report(statements, second, CODEBOOK)


def test_wrong_labels_name_their_line(statements: Path, second: Path) -> None:
    file = second / "labels.jsonl"
    file.write_text(file.read_text().replace('"favor"', '"for"'))
    with pytest.raises(CodebookError, match=r"labels\.jsonl, line 1: stance 'for'"):
        corpus_report(statements, second, CODEBOOK)
    file.write_text('{"doc": "x1"}\n')
    with pytest.raises(InputError, match="quote: Field required"):
        corpus_report(statements, second, CODEBOOK)


def test_printed_report(statements: Path, second: Path) -> None:
    console = Console(record=True, width=120, file=(statements / "out.txt").open("w"))
    print_report(corpus_report(statements, second, CODEBOOK), console)
    text = console.export_text()
    console.file.close()
    assert "3 snippets, 3 quotes" in text
    assert "0.923 (x1, y1)" in text
    assert "east 2 (67%), west 1 (33%)" in text
    assert "4 quotes labelled twice" in text


@pytest.fixture(scope="module")
def real() -> CorpusReport:
    """The corpus in seeds/; reading it checks that every span gives its text."""
    codebook = load_codebook(ROOT / "configs/codebooks/bsa2013.yaml")
    return corpus_report(ROOT / "seeds/statements", ROOT / "seeds/second_coding", codebook)


def test_the_corpus_has_no_near_duplicates(real: CorpusReport) -> None:
    assert real.duplicates.close == ()


def test_the_corpus_fills_every_cell(real: CorpusReport) -> None:
    cells = {cell: n for cell, n in real.cells.items() if cell[2] in ("us", "afghan")}
    assert len(cells) == 54
    assert {cell: n for cell, n in cells.items() if n < 25} == {}


def test_the_corpus_is_large_and_of_many_hands(real: CorpusReport) -> None:
    assert real.snippets >= 2400
    assert len(real.counts["writer"]) >= 8
    assert len(real.cues) >= 1000


def test_spans_of_the_corpus_give_their_texts() -> None:
    for file in sorted((ROOT / "seeds/statements").glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            document = json.loads(line)
            for quote in document["quotes"]:
                found = [document["text"][start:end] for start, end in quote["spans"]]
                assert found == quote["texts"], document["id"]


def test_settled_labels_stand_in_the_corpus() -> None:
    quotes = {}
    for file in sorted((ROOT / "seeds/statements").glob("*.jsonl")):
        for document in map(json.loads, file.read_text(encoding="utf-8").splitlines()):
            quotes.update({(document["id"], i): q for i, q in enumerate(document["quotes"])})
    settled = (ROOT / "seeds/second_coding/settled.jsonl").read_text(encoding="utf-8")
    for row in map(json.loads, settled.splitlines()):
        quote = quotes[row["doc"], row["quote"]]
        labels = {"side": quote["side"], "sentiment": quote["sentiment"]}
        labels |= {f"toward {side}": s for side, s in quote["sentiment_toward"].items()}
        now = labels.get(row["variable"], quote["issues"].get(row["variable"]))
        assert now == row["settled"], row
