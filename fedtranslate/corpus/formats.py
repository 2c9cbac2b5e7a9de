"""Pairs from and to files.

Read: JSON lines, CSV and TSV, Parquet, parallel line files (the CodeXGLUE layout), and what the
``datasets`` library can load.  Written: JSON lines, which keep every character.
"""

import csv
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from io import StringIO
from itertools import chain, repeat
from pathlib import Path

from fedtranslate.config.files import read_plain
from fedtranslate.corpus import parallel, tables
from fedtranslate.corpus.rows import (
    SOURCE_FIELD,
    TARGET_FIELD,
    Layout,
    Row,
    pairs_of,
)
from fedtranslate.errors import CorpusError
from fedtranslate.languages.registry import load_pack
from fedtranslate.records import CodePair

_HUB = "hub:"
_JSON_LINES = (".jsonl", ".ndjson")
PARTS = ("train", "validation", "held_out")
"""What ``fedtranslate pairs split`` divides pairs into; each is a file in one folder."""
_SEPARATORS = {".csv": ",", ".tsv": "\t"}
KNOWN_FORMATS = "JSON lines (.jsonl), .csv, .tsv, .parquet, parallel line files, hub:NAME[:SPLIT]"


def read_pairs(
    location: str | Path,
    source_language: str,
    target_language: str,
    *,
    source_field: str = SOURCE_FIELD,
    target_field: str = TARGET_FIELD,
) -> list[CodePair]:
    """Return the pairs at ``location``, in their order.

    Rows that name their languages the other way round are turned round.

    Args:
        location: A file; the common stem or any of two parallel line files; a folder saved by
            ``datasets``, one of data files or one of ``PARTS``, with ``:SPLIT`` where it has
            several; or ``hub:NAME[:SPLIT]``, the only form that uses the network.
        source_language: Name of a language pack.
        target_language: Likewise.
        source_field: Column of the source side; also tried: the names of the language.
        target_field: Column of the target side.

    Raises:
        CorpusError: The location cannot be read, or rows are wrong; the message names lines.
        UnknownNameError: No pack has the name of a language.
    """
    languages = (load_pack(source_language).name, load_pack(target_language).name)
    layout = Layout(*languages, source_field, target_field)
    if str(location).startswith(_HUB):
        return tables.read_hub(str(location).removeprefix(_HUB), layout)
    path = Path(location)
    if (named := named_part(location)) is not None:
        path = named
    elif path.is_dir() and part_file(path, "held_out").is_file():
        raise CorpusError(
            f"{path} is a folder of several parts: {', '.join(_parts_in(path))}.",
            hint=f"Name one of its files, such as {part_file(path, _parts_in(path)[0])}.",
        )
    if path.is_dir() or tables.is_split_of_folder(path):
        return tables.read_folder(path, layout)
    ending = path.suffix.lower()
    if ending in _JSON_LINES:
        return _read_rows(path, _json_rows(_read_text(path)), layout)
    if ending in _SEPARATORS:
        rows = _csv_rows(_read_text(path), _SEPARATORS[ending], layout, str(path))
        return _read_rows(path, rows, layout)
    if ending == ".parquet":
        return tables.read_parquet(path, layout)
    if files := parallel.find_files(path, layout):
        return parallel.read_files(*files, layout)
    raise _unreadable(path, layout)


def part_file(folder: Path, part: str) -> Path:
    """Return where ``folder`` keeps one of ``PARTS``."""
    return folder / f"{part}{_JSON_LINES[0]}"


def named_part(location: str | Path) -> Path | None:
    """Return the file of a location FOLDER:PART, where it is one of ``PARTS`` and is there."""
    folder, colon, part = str(location).rpartition(":")
    file = part_file(Path(folder), part)
    return file if colon and part in PARTS and file.is_file() else None


def write_pairs(
    path: Path, pairs: Iterable[CodePair], notes: Iterable[Mapping[str, object]] = ()
) -> int:
    """Write ``pairs`` as JSON lines and return how many; a reader never sees half of the file.

    Args:
        path: Its folder is there.
        pairs: In the order they shall have.
        notes: Further fields of each row, for other readers than ``read_pairs``; none, or one each.

    Raises:
        CorpusError: The file cannot be written; what was there before stays.
    """
    lines = (
        json_line(pair, more) for pair, more in zip(pairs, chain(notes, repeat({})), strict=False)
    )
    return write_lines(path, lines)


