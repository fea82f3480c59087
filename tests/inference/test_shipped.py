"""What lies in the wheel: two models of stance and sentiment, small enough, allowed, and able."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from quotestance import Quote, SentimentClassifier, StanceClassifier
from quotestance.modelfolder import MANIFEST
from quotestance.models.encoder import EncoderModel
from quotestance.sources import find_bundle

MB = 1_000_000
NON_COMMERCIAL = ("seesaw", "-nc-")
APPLAUSE = "Voters praised the honest mayor and jeered at the corrupt minister."


@pytest.fixture(scope="module")
def encoder() -> StanceClassifier:
    return StanceClassifier.from_pretrained()


@pytest.fixture(scope="module")
def feeling(encoder: StanceClassifier) -> SentimentClassifier:
    return SentimentClassifier(encoder.bundle)


def _card(name: str) -> str:
    return (find_bundle(name) / "README.md").read_text(encoding="utf-8")


def test_the_default_is_an_encoder_and_the_linear_model_lies_beside_it(
    encoder: StanceClassifier,
) -> None:
    assert isinstance(encoder.bundle.model, EncoderModel)
    assert find_bundle("default") != find_bundle("linear")
    assert encoder.bundle.name.startswith("encoder@")


@pytest.mark.parametrize(
    ("bundle", "file", "most"),
    [("default", "encoder.onnx", 25 * MB), ("linear", "linear.safetensors", 5 * MB)],
)
def test_sizes(bundle: str, file: str, most: int) -> None:
    assert (find_bundle(bundle) / file).stat().st_size <= most
    for path in find_bundle(bundle).iterdir():
        assert path == find_bundle(bundle) / file or path.stat().st_size <= 5 * MB


@pytest.mark.parametrize("name", ["default", "linear"])
def test_no_data_that_may_not_be_passed_on(name: str) -> None:
    folder = find_bundle(name)
    told = (folder / MANIFEST).read_text(encoding="utf-8").casefold() + _card(name).casefold()
    assert not [word for word in NON_COMMERCIAL if word in told]


def test_the_card_names_the_public_sets_with_their_licences(encoder: StanceClassifier) -> None:
    manifest = json.loads((find_bundle("default") / MANIFEST).read_text(encoding="utf-8"))
    card = _card("default")
    assert {"newsmtsc", "perspectrum"} <= set(manifest["public_data"])
    for about in manifest["public_data"].values():
        assert about["licence"] in card and about["cite"] in card
    assert "MIT" in card and "CC BY-SA" in card
    for threshold in ("issue", "stance"):
        assert f"{encoder.bundle.threshold(threshold):g}" in card


@pytest.mark.parametrize(
    ("text", "stance"),
    [
        ("We support closing the harbour and will vote for it.", "favor"),
        ("Closing the harbour would be a disaster, and we will fight it in court.", "against"),
    ],
)
def test_a_proposition_that_was_never_learnt(
    encoder: StanceClassifier, text: str, stance: str
) -> None:
    (row,) = encoder.predict_quotes(
        [Quote.of(text, side="other")], proposition="The harbour should be closed."
    )
    assert row.issue == "The harbour should be closed."
    assert row.stance_scores is not None
    assert max(row.stance_scores, key=row.stance_scores.__getitem__) == stance


def test_a_proposition_that_a_quote_has_nothing_to_do_with(encoder: StanceClassifier) -> None:
    (row,) = encoder.predict_quotes(
        [Quote.of("The river rose by two metres overnight.", side="other")],
        proposition="The minister should resign over the pension reform.",
    )
    assert row.stance is None and not row.abstained


def test_two_targets_in_one_sentence_are_told_apart(feeling: SentimentClassifier) -> None:
    spans = [(26, 31), (58, 66)]
    assert [APPLAUSE[a:b] for a, b in spans] == ["mayor", "minister"]
    praised, jeered = feeling.predict([(APPLAUSE, span) for span in spans])
    assert (praised["label"], jeered["label"]) == ("positive", "negative")


def test_the_same_bytes_alone_and_in_company(encoder: StanceClassifier) -> None:
    texts = ["We will not be rushed.", "The troops must stay.", "No deal was struck in Geneva."]
    quotes = [Quote.of(t, side="afghan") for t in texts]
    together = encoder.predict_quotes(quotes)
    apart = [row for quote in quotes for row in encoder.predict_quotes([quote])]
    assert together == apart


def test_the_readme_of_the_wheel_names_what_ships() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    for name in ("default", "linear"):
        manifest = json.loads((find_bundle(name) / MANIFEST).read_text(encoding="utf-8"))
        assert f"{manifest['kind']}@{manifest['digest'][:12]}" in readme
