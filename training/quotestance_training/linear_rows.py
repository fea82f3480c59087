"""The rows of a linear model, as a model of its own or as the first stage of an encoder."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np
from datasets import Dataset, concatenate_datasets

from quotestance_training.config import LinearConfig
from quotestance_training.fit_linear import Fitted, Task, fit, tasks_of
from quotestance_training.splits import Index
from quotestance_training.train_data import TrainingData


@dataclass(frozen=True)
class LinearRows:
    """Quotes of the statements first, those of further sources after them.

    Parameters
    ----------
    rows : Dataset
    tasks : sequence of Task
        Their features, computed once for all rounds.
    statements : int
        How many rows are quotes of statements.
    """

    rows: Dataset
    tasks: Sequence[Task] = field(repr=False)
    statements: int

    @classmethod
    def of(cls, data: TrainingData) -> LinearRows:
        """From everything that a configuration names."""
        statements, further = data.corpus.data, data.further_with_issues()
        rows = statements if further is None else concatenate_datasets([statements, further])
        return cls(rows, tasks_of(rows, data.codebook, data.actors), len(statements))

    def known(self, train: Index, held: Collection[str] = ()) -> Index:
        """Training rows: some of the statements and all further ones.

        Parameters
        ----------
        held : collection of str
            Issues that are held out: further rows that bear on one are left out.
        """
        further = np.arange(self.statements, len(self.rows))
        if held:
            issues = self.rows.select(further)["issues"]
            further = further[[set(held).isdisjoint(json.loads(told)) for told in issues]]
        return np.concatenate([train, further])

    def fit(self, rows: Index, config: LinearConfig, *, n_folds: int) -> Fitted:
        """A linear model fitted on some rows."""
        return fit([task.of_quotes(rows) for task in self.tasks], config, n_folds=n_folds)
