"""What may import what, and what no source may do."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted(p for part in ("inference", "training") for p in (ROOT / part).rglob("*.py"))
OPTIONAL = ("torch", "transformers", "mlflow", "datasets", "quotestance_training")
SLOW = ("sklearn",)  # installed, but takes a second to import: not for predicting
UNSAFE_MODULES = {
    "pickle", "cPickle", "joblib", "dill", "cloudpickle", "shelve", "marshal",
}  # fmt: skip
PREDICT = """
import sys

class NotInstalled:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in sys.argv[1].split(","):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, NotInstalled())
try:
    import mlflow
except ModuleNotFoundError:
    pass
else:
    raise AssertionError("mlflow is not hidden")
from quotestance import Quote, SentimentClassifier, StanceClassifier
clf = StanceClassifier.from_pretrained()
rows = clf.predict("“We will not be rushed,” a palace adviser said.", date="2013-10-12")
rows += clf.predict_quotes([Quote.of("We go.", side="us", issue="residual_force", cue="vowed")])
import json
print(json.dumps([row.to_dict() for row in rows]))
SentimentClassifier.from_pretrained().predict([("The army is brave.", (4, 8))])
"""


def _tree(source: str | Path) -> ast.Module:
    text = source.read_text(encoding="utf-8") if isinstance(source, Path) else source
    return ast.parse(text)


def _imports(tree: ast.Module) -> Iterator[str]:
    """Dotted names of whatever is imported, also inside functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
        elif isinstance(node, ast.Call) and node.args:
            called, first = ast.unparse(node.func), node.args[0]
            if called.split(".")[-1] in ("import_module", "__import__") and isinstance(
                first, ast.Constant
            ):
                yield str(first.value)


def _unsafe(tree: ast.Module) -> Iterator[str]:
    """Whatever runs or unpickles data."""
    for name in _imports(tree):
        if name.split(".")[0] in UNSAFE_MODULES:
            yield f"import {name}"
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        keywords = {k.arg: k.value for k in node.keywords}
        if called in ("eval", "exec", "compile", "os.system", "os.popen") or (
            called.startswith("yaml.") and called.split(".")[1].startswith(("unsafe", "full"))
        ):
            yield called
        elif called in ("yaml.load", "yaml.load_all"):
            loader = node.args[1] if len(node.args) > 1 else keywords.get("Loader")
            if loader is None or "Safe" not in _value_of(loader, tree):
                yield called
        elif called.endswith((".load", ".save")) and "allow_pickle" in keywords:
            yield f"{called} with allow_pickle"
        elif called in ("torch.load", "torch.save") or called.endswith("read_pickle"):
            yield called
        elif isinstance(flag := keywords.get("shell"), ast.Constant) and flag.value:
            yield f"{called} with a shell"


def _value_of(loader: ast.expr, tree: ast.Module) -> str:
    """A loader's expression, or what its name was last given."""
    if not isinstance(loader, ast.Name):
        return ast.unparse(loader)
    given = [
        ast.unparse(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == loader.id
    ]
    return given[-1] if given and all("Safe" in g for g in given) else loader.id


def test_the_contracts_of_import_linter_hold() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def test_the_sources_are_there() -> None:
    names = {p.relative_to(ROOT).as_posix() for p in SOURCES}
    assert "inference/quotestance/classifier.py" in names
    assert "training/quotestance_training/tracking.py" in names


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_the_folders_are_no_packages_and_nothing_unsafe_is_done(path: Path) -> None:
    tree = _tree(path)
    assert not {n.split(".")[0] for n in _imports(tree)} & {"inference", "training"}
    assert list(_unsafe(tree)) == []


def test_tests_and_benchmarks_do_not_import_the_folders() -> None:
    for part in ("tests", "benchmarks"):
        for path in (ROOT / part).rglob("*.py"):
            found = {n.split(".")[0] for n in _imports(_tree(path))}
            assert not found & {"inference", "training"}, path


@pytest.mark.parametrize(
    "source",
    [
        "import pickle", "from joblib import load", "def f():\n    import dill", "eval('1')",
        "exec(text)", "yaml.load(text)", "yaml.load(text, Loader=yaml.Loader)",
        "loader = yaml.UnsafeLoader\nyaml.load(text, loader)", "yaml.unsafe_load(text)",
        "np.load(path, allow_pickle=True)", "torch.load(path)", "pd.read_pickle(path)",
        "subprocess.run(command, shell=True)", "importlib.import_module('pickle')",
        "loader = yaml.SafeLoader\nloader = yaml.Loader\nyaml.load(text, Loader=loader)",
    ],
)  # fmt: skip
def test_the_check_for_unsafe_calls_sees_them(source: str) -> None:
    assert list(_unsafe(_tree(source)))


def test_the_check_for_unsafe_calls_lets_safe_ones_pass() -> None:
    source = (
        "loader = yaml.CSafeLoader\nyaml.load(t, Loader=loader)\nyaml.safe_load(t)\nre.compile(t)"
    )
    assert list(_unsafe(_tree(source))) == []


def test_only_tracking_and_its_logged_model_import_mlflow() -> None:
    found = {
        p.name for p in SOURCES if any(n.split(".")[0] == "mlflow" for n in _imports(_tree(p)))
    }
    assert found == {"tracking.py", "pyfunc.py"}


def test_inference_imports_training_in_two_places_only() -> None:
    found = {
        p.name
        for p in SOURCES
        if "inference" in p.parts
        and any(n.split(".")[0] == "quotestance_training" for n in _imports(_tree(p)))
    }
    assert found == {"sources.py", "cli.py"}


def test_predicting_works_without_the_optional_packages() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PREDICT, ",".join((*OPTIONAL, *SLOW))],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    sides = [row["side"] for row in json.loads(done.stdout)]
    assert sides[0] == "afghan" and sides[-1] == "us"


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = (
        "import sys, quotestance; print(sorted({'spacy', 'numpy', 'pydantic'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout == "[]\n"
