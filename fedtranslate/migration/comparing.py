"""Compare units with their translations by running both, where that says anything.

Only functions that need nothing of their project, and whose types are known, can be called by
themselves.  They are few in most repositories, and the best checked of all.
"""

from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from fedtranslate.checks.behave.differential import Comparison, Likeness, compare, shared_types
from fedtranslate.checks.behave.functions import Function, functions_in
from fedtranslate.errors import CheckError, PackError, ParseLimitError
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.migration.states import PlannedUnit

_CALLED = frozenset({"method", "function"})
_INPUTS = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """A unit and the text that stands for it."""

    unit: PlannedUnit
    source: str
    translation: str


def compared(
    asked: Sequence[Asked],
    packs: tuple[LanguagePack, LanguagePack],
    project: Collection[str],
    *,
    jobs: int,
) -> list[Comparison | None]:
    """Compare each unit with its translation; None for those that cannot be called alone.

    Args:
        asked: In any order; results have the same.
        packs: Of source and target.
        project: Names that units of the project have; who uses one is not called alone.
        jobs: How many are compared at a time.
    """
    ready = [_functions(one, packs, project) for one in asked]
    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(_compared, ready))


def _functions(
    asked: Asked, packs: tuple[LanguagePack, LanguagePack], project: Collection[str]
) -> tuple[Function, Function] | None:
    own = {asked.unit.name, asked.unit.container.rpartition(".")[2]}
    if asked.unit.kind not in _CALLED or (set(asked.unit.uses) - own) & set(project):
        return None
    try:
        (source,) = functions_in(asked.source, packs[0])
        (target,) = functions_in(asked.translation, packs[1])
        types = shared_types(source, target)
    except (CheckError, PackError, ParseLimitError, ValueError):
        return None
    return None if isinstance(types, str) or not types else (source, target)


def _compared(pair: tuple[Function, Function] | None) -> Comparison | None:
    if pair is None:
        return None
    try:
        found = compare(*pair, count=_INPUTS)
    except (CheckError, PackError, ParseLimitError):
        return None
    is_said = found.likeness in (Likeness.EQUAL, Likeness.DIFFERENT)
    return found if is_said and found.inputs else None