def write_lines(path: Path, lines: Iterable[str]) -> int:
    """Write the lines of a file of pairs, each with its end, and return how many.

    Raises:
        CorpusError: The file cannot be written; what was there before stays.
    """
    draft = path.with_name(f".{path.name}.part")
    count = 0
    try:
        with draft.open("w", encoding="utf-8", newline="\n") as file:
            for line in lines:
                file.write(line)
                count += 1
        draft.replace(path)
    except OSError as error:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise CorpusError(f"{path} cannot be written: {error.strerror}.") from None
    except UnicodeEncodeError as error:
        draft.unlink(missing_ok=True)
        raise CorpusError(f"{path}: pair {count + 1} is no valid text: {error.reason}.") from None
    return count


def json_line(pair: CodePair, more: Mapping[str, object] | None = None) -> str:
    """Return ``pair`` as a line, with the fields ``more`` after its own."""
    values = {
        "source": pair.source,
        "target": pair.target,
        "id": pair.id,
        "group": pair.group,
        "source_language": pair.source_language,
        "target_language": pair.target_language,
        "confidence": pair.confidence,
        **({"tests": pair.tests} if pair.tests else {}),
        **(more or {}),
    }
    return json.dumps(values, ensure_ascii=False) + "\n"


def _parts_in(folder: Path) -> list[str]:
    return [part for part in PARTS if part_file(folder, part).is_file()]


def _read_text(path: Path) -> str:
    """Return the text of a UTF-8 file; line ends are kept, a byte order mark is not.

    Raises:
        CorpusError: The file is missing, cannot be read or is not UTF-8.
    """
    try:
        data = read_plain(path)
    except FileNotFoundError:
        raise CorpusError(f"There is no file {path}.") from None
    except OSError as error:
        raise CorpusError(f"{path} cannot be read: {error.strerror}.") from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CorpusError(
            f"{path} is not UTF-8 text (line {line}, byte {error.start}).",
            hint="Save it as UTF-8.",
        ) from None


def _read_rows(path: Path, rows: Iterable[Row], layout: Layout) -> list[CodePair]:
    return pairs_of(rows, layout, origin=str(path), stem=path.stem)


def _json_rows(text: str) -> Iterator[Row]:
    # not splitlines(): JSON strings may hold U+2028 and U+0085 as they are
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            values = json.loads(line)
        except RecursionError:
            yield Row(number, {}, "is nested too deeply")
        except ValueError as error:
            yield Row(number, {}, f"is not valid JSON: {error}")
        else:
            if isinstance(values, dict):
                yield Row(number, values)
            else:
                yield Row(number, {}, f"is a JSON {type(values).__name__}, not an object")


def _csv_rows(text: str, separator: str, layout: Layout, origin: str) -> Iterator[Row]:
    limit = csv.field_size_limit(sys.maxsize)
    try:
        reader = csv.DictReader(StringIO(text, newline=""), delimiter=separator, strict=True)
        layout.fields(reader.fieldnames or (), origin)
        first_line = reader.line_num + 1
        for values in reader:
            number, first_line = first_line, reader.line_num + 1
            extra = values.pop(None, None)
            yield Row(number, values, "has more fields than the header" if extra else "")
    except csv.Error as error:
        raise CorpusError(f"{origin} is not valid CSV: {error} (line {reader.line_num}).") from None
    finally:
        csv.field_size_limit(limit)


def _unreadable(path: Path, layout: Layout) -> CorpusError:
    if path.exists():
        return CorpusError(
            f"{path} is in no format that is known for pairs.", hint=f"Known: {KNOWN_FORMATS}."
        )
    names = ", ".join(str(name) for name in parallel.wanted_names(path, layout))
    return CorpusError(
        f"There is no file {path}, and no parallel files {names}.", hint=f"Known: {KNOWN_FORMATS}."
    )
