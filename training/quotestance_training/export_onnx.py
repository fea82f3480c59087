"""A trained network to ONNX, and its weights to int8."""

from __future__ import annotations

import logging
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from quotestance.models.encoder import INPUTS
from quotestance_training.encoder_net import PairNet

OPSET = 18
_EXAMPLE = (2, 12)  # rows, tokens


class _ByPosition(torch.nn.Module):  # type: ignore[misc]
    """The network with its inputs by position, as the exporter wants them."""

    def __init__(self, net: PairNet, names: tuple[str, ...]) -> None:
        super().__init__()
        self.net = net
        self.names = names

    def forward(self, *values: Any) -> Any:
        return self.net(**dict(zip(self.names, values, strict=True)))


def to_onnx(net: PairNet, tokenizer: Any) -> bytes:
    """Export a network.

    Returns
    -------
    bytes
        The same for the same weights.
    """
    names = tuple(n for n in INPUTS if n in tokenizer.model_input_names)
    values = tuple(torch.ones(_EXAMPLE, dtype=torch.long) for _ in names)
    shape = {
        0: torch.export.Dim("rows", min=1, max=4096),
        1: torch.export.Dim("tokens", min=2, max=512),
    }
    with tempfile.TemporaryDirectory() as folder, _quiet():
        path = Path(folder, "net.onnx")
        torch.onnx.export(
            _ByPosition(net, names).eval(), values, str(path), input_names=list(names),
            output_names=["scores"], dynamic_shapes=((shape,) * len(names),),
            opset_version=OPSET, external_data=False, verbose=False,
        )  # fmt: skip
        return path.read_bytes()


def to_int8(onnx: bytes) -> bytes:
    """The network with int8 weights, word embeddings included, one scale a column.

    They use seven of the eight bits, because processors without VNNI add products in sixteen.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic

    with tempfile.TemporaryDirectory() as folder, _quiet():
        path, out = Path(folder, "net.onnx"), Path(folder, "int8.onnx")
        path.write_bytes(onnx)
        quantize_dynamic(
            path, out, op_types_to_quantize=["MatMul", "Gemm", "Gather"], per_channel=True,
            reduce_range=True, weight_type=QuantType.QInt8,
            extra_options={"MatMulConstBOnly": True},
        )  # fmt: skip
        return out.read_bytes()


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the warnings and log lines of exporter and quantizer."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
