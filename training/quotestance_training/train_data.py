"""What a training learns from: statements, further labelled folders, public sets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from quotestance.actors import Actors, load_actors
from quotestance.codebook import Codebook, load_codebook
from quotestance.errors import ConfigError
from quotestance_training.config import OWN_SOURCES, DataConfig, SourceConfig
from quotestance_training.corpora import Corpus, digest_of_folder, load_statements
from quotestance_training.labelled import LabelledDocument, load_labelled
from quotestance_training.pair_rows import LabelledQuote, PairRow, quotes_of
from quotestance_training.public_data import SETS, load_public
from quotestance_training.topics import load_topics, topic_rows
from quotestance_training.unlabelled import others_named, without_labels
from quotestance_training.wordings import Wordings, load_wordings

if TYPE_CHECKING:
    from datasets import Dataset


@dataclass(frozen=True)
class TrainingData:
    """Everything that a configuration names, read once.

    Parameters
    ----------
    codebook, actors
    corpus : Corpus
        The statements, whose writers are held out; one row a quote.
    further : Corpus or None
        The quotes of the labelled sources.
    articles : Corpus or None
        The development articles.
    public, public_dev : list of PairRow
        Rows of topics and of the public sets, for encoders.
    digests : dict of str to str
        Name → sha256 of everything read.
    wordings : Wordings or None
        Of the issues' propositions.
    """

    codebook: Codebook
    actors: Actors
    corpus: Corpus
    further: Corpus | None
    articles: Corpus | None
    public: list[PairRow]
    public_dev: list[PairRow]
    digests: dict[str, str]
    wordings: Wordings | None = None

    def quotes(self) -> list[LabelledQuote]:
        """The statements' quotes, row by row as in the corpus."""
        return self._quotes_in(self.corpus)

    def further_quotes(self) -> list[LabelledQuote]:
        """The quotes of the labelled sources."""
        return self._quotes_in(self.further)

    def article_quotes(self) -> list[LabelledQuote]:
        """The quotes of the development articles."""
        return self._quotes_in(self.articles)

    def _quotes_in(self, corpus: Corpus | None) -> list[LabelledQuote]:
        if corpus is None:
            return []
        return quotes_of(corpus.documents, corpus.gold, self.actors)

    def further_with_issues(self) -> Dataset | None:
        """Rows of the labelled sources whose issues somebody labelled."""
        if self.further is None:
            return None
        told = [
            q.issues is not None and q.sentiment is not None
            for d in self.further.documents
            for q in d.quotes
            if not q.optional
        ]
        return self.further.data.select(np.flatnonzero(told))


def load_data(config: DataConfig, *, seed: int) -> TrainingData:
    """Read what a configuration names.

    Parameters
    ----------
    seed : int
        Draws the rows of sources with a limit.

    Raises
    ------
    ConfigError
        If a source may not train what is shipped and the configuration doesn't say that the
        model stays local.
    QuotestanceError
        If something cannot be read.
    """
    for source in config.sources:
        _check_licence(source, local_only=config.local_only)
    codebook, actors = load_codebook(config.codebook), load_actors(config.actors)
    corpus = load_statements(config.statements, codebook, drop_writers=config.drop_writers)
    digests = {corpus.name: corpus.digest}
    further, public, dev = _read_sources(config, codebook, seed, digests)
    articles, wordings = None, None
    if config.articles is not None:
        articles = Corpus.of("articles", load_labelled(config.articles, codebook), "")
        digests[f"{config.articles} (dev)"] = digest_of_folder(config.articles)
    if config.propositions is not None:
        wordings = load_wordings(config.propositions, codebook)
        digests[str(config.propositions)] = sha256(config.propositions.read_bytes()).hexdigest()
    return TrainingData(codebook, actors, corpus, further, articles, public, dev, digests, wordings)


def _read_sources(
    config: DataConfig, codebook: Codebook, seed: int, digests: dict[str, str]
) -> tuple[Corpus | None, list[PairRow], list[PairRow]]:
    """Labelled sources, public rows and those to stop by; adds to the digests what was read."""
    further: list[LabelledDocument] = []
    public: list[PairRow] = []
    dev: list[PairRow] = []
    read: dict[tuple[str, Path | None], tuple[list[PairRow], str]] = {}
    for source in config.sources:
        if source.name in OWN_SOURCES:
            folder = _folder_of(source)
            digests[str(folder)] = digest_of_folder(folder)
            if source.name == "labelled":
                further += load_labelled(folder, codebook)
            else:
                rows = topic_rows(load_topics(folder), seed=seed, opposites=source.opposites)
                public += _drawn(rows, source, seed)
            continue
        place = source.name, source.path
        if place not in read:  # a set may be named several times, and taken in several ways
            read[place] = load_public(source, config.public)
        rows, digests[source.name] = read[place]
        public += _drawn(_TAKEN[source.take](rows), source, seed)
        if source.dev:
            held, digests[f"{source.name} (dev)"] = load_public(source, config.public, dev=True)
            dev += held
    return Corpus.of("further", further, "") if further else None, public, dev


_TAKEN: dict[str, Callable[[list[PairRow]], list[PairRow]]] = {
    "labels": list,
    "texts": without_labels,
    "names": others_named,
}


def _check_licence(source: SourceConfig, *, local_only: bool) -> None:
    if source.name in OWN_SOURCES or local_only or SETS[source.name].may_ship:
        return
    raise ConfigError(
        f"data.sources: {source.name} ({SETS[source.name].licence}) may not train a model that is "
        "passed on; set data.local_only=true for one that stays here"
    )


def _folder_of(source: SourceConfig) -> Path:
    if source.path is None:
        raise ConfigError(f"data.sources: {source.name} needs a path")
    return source.path


def _drawn(rows: list[PairRow], source: SourceConfig, seed: int) -> list[PairRow]:
    if source.limit is not None and source.limit < len(rows):
        chosen = np.random.default_rng(seed).choice(len(rows), source.limit, replace=False)
        rows = [rows[i] for i in sorted(chosen)]
    return [replace(row, weight=row.weight * source.weight) for row in rows]


def licences(data: DataConfig) -> dict[str, Any]:
    """What a model card says of the public sets that a model learnt from."""
    return {
        s.name: {"licence": SETS[s.name].licence, "cite": SETS[s.name].cite}
        for s in data.sources
        if s.name not in OWN_SOURCES
    }
