"""Pairs in Parquet files and in sources of the ``datasets`` library.

Data sources are streamed: ``datasets`` would otherwise leave a copy of a site's code in its
cache folder.
"""

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fedtranslate.corpus.rows import Layout, Row, pairs_of
from fedtranslate.errors import CorpusError
from fedtranslate.records import CodePair

_LABELS = ("id", "group", "source_language", "target_language", "confidence")
_SAVED = ("dataset_info.json", "dataset_dict.json")


def read_parquet(path: Path, layout: Layout) -> list[CodePair]:
    """Return the pairs in a Parquet file; only the columns that are needed are read.

    Raises:
        CorpusError: The file is missing or damaged, a column is missing, or rows are wrong.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not path.is_file():
        raise CorpusError(f"There is no file {path}.")
    try:
        with pq.ParquetFile(path) as file:
            names = file.schema_arrow.names
            wanted = {*layout.fields(names, str(path)), *_LABELS}
            columns = [name for name in names if name in wanted]
            batches = [batch.to_pylist() for batch in file.iter_batches(columns=columns)]
    except (pa.ArrowException, OSError, ValueError) as error:
        raise CorpusError(
            f"{path} is not a readable Parquet file: {_first_line(error)}.",
            hint="It may be cut off; copy it again.",
        ) from None
    rows = (values for batch in batches for values in batch)
    return pairs_of(_numbered(rows), layout, origin=str(path), stem=path.stem)


def is_split_of_folder(path: Path) -> bool:
    """Tell whether ``path`` has the form FOLDER:SPLIT, and the folder is there."""
    folder, colon, split = str(path).rpartition(":")
    return bool(colon and split and "/" not in split) and Path(folder).is_dir()


def read_folder(path: Path, layout: Layout) -> list[CodePair]:
    """Return the pairs in a folder that ``datasets`` saved, or in one of data files.

    Raises:
        CorpusError: The folder holds no data set, or several splits and none was named.
    """
    folder, split = path, ""
    if not path.is_dir():
        name, _, split = str(path).rpartition(":")
        folder = Path(name)
    if any((folder / name).is_file() for name in _SAVED):
        loaded = _call("load_from_disk", str(path), str(folder))
    elif any(entry.is_file() for entry in folder.iterdir()):
        loaded = _call("load_dataset", str(path), str(folder), streaming=True)
    else:
        raise CorpusError(
            f"{folder} is a folder without data files.", hint="Name the file with the pairs."
        )
    return _pairs(loaded, split, layout, origin=str(path), stem=folder.name)


def read_hub(name: str, layout: Layout) -> list[CodePair]:
    """Return the pairs of the hub data set ``NAME[:SPLIT]``; this uses the network.

    Raises:
        CorpusError: There is no such data set, it cannot be reached, or it has other columns.
    """
    name, _, split = name.partition(":")
    if not name:
        raise CorpusError("'hub:' needs the name of a data set, such as hub:OWNER/NAME:train.")
    origin = f"hub:{name}"
    loaded = _call("load_dataset", origin, name, streaming=True)
    return _pairs(loaded, split, layout, origin=origin, stem=name)


def _call(function: str, origin: str, *args: str, **options: object) -> Any:  # noqa: ANN401
    # imported here: datasets takes seconds, and most commands never need it
    datasets = importlib.import_module("datasets")
    try:
        return getattr(datasets, function)(*args, **options)
    except Exception as error:  # datasets raises whatever its loaders raise
        raise CorpusError(f"datasets cannot load {origin}: {_first_line(error)}.") from error


def _pairs(
    loaded: Any,  # noqa: ANN401
    split: str,
    layout: Layout,
    *,
    origin: str,
    stem: str,
) -> list[CodePair]:
    if isinstance(loaded, dict):
        chosen = split or (next(iter(loaded)) if len(loaded) == 1 else "")
        if chosen not in loaded:
            wrong = f"no split {split!r}" if split else "several splits"
            raise CorpusError(
                f"{origin} has {wrong}; it has: {', '.join(sorted(loaded))}.",
                hint=f"Write {origin.removesuffix(f':{split}')}:SPLIT.",
            )
        loaded = loaded[chosen]
    elif split:
        raise CorpusError(f"{origin} has no splits.", hint="Leave out the name of the split.")
    return pairs_of(_numbered(_streamed(loaded, origin)), layout, origin=origin, stem=stem)


def _streamed(loaded: Any, origin: str) -> Iterator[dict[str, object]]:  # noqa: ANN401
    try:
        for row in loaded:
            yield dict(row)
    except Exception as error:  # as above: a damaged file shows only while it is read
        raise CorpusError(f"datasets cannot read {origin}: {_first_line(error)}.") from error


def _numbered(rows: Any) -> Iterator[Row]:  # noqa: ANN401
    return (Row(number, values) for number, values in enumerate(rows, start=1))


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0].rstrip(".")
