"""The encoder: a transformer pair classifier, run by ONNX Runtime.

A quote is read once alone: its sentiment, and which issues of the codebook it may bear on. Only
on those is it read again, beside the issue's proposition: whether it bears on it, and the stance.
So nine issues do not mean nine passes. Any other proposition is read as a pair at once, and so is
a target beside its text, for the sentiment toward it.

Each pair is a run of its own, on as many threads as are wanted. int8 activations are scaled by
the largest value of a run, so a batch would make an answer depend on its neighbours; alone, the
same pair gives the same bytes wherever it stands, and nothing is spent on padding.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from quotestance.codebook import STANCES, Codebook
from quotestance.errors import BundleError
from quotestance.features import Example
from quotestance.models.common import Array, Pair, TargetText, sigmoid, softmax
from quotestance.models.pairs import TextPair, proposition_pair, quote_text, target_pair

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

HEADS: dict[str, int] = {"bearing": 1, "stance": 3, "sentiment": 3, "target": 3}
FIXED = sum(HEADS.values())  # the scores of the issues follow these in the network's output
INPUTS = ("input_ids", "attention_mask", "token_type_ids")
ALONE = ""  # stands for the proposition where a quote is read alone


def columns(head: str) -> slice:
    """Where a head's scores stand in the network's output."""
    if head == "issues":
        return slice(FIXED, None)
    names = list(HEADS)
    start = sum(HEADS[n] for n in names[: names.index(head)])
    return slice(start, start + HEADS[head])


@dataclass(frozen=True)
class Settings:
    """What beside the weights makes the answers.

    Parameters
    ----------
    temperatures : dict of str to float
        One for each head and for ``issues`` (Guo et al., ICML 2017, arXiv:1706.04599).
    blend : (float, float, float)
        Weight of a pair's score, of the issue's score by the quote alone, and a constant, for
        the probability that the quote bears on an issue of the codebook.
    propose : float
        Issues that the quote alone makes less likely than this are not read as pairs.
    max_length : int
        Tokens of a pair; longer ones lose their end.
    names : dict of str to str
        Sides → their names in the texts.
    """

    temperatures: dict[str, float]
    blend: tuple[float, float, float]
    propose: float
    max_length: int
    names: dict[str, str]

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Settings:
        """From JSON.

        Raises
        ------
        ValueError, KeyError, TypeError
            If something is missing or no number.
        """
        pair, alone, constant = (float(v) for v in data["blend"])
        return cls(
            {head: float(data["temperatures"][head]) for head in (*HEADS, "issues")},
            (pair, alone, constant),
            float(data["propose"]),
            int(data["max_length"]),
            {str(k): str(v) for k, v in dict(data["names"]).items()},
        )


@dataclass(frozen=True)
class PairAnswers:
    """What the encoder says of pairs of proposition and quote.

    Parameters
    ----------
    bearing : ndarray, shape (n,)
        Probability that the quote bears on the proposition.
    stance, sentiment : ndarray, shape (n, 3)
    """

    bearing: Array
    stance: Array
    sentiment: Array


@dataclass(frozen=True)
class EncoderReading:
    """A `Reading` whose pairs were all read at once; see `models.common.Reading`."""

    bearing: Array
    sentiment: Array
    read: dict[Pair, Array] = field(repr=False)

    def stances(self, pairs: Sequence[Pair]) -> Array:
        """Stance of pairs that were proposed or asked about, shape (n_pairs, 3)."""
        rows = [self.read[pair] for pair in pairs]
        return np.array(rows, np.float32).reshape(len(rows), len(STANCES))


@dataclass(frozen=True)
class EncoderModel:
    """A pair classifier that also proposes the issues.

    Parameters
    ----------
    onnx, tokenizer_json : bytes
        The network and its tokenizer, as they lie in the bundle.
    settings : Settings
    codebook : Codebook
        Gives the issues and their propositions.
    threads : int
        Pairs that are read side by side.
    """

    onnx: bytes = field(repr=False)
    tokenizer_json: bytes = field(repr=False)
    settings: Settings
    codebook: Codebook = field(repr=False)
    threads: int = field(default_factory=lambda: os.cpu_count() or 1)

    @cached_property
    def _session(self) -> InferenceSession:
        import onnxruntime as ort

        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            return ort.InferenceSession(self.onnx, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime has no common base for what it raises
            raise BundleError(f"encoder.onnx: cannot be loaded: {error}") from error

    @cached_property
    def _inputs(self) -> tuple[str, ...]:
        return tuple(i.name for i in self._session.get_inputs())

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        from tokenizers import Tokenizer

        try:
            tokenizer = Tokenizer.from_buffer(self.tokenizer_json)
        except Exception as error:  # it raises bare Exception
            raise BundleError(f"tokenizer.json: cannot be read: {error}") from error
        tokenizer.no_padding()
        tokenizer.enable_truncation(self.settings.max_length, strategy="longest_first")
        return tokenizer

    @property
    def width(self) -> int:
        """Scores of a pair."""
        return FIXED + len(self.codebook.issue_ids)

    def scores(self, pairs: Sequence[TextPair]) -> Array:
        """The network's output before temperatures, shape (n, `width`); equal pairs once."""
        distinct = list(dict.fromkeys(pairs))
        encoded = self._tokenizer.encode_batch(distinct)
        if self.threads > 1 and len(encoded) > 1:
            with ThreadPoolExecutor(self.threads) as pool:
                rows = list(pool.map(self._run, encoded))
        else:
            rows = [self._run(e) for e in encoded]
        known = dict(zip(distinct, rows, strict=True))
        return np.array([known[p] for p in pairs], np.float32).reshape(len(pairs), self.width)

    def _run(self, encoding: Any) -> Array:
        values = (encoding.ids, encoding.attention_mask, encoding.type_ids)
        feed = {
            name: np.array([value], np.int64)
            for name, value in zip(INPUTS, values, strict=True)
            if name in self._inputs
        }
        return np.asarray(self._session.run(None, feed)[0][0], np.float32)

    def probabilities(self, scores: Array, head: str) -> Array:
        """Calibrated probabilities of one head from `scores`."""
        warmth = self.settings.temperatures[head]
        part = scores[:, columns(head)]
        return (sigmoid if head in ("bearing", "issues") else softmax)(part, warmth)

    def weigh(self, propositions: Sequence[str], examples: Sequence[Example]) -> PairAnswers:
        """Answers on pairs of any proposition and quote, in order.

        Parameters
        ----------
        propositions : sequence of str
            One for each example; need not be in the codebook.
        """
        texts = [quote_text(e, self.settings.names) for e in examples]
        pairs = [proposition_pair(p, t) for p, t in zip(propositions, texts, strict=True)]
        scores = self.scores([*pairs, *((ALONE, t) for t in texts)])
        paired, alone = scores[: len(pairs)], scores[len(pairs) :]
        return PairAnswers(
            self.probabilities(paired, "bearing")[:, 0],
            self.probabilities(paired, "stance"),
            self.probabilities(alone, "sentiment"),
        )

    def read(self, examples: Sequence[Example], asked: Sequence[Sequence[str]]) -> EncoderReading:
        """Read quotes alone, then on the issues that are likely or asked about."""
        ids = self.codebook.issue_ids
        alone, likely, texts = self._alone(examples)
        wanted = likely | np.array([[i in also for i in ids] for also in asked], bool).reshape(
            likely.shape
        )
        scores = self._paired(texts, wanted)
        stances = self.probabilities(scores, "stance")
        bearing = np.zeros(likely.shape, np.float32)
        bearing[wanted] = self.blended(scores[:, 0], alone[:, columns("issues")][wanted])
        pairs = zip(*np.nonzero(wanted), strict=True)
        read = {(int(k), ids[j]): stances[at] for at, (k, j) in enumerate(pairs)}
        return EncoderReading(bearing, self.probabilities(alone, "sentiment"), read)

    def evidence(self, examples: Sequence[Example]) -> tuple[Array, Array, NDArray[np.bool_]]:
        """What `read` blends to the probability of bearing, for calibration.

        Returns
        -------
        paired, alone : ndarray, shape (n, n_issues)
            Scores of bearing by the pair (0 where it was not read) and by the quote alone.
        likely : ndarray of bool, shape (n, n_issues)
            What was proposed, and so read as a pair.
        """
        alone, likely, texts = self._alone(examples)
        paired = np.zeros(likely.shape, np.float32)
        paired[likely] = self._paired(texts, likely)[:, 0]
        return paired, alone[:, columns("issues")], likely

    def _alone(self, examples: Sequence[Example]) -> tuple[Array, NDArray[np.bool_], list[str]]:
        texts = [quote_text(e, self.settings.names) for e in examples]
        alone = self.scores([(ALONE, text) for text in texts])
        return alone, self.probabilities(alone, "issues") >= self.settings.propose, texts

    def _paired(self, texts: Sequence[str], wanted: NDArray[np.bool_]) -> Array:
        """Scores of the wanted pairs, quote by quote in the codebook's order."""
        told = [issue.proposition for issue in self.codebook.issues]
        pairs = [
            proposition_pair(told[j], texts[k]) for k, j in zip(*np.nonzero(wanted), strict=True)
        ]
        return self.scores(pairs)

    def blended(self, paired: Array, alone: Array) -> Array:
        """Probability of bearing from a pair's score and the issue's by the quote alone."""
        pair, single, constant = self.settings.blend
        return sigmoid(np.asarray(pair * paired + single * alone + constant, np.float32), 1.0)

    def toward(self, texts: Sequence[TargetText]) -> Array:
        """Sentiment toward each target, shape (n, 3)."""
        pairs = [target_pair(t, self.settings.names) for t in texts]
        return self.probabilities(self.scores(pairs), "target")

    def spec(self) -> dict[str, object]:
        """The settings as JSON values."""
        s = self.settings
        return {"temperatures": s.temperatures, "blend": list(s.blend), "propose": s.propose,
                "max_length": s.max_length, "names": s.names}  # fmt: skip


def read_settings(data: bytes) -> Settings:
    """The settings of a bundle.

    Raises
    ------
    BundleError
        If they do not hold what they should.
    """
    try:
        return Settings.of(json.loads(data))
    except (ValueError, KeyError, TypeError) as error:
        raise BundleError(f"encoder.json: {type(error).__name__} {error}") from error
