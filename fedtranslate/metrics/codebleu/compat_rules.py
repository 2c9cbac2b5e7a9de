"""What the published evaluators know about each language: node types and reserved words.

These tables describe programs that exist; they do not change when a grammar or our own idea of a
language does.  Where a node type no longer exists in today's grammar, the rule sleeps here as it
does there: C#'s ``for_each_statement``, for example, is never met.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CompatRules:
    """One language, as the published evaluators see it."""

    keywords: frozenset[str]
    declarations: frozenset[str]
    assignments: frozenset[str]
    branches: frozenset[str]
    otherwise: frozenset[str] = frozenset()
    """Children of a branch that begin from the state before it."""
    sticky: bool = True
    """Whether all children behind such a child do so as well."""
    updates: frozenset[str] = frozenset()
    counted_loops: frozenset[str] = frozenset()
    each_loops: frozenset[str] = frozenset()
    each_fields: tuple[str, str, str] = ("", "", "")
    """Fields of the variable, the collection and the body."""
    while_loops: frozenset[str] = frozenset({"while_statement"})
    first: frozenset[str] = frozenset()
    value_is_second_child: bool = False
    """Whether a declaration has a value only if it has exactly two children."""
    parallel: bool = False
    """Whether assignments and loops pair several targets with several values."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_JAVA = CompatRules(
    keywords=_words(
        "abstract assert boolean break byte case catch char class const continue default do double"
        " else enum extends final finally float for goto if implements import instanceof int"
        " interface long native new package private protected public return short static strictfp"
        " super switch synchronized this throw throws transient try void volatile while"
    ),
    declarations=frozenset({"variable_declarator"}),
    assignments=frozenset({"assignment_expression"}),
    branches=frozenset({"if_statement", "else"}),
    otherwise=frozenset({"if_statement", "else"}),
    updates=frozenset({"update_expression"}),
    counted_loops=frozenset({"for_statement"}),
    each_loops=frozenset({"enhanced_for_statement"}),
    each_fields=("name", "value", "body"),
)

_CSHARP = CompatRules(
    keywords=_words(
        "abstract as base bool break byte case catch char checked class const continue decimal"
        " default delegate do double else enum event explicit extern false finally fixed float for"
        " foreach goto if implicit in int interface internal is lock long namespace new null object"
        " operator out override params private protected public readonly ref return sbyte sealed"
        " short sizeof stackalloc static string struct switch this throw true try typeof uint ulong"
        " unchecked unsafe ushort using virtual void volatile while add alias ascending async await"
        " by descending dynamic equals from get global group into join let nameof notnull on"
        " orderby partial remove select set unmanaged value var when where yield"
    ),
    declarations=frozenset({"variable_declarator"}),
    assignments=frozenset({"assignment_expression"}),
    branches=frozenset({"if_statement", "else"}),
    otherwise=frozenset({"if_statement", "else"}),
    updates=frozenset({"postfix_unary_expression"}),
    counted_loops=frozenset({"for_statement"}),
    each_loops=frozenset({"for_each_statement"}),
    each_fields=("left", "right", "body"),
    value_is_second_child=True,
)

_PYTHON = CompatRules(
    keywords=_words(
        "False None True and as assert async await break class continue def del elif else except"
        " finally for from global if import in is lambda nonlocal not or pass raise return try"
        " while with yield match case type"
    ),
    declarations=frozenset({"default_parameter"}),
    assignments=frozenset({"assignment", "augmented_assignment", "for_in_clause"}),
    branches=frozenset({"if_statement"}),
    otherwise=frozenset({"elif_clause", "else_clause"}),
    sticky=False,
    each_loops=frozenset({"for_statement"}),
    first=frozenset({"for_in_clause"}),
    parallel=True,
)

COMPAT_RULES = {"java": _JAVA, "csharp": _CSHARP, "python": _PYTHON}
