"""Compare the parameters of two units across languages.

Types are compared by concept: ``boolean`` is ``bool``, ``List<Integer>`` is ``IList<int>``.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

_CONCEPTS = (
    "boolean bool",
    "byte sbyte int8 uint8",
    "char character",
    "short int16 ushort uint16",
    "int integer int32 uint uint32 atomicinteger",
    "long int64 ulong uint64 biginteger atomiclong",
    "float single",
    "double",
    "bigdecimal decimal",
    "string str charsequence stringbuilder stringbuffer",
    "object any dynamic",
    "void none unit",
    "list ilist arraylist linkedlist collection icollection iterable ienumerable sequence "
    "ireadonlylist ireadonlycollection vector deque queue stack",
    "map hashmap treemap linkedhashmap concurrenthashmap dictionary idictionary "
    "ireadonlydictionary sorteddictionary dict mapping hashtable",
    "set hashset treeset linkedhashset iset sortedset frozenset",
    "iterator ienumerator enumerator listiterator",
    "optional nullable",
    "entry keyvaluepair tuple",
    "function func callable bifunction unaryoperator binaryoperator",
    "predicate bipredicate",
    "runnable action consumer biconsumer",
    "supplier func",
    "localdate localdatetime date datetime instant zoneddatetime offsetdatetime dateonly "
    "datetimeoffset calendar timestamp",
    "duration timespan timedelta period",
    "completablefuture future task valuetask awaitable coroutine",
    "uuid guid",
    "inputstream outputstream stream reader writer textreader textwriter",
    "file path fileinfo directoryinfo",
    "uri url",
    "class type",
    "throwable exception runtimeexception baseexception error",
    "pattern regex",
    "comparator icomparer comparison",
)
_CONCEPT = {name: group.split()[0] for group in reversed(_CONCEPTS) for name in group.split()}
_NAME = re.compile(r"[^\W\d]\w*")
_MODIFIERS = "final ref out in params this readonly scoped const unsigned global var let"
_NOT_TYPES = frozenset(_MODIFIERS.split(" "))
UNKNOWN_LIKENESS = 0.6
_SAME_COUNT = 0.4
_OTHER_COUNT = 0.7


def parameters_likeness(first: Sequence[str], second: Sequence[str]) -> float:
    """Return 0..1 how well two lists of parameter types agree, in their order.

    Equal counts give at least 0.4, since projects rename their types; different counts give at
    most 0.7.  An empty type, as Python allows, counts as unknown.
    """
    longest = max(len(first), len(second))
    if longest == 0:
        return 1.0
    if len(first) == len(second):
        total = sum(map(type_likeness, first, second))
        return _SAME_COUNT + (1 - _SAME_COUNT) * total / longest
    return _OTHER_COUNT * _best_in_order(first, second) / longest


def _best_in_order(first: Sequence[str], second: Sequence[str]) -> float:
    best = [0.0] * (len(second) + 1)
    for left in first:
        previous, best = best, [0.0]
        for index, right in enumerate(second):
            matched = previous[index] + type_likeness(left, right)
            best.append(max(matched, previous[index + 1], best[index]))
    return best[-1]


@lru_cache(maxsize=100_000)
def type_likeness(first: str, second: str) -> float:
    """Return 0..1 how well two types as written agree.

    >>> type_likeness("List<Integer>", "IList<int>")
    1.0
    """
    if not first or not second:
        return UNKNOWN_LIKENESS
    left, right = _concepts(first), _concepts(second)
    if left == right:
        return 1.0
    if not left or not right:
        return UNKNOWN_LIKENESS
    if {left[0], right[0]} == {"array", "list"}:
        return 0.5
    if left[0] != right[0]:
        return 0.0
    shared = len(set(left) & set(right))
    return 0.5 + 0.5 * shared / max(len(set(left)), len(set(right)))


@lru_cache(maxsize=100_000)
def _concepts(type_text: str) -> tuple[str, ...]:
    """Return the concepts in a type, its outermost first; an array is one of its element."""
    text = re.sub(r"@\w+(?:\([^()]*\))?|\[\w[^\[\]]*\]\s+(?=\w)", " ", type_text)
    text = re.sub(r"\w+\s*(?:\.|::)\s*(?=\w)", "", text)
    arrays = text.count("[]") + text.count("...") + (1 if "params " in text else 0)
    if re.search(r"\bparams\b[^\[]*\[\]", text):
        arrays -= 1
    names = [name for name in _NAME.findall(text) if name not in _NOT_TYPES]
    found = [_concept(name) for name in names]
    return ("array",) * arrays + tuple(found)


def _concept(name: str) -> str:
    small = name.lower()
    if small in _CONCEPT:
        return _CONCEPT[small]
    is_interface = name[0] == "I" and name[1:2].isupper() and name[2:3].islower()
    return small[1:] if is_interface else small
