"""A small statements folder, a bundle trained on it, and one MLflow store for the session."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from threadpoolctl import threadpool_limits

from quotestance.actors import Actors
from quotestance.codebook import Codebook
from quotestance_training.config import TrainConfig, check_config
from quotestance_training.corpora import Corpus, load_statements
from quotestance_training.fit_linear import Task, tasks_of
from quotestance_training.labelled import LabelledDocument
from quotestance_training.train import train
from quotestance_training.trained import Trained

os.environ["HF_HUB_OFFLINE"] = "1"

WRITERS = ("t01", "t02", "t03", "t04")
SPEAKERS = {
    "us": ("Harlan Pruett, a State Department envoy,", "a senior US official", "Pentagon aides"),
    "afghan": ("Wazir Tolwak, a presidential adviser,", "an Afghan minister", "the palace"),
    "other": ("Ilse Brandvold, a Norwegian analyst,", "a Kabul shopkeeper", "villagers"),
}
TOPICS = {
    "bsa_agreement": ("the security agreement", "the pact", "this agreement", "the long pact"),
    "residual_force": ("American troops after 2014", "troops here after 2014",
                       "a force of troops after 2014", "foreign troops past 2014"),
    "taliban_talks": ("talks with the Taliban", "the Doha talks", "Taliban envoys in Doha",
                      "the Taliban office in Doha"),
}  # fmt: skip
WORDS = {
    ("favor", "positive"): ("We gladly welcome", "and we are proud to support it"),
    ("favor", "neutral"): ("We support", "and it should go ahead"),
    ("against", "negative"): ("We reject", "because it is a shameful mistake"),
    ("against", "neutral"): ("We cannot accept", "and it should not go ahead"),
    ("neutral", "neutral"): ("We have not decided about", "and the question stays open"),
    ("neutral", "negative"): ("We are undecided about", "and the delay is a painful waste"),
}
OPENINGS = ("In the courtyard of the guest house", "Over weak tea on Sunday",
            "Between two flights", "From a lectern without a flag")  # fmt: skip


def statement(writer: int, number: int) -> dict[str, Any]:
    """One invented snippet with its labels; offsets are those of the parts as they are joined."""
    side = tuple(SPEAKERS)[(number + writer) % 3]
    issue = tuple(TOPICS)[number % 3]
    stance, sentiment = tuple(WORDS)[(number + number // 3) % len(WORDS)]
    misleading = (number + 3) % 7 == writer  # a few words lie, so that figures stay below 1
    start, end = tuple(WORDS.values())[(number + number // 3 + misleading) % len(WORDS)]
    source = SPEAKERS[side][(number // 3 + writer) % 3]
    content = f"{start} {TOPICS[issue][writer]} {end},"
    text, at = f"{OPENINGS[(number + writer) % 4]}, the talk went on. “", {}
    for name, part in (("content", content), ("", "” "), ("source", source), ("", " "),
                       ("cue", "said")):  # fmt: skip
        at[name] = [len(text), len(text) + len(part)]
        text += part
    toward = {"us": sentiment if issue == "residual_force" else "neutral", "afghan": "neutral"}
    return {
        "id": f"{WRITERS[writer]}-{number:03d}",
        "date": f"2013-{6 + writer:02d}-{number + 1:02d}",
        "text": f"{text}.",
        "writer": WRITERS[writer],
        "voice": "wire",
        "quotes": [
            {
                "spans": [at["content"]],
                "texts": [content],
                "kind": "direct",
                "cue": at["cue"],
                "source": at["source"],
                "speaker_kind": ("named", "anonymous", "collective")[(number // 3 + writer) % 3],
                "side": side,
                "issues": {issue: stance},
                "sentiment": sentiment,
                "sentiment_toward": toward,
            }
        ],
    }


_MARKED = re.compile(r"\[(?P<what>[dimocs])(?P<number>\d)\|(?P<words>[^\]]*)\]")
_KIND = {"d": "direct", "i": "indirect", "m": "mixed", "o": "indirect"}


def story(marked: str, **fields: Any) -> dict[str, Any]:
    """A labelled article from a text with its labels in brackets.

    ``[d0|words]`` is content of quote 0, direct (i: indirect, m: mixed, o: indirect and optional);
    ``[c0|words]`` is its cue and ``[s0|words]`` its source.
    """
    text, at, found = "", 0, dict[str, dict[str, Any]]()
    for m in _MARKED.finditer(marked):
        text += marked[at : m.start()]
        span, at = [len(text), len(text) + len(m["words"])], m.end()
        text += m["words"]
        quote = found.setdefault(m["number"], {"spans": [], "texts": []})
        if m["what"] in _KIND:
            quote["spans"].append(span)
            quote["texts"].append(m["words"])
            quote |= {"kind": _KIND[m["what"]], "optional": m["what"] == "o"}
        else:
            quote["cue" if m["what"] == "c" else "source"] = span
    return {"text": text + marked[at:], "quotes": [found[n] for n in sorted(found)]} | fields


STORIES = {
    "k01-1": """Crane drivers at Orlen Quay stay out

