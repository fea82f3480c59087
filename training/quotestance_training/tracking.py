"""MLflow, and the only file that imports it (slowly: 4 s), so always inside functions."""

from __future__ import annotations

import json
import logging
import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quotestance.errors import BundleError, ConfigError
from quotestance_training.config import TrackingConfig

if TYPE_CHECKING:
    from datasets import Dataset

_ARTIFACT = "bundle"
_CODE = ("inference/quotestance", "training/quotestance_training")


@contextmanager
def run(config: TrackingConfig, name: str, *, nested: bool = False) -> Iterator[str | None]:
    """An MLflow run; yields its id, or None where tracking is off."""
    if not config.enabled:
        yield None
        return
    _without_progress_bars()
    import mlflow

    logging.getLogger("mlflow").setLevel(logging.WARNING)  # its start-up notes are no news
    if config.uri.startswith("sqlite:///"):
        Path(config.uri.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    mlflow.set_tracking_uri(config.uri)
    if mlflow.get_experiment_by_name(config.experiment) is None:
        artifacts = _artifact_folder(config.uri)
        mlflow.create_experiment(config.experiment, artifact_location=artifacts)
    mlflow.set_experiment(config.experiment)
    with mlflow.start_run(run_name=name, nested=nested) as active:
        commit = git_commit()
        if commit:
            mlflow.set_tag("git_commit", commit)
        yield active.info.run_id


def _without_progress_bars() -> None:
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")


def _artifact_folder(uri: str) -> str | None:
    """Artifacts go beside a sqlite store; a server keeps its own."""
    if not uri.startswith("sqlite:///"):
        return None
    return (Path(uri.removeprefix("sqlite:///")).resolve().parent / "mlartifacts").as_uri()


def git_commit() -> str | None:
    """The commit of the working tree, with ``-dirty`` where files differ; None outside git."""
    try:
        found = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=40"],
            capture_output=True, text=True, check=True, timeout=20,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return None
    return found.stdout.strip() or None


def log_params(config: Mapping[str, Any]) -> None:
    """Log a resolved configuration: flat parameters, and the whole as an artifact."""
    import mlflow

    mlflow.log_params({k: str(v)[:500] for k, v in flatten(config).items()})
    mlflow.log_dict(dict(config), "config.json")


def flatten(data: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested mappings as dotted keys."""
    flat: dict[str, Any] = {}
    for key, value in data.items():
        if isinstance(value, Mapping):
            flat |= flatten(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = value
    return flat


def log_data(name: str, data: Dataset, digest: str, context: str) -> None:
    """Log a dataset with its digest as an input of the run."""
    import mlflow
    import mlflow.data

    source = mlflow.data.from_pandas(data.to_pandas(), name=name, digest=digest[:32])
    mlflow.log_input(source, context=context)


def log_metrics(metrics: Mapping[str, float]) -> None:
    """Log figures; those that could not be had (nan) are left out."""
    import mlflow

    mlflow.log_metrics({k: v for k, v in metrics.items() if v == v})


def log_tags(tags: Mapping[str, str]) -> None:
    """Set tags of the run; characters that MLflow does not take become underscores."""
    import mlflow

    mlflow.set_tags({re.sub(r"[^\w./ -]", "_", k): v for k, v in tags.items()})


def log_files(*paths: Path, folder: str | None = None) -> None:
    """Log files as artifacts."""
    import mlflow

    for path in paths:
        mlflow.log_artifact(str(path), folder)


def log_bundle(bundle: Path, config: TrackingConfig) -> str:
    """Log a bundle as a self-sufficient pyfunc model and register it under its alias.

    Returns
    -------
    str
        The model's address: ``models:/NAME@ALIAS`` where it is registered.
    """
    import mlflow
    import pandas as pd
    from mlflow.models import ModelSignature
    from mlflow.types.schema import ColSpec, Schema

    from quotestance.positions import COLUMNS

    signature = ModelSignature(
        Schema([ColSpec("string", "text"), ColSpec("string", "id", required=False),
                ColSpec("string", "date", required=False)]),
        Schema([ColSpec(_type(c), c, required=False) for c in COLUMNS]),
    )  # fmt: skip
    example = pd.DataFrame(
        {"text": ["“We will not be rushed,” a palace adviser said."], "date": ["2013-10-12"]}
    )
    info = mlflow.pyfunc.log_model(
        name="model",
        python_model=str(Path(__file__).with_name("pyfunc.py")),
        artifacts={_ARTIFACT: str(bundle)},
        code_paths=[str(path) for path in _packages()],
        pip_requirements=requirements(),
        signature=signature,
        input_example=example,
    )
    if config.register_as is None:
        return str(info.model_uri)
    version = mlflow.register_model(info.model_uri, config.register_as)
    client = mlflow.MlflowClient()
    client.set_registered_model_alias(config.register_as, config.alias, version.version)
    return f"models:/{config.register_as}@{config.alias}"


def _type(column: str) -> str:
    return {"quote_score": "double", "issue_score": "double", "abstained": "boolean"}.get(
        column, "string"
    )


def _packages() -> list[Path]:
    import quotestance
    import quotestance_training

    return [Path(m.__file__).parent for m in (quotestance, quotestance_training) if m.__file__]


def requirements() -> list[str]:
    """The pinned packages that predicting needs, for the logged model's environment."""
    from importlib.metadata import requires, version

    names = [r.split(";")[0] for r in requires("quotestance") or [] if "extra ==" not in r]
    bare = [n.split("[")[0].rstrip("<>=!~.,0123456789 ") for n in names]
    return [f"{n}=={version(n)}" for n in (*bare, "mlflow", "pandas")]


@dataclass(frozen=True)
class Logged:
    """A finished run as it stands in the store.

    Parameters
    ----------
    id, name, commit : str
    started : str
        UTC, ISO 8601.
    metrics : dict of str to float
    params : dict of str to str
    answers : dict of str to dict
        Round → what `holdout.Held.write` wrote.
    """

    id: str
    name: str
    commit: str
    started: str
    metrics: dict[str, float]
    params: dict[str, str]
    answers: dict[str, dict[str, Any]]


def logged_runs(uri: str, experiments: Sequence[str], wanted: Sequence[str]) -> list[Logged]:
    """Finished runs by name (the latest of it) or id, in the order asked; all top runs if none is.

    A sweep has no figures of its own: its trials stand for it.

    Raises
    ------
    ConfigError
        If there is no such store, experiment or run.
    """
    _without_progress_bars()
    import mlflow

    if uri.startswith("sqlite:///") and not Path(uri.removeprefix("sqlite:///")).is_file():
        raise ConfigError(f"{uri}: no such store; train something first, or name another --uri")
    mlflow.set_tracking_uri(uri)
    known = {e.name: e.experiment_id for e in mlflow.search_experiments()}
    missing = [name for name in experiments if name not in known]
    if missing:
        raise ConfigError(f"{uri}: no experiment {missing[0]!r}; there are {', '.join(known)}")
    runs = mlflow.search_runs(
        [known[name] for name in experiments or known], output_format="list",
        filter_string="attributes.status = 'FINISHED'", order_by=["attributes.start_time DESC"],
    )  # fmt: skip
    top = [run for run in runs if "mlflow.parentRunId" not in run.data.tags]
    if not wanted:
        return [_logged(trial) for run in top for trial in _trials(run, runs)]
    found = []
    for name in wanted:
        hits = [run for run in runs if name in (run.info.run_id, run.info.run_name)]
        if not hits:
            names = sorted({str(run.info.run_name) for run in top})
            raise ConfigError(f"{uri}: no finished run {name!r}; there are {', '.join(names)}")
        found += [_logged(trial) for trial in _trials(hits[0], runs)]
    return found


def _trials(run: Any, runs: Sequence[Any]) -> list[Any]:
    """The trials of a sweep as they were run; any other run alone."""
    inner = [r for r in runs if r.data.tags.get("mlflow.parentRunId") == run.info.run_id]
    return inner[::-1] if inner and not run.data.metrics else [run]


def _logged(run: Any) -> Logged:
    import mlflow

    answers = {}
    client = mlflow.MlflowClient()
    for item in client.list_artifacts(run.info.run_id, "answers"):
        text = mlflow.artifacts.load_text(f"runs:/{run.info.run_id}/{item.path}")
        answers[Path(item.path).name.removesuffix(".answers.json")] = json.loads(text)
    started = datetime.fromtimestamp(run.info.start_time / 1000, UTC).isoformat(timespec="seconds")
    return Logged(
        run.info.run_id, str(run.info.run_name), run.data.tags.get("git_commit", ""), started,
        dict(run.data.metrics), dict(run.data.params), answers,
    )  # fmt: skip


def download_bundle(address: str) -> Path:
    """Download a logged model and return its bundle's folder.

    Raises
    ------
    BundleError
        If there is no such model, or it holds no bundle.
    """
    import mlflow

    try:
        folder = Path(mlflow.artifacts.download_artifacts(artifact_uri=address))
    except Exception as error:
        raise BundleError(
            f"{address}: not to be had from {mlflow.get_tracking_uri()}: {error}"
        ) from error
    for manifest in sorted(folder.rglob("manifest.json")):
        return manifest.parent
    raise BundleError(f"{address}: the logged model holds no bundle")
