"""The folders of published data that the programs here read: one of another kind is refused."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from fedtranslate.errors import CorpusError

CODEXGLUE = tuple(
    f"{split}.java-cs.txt.{side}" for split in ("train", "valid", "test") for side in ("java", "cs")
)
"""The files of CodeXGLUE's translation from Java to C#."""
STUDY = ("origins.tsv", *CODEXGLUE)
"""With the organisation that each of its lines is from."""


def check_holds(folder: Path, files: Iterable[str]) -> None:
    """Refuse a folder in which one of ``files`` is missing.

    Raises:
        UsageError: One is; the exit code is 2.
    """
    if missing := [name for name in files if not (folder / name).is_file()]:
        raise click.UsageError(
            f"{folder} is not the folder of the data: {', '.join(missing)} is not in it."
        )


class DataFolder(click.Path):
    """A folder that is there, and holds ``files``."""

    def __init__(self, *files: str) -> None:
        super().__init__(exists=True, file_okay=False, path_type=Path)
        self._files = files

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401 - as of click
        """Return the folder."""
        folder = super().convert(value, param, ctx)
        check_holds(Path(str(folder)), self._files)
        return folder


@contextmanager
def of_another_kind(folder: Path) -> Iterator[None]:
    """Say in one sentence that what was read in ``folder`` is not what belongs there."""
    try:
        yield
    except CorpusError as error:
        raise click.UsageError(f"{folder} is not the folder of the data: {error}") from None
