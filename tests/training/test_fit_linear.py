"""Fitting: the same bytes twice, obvious signals, labels that never vary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_info, threadpool_limits

from quotestance.actors import Actors
from quotestance.bundle import load_bundle, save_bundle
from quotestance.codebook import SENTIMENTS, STANCES, Codebook
from quotestance_training.config import LinearConfig
from quotestance_training.corpora import Corpus, examples
from quotestance_training.fit_linear import Task, fit, tasks_of

CONFIG = LinearConfig()


def test_tasks_have_rows_labels_owners_and_writers(
    tasks: list[Task], corpus: Corpus, codebook: Codebook
) -> None:
    by_head = {t.head: t for t in tasks}
    assert list(by_head) == ["issue", "sentiment", "stance", "target"]
    assert by_head["issue"].y.shape == (60, len(codebook.issue_ids))
    assert by_head["issue"].y.sum() == len(by_head["stance"].rows) == 60
    writers = corpus.data["writer"]
    for task in tasks:
        assert len(task.rows) == len(task.y) == len(task.owner) == len(task.groups)
        assert task.groups == [writers[i] for i in task.owner]
    gold = [SENTIMENTS[k] for k in by_head["sentiment"].y]
    assert gold == list(corpus.data["sentiment"])
    named = [r for r in corpus.data if "merican" in r["text"]]
    assert len(by_head["target"].rows) == 2 * 60 + len(named), "a named side adds a bare text"
    assert len(named) > 0


def test_rows_of_some_quotes_only(tasks: list[Task]) -> None:
    chosen = np.array([3, 7, 20])
    for task in tasks:
        part = task.of_quotes(chosen)
        assert set(part.owner) == set(chosen)
        at = np.flatnonzero(np.isin(task.owner, chosen))
        assert part.rows == [task.rows[k] for k in at]
        assert np.array_equal(part.y, task.y[at])
        assert part.groups == [task.groups[k] for k in at]


def test_the_same_training_gives_the_same_bytes(
    tasks: list[Task], corpus: Corpus, codebook: Codebook, actors: Actors, tmp_path: Path
) -> None:
    names = []
    for i, rows in enumerate([tasks, tasks_of(corpus.data, codebook, actors)]):
        fitted = fit(rows, CONFIG, n_folds=2)
        manifest = {"thresholds": {"issue": fitted.issue_threshold, "stance": 0.36}}
        folder = save_bundle(tmp_path / str(i), fitted.model, codebook, actors, manifest)
        names.append((load_bundle(folder).manifest["digest"], fitted.issue_threshold))
    assert names[0] == names[1]
    assert (tmp_path / "0/manifest.json").read_bytes() == (
        tmp_path / "1/manifest.json"
    ).read_bytes()
    stronger = fit(tasks, CONFIG.model_copy(update={"C_stance": 2.0}), n_folds=2)
    manifest = {"thresholds": {"issue": 0.5, "stance": 0.36}}
    other = save_bundle(tmp_path / "2", stronger.model, codebook, actors, manifest)
    assert load_bundle(other).manifest["digest"] != names[0][0]


def test_the_number_of_threads_does_not_change_the_sums(
    tasks: list[Task], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    solve = LogisticRegression.fit

    def watched(self: LogisticRegression, *given: object) -> LogisticRegression:
        seen.extend(p["num_threads"] for p in threadpool_info() if p["user_api"] == "blas")
        return solve(self, *given)

    monkeypatch.setattr(LogisticRegression, "fit", watched)
    with threadpool_limits(2):
        fit(tasks[1:2], CONFIG, n_folds=2)
    assert set(seen) == {1}


def test_an_obvious_signal_is_learnt_and_carries_over(
    tasks: list[Task], corpus: Corpus, codebook: Codebook
) -> None:
    writers = np.array(corpus.data["writer"])
    seen, unseen = np.flatnonzero(writers != "t04"), np.flatnonzero(writers == "t04")
    fitted = fit([t.of_quotes(seen) for t in tasks], CONFIG, n_folds=2)
    by_head = {t.head: t.of_quotes(unseen) for t in tasks}
    rows = by_head["issue"].rows
    assert rows == fitted.model.features(examples(corpus.data.select(unseen)))
    issues = fitted.model.issues(rows) >= fitted.issue_threshold
    used = [
        codebook.issue_ids.index(i) for i in ("bsa_agreement", "residual_force", "taliban_talks")
    ]
    assert (issues[:, used] == by_head["issue"].y[:, used]).mean() > 0.9
    asked = [codebook.issue_ids[int(y.argmax())] for y in by_head["issue"].y]
    stances = fitted.model.stances(rows, asked).argmax(axis=1)
    assert (stances == by_head["stance"].y).mean() > 0.7
    sentiments = fitted.model.sentiments(rows).argmax(axis=1)
    assert (sentiments == by_head["sentiment"].y).mean() > 0.7


def test_issues_that_never_occur_are_never_found(tasks: list[Task], codebook: Codebook) -> None:
    fitted = fit(tasks, CONFIG, n_folds=2)
    head = fitted.model.heads["issue"]
    absent = [j for j, n in enumerate(tasks[0].y.sum(axis=0)) if n == 0]
    assert len(absent) == len(codebook.issue_ids) - 3
    assert not head.weights[absent].any()
    assert (head.bias[absent] == -3).all()
    assert (fitted.model.issues(tasks[0].rows)[:, absent] < fitted.issue_threshold).all()


def relabelled(tasks: Sequence[Task], head: str, labels: Sequence[int]) -> list[Task]:
    """The tasks with one head's labels mapped to others."""
    return [replace(t, y=np.array(labels)[t.y]) if t.head == head else t for t in tasks]


