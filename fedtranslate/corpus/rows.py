"""Turn the rows of a file into pairs, and report all wrong rows at once."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from fedtranslate.errors import CorpusError, UnknownNameError
from fedtranslate.languages.registry import load_pack
from fedtranslate.records import CodePair

_SHOWN_PROBLEMS = 10
SOURCE_FIELD = "source"
TARGET_FIELD = "target"


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it was read."""

    number: int
    """Counted from 1: the line where the file has lines, else the row."""
    values: Mapping[str, object]
    problem: str = ""
    """Why the row could not be read; empty when it could."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Which languages and which columns the caller asked for."""

    source_language: str
    """Name of a pack, not one of its aliases."""
    target_language: str
    source_field: str = SOURCE_FIELD
    target_field: str = TARGET_FIELD

    def fields(self, names: Iterable[str], origin: str) -> tuple[str, str]:
        """Return the columns that hold both sides.

        When the usual names are missing, columns named after the languages are taken, such as
        ``java`` and ``cs``.

        Raises:
            CorpusError: A column is missing; the message lists those that are there.
        """
        there = set(names)
        if {self.source_field, self.target_field} <= there:
            return self.source_field, self.target_field
        source, target = self.source_field, self.target_field
        if (source, target) == (SOURCE_FIELD, TARGET_FIELD):
            source = next((n for n in aliases(self.source_language) if n in there), source)
            target = next((n for n in aliases(self.target_language) if n in there), target)
        if missing := [name for name in (source, target) if name not in there]:
            raise CorpusError(
                f"{origin} has no column {' and no column '.join(map(repr, missing))}; "
                f"it has: {', '.join(sorted(there)) or 'none'}.",
                hint="Name the columns of both sides as source and target.",
            )
        return source, target


def aliases(language: str) -> tuple[str, ...]:
    """Return the names that files use for ``language``, its extensions first."""
    pack = load_pack(language)
    endings = [extension.lstrip(".") for extension in pack.extensions]
    return tuple(dict.fromkeys([*endings, pack.name, *pack.aliases]))


def pairs_of(rows: Iterable[Row], layout: Layout, *, origin: str, stem: str) -> list[CodePair]:
    """Return the pairs in ``rows``, in their order.

    A row without ``group`` is a group of its own, and one without ``id`` is called by its place.
    Ids that occur again get a number, so that they are unique.

    Args:
        rows: As read, in order.
        layout: Languages and columns.
        origin: The file or data source, for messages.
        stem: Start of the ids and groups that are made up.

    Raises:
        CorpusError: Rows are wrong; the message lists the first ten with their numbers.
    """
    pairs: list[CodePair] = []
    problems: list[str] = []
    seen: dict[str, int] = {}
    fields: tuple[str, str] | None = None
    for row in rows:
        if row.problem:
            problems.append(f"line {row.number}: {row.problem}")
            continue
        fields = fields or layout.fields(row.values, f"{origin}, line {row.number},")
        try:
            pair = _pair(row, layout, fields, stem)
        except ValueError as error:
            problems.append(f"line {row.number}: {error}")
            continue
        pairs.append(_with_unique_id(pair, seen))
    if problems:
        raise wrong_rows(origin, problems)
    return pairs


def wrong_rows(origin: str, problems: Sequence[str]) -> CorpusError:
    """Return the error that lists the first ``problems`` of the file ``origin``."""
    lines = [f"  {problem}" for problem in problems[:_SHOWN_PROBLEMS]]
    if (more := len(problems) - len(lines)) > 0:
        lines.append(f"  and {more} more")
    return CorpusError(f"{origin} has {len(problems)} wrong row(s):\n" + "\n".join(lines))


def _with_unique_id(pair: CodePair, seen: dict[str, int]) -> CodePair:
    wanted = pair.id
    while pair.id in seen:
        seen[wanted] += 1
        pair = replace(pair, id=f"{wanted}~{seen[wanted]}")
    seen[pair.id] = 1
    return pair


def _pair(row: Row, layout: Layout, fields: tuple[str, str], stem: str) -> CodePair:
    place = f"{stem}:{row.number}"
    pair = CodePair(
        source=_text(row.values, fields[0]),
        target=_text(row.values, fields[1]),
        source_language=layout.source_language,
        target_language=layout.target_language,
        id=_label(row.values, "id", place),
        group=_label(row.values, "group", place),
        confidence=_confidence(row.values),
        tests=_text(row.values, "tests") if row.values.get("tests") else "",
    )
    return _in_asked_direction(pair, row.values)


def _in_asked_direction(pair: CodePair, values: Mapping[str, object]) -> CodePair:
    """Turn ``pair`` round when its row names the languages the other way."""
    asked = (pair.source_language, pair.target_language)
    source = _language(_label(values, "source_language", asked[0]))
    target = _language(_label(values, "target_language", asked[1]))
    if (source, target) == asked:
        return pair
    if (target, source) != asked:
        raise ValueError(f"is {source} to {target}, but {asked[0]} to {asked[1]} was asked for")
    return replace(pair, source=pair.target, target=pair.source, tests="")


def _language(name: str) -> str:
    try:
        return load_pack(name).name
    except UnknownNameError:
        return name


def _text(values: Mapping[str, object], field: str) -> str:
    value = values.get(field)
    if value is None:
        raise ValueError(f"has no {field!r}")
    if not isinstance(value, str):
        raise ValueError(f"{field!r} is {type(value).__name__}, not text")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{field!r} has half of a surrogate pair, which is no text") from None
    return value


def _label(values: Mapping[str, object], field: str, default: str) -> str:
    value = values.get(field)
    if value is None or value == "":
        return default
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError(f"{field!r} is {type(value).__name__}, not text")
    return _text({field: str(value)}, field)


def _confidence(values: Mapping[str, object]) -> float:
    value = values.get("confidence")
    if value is None or value == "":
        return 1.0
    try:
        number = math.nan if isinstance(value, bool) else float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not 0 < number <= 1:
        raise ValueError(f"'confidence' is {value!r}, not a number above 0 and up to 1")
    return number
