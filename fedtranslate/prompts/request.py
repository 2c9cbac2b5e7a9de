"""What is asked of a model: a unit, and what a question carries besides it."""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Context:
    """What a question carries besides the unit.

    It is source code of the site, and never leaves it but to the endpoint that the settings name.
    """

    signatures: tuple[str, ...] = ()
    """Of units that this one uses and that are translated already, in the target language."""
    examples: tuple[tuple[str, str], ...] = ()
    """Pairs (source, target) of the site, most alike first."""
    previous: str = ""
    """The attempt that failed."""
    problems: tuple[str, ...] = ()
    """What parser, compiler or tests said of it: "line 3: ..."."""


@dataclass(frozen=True, slots=True)
class Request:
    """One unit that is to be written anew."""

    text: str
    languages: tuple[str, str]
    """Names of the packs of source and target; the same one twice where the language stays."""
    context: Context = field(default_factory=Context)
    instruction: str = ""
    """What to do where it is no translation, such as "Migrate this JUnit 3 test to JUnit 4."."""


def fitting(context: Context, fits: Callable[[Context], bool]) -> Context:
    """Return as much of ``context`` as fits.

    Examples go first, the least alike of them before the others; then signatures, from the last;
    then the earlier attempt, and at last what was said of it.

    Args:
        context: What there is to say.
        fits: Says of a context whether there is room for it; what is shorter fits, too.
    """
    without = replace(context, examples=())
    steps = [
        *(replace(context, examples=context.examples[:n]) for n in _down(context.examples)),
        *(replace(without, signatures=context.signatures[:n]) for n in _down(context.signatures)),
        Context(previous=context.previous, problems=context.problems),
        Context(problems=context.problems),
    ]
    found = bisect_left(steps, True, key=fits)
    return steps[found] if found < len(steps) else Context()


def _down(items: tuple[object, ...]) -> range:
    return range(len(items), 0, -1)