@pytest.mark.parametrize("only", [0, 1, 2])
def test_a_label_that_never_varies(tasks: list[Task], only: int) -> None:
    fitted = fit(relabelled(tasks, "sentiment", [only] * 3), CONFIG, n_folds=2)
    found = fitted.model.sentiments(tasks[1].rows)
    assert (found.argmax(axis=1) == only).all()
    assert (found.max(axis=1) > 0.9).all()
    assert (found.max(axis=1) == found.max()).all(), "it is a constant"


def test_a_label_that_is_missing_is_never_answered(tasks: list[Task]) -> None:
    fitted = fit(relabelled(tasks, "stance", [0, 1, 0]), CONFIG, n_folds=2)  # no neutral
    asked = [tasks[0].labels[int(y.argmax())] for y in tasks[0].y]
    found = fitted.model.stances(tasks[0].rows, asked)
    assert (found[:, STANCES.index("neutral")] < 0.02).all()
    gold = np.array([0, 1, 0])[tasks[2].y]
    assert (found.argmax(axis=1) == gold).mean() > 0.8


def test_heads_are_calibrated_and_rounded(tasks: list[Task]) -> None:
    fitted = fit(tasks, CONFIG, n_folds=2)
    assert 0.1 <= fitted.issue_threshold < 0.9
    for task in tasks:
        head = fitted.model.heads[task.head]
        assert head.labels == task.labels
        assert head.independent == (task.head == "issue")
        assert 0.05 <= head.temperature <= 20
        assert head.weights.flags.c_contiguous and head.weights.dtype == np.float32
        assert np.array_equal(head.weights, np.round(head.weights.astype(float), 5).astype("f4"))


def test_rare_features_are_dropped(tasks: list[Task]) -> None:
    many = fit(tasks, CONFIG.model_copy(update={"min_count": 1}), n_folds=2)
    few = fit(tasks, CONFIG.model_copy(update={"min_count": 10}), n_folds=2)
    for view, matrix in few.model.views.items():
        assert set(matrix.names_) < set(many.model.views[view].names_)
