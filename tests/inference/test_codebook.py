"""The codebook: its labels, and what it says of a label that it does not have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from quotestance.codebook import Codebook, load_codebook
from quotestance.errors import CodebookError

SMALL: dict[str, Any] = {
    "schema_version": 1,
    "id": "valley",
    "title": "The valley",
    "sides": ["north", "south"],
    "issues": [{"id": "bridge", "proposition": "The bridge should be built."}],
}


def load(folder: Path, **changes: object) -> Codebook:
    path = folder / "codebook.yaml"
    path.write_text(yaml.safe_dump({**SMALL, **changes}), encoding="utf-8")
    return load_codebook(path)


def test_the_nine_issues_of_the_first_subject(codebook: Codebook) -> None:
    assert codebook.issue_ids == (
        "bsa_agreement", "signing_deadline", "residual_force", "unilateral_operations",
        "security_guarantee", "legal_jurisdiction", "military_conduct", "taliban_talks",
        "talks_progress",
    )  # fmt: skip
    assert codebook.side_labels == ("us", "afghan", "other", "unknown")


@pytest.mark.parametrize(
    ("variable", "value", "accepted"),
    [
        ("stance", "pro", "favor, against, neutral"),
        ("side", "east", "us, afghan, other, unknown"),
        ("sentiment", "sad", "negative, neutral, positive"),
        ("kind", "free", "direct, indirect, mixed"),
        ("speaker_kind", "ghost", "named, anonymous, collective, document, unknown"),
    ],
)
def test_an_unknown_label_is_named_with_those_accepted(
    variable: str, value: str, accepted: str, codebook: Codebook
) -> None:
    with pytest.raises(CodebookError) as caught:
        codebook.check(variable, value, where="row 3")
    assert str(caught.value) == (
        f"row 3: {variable} {value!r} is not in codebook 'bsa2013'; accepted: {accepted}"
    )


def test_a_known_label_comes_back(codebook: Codebook) -> None:
    assert codebook.check("issue", "taliban_talks") == "taliban_talks"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"colour": 3},
            "colour: unknown key; accepted: schema_version, id, title, sides, names, issues",
        ),
        ({"issues": SMALL["issues"] * 2}, "issue 'bridge' stands twice"),
        ({"sides": ["north", "north"]}, "side 'north' stands twice"),
        ({"sides": ["north", "other"]}, "side 'other' is always there; leave it out of sides"),
        ({"issues": []}, "issues: Tuple should have at least 1 item"),
        ({"schema_version": 2}, "schema_version: Input should be 1 (got 2)"),
    ],
)
def test_a_faulty_codebook_is_refused_in_words(
    changes: dict[str, Any], message: str, tmp_path: Path
) -> None:
    with pytest.raises(CodebookError) as caught:
        load(tmp_path, **changes)
    assert message in str(caught.value)
    assert str(caught.value).startswith(str(tmp_path / "codebook.yaml"))


def test_another_subject_is_another_file(tmp_path: Path) -> None:
    assert load(tmp_path).side_labels == ("north", "south", "other", "unknown")


@given(value=st.text(max_size=20))
def test_no_other_text_passes_for_a_stance(value: str, codebook: Codebook) -> None:
    if value in ("favor", "against", "neutral"):
        assert codebook.check("stance", value) == value
    else:
        with pytest.raises(CodebookError):
            codebook.check("stance", value)
