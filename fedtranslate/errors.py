"""All errors that fedtranslate raises on purpose.

    FedTranslateError
    ├── ConfigError          a file or an option the user wrote is wrong
    ├── UnknownNameError     a name that is in no registry (language, method, model)
    ├── PackError            a language pack under parsers/ is malformed
    ├── CorpusError          pairs cannot be read, mined or split
    │   └── NotAllowedError  the site's policy leaves no pairs
    ├── ModelError           a base model or tokenizer cannot be loaded or does not fit
    ├── AdapterError         an adapter or release is damaged, forged, or of another base model
    ├── TrainingError        training cannot start, or went to NaN
    ├── AggregationError     the site updates of one round cannot be combined
    ├── FederationError      a run cannot start or go on (quorum, journal, settings)
    │   ├── SitesAwayError   it could if sites were there that are not
    │   └── RunStoppedError  somebody has stopped it
    ├── MigrationError       a repository cannot be migrated as asked
    ├── CheckError           a compiler or its sandbox cannot be used
    ├── ParseLimitError      a text takes a parser more time or memory than any real code
    ├── EngineError          what writes translations cannot be reached, or cannot go on
    ├── WorkerTimeoutError   a killable worker ran past its time and was killed
    └── InstallError         the installation itself is broken

Each says what is wrong, where, and what to do next.  The command line prints the message
and exits with code 2; a library user catches FedTranslateError.  Any other exception that
leaves fedtranslate is a defect of fedtranslate, and keeps its traceback.
"""

from collections.abc import Iterable
from difflib import get_close_matches


class FedTranslateError(Exception):
    """Base of the errors above.

    Args:
        problem: What is wrong and where, as full sentences.
        hint: What the reader can do about it, likewise.
    """

    def __init__(self, problem: str, hint: str = "") -> None:
        super().__init__(f"{problem} {hint}".rstrip())


class ConfigError(FedTranslateError):
    """A configuration file or option is wrong."""


class UnknownNameError(FedTranslateError):
    """A name that is in no registry.

    >>> raise UnknownNameError("language", "jav", ["java", "python"])
    Traceback (most recent call last):
    fedtranslate.errors.UnknownNameError: No language is called 'jav'. Did you mean 'java'?
    """

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        choices = sorted(known)
        close = get_close_matches(name, choices, n=1)
        super().__init__(
            f"No {kind} is called {name!r}.",
            hint=f"Did you mean {close[0]!r}?" if close else f"Known: {', '.join(choices)}.",
        )


class PackError(FedTranslateError):
    """A language pack is malformed."""


class CorpusError(FedTranslateError):
    """Pairs cannot be read, mined or split."""


class NotAllowedError(CorpusError):
    """A site's policy leaves no pairs.

    Args:
        setting: Of the policy: repositories or licences.
        problem: As for every error.
        hint: Likewise.
    """

    def __init__(self, setting: str, problem: str, hint: str = "") -> None:
        super().__init__(problem, hint)
        self.setting = setting


class ModelError(FedTranslateError):
    """A base model or its tokenizer cannot be loaded or does not fit the request."""


class AdapterError(FedTranslateError):
    """An adapter or a release is damaged, forged, or belongs to another base model."""


class TrainingError(FedTranslateError):
    """Training cannot start, or its loss is no longer a number."""


class AggregationError(FedTranslateError):
    """The updates of one round cannot be combined."""


class FederationError(FedTranslateError):
    """A run cannot start or go on."""


class SitesAwayError(FederationError):
    """A run cannot go on until sites are back that are not there.

    Args:
        problem: As for every error.
        hint: Likewise.
        wanted: Sites that have to be there for it to be worth going on; 0 if that is not known.
    """

    def __init__(self, problem: str, hint: str = "", *, wanted: int = 0) -> None:
        super().__init__(problem, hint)
        self.problem = problem
        self.wanted = wanted


class RunStoppedError(FederationError):
    """Somebody has stopped the run while it was at work."""


class MigrationError(FedTranslateError):
    """A repository cannot be migrated as asked, or its journal cannot be used."""


class CheckError(FedTranslateError):
    """A compiler or the sandbox it needs cannot be used."""


class ParseLimitError(FedTranslateError):
    """A text takes a parser more time or memory than any real code of its length does."""


class EngineError(FedTranslateError):
    """What writes translations cannot be reached, or cannot go on."""


class WorkerTimeoutError(FedTranslateError):
    """A killable worker ran past its time and was killed."""


class InstallError(FedTranslateError):
    """The installation of fedtranslate itself is broken."""
