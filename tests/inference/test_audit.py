"""How the sides are quoted."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest
from rich.console import Console

from quotestance import Position
from quotestance.audit import audit, effective_number, print_audit
from quotestance.errors import InputError


@pytest.fixture
def base(rows: list[Position]) -> Position:
    return replace(rows[0], issue=None, stance=None, abstained=False, speaker=None, source="he",
                   speaker_kind="anonymous", statement_id=None, quote_score=None)  # fmt: skip


def printed(rows: list[Position]) -> str:
    console = Console(file=io.StringIO(), width=160, markup=False)
    print_audit(audit(rows), console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.fixture
def uneven(base: Position) -> list[Position]:
    """In each of 12 articles the US speaks by name and the palace through its reporter."""
    found = []
    for i in range(12):
        here = replace(base, article_id=f"a{i}", issue="talks", stance="favor")
        found += [
            replace(here, quote_id="q000", side="us", kind="direct", speaker="John Kerry",
                    speaker_kind="named", statement_id="s1", quote_score=0.9),
            replace(here, quote_id="q001", side="afghan", kind="indirect", source=None,
                    statement_id=f"t{i % 4}", stance=None, abstained=True, quote_score=0.5),
        ]  # fmt: skip
    return found


def test_profiles(uneven: list[Position]) -> None:
    found = audit([*uneven, replace(uneven[0], issue="bases", stance=None, abstained=True)])
    us, afghan = found.sides["us"], found.sides["afghan"]
    assert list(found.sides) == ["us", "afghan"]
    assert (found.quotes, found.articles, us.quotes, us.articles) == (24, 12, 12, 12)
    assert (us.shares["direct"], us.shares["named"], us.shares["unattributed"]) == (1, 1, 0)
    assert us.shares["abstained"] == round(1 / 13, 4)  # of the rows with an issue
    assert (afghan.shares["direct"], afghan.shares["unattributed"]) == (0, 1)
    assert (us.speakers, us.statements, us.effective_statements) == (1, 1, 1.0)
    assert (afghan.speakers, afghan.statements, afghan.effective_statements) == (0, 4, 4.0)
    assert (us.quote_score, afghan.quote_score) == (0.9, 0.5)
    assert not found.linked_here


def test_differences_that_tell_are_warned_of(uneven: list[Position]) -> None:
    warnings = audit(uneven).warnings
    assert warnings[0] == (
        "direct speech: 100 % of us, 0 % of afghan quotes (95 % interval of the difference "
        "+100 to +100 points): the sides are not quoted alike"
    )
    assert any(w.startswith("stance not sure: 0 % of us, 100 % of afghan rows") for w in warnings)
    assert "warning: direct speech" in printed(uneven)


def test_alike_sides_and_chance_differences_are_not(uneven: list[Position]) -> None:
    alike = [replace(r, kind="direct", speaker_kind="named", source="he", abstained=False)
             for r in uneven]  # fmt: skip
    assert audit(alike).warnings == []
    kinds = [("us", "direct"), ("us", "indirect"), ("afghan", "direct"), ("afghan", "mixed")]
    few = [replace(alike[0], article_id=f"b{i}", side=s, kind=k) for i, (s, k) in enumerate(kinds)]
    direct = audit(few).differences[1]
    assert (direct.figure, direct.difference) == ("indirect", 0.5)
    assert direct.low is not None and direct.low <= 0
    assert audit(few).warnings == []


def test_the_same_seed_gives_the_same_intervals(uneven: list[Position]) -> None:
    mixed = [replace(r, kind="direct" if i % 3 else "mixed") for i, r in enumerate(uneven)]
    assert audit(mixed).to_dict() == audit(mixed).to_dict()
    assert audit(mixed).differences != audit(mixed, seed=1).differences


def test_one_article_has_no_interval(uneven: list[Position]) -> None:
    found = audit(uneven[:2])
    assert {(d.low, d.high) for d in found.differences} == {(None, None)}
    assert found.warnings == []
    assert str(found.differences[0]) == "direct speech: 100 % of us, 0 % of afghan quotes"


def test_issues_with_few_quotes_of_a_side_are_marked(uneven: list[Position]) -> None:
    found = audit([*uneven[:9], replace(uneven[9], side="other")], least=5)
    assert found.issues == {"talks": {"us": 5, "afghan": 4}}
    assert found.thin == {"talks": ["afghan"]}
    assert audit(uneven[:9], least=4).thin == {}
    assert "4 !" in printed(uneven[:9])


def test_rows_without_ids_are_linked(base: Position) -> None:
    text = "The lawyers of both ministries have settled the wording on the northern bases."
    rows = [replace(base, article_id=f"a{i}", text=text, side="us") for i in range(3)]
    found = audit(rows)
    assert found.linked_here
    assert found.sides["us"].statements == 1
    assert "Statements were linked for this audit" in printed(rows)
    assert found.warnings == ["no quotes of afghan: there is nothing to compare"]
    assert (found.issues, found.differences) == ({}, [])


def test_no_rows() -> None:
    found = audit([])
    assert (found.quotes, found.sides, found.issues, found.warnings) == (0, {}, {}, [])
    assert "0 articles, 0 quotes" in printed([])
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False))["quotes"] == 0


def test_all_is_plain_json(rows: list[Position]) -> None:
    found = audit(rows).to_dict()
    assert json.loads(json.dumps(found, allow_nan=False))["compared"] == ["us", "afghan"]


@pytest.mark.parametrize("column", ["kind", "speaker_kind"])
def test_a_label_that_is_none(base: Position, column: str) -> None:
    with pytest.raises(InputError, match=f"{column} 'loud'; accepted: "):
        audit([replace(base, **{column: "loud"})])  # type: ignore[arg-type]


def test_brackets_in_labels_are_printed_as_they_are(uneven: list[Position]) -> None:
    assert "[/bold]" in printed([replace(row, issue="[/bold]") for row in uneven])


def test_the_effective_number() -> None:
    assert effective_number([]) == 0
    assert effective_number([7]) == 1
    assert effective_number([3, 3, 3]) == pytest.approx(3)
    assert 1 < effective_number([98, 1, 1]) < 1.2
