"""The encoder model, on a network whose every weight is known: a bag of words.

Each word adds fixed scores; the network's output is their sum. So what a pair gets can be told by
hand, while tokenizer, ONNX Runtime, bundle and classifier are the real ones. The first stage is a
linear model of as few words.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotestance import Quote, SentimentClassifier, StanceClassifier
from quotestance.bundle import Bundle, load_bundle, save_bundle
from quotestance.codebook import SENTIMENTS, STANCES, Codebook
from quotestance.errors import BundleError, InputError
from quotestance.features import Example, FeatureMatrix
from quotestance.models.common import TargetText
from quotestance.models.encoder import EncoderModel, log, logit
from quotestance.models.encoder_settings import HEADS, WIDTH, Settings, columns
from quotestance.models.linear import VIEWS, Head, LinearModel
from quotestance.models.pairs import quote_text, target_pair

AT = {"bearing": 0, "favor": 1, "against": 2, "neutral": 3, "bad": 4, "plain": 5, "good": 6,
      "toward_bad": 7, "toward_plain": 8, "toward_good": 9}  # fmt: skip
WORDS: dict[str, Mapping[str, float]] = {
    "pact": {"bearing": 3.0},
    "soldiers": {"bearing": 3.0},
    "sign": {"favor": 4.0},
    "refuse": {"against": 4.0},
    "perhaps": {"neutral": 4.0},
    "shameful": {"bad": 5.0, "toward_bad": 5.0},
    "splendid": {"good": 5.0, "toward_good": 5.0},
    "fish": {"bearing": 3.0},
    "table": {"plain": 2.0, "bearing": -3.0},
}


def tokenizer_json(words: list[str]) -> bytes:
    """Words split at spaces and punctuation; a pair is joined by [SEP]."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    vocabulary = {"[UNK]": 0, "[CLS]": 1, "[SEP]": 2}
    vocabulary |= {w: k for k, w in enumerate(words, len(vocabulary))}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 1), ("[SEP]", 2)],
    )  # fmt: skip
    return bytes(tokenizer.to_str().encode())


def network(words: Mapping[str, Mapping[str, float]]) -> bytes:
    """An ONNX graph that sums the rows of a table over the tokens."""
    from onnx import TensorProto, helper, numpy_helper

    table = np.zeros((3 + len(words), WIDTH), np.float32)
    for row, scores in enumerate(words.values(), 3):
        for name, value in scores.items():
            table[row, AT[name]] = value
    graph = helper.make_graph(
        [
            helper.make_node("Gather", ["table", "input_ids"], ["rows"]),
            helper.make_node("ReduceSum", ["rows", "axis"], ["scores"], keepdims=0),
        ],
        "bag",
        [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["rows_", "tokens"])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["rows_", "width"])],
        [numpy_helper.from_array(table, "table"),
         numpy_helper.from_array(np.array([1], np.int64), "axis")],
    )  # fmt: skip
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    return bytes(made.SerializeToString())


def first_stage(codebook: Codebook) -> LinearModel:
    """Knows two issues by a word each, that those who trust favor, and what is bad."""
    words = ("issue", "stance", "sentiment", "target")
    known = ("pact", "soldiers", "trust", "shameful")
    views = {}
    for view in set(VIEWS.values()):
        matrix = views[view] = FeatureMatrix()
        matrix.names_ = [("t:" if view == "target" else "w:") + word for word in known]
        matrix.index_ = {name: k for k, name in enumerate(matrix.names_)}
    labels: dict[str, tuple[str, ...]] = dict.fromkeys(words, SENTIMENTS)
    labels |= {"issue": codebook.issue_ids, "stance": STANCES}
    weights = {h: np.zeros((len(labels[h]), len(known)), np.float32) for h in words}
    for k, issue in enumerate(("bsa_agreement", "residual_force")):
        weights["issue"][codebook.issue_ids.index(issue), k] = 10.0
    weights["stance"][0, 2] = weights["sentiment"][0, 3] = weights["target"][0, 3] = 3.0
    bias = {h: np.full(len(labels[h]), -5.0 if h == "issue" else 0.0, np.float32) for h in words}
    return LinearModel(
        {h: Head(labels[h], weights[h], bias[h], independent=h == "issue") for h in words}, views
    )


