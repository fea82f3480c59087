"""Other wordings of the issues' propositions, and the rows that they make."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from quotestance.codebook import STANCES, Codebook
from quotestance.errors import ConfigError
from quotestance.features import Example
from quotestance.quotes import Quote
from quotestance_training.pair_rows import MISSING, LabelledQuote, PairRow, rows_of
from quotestance_training.wordings import Wordings, load_wordings, turned

FILE = Path("seeds/propositions.yaml")
GATES = Path("seeds/positions/gates/contrast.jsonl")


@pytest.fixture(scope="module")
def wordings(codebook: Codebook) -> Wordings:
    return load_wordings(FILE, codebook)


def quote(stance: str) -> LabelledQuote:
    example = Example(Quote.of("We will not be rushed by any date."), "afghan")
    return LabelledQuote(example, "w", {"signing_deadline": stance}, "neutral", {}, (), (), {})


def rows(
    quotes: Sequence[LabelledQuote], codebook: Codebook, wordings: Wordings | None, share: float
) -> list[PairRow]:
    likely = np.full((len(quotes), len(codebook.issue_ids)), 0.1)
    return rows_of(
        quotes, codebook, likely=likely, negatives=1, seed=1, wordings=wordings, reworded=share
    )


def test_every_issue_has_both_kinds_and_none_is_said_twice(
    wordings: Wordings, codebook: Codebook
) -> None:
    told = [p for of in wordings.of.values() for p, _ in of]
    assert len(told) == len(set(told))
    assert {i.proposition for i in codebook.issues}.isdisjoint(told)
    for issue in codebook.issue_ids:
        assert {opposite for _, opposite in wordings.of[issue]} == {False, True}


def test_no_wording_stands_in_the_contrast_set(wordings: Wordings) -> None:
    held = GATES.read_text("utf-8").casefold()
    assert not [p for of in wordings.of.values() for p, _ in of if p.casefold() in held]


def test_the_opposite_turns_the_stance() -> None:
    assert [STANCES[turned(k)] for k in range(3)] == ["against", "favor", "neutral"]


@pytest.mark.parametrize("stance", STANCES)
def test_a_reworded_row_keeps_what_it_means(
    wordings: Wordings, codebook: Codebook, stance: str
) -> None:
    quotes = [quote(stance)] * 40
    plain = rows(quotes, codebook, None, 0.0)
    found = rows(quotes, codebook, wordings, 1.0)
    new = list((Counter(found) - Counter(plain)).elements())
    on_issues = [row for row in plain if row.issue]
    assert len(new) == len(on_issues), "each row on an issue once more"
    told = {issue: dict(of) for issue, of in wordings.of.items()}
    for row in new:
        opposite = told[row.issue][row.first]
        if row.issue != "signing_deadline":
            assert (row.bearing, row.stance) == (0, MISSING)
        else:
            wanted = STANCES.index(stance)
            assert (row.bearing, row.stance) == (1, turned(wanted) if opposite else wanted)
    drawn = {told[r.issue][r.first] for r in new if r.issue == "signing_deadline"}
    assert drawn == {False, True}


def test_rewording_changes_no_other_row(wordings: Wordings, codebook: Codebook) -> None:
    quotes = [quote("favor"), quote("neutral")] * 20
    plain = rows(quotes, codebook, None, 0.0)
    some = rows(quotes, codebook, wordings, 0.3)
    assert not Counter(plain) - Counter(some)
    assert 0 < len(some) - len(plain) < len(plain)
    assert rows(quotes, codebook, wordings, 0.0) == rows(quotes, codebook, None, 0.3) == plain


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [", "cannot be read"),
        ("bsa_agreement: {same: [x], opposite: []}", "opposite"),
        ("bsa_agreement: {same: [x], opposite: [y], else: [z]}", "else"),
        ("bsa_agreement: {same: [x], opposite: [y]}", "signing_deadline"),
    ],
)
def test_a_bad_file_is_named(tmp_path: Path, codebook: Codebook, text: str, message: str) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=message) as caught:
        load_wordings(file, codebook)
    assert str(file) in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path, codebook: Codebook) -> None:
    with pytest.raises(ConfigError, match=r"none\.yaml"):
        load_wordings(tmp_path / "none.yaml", codebook)
