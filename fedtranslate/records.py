"""The values that travel inside a site, from the source tree to the report.

None of them may leave the site: what crosses the border is made of adapters and numbers
only, and the modules that speak to the network cannot import this one.
"""

from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Unit:
    """A piece of source code that is translated as a whole, such as a method."""

    language: str
    """Name of the language pack, such as ``java``."""
    kind: str
    """``method``, ``constructor``, ``function``, ``property`` or ``type``."""
    name: str
    text: str
    """With its docs, annotations and modifiers, exactly as in the file."""
    first_line: int
    """Counted from 1, as editors and compilers do; the line where ``text`` starts."""
    start_byte: int
    end_byte: int
    """The bytes ``[start_byte, end_byte)`` of the file (after its byte order mark) are ``text``."""
    path: str = ""
    """Relative to the root that was searched, with forward slashes."""
    container: str = ""
    """Names of the enclosing types, outermost first, joined by dots; may be empty."""
    parameters: tuple[str, ...] = ()
    """Types of the parameters as written, in order; empty for properties and types."""
    has_error: bool = False
    """Whether the parser had to skip or invent something inside."""


@dataclass(frozen=True, slots=True)
class CodePair:
    """One unit of source code and its translation."""

    source: str
    target: str
    source_language: str
    target_language: str
    id: str
    """Unique within one corpus; names file and unit where they are known."""
    group: str
    """The file or repository it comes from: splits never cut through a group."""
    confidence: float = 1.0
    """In (0, 1]: how sure mining is that both sides belong together; 1 when given."""
    tests: str = ""
    """A program in the target language that tests a translation; may be empty."""

    def reversed(self) -> "CodePair":
        """Return the pair for the opposite direction; its tests speak the other language."""
        return CodePair(
            source=self.target,
            target=self.source,
            source_language=self.target_language,
            target_language=self.source_language,
            id=self.id,
            group=self.group,
            confidence=self.confidence,
        )


@dataclass(frozen=True, slots=True)
class Problem:
    """One complaint of a parser or a compiler about a text."""

    line: int
    """Counted from 1, in the unit's own text."""
    column: int
    """Counted from 1."""
    message: str
    code: str = ""
    """The compiler's own code, such as ``CS0103`` or ``compiler.err.cant.resolve``."""
    excerpt: str = ""
    """The text around the place, shortened."""


class CompileState(StrEnum):
    """How far a compiler got; the states are never merged into one number."""

    SYNTAX_ERROR = "syntax_error"
    UNRESOLVED_ONLY = "unresolved_only"
    """Nothing is wrong but names that the compiler cannot know."""
    TYPE_ERROR = "type_error"
    """Parsed, all names known, and yet refused (wrong types, missing return, ...)."""
    COMPILED = "compiled"
    TESTS_PASSED = "tests_passed"
    NOT_CHECKED = "not_checked"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the checks said of one translation."""

    parses: bool
    compile_state: CompileState = CompileState.NOT_CHECKED
    reason: str = ""
    """Why it was not compiled; empty otherwise."""
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Translation:
    """One unit as the model translated it."""

    source: str
    text: str
    """The translation; may be empty when the model wrote nothing."""
    id: str = ""
    reference: str | None = None
    """The known right answer, when there is one."""
    verdict: Verdict | None = None
    finished: bool = True
    """Whether the model ended the unit itself; False when it ran into the length limit."""
    candidates: tuple[str, ...] = field(default=())
    """All texts that were written for this unit, best first, ``text`` among them."""
