"""The codebook: the issues (each a proposition) and the labels of every variable."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from quotestance.errors import CodebookError

Stance = Literal["favor", "against", "neutral"]
Sentiment = Literal["negative", "neutral", "positive"]
SpeakerKind = Literal["named", "anonymous", "collective", "document", "unknown"]

STANCES: tuple[Stance, ...] = ("favor", "against", "neutral")
SENTIMENTS: tuple[Sentiment, ...] = ("negative", "neutral", "positive")
KINDS = ("direct", "indirect", "mixed")
SPEAKER_KINDS: tuple[SpeakerKind, ...] = (
    "named", "anonymous", "collective", "document", "unknown",
)  # fmt: skip


class Issue(BaseModel):
    """A proposition that speakers favor, oppose or weigh."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    proposition: str = Field(min_length=8)


class Codebook(BaseModel):
    """What a subject's labels mean; another subject is another file of this shape."""

    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,))

    schema_version: Literal[1]
    id: str = Field(pattern=r"^[a-z0-9_-]+$")
    title: str
    sides: tuple[str, ...] = Field(min_length=1)
    names: dict[str, str] = Field({}, description="sides → what texts call them")
    issues: tuple[Issue, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _unique(self) -> Codebook:
        for what, names in (("issue", [i.id for i in self.issues]), ("side", list(self.sides))):
            twice = {n for n in names if names.count(n) > 1}
            if twice:
                raise ValueError(f"{what} {sorted(twice)[0]!r} stands twice")
        strange = set(self.names) - set(self.sides)
        if strange:
            raise ValueError(f"names: {sorted(strange)[0]!r} is no side")
        reserved = {"other", "unknown"} & set(self.sides)
        if reserved:
            raise ValueError(f"side {sorted(reserved)[0]!r} is always there; leave it out of sides")
        return self

    @cached_property
    def issue_ids(self) -> tuple[str, ...]:
        """The ids in the codebook's order."""
        return tuple(issue.id for issue in self.issues)

    @cached_property
    def side_labels(self) -> tuple[str, ...]:
        """The compared sides, then other and unknown."""
        return (*self.sides, "other", "unknown")

    def check(self, variable: str, value: str, *, where: str = "label") -> str:
        """Return `value` if it is a label of `variable`.

        Raises
        ------
        CodebookError
            Naming the value and the labels that are accepted.
        """
        accepted = {
            "issue": self.issue_ids,
            "side": self.side_labels,
            "stance": STANCES,
            "sentiment": SENTIMENTS,
            "kind": KINDS,
            "speaker_kind": SPEAKER_KINDS,
        }[variable]
        if value not in accepted:
            raise CodebookError(
                f"{where}: {variable} {value!r} is not in codebook {self.id!r}; "
                f"accepted: {', '.join(accepted)}"
            )
        return value


def read_mapping(path: Path, error: type[Exception]) -> dict[str, Any]:
    """Read a YAML or JSON file that holds one mapping."""
    try:
        text = path.read_text(encoding="utf-8")
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        data = json.loads(text) if path.suffix == ".json" else yaml.load(text, Loader=loader)
    except (OSError, UnicodeError, ValueError, yaml.YAMLError) as reason:
        raise error(f"{path}: cannot be read: {reason}") from reason
    if not isinstance(data, dict):
        raise error(f"{path}: holds {type(data).__name__}, expected a mapping of keys")
    return data


def describe(error: ValidationError, model: type[BaseModel] | None = None) -> str:
    """Each fault of a pydantic error as ``key: what is wrong (got value)``.

    With the model that was validated, an unknown key is told which keys are accepted there.
    """
    lines = []
    for fault in error.errors():
        path = _without_tags(fault["loc"], model)
        key = ".".join(str(part) for part in path) or "file"
        value = fault.get("input")
        message = fault["msg"].removeprefix("Value error, ")
        if fault["type"] == "extra_forbidden":
            known = _keys_at(model, fault["loc"][:-1]) if model is not None else []
            message = "unknown key" + (f"; accepted: {', '.join(known)}" if known else "")
        if fault["type"] == "union_tag_invalid":
            key, value = f"{key}.kind", fault["ctx"]["tag"]
            message = f"expected one of {fault['ctx']['expected_tags']}"
        shown = "" if isinstance(value, (dict, list, tuple, BaseModel)) else f" (got {value!r})"
        lines.append(f"{key}: {message}{shown}")
    return "; ".join(lines)


def _keys_at(model: type[BaseModel], path: tuple[int | str, ...]) -> list[str]:
    """The keys that a model accepts at a path of its data."""
    choices = [model]
    for part in path:
        choices = _next(choices, part)
    return list(choices[0].model_fields) if choices else []


def _without_tags(
    path: tuple[int | str, ...], model: type[BaseModel] | None
) -> tuple[int | str, ...]:
    """A fault's path without the tags of unions, which are no keys of the file."""
    choices = [model] if model is not None else []
    kept = []
    for part in path:
        if not _tagged(choices, part):
            kept.append(part)
        choices = _next(choices, part)
    return tuple(kept)


def _next(choices: list[type[BaseModel]], part: int | str) -> list[type[BaseModel]]:
    """The models that may stand one step further down a path."""
    if isinstance(part, int):
        return choices
    fields = [c.model_fields[part] for c in choices if part in c.model_fields]
    return _tagged(choices, part) or [t for f in fields for t in _types_in(f.annotation)]


def _tagged(choices: list[type[BaseModel]], part: int | str) -> list[type[BaseModel]]:
    """The member of a tagged union whose tag (its default ``kind``) a part of a path is."""
    if len(choices) < 2:
        return []
    return [
        c for c in choices if "kind" in c.model_fields and c.model_fields["kind"].default == part
    ]


def _types_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models named in an annotation such as ``tuple[Office, ...] | None``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _types_in(part)


def load_codebook(path: str | Path) -> Codebook:
    """Load a codebook from YAML or JSON.

    Raises
    ------
    CodebookError
        If the file cannot be read or does not hold together.
    """
    path = Path(path)
    try:
        return Codebook.model_validate(read_mapping(path, CodebookError))
    except ValidationError as error:
        raise CodebookError(f"{path}: {describe(error, Codebook)}") from error
