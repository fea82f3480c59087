"""The model card: README.md of a bundle, with Hugging Face metadata, written from the run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import yaml

from quotestance_training.config import EncoderConfig, TrainConfig
from quotestance_training.gates import describe
from quotestance_training.holdout import Held

_SHOWN = {
    "stance_macro_f1": "stance macro-F1",
    "issue_micro_f1": "issue micro-F1",
    "sentiment_macro_f1": "sentiment macro-F1",
    "stance_ece": "expected calibration error of stance",
    "stance_aurc": "area under the risk–coverage curve of stance",
    "stance_accuracy_at_80": "stance accuracy at 80 % coverage",
    "baseline_majority_stance_macro_f1": "stance macro-F1 of the majority",
    "baseline_per_side_stance_macro_f1": "stance macro-F1 of the most frequent by issue and side",
    "baseline_vader_stance_macro_f1": "stance macro-F1 of VADER",
    "baseline_tfidf_stance_macro_f1": "stance macro-F1 of TF-IDF",
}
_USE = """\
Reads attributed statements (quotes) in English news: on which issues of its codebook a quote
bears, the speaker's stance on each, its sentiment, and the sentiment toward a target. Meant for
research and media monitoring, as a first coding that people check: every row carries
probabilities and the characters that it rests on.
"""
_LIMITS = """\
- English news prose; one conflict (US and Afghan positions, 2013–14) beside general politics.
- Statements were written for this project; their balance of classes is designed, not the world's.
- Figures are for writers that it did not learn from, who share a codebook and some habits with
  those that it did: take them as hopeful.
- Not for judging persons, and not for decisions about them.
"""


def write_card(config: TrainConfig, manifest: Mapping[str, Any], held: Mapping[str, Held]) -> str:
    """The card as Markdown.

    Parameters
    ----------
    manifest : mapping
        Of the bundle: data digests, public sets with licences, thresholds, libraries.
    held : mapping of str to Held
        Figures of each round.
    """
    front = yaml.safe_dump(_metadata(config, manifest), sort_keys=False, allow_unicode=True)
    parts = [
        f"---\n{front}---",
        f"# quotestance: {config.name}",
        _USE,
        "## Held-out figures",
        _figures(held),
        "## Gates",
        _gates(held),
        "## Data",
        _data(manifest),
        "## Decisions",
        _decisions(manifest["thresholds"]),
        "## Limits",
        _LIMITS,
        "## Settings",
        "```json\n" + json.dumps(manifest["config"]["model"], indent=1) + "\n```",
    ]
    return "\n\n".join(part.rstrip() for part in parts if part) + "\n"


def _metadata(config: TrainConfig, manifest: Mapping[str, Any]) -> dict[str, Any]:
    data: dict[str, Any] = {
        "language": "en",
        "license": "apache-2.0",
        "library_name": "quotestance",
        "pipeline_tag": "text-classification",
        "tags": ["stance-detection", "sentiment", "quotation", "news", "political-science"],
        "datasets": [*(k for k in manifest["data"] if "(dev)" not in k)],
        "metrics": ["f1"],
    }
    if isinstance(config.model, EncoderConfig):
        data["base_model"] = config.model.encoder.removeprefix("wheel:")
    return data


def _figures(held: Mapping[str, Held]) -> str:
    """One table: figures in rows, rounds in columns, 95 % bootstrap intervals over documents."""
    lines = [
        f"| figure | {' | '.join(held)} |",
        "|---|" + "---|" * len(held),
    ]
    for name, meaning in _SHOWN.items():
        if any(name in h.scores for h in held.values()):
            cells = [str(h.scores.get(name, "–")) for h in held.values()]
            lines.append(f"| {meaning} | {' | '.join(cells)} |")
    classes = sorted({k for h in held.values() for k in h.per_class if "_f1/" in k})
    for name in classes:
        cells = [f"{h.per_class[name]:.3f}" if name in h.per_class else "–" for h in held.values()]
        lines.append(f"| F1, {name.replace('_f1/', ' ')} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _gates(held: Mapping[str, Held]) -> str:
    first = next(iter(held.values()))
    return "\n".join(f"- {line.removeprefix('gate: ')}" for line in describe(first.per_class))


def _data(manifest: Mapping[str, Any]) -> str:
    lines = [f"- `{name}`, sha256 `{digest[:16]}…`" for name, digest in manifest["data"].items()]
    for name, about in manifest.get("public_data", {}).items():
        lines.append(f"- {name}: {about['cite']}; licence: {about['licence']}")
    return "\n".join(lines)


def _decisions(thresholds: Mapping[str, float]) -> str:
    lines = [
        f"- A quote bears on an issue from a probability of {thresholds['issue']:g}; below, the "
        "answer is *issue: not here*.",
        f"- A stance needs {thresholds['stance']:g}; below, the answer is *cannot tell*. "
        "*No stance taken* is the label neutral.",
    ]
    if "conformal" in thresholds:
        lines.append(f"- A stance set holds every label from {thresholds['conformal']:g} on.")
    return "\n".join(lines)