[s0|The harbour master] [c0|said] that [i0|the cranes would stand idle until Friday]. \
The strike pushed the price of cement past nine marks, and the queue of lorries showed no movement.

“[d1|We will not lift a single box,]” [c1|said] [s1|Mira Tollen, a crane driver]. \
“[d1|We have waited since spring.]”

[s2|The port office] [c2|wants] [i2|a quick end to the strike]. Rain found its way into the sheds.

“No Entry After Dark.” That is what the board at the gate has always read.

[s3|An accountant] [c3|called] [m3|the offer “a tin bath with a horn”]. \
Snow closed the upper road, which made the tailback worse.
""",
    "k01-2": """Mill town counts its herons

[s0|The council] [c0|says] [i0|the reed beds will be cut in March]. \
The river carried more silt than before and the bank lost two metres.

“[d1|Nobody asked the birds,]” [s1|Osk Varrel] [c1|said] on the bridge. He keeps a list of nests.

[s2|Wardens] [c2|warned] that [i2|the nests might be empty by summer]. The list needs a new page.

“The Patient Heron.” It hung over the inn for ninety years.

“[d3|I count them every morning,]” [s3|Varrel] [c3|said]. The inn opened at noon.
""",
    "k02-1": """Ferry company loses its second boat

[s0|The owners] [c0|announced] that [i0|the night crossing would end in May]. \
The boat hit a mooring post in fog, and its pump gave out.

[s1|A deckhand] [c1|told] reporters that [i1|the pump had been broken for a year]. \
The post bears a green lamp.

“[d2|They knew about the pump,]” [c2|said] [s2|Dunna Rusk, who mends nets]. “[d2|All of us knew.]”

“[d3|We will look at every bolt,]” [s3|the mate] [c3|said]. The yard has two dry docks.

“Fish and Honest Weights.” The shop sign survived the fire of 1911.

[s4|Islanders] [c4|demanded] [i4|a third boat]. The fog lifted and the gulls left the pier.
""",
    "k02-2": """Trial of a sleeping powder halted

[s0|The maker] [c0|said] [i0|the trial would not resume]. \
The powder cut waking hours by a third but raised fevers.

“[d1|Eleven of us shook all night,]” [s1|a volunteer] [c1|said]. The ward has nine beds.

[s2|The clinic] [c2|denied] that [i2|the doses were wrong]. Figures from the first week show a dip.

“Rest Is Work.” The motto still hangs in the hall, over the clock.

[s3|A nurse] [c3|said] that [i3|the fevers began on the second day]. Shares lost a tenth.
""",
    "k03-1": """Two valleys quarrel over a weir

[s0|The upper valley] [c0|wants] [i0|a higher weir]. \
Meltwater filled the old channel and took a footbridge with it.

“[d1|They drink first and pay last,]” [c1|said] [s1|Hale Imbrik, a miller]. “[d1|We pay.]”

