"""Every file in configs/ loads, and the paths in it exist."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from quotestance.actors import load_actors
from quotestance.codebook import load_codebook
from quotestance_training.config import check_config, load_config, set_key

CONFIGS = Path(__file__).resolve().parents[1] / "configs"


def files(folder: str) -> list[Path]:
    return sorted(p for p in (CONFIGS / folder).iterdir() if p.suffix in (".yaml", ".json"))


def test_there_are_configurations_of_every_kind() -> None:
    assert all(files(folder) for folder in ("train", "codebooks", "actors"))


@pytest.mark.parametrize("path", files("train"), ids=lambda p: p.name)
def test_a_training_configuration_is_valid_and_its_paths_exist(path: Path, project: Path) -> None:
    config = load_config(path)
    assert list((project / config.data.statements).glob("*.jsonl"))
    codebook = load_codebook(project / config.data.codebook)
    assert load_actors(project / config.data.actors).id == codebook.id
    assert not config.output.is_absolute()
    writers = {p.stem for p in (project / config.data.statements).glob("*.jsonl")}
    assert set(config.data.drop_writers) <= writers
    assert len(writers) - len(config.data.drop_writers) > config.split.test_writers


@pytest.mark.parametrize("path", files("train"), ids=lambda p: p.name)
def test_every_combination_of_a_sweep_is_valid(path: Path) -> None:
    config = load_config(path)
    grid = config.sweep.grid if config.sweep else {}
    for values in product(*grid.values()):
        data = config.model_dump(mode="json")
        for key, value in zip(grid, values, strict=True):
            set_key(data, key, value)
        changed = check_config(data, path.name).model_dump(mode="json")
        for key, value in zip(grid, values, strict=True):
            section, name = key.split(".")
            assert changed[section][name] == value


@pytest.mark.parametrize("path", files("codebooks"), ids=lambda p: p.name)
def test_a_codebook_loads(path: Path) -> None:
    codebook = load_codebook(path)
    assert codebook.id == path.stem
    assert all(codebook.check("issue", i) == i for i in codebook.issue_ids)


@pytest.mark.parametrize("path", files("actors"), ids=lambda p: p.name)
def test_an_actors_file_loads_for_its_codebook(path: Path) -> None:
    actors = load_actors(path)
    codebook = load_codebook(CONFIGS / "codebooks" / path.name)
    assert actors.id == path.stem == codebook.id
    assert actors.sides == codebook.sides
