"""What the published evaluators know about each language: node types and reserved words.

These tables describe programs that exist; they do not change when a grammar or our own idea of a
language does.  Where a node type no longer exists in today's grammar, the rule sleeps here as it
does there: C#'s ``for_each_statement``, for example, is never met.
"""

import sys
from dataclasses import dataclass, replace


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
    counted_after: str = ""
    """Child of a counted loop behind which everything runs a second time."""
    again_field: str = ""
    """Field of that child that runs again first."""
    each_loops: frozenset[str] = frozenset()
    each_fields: tuple[str, str, str] = ("", "", "")
    """Fields of the variable, the collection and the body."""
    each_body_is_block: bool = False
    """Whether the body is the last child, if it is a block, and is missed by nobody if not."""
    each_by_order: bool = False
    """Whether the collection and the variable are the first and second name of a variable."""
    while_loops: frozenset[str] = frozenset({"while_statement"})
    first: frozenset[str] = frozenset()
    """Nodes that run before their siblings."""
    value_field: str = "value"
    """Of a declaration; its name is in the field ``name``."""
    positions: tuple[int, int] | None = None
    """Where the name and the value are among the children, if not in fields."""
    value_if_children: tuple[int, int] = (0, 0)
    """How many children a declaration with a value has, at least and at most."""
    may_skip: bool = False
    """Whether a branch may always be passed by, even with an ``else``."""
    parallel: bool = False
    """Whether assignments and loops pair several targets with several values."""
    paired: frozenset[str] = frozenset()
    """Assignments of the last child to the first, where others pair."""
    value_may_lack: bool = False
    """Whether an assignment without a value is passed over; else it ends everything."""
    microsoft: bool = True
    """Whether CodeXGLUE's evaluator has a data flow for it; the package added the others."""


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
    counted_after="local_variable_declaration",
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
    counted_after="local_variable_declaration",
    each_loops=frozenset({"for_each_statement"}),
    each_fields=("left", "right", "body"),
    positions=(0, 1),
    value_if_children=(2, 2),
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
    each_fields=("left", "right", ""),
    each_body_is_block=True,
    first=frozenset({"for_in_clause"}),
    parallel=True,
    value_may_lack=True,
)

_JAVASCRIPT = CompatRules(
    keywords=_words(
        "await break case catch class const continue debugger default delete do else enum export"
        " extends false finally for function if implements import in instanceof interface let new"
        " null package private protected public return super switch static this throw try True"
        " typeof var void while with yield"
    ),
    declarations=frozenset({"variable_declarator"}),
    assignments=frozenset({"assignment_pattern", "augmented_assignment_expression"}),
    branches=frozenset({"if_statement", "else"}),
    otherwise=frozenset({"if_statement", "else"}),
    may_skip=True,
    updates=frozenset({"update_expression"}),
    counted_loops=frozenset({"for_statement"}),
    counted_after="variable_declaration",
)

_GO = CompatRules(
    keywords=_words(
        "break default func interface select case defer go map struct chan else goto package"
        " switch const fallthrough if range type continue for import return var false true"
    ),
    declarations=frozenset({"var_spec"}),
    assignments=frozenset({"assignment_statement"}),
    branches=frozenset({"if_statement", "else"}),
    otherwise=frozenset({"if_statement", "else"}),
    may_skip=True,
    updates=frozenset({"inc_statement"}),
    counted_loops=frozenset({"for_statement"}),
    counted_after="for_clause",
    again_field="update",
    while_loops=frozenset(),
)

_C = replace(
    _CSHARP,
    keywords=_words(
        "auto else long switch break enum register typedef case extern return union char float"
        " short unsigned const for signed void continue goto sizeof volatile default if static"
        " while do int struct _Packed double"
    ),
    microsoft=False,
)

_CPP = replace(
    _C,
    keywords=_words(
        "auto const double float int short struct unsigned break continue else for long signed"
        " switch void case default enum goto register sizeof typedef volatile char do extern if"
        " return static union while asm dynamic_cast namespace reinterpret_cast bool explicit new"
        " static_cast typeid catch false try operator template typename class friend private this"
        " using const_cast inline public throw virtual delete mutable protected true wchar_t and"
        " bitand compl not_eq or_eq xor_eq and_eq bitor not or xor cin endl INT_MIN iomanip main"
        " npos std cout include INT_MAX iostream MAX_RAND NULL string"
    ),
)

_RUST = CompatRules(
    keywords=_words(
        "as async await block bool break char const continue crate default dyn else enum expr"
        " extern f32 f64 false fn for i128 i16 i32 i64 i8 ident if impl in isize item let lifetime"
        " literal loop macro_rules! match meta mod move mut pat path pub ref return self static"
        " stmt str struct super trait true tt ty type u128 u16 u32 u64 u8 union unsafe use usize"
        " vis where while yield"
    ),
    declarations=frozenset({"function_item"}),
    positions=(1, 2),
    value_if_children=(3, sys.maxsize),
    assignments=frozenset({"assignment_expression", "compound_assignment_expr", "let_expression"}),
    branches=frozenset({"if_expression", "if_let_expression", "match_expression", "else"}),
    otherwise=frozenset({"if_expression", "if_let_expression", "match_expression", "else"}),
    counted_loops=frozenset({"for_expression"}),
    counted_after="local_variable_declaration",
    each_loops=frozenset({"for_each_statement"}),
    each_fields=("left", "right", "body"),
    while_loops=frozenset({"while_expression", "while_let_expression", "loop_expression"}),
    microsoft=False,
)

_PHP = CompatRules(
    keywords=_words(
        "__halt_compiler abstract and array as break callable case catch class clone const"
        " continue declare default die do echo else elseif empty enddeclare endfor endforeach"
        " endif endswitch endwhile eval exit extends final for foreach function global goto if"
        " implements include include_once instanceof insteadof interface isset list namespace new"
        " or print private protected public require require_once return static switch throw trait"
        " try unset use var while xor"
    ),
    declarations=frozenset({"simple_parameter"}),
    value_field="default_value",
    assignments=frozenset({"assignment_expression", "augmented_assignment_expression"}),
    branches=frozenset({"if_statement", "else_clause"}),
    otherwise=frozenset({"if_statement", "else_clause"}),
    may_skip=True,
    updates=frozenset({"update_expression"}),
    counted_loops=frozenset({"for_statement"}),
    counted_after="assignment_expression",
    each_loops=frozenset({"foreach_statement"}),
    each_fields=("", "", "body"),
    each_by_order=True,
)

_RUBY = CompatRules(
    keywords=_words(
        "__ENCODING__ __LINE__ __FILE__ BEGIN END alias and begin break case class def defined? do"
        " else elsif end ensure false for if in module next nil not or redo rescue retry return"
        " self super then true undef unless until when while yield"
    ),
    declarations=frozenset({"keyword_parameter"}),
    assignments=frozenset({"assignment", "operator_assignment"}),
    branches=frozenset({"if", "elsif", "else", "unless", "when"}),
    otherwise=frozenset({"if", "elsif", "else", "unless", "when"}),
    sticky=False,
    each_loops=frozenset({"for"}),
    each_fields=("pattern", "value", "body"),
    while_loops=frozenset({"while_modifier", "until"}),
    parallel=True,
    paired=frozenset({"operator_assignment"}),
)

COMPAT_RULES = {
    "java": _JAVA,
    "csharp": _CSHARP,
    "python": _PYTHON,
    "javascript": _JAVASCRIPT,
    "go": _GO,
    "c": _C,
    "cpp": _CPP,
    "rust": _RUST,
    "php": _PHP,
    "ruby": _RUBY,
}
