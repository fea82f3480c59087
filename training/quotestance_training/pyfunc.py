"""The MLflow model: a table of articles in, a table of positions out.

MLflow runs this file when it loads the model ("models from code"), so that no object is pickled;
it stays out of the package's imports.
"""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
from mlflow.models import set_model
from mlflow.pyfunc import PythonModel, PythonModelContext

from quotestance.articles import Article
from quotestance.classifier import StanceClassifier
from quotestance.positions import COLUMNS, NESTED


class QuotestanceModel(PythonModel):  # type: ignore[misc]
    """`StanceClassifier` behind MLflow's interface."""

    def load_context(self, context: PythonModelContext) -> None:
        """Load the bundle that was logged with the model."""
        self.classifier = StanceClassifier.from_pretrained(context.artifacts["bundle"])

    def predict(
        self,
        context: PythonModelContext,
        model_input: pd.DataFrame,
        params: dict[str, Any] | None = None,
    ) -> pd.DataFrame:
        """Predict rows; nested values are JSON text.

        Parameters
        ----------
        model_input : DataFrame
            Columns ``text``, and where they are known ``id`` and ``date``.
        """
        known = model_input.astype(object).where(model_input.notna(), None)  # pandas' NaN, NA
        articles = [
            Article.of(r["text"], id=r.get("id") or f"row-{i}", date=r.get("date") or None)
            for i, r in enumerate(known.to_dict("records"))
        ]
        rows = [p.to_dict() for ps in self.classifier.predict_many(articles) for p in ps]
        for row in rows:
            for name in NESTED:
                row[name] = None if row[name] is None else json.dumps(row[name])
        return pd.DataFrame(rows, columns=list(COLUMNS))


set_model(QuotestanceModel())
