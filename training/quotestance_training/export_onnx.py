"""A trained network to ONNX, with int8 weights where wanted."""

from __future__ import annotations

import logging
import tempfile
import warnings
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


def to_onnx(net: PairNet, tokenizer: Any, *, quantize: bool) -> bytes:
    """Export a network.

    Parameters
    ----------
    quantize : bool
        Weights, word embeddings included, as int8, one scale a column. They use seven of the
        eight bits, because processors without VNNI add products in sixteen.

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
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = Path(folder, "net.onnx")
        before = logging.root.manager.disable
        logging.disable(logging.WARNING)
        try:
            torch.onnx.export(
                _ByPosition(net, names).eval(), values, str(path), input_names=list(names),
                output_names=["scores"], dynamic_shapes=((shape,) * len(names),),
                opset_version=OPSET, external_data=False, verbose=False,
            )  # fmt: skip
            return (_quantized(path) if quantize else path).read_bytes()
        finally:
            logging.disable(before)


def _quantized(path: Path) -> Path:
    from onnxruntime.quantization import QuantType, quantize_dynamic

    out = path.with_name("int8.onnx")
    quantize_dynamic(
        path, out, op_types_to_quantize=["MatMul", "Gemm", "Gather"], per_channel=True,
        reduce_range=True, weight_type=QuantType.QInt8,
        extra_options={"MatMulConstBOnly": True},
    )  # fmt: skip
    return out
