"""Session fixtures that every test file may use."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from quotestance.actors import Actors, load_actors
from quotestance.codebook import Codebook, load_codebook

# a slow moment of a shared machine is no fault of what is tested
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def project() -> Path:
    """The repository's root."""
    return Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def actors(project: Path) -> Actors:
    """The actors file of the first subject."""
    return load_actors(project / "configs/actors/bsa2013.yaml")


@pytest.fixture(scope="session")
def codebook(project: Path) -> Codebook:
    """The codebook of the first subject."""
    return load_codebook(project / "configs/codebooks/bsa2013.yaml")
