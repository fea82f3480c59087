"""Every error that quotestance raises on purpose, in one tree.

::

    QuotestanceError
    ├── InputError          a file, row or article that cannot be read
    ├── CodebookError       a codebook file, or a label that is not in it
    ├── ActorsError         an actors file that does not hold together
    ├── ConfigError         a training configuration or an override
    ├── BundleError         a model folder that is missing, altered or of another version
    └── MissingExtraError   a command whose optional packages are not installed

Each message names what was wrong (file, row or key), the value, and what is accepted.
"""

from __future__ import annotations


class QuotestanceError(Exception):
    """Base of all errors raised by this package."""


class InputError(QuotestanceError):
    """A file, row or article that cannot be read.

    Parameters
    ----------
    reason : str
        What is wrong and what is accepted.
    source : str or None
        The file, or whatever the text came from.
    row : int or None
        The 1-based row or line in the file.
    """

    def __init__(self, reason: str, *, source: str | None = None, row: int | None = None) -> None:
        self.reason = reason
        self.source = source
        self.row = row
        where = source or "input"
        if row is not None:
            where += f", row {row}"
        super().__init__(f"{where}: {reason}")


class CodebookError(QuotestanceError):
    """A codebook that does not hold together, or a label that it does not have."""


class ActorsError(QuotestanceError):
    """An actors file that does not hold together."""


class ConfigError(QuotestanceError):
    """A training configuration, or an override of it, that is not valid."""


class BundleError(QuotestanceError):
    """A model folder that is missing something, was altered, or has another format."""


class MissingExtraError(QuotestanceError):
    """A feature whose optional packages are not installed.

    Parameters
    ----------
    feature : str
        What the user asked for.
    extra : str
        The extra of this distribution that brings the packages.
    """

    def __init__(self, feature: str, extra: str) -> None:
        super().__init__(
            f"{feature} needs packages that are not installed; "
            f"run: pip install 'quotestance[{extra}]'"
        )
