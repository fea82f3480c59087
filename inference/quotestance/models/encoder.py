"""The encoder: a transformer pair classifier, run by ONNX Runtime, behind a linear first stage.

The linear model reads a quote for next to nothing and proposes the issues that it may bear on.
Only on those the encoder reads it, beside the issue's proposition: whether it bears on it, the
stance, and the quote's sentiment. So nine issues do not mean nine passes; a quote without any is
read once, alone. What the two models say is weighed against each other by how they did on writers
that neither had seen. Any other proposition, and a marked target, is the encoder's alone.

Each pair is a run of its own, on as many threads as are wanted. int8 activations are scaled by
the largest value of a run, so a batch would make an answer depend on its neighbours; alone, the
same pair gives the same bytes wherever it stands, and nothing is spent on padding.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from quotestance.codebook import STANCES, Codebook
from quotestance.errors import BundleError
from quotestance.features import Example
from quotestance.models.common import Array, Pair, TargetText, sigmoid, softmax
from quotestance.models.encoder_settings import HEADS, WIDTH, Settings, columns
from quotestance.models.linear import LinearModel
from quotestance.models.pairs import TextPair, proposition_pair, quote_text, target_pair

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

INPUTS = ("input_ids", "attention_mask", "token_type_ids")
Index = NDArray[np.intp]
ALONE = ""  # stands for the proposition where a quote is read alone


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
class Evidence:
    """What both stages say of n quotes, before anything is weighed.

    Parameters
    ----------
    issues : ndarray, shape (n, n_issues)
        Log-odds of bearing by the first stage.
    proposed : ndarray of bool, shape (n, n_issues)
        Which of them are likely enough to be read, asked about or not.
    pairs : tuple of ndarray, each of shape (n_pairs,)
        Numbers of the quote and of the issue that the encoder read together.
    scores : ndarray, shape (n_pairs, `WIDTH`)
        What the encoder said of these.
    stance : ndarray, shape (n_pairs, 3)
        Log-probabilities by the first stage.
    feeling, sentiment : ndarray, shape (n, 3)
        Of the quotes: the encoder's scores, and log-probabilities by the first stage.
    """

    issues: Array
    proposed: NDArray[np.bool_]
    pairs: tuple[Index, Index]
    scores: Array
    stance: Array
    feeling: Array
    sentiment: Array


@dataclass(frozen=True)
class EncoderModel:
    """A pair classifier behind a linear model that proposes the issues.

    Parameters
    ----------
    onnx, tokenizer_json : bytes
        The network and its tokenizer, as they lie in the bundle.
    linear : LinearModel
        The first stage.
    settings : Settings
    codebook : Codebook
        Gives the issues and their propositions.
    threads : int
        Pairs that are read side by side.
    """

    onnx: bytes = field(repr=False)
    tokenizer_json: bytes = field(repr=False)
    linear: LinearModel = field(repr=False)
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

    def scores(self, pairs: Sequence[TextPair]) -> Array:
        """The network's output before temperatures, shape (n, `WIDTH`); equal pairs once."""
        distinct = list(dict.fromkeys(pairs))
        encoded = self._tokenizer.encode_batch(distinct)
        if self.threads > 1 and len(encoded) > 1:
            with ThreadPoolExecutor(self.threads) as pool:
                rows = list(pool.map(self._run, encoded))
        else:
            rows = [self._run(e) for e in encoded]
        known = dict(zip(distinct, rows, strict=True))
        return np.array([known[p] for p in pairs], np.float32).reshape(len(pairs), WIDTH)

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
        return (sigmoid if head == "bearing" else softmax)(part, warmth)

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
        """Read quotes on the issues that are likely or asked about."""
        told = self.evidence(examples, asked)
        bearing = np.zeros(told.issues.shape, np.float32)
        bearing[told.pairs] = self.bearing(told)
        stances = self.stances(told)
        ids = self.codebook.issue_ids
        pairs = zip(*told.pairs, strict=True)
        read = {(int(k), ids[j]): stances[at] for at, (k, j) in enumerate(pairs)}
        return EncoderReading(bearing, self.sentiments(told), read)

    def evidence(self, examples: Sequence[Example], asked: Sequence[Sequence[str]]) -> Evidence:
        """Let both stages read quotes; `asked` as in `read`."""
        ids = self.codebook.issue_ids
        rows = self.linear.features(examples)
        likely, feelings = self.linear.judge(rows)
        also = np.array([[i in names for i in ids] for names in asked], bool)
        proposed = likely >= self.settings.propose
        quotes, issues = np.nonzero(proposed | also.reshape(likely.shape))
        texts = [quote_text(e, self.settings.names) for e in examples]
        told = [issue.proposition for issue in self.codebook.issues]
        pairs = [proposition_pair(told[j], texts[k]) for k, j in zip(quotes, issues, strict=True)]
        unread = np.flatnonzero(~np.isin(np.arange(len(texts)), quotes))
        scores = self.scores([*pairs, *((ALONE, texts[k]) for k in unread)])
        first = self.linear.stances([rows[k] for k in quotes], [ids[j] for j in issues])
        owners = np.concatenate([quotes, unread])
        return Evidence(
            logit(likely), proposed, (quotes, issues), scores[: len(pairs)], log(first),
            _means(scores[:, columns("sentiment")], owners, len(texts)), log(feelings),
        )  # fmt: skip

    def bearing(self, told: Evidence) -> Array:
        """Probability that the quotes bear on the issues they were read with, shape (n_pairs,)."""
        pair, first, constant = self.settings.bearing
        odds = pair * told.scores[:, 0] + first * told.issues[told.pairs] + constant
        return sigmoid(np.asarray(odds, np.float32), 1.0)

    def stances(self, told: Evidence) -> Array:
        """Stance of the pairs, shape (n_pairs, 3)."""
        weights, constants = self.settings.stance, self.settings.stance_constants
        return pooled(weights, told.scores[:, columns("stance")], told.stance, constants)

    def sentiments(self, told: Evidence) -> Array:
        """Sentiment of the quotes, shape (n, 3)."""
        return pooled(self.settings.sentiment, told.feeling, told.sentiment)

    def toward(self, texts: Sequence[TargetText]) -> Array:
        """Sentiment toward each target, shape (n, 3).

        A side that the text does not name is left to the first stage: nearly always it is
        neutral, and a pass for it would be wasted.
        """
        marked = np.array([t.target is not None for t in texts], bool)
        found = np.zeros((len(texts), HEADS["target"]), np.float32)
        pairs = [target_pair(t, self.settings.names) for t in texts if t.target is not None]
        found[marked] = self.probabilities(self.scores(pairs), "target")
        found[~marked] = self.linear.toward([t for t in texts if t.target is None])
        return found

    def spec(self) -> dict[str, object]:
        """The settings as JSON values."""
        return asdict(self.settings)


def pooled(
    weights: tuple[float, float], scores: Array, first: Array, constants: Sequence[float] = (0.0,)
) -> Array:
    """Probabilities from both stages: softmax of the weighted sum, shape as given."""
    z = weights[0] * scores + weights[1] * first + np.asarray(constants)
    return softmax(np.asarray(z, np.float32), 1.0)


def log(probabilities: Array) -> Array:
    """Logarithms of probabilities, kept finite."""
    return np.asarray(np.log(np.maximum(probabilities, _LEAST)), np.float32)


def logit(probabilities: Array) -> Array:
    """Log-odds of probabilities, kept finite."""
    return log(probabilities) - log(1 - probabilities)


_LEAST = 1e-6


def _means(values: Array, owners: Index, count: int) -> Array:
    """Mean of the rows of each owner, shape (count, k); every owner has one."""
    sums = np.zeros((count, values.shape[1]), np.float32)
    np.add.at(sums, owners, values)
    counts = np.maximum(1, np.bincount(owners, minlength=count))
    return np.asarray(sums / counts[:, None], np.float32)


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
