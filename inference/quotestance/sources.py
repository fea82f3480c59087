"""Where a bundle comes from: the wheel, a folder, or an MLflow registry."""

from __future__ import annotations

from pathlib import Path

from quotestance.errors import BundleError, MissingExtraError

_SHIPPED = Path(__file__).parent / "data"
_NAMES = ("default", "linear")


def find_bundle(source: str | Path) -> Path:
    """Turn what a user names into a folder.

    Raises
    ------
    BundleError
        If nothing is there.
    MissingExtraError
        For an MLflow address without mlflow.
    """
    text = str(source)
    if text in _NAMES:
        return _SHIPPED / text
    if text.startswith(("models:/", "runs:/", "mlflow-artifacts:/")):
        return _from_mlflow(text)
    folder = Path(source)
    if not folder.is_dir():
        raise BundleError(
            f"{text}: no such model; accepted: {', '.join(_NAMES)}, a folder, or models:/NAME@ALIAS"
        )
    return folder


def _from_mlflow(address: str) -> Path:
    """Download a logged model and find the bundle in it."""
    try:
        from quotestance_training.tracking import download_bundle

        return download_bundle(address)  # which imports mlflow
    except ImportError as error:
        raise MissingExtraError(f"loading {address}", "training") from error
