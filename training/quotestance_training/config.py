"""Training configurations: YAML → frozen models, with ``key=value`` overrides on top."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

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


class DataConfig(BaseModel):
    """What is trained on; paths are relative to the configuration's project folder."""

    model_config = _FROZEN

    statements: Path = Field(description="folder of labelled statements (JSONL, with a writer)")
    stories: Path | None = Field(
        None, description="folder of articles with every quote labelled, for model.kind quotes"
    )
    codebook: Path
    actors: Path
    drop_writers: tuple[str, ...] = ()


class SplitConfig(BaseModel):
    """How quotes are held out: by writer, never by row."""

    model_config = _FROZEN

    test_writers: int = Field(2, ge=1, description="writers held out for each seed")
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
    model: Annotated[LinearConfig | QuotesConfig, Field(discriminator="kind")] = LinearConfig()
    data: DataConfig
    split: SplitConfig = SplitConfig()
    tracking: TrackingConfig = TrackingConfig()
    sweep: SweepConfig | None = None
    output: Path = Field(Path("build/model"), description="the bundle's folder")

    @field_validator("model", mode="before")
    @classmethod
    def _linear_by_default(cls, value: Any) -> Any:
        """A model without a kind is the linear one."""
        return {"kind": "linear", **value} if isinstance(value, dict) else value


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
