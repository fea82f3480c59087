"""Configurations: overrides, and faults that name their key."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from quotestance.errors import ConfigError
from quotestance_training.config import (
    LinearConfig,
    QuotesConfig,
    check_config,
    load_config,
    set_key,
)


@pytest.fixture
def file(settings: Callable[..., dict[str, Any]], tmp_path: Path) -> Path:
    path = tmp_path / "tiny.yaml"
    path.write_text(yaml.safe_dump(settings(tmp_path / "model")), encoding="utf-8")
    return path


def test_a_file_gives_what_it_says_and_defaults(file: Path, tmp_path: Path) -> None:
    config = load_config(file)
    assert (config.seeds, config.split.folds, config.output) == ((1, 2), 2, tmp_path / "model")
    assert isinstance(config.model, LinearConfig)
    assert (config.model.kind, config.model.C_stance, config.sweep) == ("linear", 1.0, None)


def test_dotted_overrides_are_yaml(file: Path) -> None:
    changes = ["model.C_stance=2", "data.drop_writers=[t01, t02]", "tracking.register_as=null"]
    config = load_config(file, changes)
    assert isinstance(config.model, LinearConfig)
    assert config.model.C_stance == 2.0
    assert config.data.drop_writers == ("t01", "t02")
    assert config.tracking.register_as is None
    assert config.model.C_issue == 4.0, "other keys of the section keep their values"


def test_the_value_may_hold_an_equals_sign(file: Path) -> None:
    assert load_config(file, ["tracking.uri=http://h?a=b"]).tracking.uri == "http://h?a=b"


def test_seed_is_short_for_seeds(file: Path) -> None:
    assert load_config(file, ["seed=7"]).seeds == (7,)
    assert load_config(file, ["seeds=[4, 5]"]).seeds == (4, 5)


def test_later_overrides_win(file: Path) -> None:
    assert load_config(file, ["seed=7", "seeds=[8]"]).seeds == (8,)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        (
            "model.C_stanse=2",
            r"model\.C_stanse: unknown key; accepted: kind, C_issue, C_stance, .*\(got 2\)",
        ),
        ("modle.C=2", r"modle: unknown key; accepted: name, seeds,"),
        ("split.test_writers=0", r"split\.test_writers: .*greater than or equal to 1 \(got 0\)"),
        ("model.C_issue=much", r"model\.C_issue: .*\(got 'much'\)"),
        ("model.kind=forest", r"model\.kind: .*'linear'.*\(got 'forest'\)"),
        ("seeds=[]", r"seeds: .*at least 1 item"),
        ("seed=one", r"seeds\.0: .*\(got 'one'\)"),
        ("name=a b", r"name: .*\(got 'a b'\)"),
        ("sweep.grid={}", r"sweep\.grid: .*at least 1 item"),
    ],
)
def test_a_bad_setting_names_its_path(file: Path, override: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        load_config(file, [override])
    assert str(caught.value).startswith(f"{file}: ")


@pytest.mark.parametrize("override", ["model.C_stance", "=2", ""])
def test_an_override_without_key_or_value_is_refused(file: Path, override: str) -> None:
    with pytest.raises(ConfigError, match=r"expected key=value, for example model\.C_stance=2"):
        load_config(file, [override])


def test_an_override_that_is_not_yaml(file: Path) -> None:
    with pytest.raises(ConfigError, match=r"override 'seeds=\[1': the value is not YAML"):
        load_config(file, ["seeds=[1"])


def test_an_override_below_a_plain_value(file: Path) -> None:
    with pytest.raises(ConfigError, match=r"override 'name\.first': 'name' holds no keys"):
        load_config(file, ["name.first=x"])


def test_set_key_makes_mappings_on_the_way() -> None:
    data: dict[str, Any] = {"a": {"b": 1}}
    set_key(data, "a.c.d", 2)
    assert data == {"a": {"b": 1, "c": {"d": 2}}}


def test_a_missing_key_is_named(settings: Callable[..., dict[str, Any]], tmp_path: Path) -> None:
    data = settings(tmp_path)
    del data["data"]["codebook"]
    with pytest.raises(ConfigError, match=r"^here: data\.codebook: Field required"):
        check_config(data, "here")


@pytest.mark.parametrize(
    ("text", "message"),
    [("- a\n- b\n", "holds list, expected a mapping"), ("a: [", "cannot be read")],
)
def test_a_file_that_is_no_mapping(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "odd.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        load_config(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"absent\.yaml: cannot be read"):
        load_config(tmp_path / "absent.yaml")


def test_configurations_are_frozen(file: Path) -> None:
    config = load_config(file)
    for part, name in ((config, "name"), (config.model, "C_issue"), (config.data, "actors"),
                       (config.split, "folds"), (config.tracking, "uri")):  # fmt: skip
        with pytest.raises(ValidationError, match="frozen"):
            setattr(part, name, getattr(part, name))


def test_a_grid_keeps_whole_numbers_whole(file: Path) -> None:
    config = load_config(file, ["sweep.grid={model.min_count: [2, 3], model.C_issue: [0.5]}"])
    assert config.sweep is not None
    assert [type(v) for v in config.sweep.grid["model.min_count"]] == [int, int]
    assert config.sweep.grid["model.C_issue"] == [0.5]


# -- the judge of quotes


def test_the_kind_chooses_the_settings(file: Path) -> None:
    config = load_config(file, ["model.kind=quotes", "model.C=0.5", "data.stories=seeds/stories"])
    assert isinstance(config.model, QuotesConfig)
    assert config.model == QuotesConfig(C=0.5)
    assert config.data.stories == Path("seeds/stories")


def test_a_model_without_a_kind_is_the_linear_one(file: Path) -> None:
    config = load_config(file, ["model.C_stance=2"])
    assert config.model == LinearConfig(C_stance=2.0)
    assert config.data.stories is None, "which needs no stories"


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (
            ["model.kind=quotes", "model.C_stance=1"],
            r"model\.C_stance: unknown key; accepted: kind, C, statement_weight, min_count .*got 1",
        ),
        (["model.C=1"], r"model\.C: unknown key; accepted: kind, C_issue, C_stance, .*got 1"),
        (["model.kind=quotes", "model.C=0"], r"model\.C: .*greater than 0 \(got 0\)"),
        (
            ["model.kind=quotes", "model.statement_weight=-1"],
            r"model\.statement_weight: .*greater than or equal to 0 \(got -1\)",
        ),
        (["model.kind=quotes", "model.min_count=0"], r"model\.min_count: .*\(got 0\)"),
        (["model.kind=quote"], r"model\.kind: .*'linear', 'quotes'.*\(got 'quote'\)"),
        (["data.story=x"], r"data\.story: unknown key; accepted: statements, sources, public"),
        (["data.stories=[x]"], r"data\.stories: .*not a valid path"),
        (
            ["model.kind=quotes", "split.share=0.5"],
            r"split: with model\.kind quotes only by=writer and share=1 .*, share=0\.5\)$",
        ),
        (["model.kind=quotes", "split.by=each_writer"], r"split: .*got by=each_writer, share=1"),
        (["model=quotes"], r"model: .*\(got 'quotes'\)"),
    ],
)
def test_a_bad_setting_of_the_judge_names_its_path(
    file: Path, overrides: list[str], message: str
) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        load_config(file, overrides)
    assert str(caught.value).startswith(f"{file}: ")


def test_the_settings_of_the_judge_survive_a_round_trip(file: Path) -> None:
    config = load_config(file, ["model.kind=quotes", "model.min_count=3", "data.stories=s"])
    assert check_config(config.model_dump(mode="json"), "again") == config
    with pytest.raises(ValidationError, match="frozen"):
        setattr(config.model, "min_count", 1)  # noqa: B010
