"""Streams of articles in, complete files out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from quotestance import StanceClassifier
from quotestance.articles import Article
from quotestance.batch import CHUNK, extract_files, predict_chunk, predict_files
from quotestance.errors import BundleError, InputError
from quotestance.judge import shipped_judge
from quotestance.positions import COLUMNS, to_json_line
from quotestance.readers import read_articles
from quotestance.summary import read_positions

SAID = "“We will sign it in October,” a State Department official said in Washington.\n"


@pytest.fixture(scope="module")
def default() -> StanceClassifier:
    """What a batch takes where no model is named."""
    return StanceClassifier.from_pretrained()


def _mixed(folder: Path) -> Path:
    """A folder of good and bad inputs together."""
    folder.mkdir()
    (folder / "a.txt").write_text(SAID, encoding="utf-8")
    (folder / "b.txt").write_bytes(b"\x00\x01\x02binary")
    (folder / "c.jsonl").write_text(
        '{"id": "c1", "text": "He denied it.", "date": "2013-10-12"}\n{"id": "c2"\n'
        '{"id": "c3", "text": ""}\n{"id": "c1", "text": "Again."}\n'
        '{"id": "c5", "text": "She denied it.", "date": "2013-10-12"}\n',
        encoding="utf-8",
    )
    (folder / "d.csv").write_text("id,words\n1,hello\n", encoding="utf-8")
    return folder


def _names(folder: Path) -> set[str]:
    return {p.name for p in folder.iterdir()}


def test_good_and_bad_inputs_together(tmp_path: Path) -> None:
    source, output = _mixed(tmp_path / "in"), tmp_path / "out" / "positions.jsonl"
    done: list[int] = []
    report = predict_files([source, tmp_path / "gone"], str(output), on_article=done.append)
    rows = list(read_positions(output))
    assert {r.article_id for r in rows} == {"a", "c1", "c5"}
    assert (report.articles, report.rows, report.undated) == (3, len(rows), 1)
    assert sum(done) == 3
    lines = (tmp_path / "out/positions.rejects.jsonl").read_text(encoding="utf-8").splitlines()
    rejects = [json.loads(line) for line in lines]
    where = [(Path(r["source"]).name, r["row"]) for r in rejects]
    assert where == [("b.txt", None), ("c.jsonl", 2), ("c.jsonl", 3), ("c.jsonl", 4), ("d.csv", 1),
                     ("gone", None)]  # fmt: skip
    for reject, reason in zip(
        rejects,
        ["binary", "is not JSON", "text is empty", "id 'c1' stands already", "no text column",
         "no such file"],
        strict=True,
    ):  # fmt: skip
        assert reason in reject["reason"]
    assert _names(output.parent) == {
        "positions.jsonl", "positions.rejects.jsonl", "positions.meta.json",
    }  # fmt: skip


def test_the_meta_file_beside_the_output(tmp_path: Path, default: StanceClassifier) -> None:
    output = tmp_path / "positions.csv"
    report = predict_files([_mixed(tmp_path / "in")], str(output))
    meta = json.loads((tmp_path / "positions.meta.json").read_text(encoding="utf-8"))
    assert meta == {
        "schema_version": 2,
        "columns": list(COLUMNS),
        "model": default.bundle.name,
        "judge": shipped_judge().name,
        "codebook": "bsa2013",
        "articles": 3,
        "rows": report.rows,
        "rejects": 5,
    }


def test_the_rejects_file_goes_when_there_are_none(tmp_path: Path) -> None:
    source, output = _mixed(tmp_path / "in"), tmp_path / "positions.jsonl"
    for run in (predict_files, extract_files):
        run([source], str(output))
        assert (tmp_path / "positions.rejects.jsonl").exists()
        assert run([source / "a.txt"], str(output)).rejects == []
        assert not (tmp_path / "positions.rejects.jsonl").exists()


@pytest.mark.parametrize("ending", ["jsonl", "csv", "parquet"])
def test_the_same_input_gives_the_same_bytes(articles: Path, tmp_path: Path, ending: str) -> None:
    outputs = [tmp_path / f"{i}.{ending}" for i in range(2)]
    for output in outputs:
        predict_files([articles], str(output))
    assert outputs[0].read_bytes() == outputs[1].read_bytes()
    assert len(list(read_positions(outputs[0]))) > CHUNK


def test_processes_do_not_change_the_bytes(articles: Path, tmp_path: Path) -> None:
    outputs = [tmp_path / f"{n}.jsonl" for n in (1, 2)]
    reports = [predict_files([articles], str(o), workers=n) for n, o in enumerate(outputs, 1)]
    assert outputs[0].read_bytes() == outputs[1].read_bytes()
    assert reports[0] == reports[1]
    assert reports[0].articles == 70


def test_a_batch_gives_what_the_classifier_gives(
    articles: Path, tmp_path: Path, default: StanceClassifier
) -> None:
    predict_files([articles], str(tmp_path / "out.jsonl"))
    lines = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    found = [a for a in read_articles([articles]) if isinstance(a, Article)]
    assert lines == [to_json_line(row) for a in found for row in default.predict(a)]


def test_a_given_date_is_for_articles_without_one(tmp_path: Path) -> None:
    source = _mixed(tmp_path / "in")
    report = predict_files([source], str(tmp_path / "out.jsonl"), date="2014-02-01")
    dates = {r.article_id: r.article_date for r in read_positions(tmp_path / "out.jsonl")}
    assert dates == {"a": "2014-02-01", "c1": "2013-10-12", "c5": "2013-10-12"}
    assert report.undated == 0


def test_another_bundle_by_its_folder(tmp_path: Path, reticent: StanceClassifier) -> None:
    reticent.save_pretrained(tmp_path / "model")
    source, output = _mixed(tmp_path / "in"), tmp_path / "out.jsonl"
    predict_files([source / "a.txt"], str(output), model=tmp_path / "model", workers=2)
    assert [r.issue for r in read_positions(output)] == [None]


def test_only_bad_inputs_give_an_empty_table(tmp_path: Path) -> None:
    output = tmp_path / "out.parquet"
    report = predict_files([tmp_path / "gone.txt"], str(output))
    assert (report.articles, report.rows, len(report.rejects)) == (0, 0, 1)
    assert pq.read_table(output).column_names == list(COLUMNS)
    assert pq.read_table(output).num_rows == 0


def _failing(articles: Path, error: BaseException) -> Iterator[Path]:
    yield articles
    raise error


@pytest.mark.parametrize("error", [OSError("the disk went away"), KeyboardInterrupt()])
@pytest.mark.parametrize("ending", ["jsonl", "csv", "parquet"])
@pytest.mark.parametrize("old", [None, b"the last run's rows"])
def test_nothing_is_half_written_when_reading_breaks_off(
    articles: Path, tmp_path: Path, error: BaseException, ending: str, old: bytes | None
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    output = folder / f"positions.{ending}"
    if old is not None:
        output.write_bytes(old)
    done: list[int] = []
    with pytest.raises(type(error)):
        predict_files(_failing(articles, error), str(output), on_article=done.append)
    assert done == [CHUNK]  # it broke off in the middle
    assert [p.read_bytes() for p in folder.iterdir()] == ([] if old is None else [old])


def test_nothing_is_half_written_when_reading_breaks_off_with_processes(
    articles: Path, tmp_path: Path
) -> None:
    output = tmp_path / "out" / "positions.jsonl"
    with pytest.raises(OSError, match="went away"):
        predict_files(_failing(articles, OSError("it went away")), str(output), workers=2)
    assert _names(output.parent) == set()


def test_nothing_is_half_extracted_when_reading_breaks_off(articles: Path, tmp_path: Path) -> None:
    output = tmp_path / "out" / "quotes.jsonl"
    with pytest.raises(OSError, match="went away"):
        extract_files(_failing(articles, OSError("it went away")), str(output))
    assert _names(output.parent) == set()


def test_an_output_below_a_file_cannot_be_written(articles: Path, tmp_path: Path) -> None:
    before = _names(tmp_path)
    with pytest.raises(OSError):
        predict_files([articles], str(articles / "positions.jsonl"))
    with pytest.raises(OSError):
        predict_files([articles], "/proc/positions.jsonl")
    assert _names(tmp_path) == before


@pytest.mark.parametrize("run", [predict_files, extract_files])
def test_nothing_is_written_beside_a_device(
    tmp_path: Path,
    run: type[predict_files],  # type: ignore[valid-type]
) -> None:
    source = _mixed(tmp_path / "in")
    options = {"format": "jsonl"} if run is predict_files else {}
    run([source], "/dev/null", **options)
    assert not list(Path("/dev").glob("null.*"))


def test_what_cannot_be_asked_for_fails_before_anything_is_written(tmp_path: Path) -> None:
    source, output = _mixed(tmp_path / "in"), tmp_path / "out"
    with pytest.raises(InputError, match=r"out.xlsx: ending '.xlsx' tells no format"):
        predict_files([source], f"{output}.xlsx")
    with pytest.raises(InputError, match="format 'xml'; accepted: jsonl, csv, parquet"):
        predict_files([source], f"{output}.jsonl", format="xml")
    with pytest.raises(BundleError, match="no such model"):
        predict_files([source], f"{output}.jsonl", model="nowhere")
    with pytest.raises(InputError, match="Parquet cannot go to standard output"):
        predict_files([source], "-", format="parquet")
    assert _names(tmp_path) == {"in"}


class _Stubborn(StanceClassifier):
    """Fails for one article, as a bug in a parser might."""

    def predict_many(self, articles, *, window=64):  # type: ignore[no-untyped-def]
        for article in articles:
            if article.id == "bad":
                raise RuntimeError("deep recursion")
            yield from super().predict_many([article], window=window)


def test_one_article_that_fails_does_not_stop_the_others(classifier: StanceClassifier) -> None:
    articles = [Article.of(SAID, id=name) for name in ("one", "bad", "two")]
    results, rejects = predict_chunk(_Stubborn(classifier.bundle), articles)
    assert results == [classifier.predict(articles[0]), classifier.predict(articles[2])]
    (reject,) = rejects
    assert str(reject) == "bad: failed with RuntimeError: deep recursion; please report it"


def test_extracted_quotes_are_json_lines(tmp_path: Path) -> None:
    source, output = _mixed(tmp_path / "in"), tmp_path / "quotes.jsonl"
    report = extract_files([source], str(output))
    records = [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]
    assert (report.articles, report.rows, len(report.rejects)) == (3, len(records), 5)
    first = records[0]
    assert (first["article_id"], first["article_date"]) == ("a", None)
    assert first["text"] == "We will sign it in October,"
    assert SAID[slice(*first["spans"][0])] == first["text"]
    assert (first["cue"], first["side"]) == ("said", "us")
    assert "stance" not in first
