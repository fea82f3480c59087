"""The shipped stories: labels that fit, writers kept apart, nobody real quoted, nothing shared."""

from __future__ import annotations

import contextlib
import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from quotestance.actors import Actors
from quotestance.codebook import Codebook
from quotestance_training.labelled import LabelledDocument, load_labelled

STORIES = Path(__file__).resolve().parents[1] / "seeds/stories"
RUN = 12  # words in a row that two articles may not share
NAMESAKES = {("s10-07", "Karimi")}  # an invented engineer at a dam


@pytest.fixture(scope="module")
def splits(codebook: Codebook) -> dict[str, list[LabelledDocument]]:
    return {name: load_labelled(STORIES / name, codebook) for name in ("train", "test")}


@pytest.fixture(scope="module")
def documents(splits: dict[str, list[LabelledDocument]]) -> list[LabelledDocument]:
    return [*splits["train"], *splits["test"]]


@pytest.fixture(scope="module")
def records() -> list[dict[str, object]]:
    """The lines as they stand in the files, with what `LabelledDocument` leaves out."""
    return [
        json.loads(line)
        for file in sorted(STORIES.glob("*/*.jsonl"))
        for line in file.read_text(encoding="utf-8").splitlines()
    ]


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def runs(text: str) -> Iterator[str]:
    found = words(text)
    return (" ".join(found[i : i + RUN]) for i in range(len(found) - RUN + 1))


def test_twenty_two_writers_have_nine_articles_each(documents: list[LabelledDocument]) -> None:
    counts = Counter(d.writer for d in documents)
    assert len(counts) == 22
    assert set(counts.values()) == {9}
    assert len({d.id for d in documents}) == len({d.text for d in documents}) == 198


def test_no_writer_stands_in_both_splits(splits: dict[str, list[LabelledDocument]]) -> None:
    train, test = ({d.writer for d in splits[name]} for name in ("train", "test"))
    assert not train & test
    assert test == {"t01", "t02"}
    for name, found in splits.items():
        for d in found:
            assert d.id.partition("-")[0] == d.writer, f"{d.id} in {name}"


def test_every_span_is_given_with_its_words(records: list[dict[str, object]]) -> None:
    # the loader compares words where there are any, so that they are there is checked here
    for record in records:
        text, quotes = record["text"], record["quotes"]
        assert isinstance(text, str) and isinstance(quotes, list)
        for quote in quotes:
            assert quote["texts"] == [text[s:e] for s, e in quote["spans"]], record["id"]
            assert all(t.strip() == t != "" for t in quote["texts"]), record["id"]


def test_every_quote_has_its_labels(documents: list[LabelledDocument]) -> None:
    for d in documents:
        assert d.quotes, d.id
        told = [q.issues is not None and q.sentiment is not None for q in d.quotes]
        assert all(told) or not any(told), f"{d.id}: issues of all quotes or of none"
        assert all(q.side is not None for q in d.quotes), d.id
    labelled = [d for d in documents if d.quotes[0].issues is not None]
    assert len(labelled) == 110, "those on US and Afghan affairs"


def test_spans_of_a_quote_do_not_meet(documents: list[LabelledDocument]) -> None:
    for d in documents:
        for q in d.quotes:
            parts = sorted(q.spans)
            assert parts == q.spans, f"{d.id}: spans out of order"
            assert all(a[1] <= b[0] for a, b in pairwise(parts)), d.id


def test_mixed_content_holds_marks_and_indirect_content_is_not_in_them(
    documents: list[LabelledDocument],
) -> None:
    marks = (*"\"“”„«»'‘’‚`", "ΓÇ", "Б─")  # also in the encoding damage of some articles
    for d in documents:
        for q in d.quotes:
            if q.kind == "mixed":
                assert any(m in d.text[s:e] for s, e in q.spans for m in marks), (d.id, q.texts)
            elif q.kind == "indirect":
                for s, e in q.spans:
                    assert not {d.text[s], d.text[e - 1]} & set('"“„«»'), (d.id, q.texts)


def test_articles_have_a_date(documents: list[LabelledDocument]) -> None:
    for d in documents:
        assert d.date and re.fullmatch(r"20[0-2]\d-[01]\d-[0-3]\d", d.date), d.id


def test_the_topic_is_bsa_for_five_of_nine_and_other_for_four(
    records: list[dict[str, object]],
) -> None:
    # each writer's first five are on US and Afghan affairs; figures are split by this field
    found = {str(r["id"]): r["topic"] for r in records}
    wanted = {i: "bsa" if int(i.partition("-")[2]) <= 5 else "other" for i in found}
    assert {i: (t, wanted[i]) for i, t in found.items() if t != wanted[i]} == {}


def test_no_public_figure_is_quoted_in_marks(
    documents: list[LabelledDocument], actors: Actors
) -> None:
    quoted = [
        (d.id, q.speaker_name, q.texts)
        for d in documents
        for q in d.quotes
        if q.kind != "indirect" and q.speaker_name and actors.person(q.speaker_name)
    ]
    assert [q for q in quoted if q[:2] not in NAMESAKES] == []


def test_public_figures_do_stand_in_indirect_speech(
    documents: list[LabelledDocument], actors: Actors
) -> None:
    # else the test above would pass on names that the actors file cannot know
    named = {
        person.name
        for d in documents
        for q in d.quotes
        if q.kind == "indirect" and q.speaker_name and (person := actors.person(q.speaker_name))
    }
    assert {"Hamid Karzai", "John Kerry"} <= named


def test_no_article_shares_a_run_of_words_with_the_gold_articles(
    documents: list[LabelledDocument], project: Path
) -> None:
    gold = load_labelled(project / "tests/data/bsa_dev") + load_labelled(project / "seeds/labels")
    known = {run: d.id for d in gold for run in runs(d.text)}
    assert [(d.id, known[r], r) for d in documents for r in runs(d.text) if r in known] == []


def test_no_two_articles_share_a_run_of_words(documents: list[LabelledDocument]) -> None:
    # a body printed twice inside one article is one of the shapes of real pages
    owners: dict[str, set[str]] = {}
    for d in documents:
        for run in runs(d.text):
            owners.setdefault(run, set()).add(d.id)
    assert {tuple(sorted(ids)): run for run, ids in owners.items() if len(ids) > 1} == {}


def test_the_datasheet_counts_what_is_there(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = (project / "seeds/README.md").read_text(encoding="utf-8")
    section = sheet[sheet.index("\n## stories/") :]
    (code,) = re.findall(r"```python\n(.*?)```", section, re.S)
    monkeypatch.chdir(project)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "seeds/README.md", "exec"), {})
    lines = printed.getvalue().strip().splitlines()
    assert len(lines) > 5
    for line in lines:
        assert f"\n{line}\n" in section, line
