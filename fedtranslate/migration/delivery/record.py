"""What a delivery under way notes in the git folder, so that it can go on after it was killed."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from fedtranslate.errors import MigrationError
from fedtranslate.migration.delivery.git import Git

_FILE = "fedtranslate-delivery.json"


@dataclass(frozen=True, slots=True)
class Record:
    """A delivery that has begun and not ended."""

    branch: str
    base: str
    """The commit that the branch was made from."""
    files: Mapping[str, str]
    """Paths that it writes, relative to the top of the work tree, with the SHA-256 of each."""


def record_file(git: Git) -> Path:
    """Return where the record lies; each work tree of a repository has its own."""
    return git.folder / git.run("rev-parse", "--git-path", _FILE).line


def read_record(git: Git) -> Record | None:
    """Return the record of a delivery under way; None where there is none.

    Raises:
        MigrationError: It is damaged.
    """
    place = record_file(git)
    try:
        found = json.loads(place.read_bytes())
        return Record(str(found["branch"]), str(found["base"]), dict(found["files"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise MigrationError(
            f"{place} cannot be read ({error}).",
            hint="Remove it when no delivery is under way.",
        ) from None


def write_record(git: Git, record: Record) -> None:
    """Note that a delivery has begun, as a whole or not at all."""
    place = record_file(git)
    scratch = place.with_suffix(".new")
    try:
        scratch.write_text(json.dumps(asdict(record)))
        scratch.replace(place)
    except OSError as error:
        raise MigrationError(f"{place} cannot be written: {error.strerror}.") from None


def forget_record(git: Git) -> None:
    """Note that no delivery is under way."""
    record_file(git).unlink(missing_ok=True)