Make = Callable[..., EncoderModel]


@pytest.fixture(scope="module")
def make(codebook: Codebook) -> Make:
    def model(**changes: object) -> EncoderModel:
        settings = Settings(
            dict.fromkeys(HEADS, 1.0), (1.0, 1.0, -4.0), (1.0, 1.0), (0.0, 0.0, 0.0), (1.0, 1.0),
            0.5, 64, {"us": "United States", "afghan": "Afghan government"},
        )  # fmt: skip
        return EncoderModel(
            network(WORDS), tokenizer_json(list(WORDS)), first_stage(codebook),
            replace(settings, **changes), codebook,
        )  # fmt: skip

    return model


@pytest.fixture(scope="module")
def model(make: Make) -> EncoderModel:
    return make()


@pytest.fixture(scope="module")
def bundle(
    classifier: StanceClassifier, model: EncoderModel, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    manifest = {"thresholds": {"issue": 0.5, "stance": 0.6}}
    b = classifier.bundle
    folder = tmp_path_factory.mktemp("bundle") / "encoder"
    return save_bundle(folder, model, model.codebook, b.actors, manifest, card="# A card\n")


@pytest.fixture(scope="module")
def encoder(bundle: Path) -> StanceClassifier:
    return StanceClassifier.from_pretrained(bundle)


def example(text: str, side: str = "us", **fields: str) -> Example:
    return Example(Quote.of(text, **fields), side=side)


# -- the words of a pair


def test_a_short_quote_comes_with_the_sentence_before() -> None:
    quote = Quote("We go.", cue="said", source="the envoy", before="It rained.")
    names = {"us": "United States"}
    text = quote_text(Example(quote, "us"), names)
    assert text == "United States | the envoy said : « We go. » | It rained."
    assert quote_text(Example(quote, "other"), names) == (
        "the envoy said : « We go. » | It rained."
    )
    assert quote_text(Example(Quote("We go.")), names) == " : « We go. »"


@pytest.mark.parametrize(("words", "wanted"), [(6, True), (7, False)])
def test_a_longer_quote_speaks_for_itself(words: int, wanted: bool) -> None:
    quote = Quote(" ".join(["go"] * words), source="he", before="It rained.")
    assert ("It rained." in quote_text(Example(quote, "us"), {})) == wanted


def test_a_target_is_marked_in_its_text() -> None:
    names = {"us": "United States", "afghan": "Afghan government"}
    assert target_pair(TargetText("The army is brave.", (4, 8)), {}) == (
        "army", "The « army » is brave.",
    )  # fmt: skip
    named = TargetText("Kabul lies.", (0, 5), "us", "afghan")
    assert target_pair(named, names) == ("Kabul", "United States | « Kabul » lies.")
    unnamed = TargetText("They lie.", None, "us", "afghan")
    assert target_pair(unnamed, names) == ("Afghan government", "United States | They lie.")


@given(st.text(min_size=1, max_size=40), st.data())
def test_any_target_keeps_its_text(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    first, second = target_pair(TargetText(text, (start, end)), {})
    assert first == text[start:end]
    assert second.replace("« ", "", 1).replace(" »", "", 1).replace(" ", "") or not text.strip()
    assert len(second) == len(text) + 4


# -- scores


def test_heads_lie_side_by_side() -> None:
    ends = [(columns(h).start, columns(h).stop) for h in HEADS]
    assert ends == [(0, 1), (1, 4), (4, 7), (7, 10)]
    assert WIDTH == 10


def test_scores_are_those_of_the_words(model: EncoderModel) -> None:
    (row,) = model.scores([("fish", "sign the pact")])
    assert row.shape == (WIDTH,)
    assert row[AT["favor"]] == 4
    assert row[AT["bearing"]] == 6


def test_an_answer_does_not_depend_on_its_neighbours_or_threads(make: Make) -> None:
    pairs = [("fish", "sign the pact"), ("", "refuse"), ("table", "perhaps " * 40)]
    together = make().scores([*pairs, *pairs])
    alone = np.vstack([replace(make(), threads=1).scores([p]) for p in pairs])
    assert np.array_equal(together, np.vstack([alone, alone]))
    assert make().scores([]).shape == (0, WIDTH)


def test_long_texts_lose_their_end(make: Make) -> None:
    short = make(max_length=8)
    long, kept = short.scores([("", "sign " * 50 + "refuse"), ("", "sign " * 6)])
    assert np.array_equal(long, kept)


def test_temperatures_flatten(make: Make) -> None:
    texts = [TargetText("shameful thing", (9, 14))]
    sharp = make().toward(texts)
    warm = make(temperatures=dict.fromkeys(HEADS, 4.0)).toward(texts)
    assert sharp.argmax() == warm.argmax() == 0
    assert warm[0, 0] < sharp[0, 0]
    assert warm.sum() == pytest.approx(1)


# -- reading quotes


def test_only_likely_issues_are_read_as_pairs(
    model: EncoderModel, monkeypatch: pytest.MonkeyPatch, codebook: Codebook
) -> None:
    seen: list[tuple[str, str]] = []
    real = EncoderModel.scores
    monkeypatch.setattr(EncoderModel, "scores", lambda self, p: (seen.extend(p), real(self, p))[1])
    told = {i.id: i.proposition for i in codebook.issues}
    read = model.read([example("We sign the pact."), example("A table.")], [[], []])
    assert [first for first, _ in seen] == [told["bsa_agreement"], ""]
    columns_ = {issue: j for j, issue in enumerate(codebook.issue_ids)}
    assert read.bearing[0, columns_["bsa_agreement"]] > 0.9
    assert np.count_nonzero(read.bearing) == 1
    assert read.stances([(0, "bsa_agreement")]).argmax() == 0
    assert read.sentiment[1].argmax() == 1


def test_an_issue_that_is_asked_about_is_read_though_unlikely(model: EncoderModel) -> None:
    read = model.read([example("We refuse fish.")], [["taliban_talks"]])
    assert read.stances([(0, "taliban_talks")]).argmax() == 1
    with pytest.raises(KeyError):
        read.stances([(0, "bsa_agreement")])


def test_nothing_to_read_gives_nothing(model: EncoderModel) -> None:
    read = model.read([], [])
    assert read.bearing.shape == (0, 9)
    assert read.stances([]).shape == (0, 3)
    assert model.toward([]).shape == (0, 3)


def test_bearing_weighs_both_stages(make: Make) -> None:
    told = make().evidence([example("We sign the pact.")], [[]])
    assert [len(part) for part in told.pairs] == [1, 1]
    a, b = float(told.scores[0, 0]), float(told.issues[told.pairs][0])
    assert (a, b) == (pytest.approx(3), pytest.approx(5, abs=1e-3))
    for weights in ((1.0, 0.0, 0.0), (0.2, 0.1, -1.0)):
        read = make(bearing=weights).read([example("We sign the pact.")], [[]])
        wanted = 1 / (1 + np.exp(-(weights[0] * a + weights[1] * b + weights[2])))
        assert read.bearing.max() == pytest.approx(wanted, abs=1e-6)


def test_stance_and_sentiment_weigh_both_stages(make: Make) -> None:
    here = [example("They trust and refuse the pact."), example("Shameful trust.")]
    pair = [(0, "bsa_agreement")]
    encoder, first, both = (
        make(stance=weights, sentiment=weights).read(here, [[], []])
        for weights in ((1.0, 0.0), (0.0, 1.0), (1.0, 2.0))
    )
    assert encoder.stances(pair)[0] == pytest.approx(np.exp([0, 4, 0]) / (2 + np.exp(4)))
    alone = first.stances(pair)[0]
    assert alone.argmax() == 0
    product = encoder.stances(pair)[0] * alone**2
    assert both.stances(pair)[0] == pytest.approx(product / product.sum(), abs=1e-5)
    assert encoder.sentiment[1, 0] == pytest.approx(np.exp(5) / (2 + np.exp(5)))
    assert first.sentiment[1] == pytest.approx(
        make().linear.sentiments(make().linear.features(here))[1], abs=1e-6
    )


def test_constants_shift_the_stance(make: Make) -> None:
    here, pair = [example("They trust and refuse the pact.")], [(0, "bsa_agreement")]
    plain, shifted = (
        make(stance_constants=c).read(here, [[]]) for c in ((0.0, 0.0, 0.0), (0.5, -2.0, 1.5))
    )
    wanted = plain.stances(pair)[0] * np.exp([0.5, -2.0, 1.5])
    assert shifted.stances(pair)[0] == pytest.approx(wanted / wanted.sum(), abs=1e-5)
    assert np.array_equal(plain.sentiment, shifted.sentiment)


def test_the_feeling_of_a_quote_is_the_mean_over_its_passes(model: EncoderModel) -> None:
    told = model.evidence([example("Splendid pact, soldiers."), example("A table.")], [[], []])
    assert told.pairs[0].tolist() == [0, 0]
    assert told.feeling.tolist() == [[0, 0, 5], [0, 2, 0]]


def test_a_side_that_is_not_named_is_the_first_stages(
    model: EncoderModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = TargetText("Kabul is splendid.", (0, 5), "us", "afghan")
    unnamed = TargetText("They are shameful and splendid.", None, "us", "afghan")
    alone = model.toward([named])
    seen: list[tuple[str, str]] = []
    real = EncoderModel.scores
    monkeypatch.setattr(EncoderModel, "scores", lambda self, p: (seen.extend(p), real(self, p))[1])
    both = model.toward([unnamed, named])
    assert len(seen) == 1
    assert both[1] == pytest.approx(alone[0])
    assert both[0] == pytest.approx(model.linear.toward([unnamed])[0])
    assert both[0].argmax() == 0


@given(st.lists(st.floats(0, 1, width=32), min_size=1, max_size=5))
def test_logarithms_stay_finite(values: list[float]) -> None:
    p = np.array([values], np.float32)
    assert np.isfinite(log(p)).all() and np.isfinite(logit(p)).all()
    clear = np.abs(p - 0.5) > 1e-3
    assert (np.sign(logit(p)) == np.sign(p - 0.5))[clear].all()


# -- through bundle and classifier


def test_a_bundle_comes_back_the_same(
    encoder: StanceClassifier, bundle: Path, tmp_path: Path
) -> None:
    again = encoder.save_pretrained(tmp_path / "again")
    names = {p.name for p in bundle.iterdir()}
    assert {p.name for p in again.iterdir()} == names
    for name in names:
        assert (again / name).read_bytes() == (bundle / name).read_bytes()
    assert load_bundle(again).name == load_bundle(bundle).name
    assert load_bundle(bundle).name.startswith("encoder@")
    assert (bundle / "README.md").read_text() == "# A card\n"


def test_articles_get_rows(encoder: StanceClassifier) -> None:
    text = "“We sign the pact. It is splendid,” a White House official said."
    (row,) = encoder.predict(text, date="2013-10-12")
    assert (row.side, row.issue, row.stance) == ("us", "bsa_agreement", "favor")
    assert (row.sentiment, row.abstained) == ("positive", False)
    assert row.model == encoder.bundle.name


def test_three_answers_are_kept_apart(encoder: StanceClassifier) -> None:
    here = [Quote.of(t, side="us") for t in ("Sign fish.", "Perhaps fish.", "Fish.", "A table.")]
    favor, none_taken, cannot_tell, not_here = encoder.predict_quotes(here, proposition="No cod.")
    assert (favor.issue, favor.stance) == ("No cod.", "favor")
    assert (none_taken.stance, none_taken.abstained) == ("neutral", False)
    assert (cannot_tell.stance, cannot_tell.abstained) == (None, True)
    assert (not_here.stance, not_here.abstained) == (None, False)
    assert not_here.stance_scores is None and cannot_tell.stance_scores is not None
    assert not_here.issue_score is not None and not_here.issue_score < 0.5
    assert not_here.issue == "No cod."


def test_a_proposition_needs_words_and_an_encoder(
    encoder: StanceClassifier, classifier: StanceClassifier
) -> None:
    quote = Quote.of("We go.", side="us")
    with pytest.raises(InputError, match="proposition: is empty"):
        encoder.predict_quotes([quote], proposition="  ")
    with pytest.raises(InputError, match="knows only its codebook's issues"):
        classifier.predict_quotes([quote], proposition="They should go.")
    with pytest.raises(InputError, match="load the bundle 'linear'"):
        encoder.explain(quote, "bsa_agreement")


def test_sentiment_toward_a_target(encoder: StanceClassifier) -> None:
    answers = SentimentClassifier(encoder.bundle).predict(
        [("A shameful table.", (11, 16)), ("A splendid table.", (11, 16))]
    )
    assert [a["label"] for a in answers] == ["negative", "positive"]


def _altered(bundle: Path, folder: Path, name: str, data: bytes) -> Path:
    """A copy with one file replaced and its digest put right."""
    loaded = load_bundle(bundle)
    model = loaded.model
    assert isinstance(model, EncoderModel)
    changes = {"encoder.onnx": "onnx", "tokenizer.json": "tokenizer_json"}
    if name in changes:
        model = replace(model, **{changes[name]: data})
        return save_bundle(folder, model, loaded.codebook, loaded.actors, loaded.manifest)
    from quotestance.modelfolder import MANIFEST, canonical, digest_of, sha256

    save_bundle(folder, model, loaded.codebook, loaded.actors, loaded.manifest)
    (folder / name).write_bytes(data)
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest["files"][name] = sha256(data)
    manifest["digest"] = digest_of(manifest["files"])
    (folder / MANIFEST).write_bytes(canonical(manifest))
    return folder


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("encoder.onnx", b"no network", "encoder.onnx: cannot be loaded"),
        ("tokenizer.json", b"{}", "tokenizer.json: cannot be read"),
    ],
)
def test_broken_parts_are_told(
    bundle: Path, tmp_path: Path, name: str, data: bytes, message: str
) -> None:
    folder = _altered(bundle, tmp_path / "broken", name, data)
    clf = StanceClassifier.from_pretrained(folder)
    with pytest.raises(BundleError, match=message):
        clf.predict_quotes([Quote.of("We go.", issue="bsa_agreement")])


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"[]", "encoder.json: TypeError"),
        (b"no json", "encoder.json: JSONDecodeError"),
        (b'{"temperatures": {}}', "encoder.json: KeyError 'bearing'"),
    ],
)
def test_broken_settings_are_refused(
    bundle: Path, tmp_path: Path, data: bytes, message: str
) -> None:
    folder = _altered(bundle, tmp_path / "broken", "encoder.json", data)
    with pytest.raises(BundleError, match=message):
        load_bundle(folder)


def test_names_of_strange_sides_are_refused(bundle: Path, tmp_path: Path) -> None:
    spec = json.loads((bundle / "encoder.json").read_text())
    data = json.dumps(spec | {"names": {"mars": "Mars"}}).encode()
    with pytest.raises(BundleError, match="'mars' is no side"):
        load_bundle(_altered(bundle, tmp_path / "broken", "encoder.json", data))


def test_a_bundle_holds_the_network_and_its_first_stage(bundle: Path) -> None:
    loaded: Bundle = load_bundle(bundle)
    assert set(loaded.manifest["files"]) == {
        "codebook.json", "actors.json", "encoder.json", "encoder.onnx", "tokenizer.json",
        "linear.json", "linear.safetensors",
    }  # fmt: skip
