"""Who said what, for which side, on which issue, with what stance and sentiment."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from quotestance.articles import Article as Article
    from quotestance.classifier import StanceClassifier as StanceClassifier
    from quotestance.errors import QuotestanceError as QuotestanceError
    from quotestance.positions import Position as Position
    from quotestance.quotes import Quote as Quote
    from quotestance.target_sentiment import SentimentClassifier as SentimentClassifier

__version__ = version("quotestance")

_HOMES = {
    "Article": "articles",
    "Position": "positions",
    "Quote": "quotes",
    "QuotestanceError": "errors",
    "SentimentClassifier": "target_sentiment",
    "StanceClassifier": "classifier",
}
__all__ = ["__version__", *sorted(_HOMES)]


def __getattr__(name: str) -> object:
    """Load a public name from its module when it is first used: `import quotestance` is quick."""
    if name not in _HOMES:
        raise AttributeError(f"module 'quotestance' has no attribute {name!r}")
    return getattr(import_module(f"quotestance.{_HOMES[name]}"), name)
