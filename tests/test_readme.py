"""The README is true: its Python runs, its commands exist, the files that it names are there."""

import re
import shlex
from pathlib import Path

import pytest
import yaml
from typer.main import get_command

from quotestance.cli import app
from quotestance.positions import COLUMNS

README = Path(__file__).parents[1] / "README.md"
TEXT = README.read_text(encoding="utf-8")
PYTHON = re.findall(r"```python\n(.*?)```", TEXT, re.S)
SHELL = [
    line.split("   #")[0].split("     #")[0].strip()
    for block in re.findall(r"```sh\n(.*?)```", TEXT, re.S)
    for line in block.splitlines()
    if line.strip()
]


@pytest.mark.parametrize("code", PYTHON)
def test_python_blocks_run(code, capsys):
    exec(compile(code, "README.md", "exec"), {})
    assert "afghan" in capsys.readouterr().out


@pytest.mark.parametrize("line", [c for c in SHELL if re.match(r"(?:\w+=\S+ )?quotestance", c)])
def test_commands_parse(line):
    words = [w for w in shlex.split(line, comments=True) if "=sqlite" not in w]
    commands = get_command(app).commands
    assert words[0] == "quotestance"
    assert words[1] in commands
    commands[words[1]].make_context(words[1], words[2:], resilient_parsing=False)


def test_make_targets_exist():
    makefile = (README.parent / "Makefile").read_text(encoding="utf-8")
    wanted = set(re.findall(r"`make ([a-z-]+)`", TEXT)) | {
        c.split()[1] for c in SHELL if c.startswith("make ")
    }
    assert {"demo", "test", "check"} <= wanted
    for target in wanted:
        assert re.search(rf"^{target}:", makefile, re.M), target


def test_named_files_exist():
    for link in re.findall(r"\]\(([^)#:]+)\)", TEXT):
        assert (README.parent / link).exists(), link


def test_every_column_is_documented():
    table = TEXT[TEXT.index("## The rows") : TEXT.index("## How good")]
    assert [c for c in COLUMNS if f"`{c}`" not in table] == []


def test_extras_are_those_of_the_package(project):
    pyproject = (project / "pyproject.toml").read_text(encoding="utf-8")
    for extra in ("training", "report", "finetune", "spark", "dev"):
        assert f"`{extra}`" in TEXT or f"[{extra}]" in TEXT
        assert re.search(rf"^{extra} = \[", pyproject, re.M)


def test_configs_in_readme_exist(project):
    for path in re.findall(r"configs/train/[\w-]+\.yaml", TEXT):
        assert yaml.safe_load((project / path).read_text(encoding="utf-8"))["name"]