[s2|The water office] [c2|said] that [i2|the gates would open on Monday]. \
A gauge at the bridge showed four metres.

[s3|An engineer] [c3|described] [m3|the wall as “a comb for trees”]. The comb has lost teeth.

“Keep Off the Sluice.” Moss covers most of the letters.

“[d4|We have the papers,]” [s4|the reeve] [c4|said]. His desk has three locks.
""",
    "k03-2": """Football club asks for its goats back

[s0|The club] [c0|said] that [i0|the goats had been lent, not given]. The pitch slopes to the east.

“[d1|A goat is not a mower,]” [s1|Petra Lond] [c1|said]. “[d1|It eats the nets.]”

[s2|Neighbours] [c2|warned] that [i2|the fence would not hold]. \
The storm took a plank, and the wind did the rest.

“Ever Upward.” The words stand on a scarf that nobody wears.

[s3|The league] [c3|wants] [i3|a fence by August]. The season opens in the rain.
""",
}


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Linear algebra in one thread: on small arrays, waiting threads make a busy machine crawl."""
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="session")
def statements(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 60 snippets, 15 by each of four writers."""
    folder = tmp_path_factory.mktemp("data") / "statements"
    folder.mkdir()
    for w, writer in enumerate(WRITERS):
        lines = [json.dumps(statement(w, n), ensure_ascii=False) for n in range(15)]
        (folder / f"{writer}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def corpus(statements: Path, codebook: Codebook) -> Corpus:
    """The snippets as a dataset."""
    return load_statements(statements, codebook)


@pytest.fixture(scope="session")
def tasks(corpus: Corpus, codebook: Codebook, actors: Actors) -> list[Task]:
    """The four heads' rows."""
    return tasks_of(corpus.data, codebook, actors)


@pytest.fixture(scope="session")
def settings(statements: Path, project: Path) -> Callable[..., dict[str, Any]]:
    """Plain settings of a tiny training; tracking is off unless a test turns it on."""

    def make(output: Path, **changes: Any) -> dict[str, Any]:
        return {
            "name": "tiny",
            "seeds": [1, 2],
            "bootstrap": 100,
            "data": {
                "statements": str(statements),
                "codebook": str(project / "configs/codebooks/bsa2013.yaml"),
                "actors": str(project / "configs/actors/bsa2013.yaml"),
            },
            "split": {"test_writers": 1, "folds": 2},
            "tracking": {"enabled": False},
            "output": str(output),
        } | changes

    return make


@pytest.fixture(scope="session")
def config(settings: Callable[..., dict[str, Any]]) -> Callable[..., TrainConfig]:
    """The settings as a checked configuration."""
    return lambda output, **changes: check_config(settings(output, **changes), "test")


@pytest.fixture(scope="session")
def trained(
    config: Callable[..., TrainConfig], tmp_path_factory: pytest.TempPathFactory
) -> Trained:
    """The tiny training's result, without tracking."""
    return train(config(tmp_path_factory.mktemp("trained") / "model"))


@pytest.fixture(scope="session")
def tiny_bundle(trained: Trained) -> Path:
    """The folder of the tiny training's bundle."""
    return trained.bundle


@pytest.fixture(scope="session")
def labelled() -> Callable[..., LabelledDocument]:
    """Make a labelled article out of a text with its labels in brackets."""
    return lambda marked, **fields: LabelledDocument(**{"id": "a"} | story(marked, **fields))


@pytest.fixture(scope="session")
def stories(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of six articles with all their quotes labelled, two by each of three writers."""
    folder = tmp_path_factory.mktemp("data") / "stories"
    folder.mkdir()
    for writer in sorted({name.partition("-")[0] for name in STORIES}):
        records = [
            story(marked, id=name, date="2012-05-16", writer=writer, topic="other")
            for name, marked in STORIES.items() if name.startswith(writer)
        ]  # fmt: skip
        lines = [json.dumps(r, ensure_ascii=False) + "\n" for r in records]
        (folder / f"{writer}.jsonl").write_text("".join(lines), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def quotes_config(
    config: Callable[..., TrainConfig], settings: Callable[..., dict[str, Any]], stories: Path
) -> Callable[..., TrainConfig]:
    """The configuration of a tiny training of the judge; ``data`` adds to the folders."""

    def make(output: Path, *, data: Mapping[str, Any] = {}, **changes: Any) -> TrainConfig:
        fixed = {
            "model": {"kind": "quotes"},
            "data": {**settings(output)["data"], "stories": str(stories), **data},
            # one fold a writer: statements alone hold no quoted sentence that is not a quote
            "split": {"test_writers": 1, "folds": 7},
        }
        return config(output, **{**fixed, **changes})

    return make


@dataclass(frozen=True)
class Tracked:
    """A training that was logged, its store, and the commit that it was logged at."""

    uri: str
    config: TrainConfig
    trained: Trained
    commit: str | None


@pytest.fixture(scope="session")
def tracked(
    config: Callable[..., TrainConfig], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Tracked]:
    """The one MLflow store of the session (a new one takes 7 s), with one training in it.

    Only test_tracking.py asks for it, so that pytest-xdist's `loadfile` makes it once too.
    """
    import mlflow

    from quotestance_training.tracking import git_commit

    folder = tmp_path_factory.mktemp("mlflow")
    uri = f"sqlite:///{folder}/store/mlflow.db"
    chosen = config(
        folder / "model",
        name="tracked",
        tracking={"uri": uri, "experiment": "tests", "register_as": "tiny", "alias": "champion"},
    )
    before = mlflow.get_tracking_uri()
    commit = git_commit()
    yield Tracked(uri, chosen, train(chosen), commit)
    mlflow.set_tracking_uri(before)


@pytest.fixture(scope="session")
def tiny_encoder(statements: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An encoder of two narrow layers with random weights and the snippets' words."""
    import torch
    from tokenizers import BertWordPieceTokenizer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder = tmp_path_factory.mktemp("encoder")
    files = sorted(statements.glob("*.jsonl"))
    texts = [line for f in files for line in f.read_text(encoding="utf-8").splitlines()]
    words = BertWordPieceTokenizer()
    words.train_from_iterator([json.loads(t)["text"] for t in texts], vocab_size=400)
    words.save_model(str(folder))
    tokenizer = BertTokenizerFast(vocab=str(folder / "vocab.txt"))
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    BertModel(
        BertConfig(
            vocab_size=len(tokenizer), hidden_size=32, num_hidden_layers=2,
            num_attention_heads=2, intermediate_size=64,
        )
    ).save_pretrained(folder)  # fmt: skip
    return folder


@pytest.fixture(scope="session")
def encoder_config(
    config: Callable[..., TrainConfig], settings: Callable[..., dict[str, Any]], tiny_encoder: Path
) -> Callable[..., TrainConfig]:
    """The configuration of a tiny training of the encoder; ``model`` adds to its settings."""

    def make(
        output: Path, *, model: Mapping[str, Any] = {}, split: Mapping[str, Any] = {},
        **changes: Any,
    ) -> TrainConfig:  # fmt: skip
        fixed = {
            "seeds": [1],
            "model": {
                "kind": "encoder", "encoder": str(tiny_encoder), "epochs": 3, "batch_size": 8,
                "learning_rate": 2e-3, "head_learning_rate": 5e-3, "dropout": 0.0, "threads": 1,
                **model,
            },
            "split": {"test_writers": 1, "dev_writers": 1, "folds": 2, "keep": "first", **split},
        }  # fmt: skip
        return config(output, **{**fixed, **changes})

    return make


@pytest.fixture(scope="session")
def encoder_trained(
    encoder_config: Callable[..., TrainConfig], tmp_path_factory: pytest.TempPathFactory
) -> Trained:
    """The tiny encoder's training."""
    return train(encoder_config(tmp_path_factory.mktemp("encoder-trained") / "model"))
