"""What the words of a declaration mean, in words that are the same for all languages.

Access is ``public``, ``protected``, ``package`` or ``private``; traits are ``static``, ``final``,
``abstract``, ``override``, ``async``, ``getter`` and ``setter``.
"""

import re
from dataclasses import dataclass

from fedtranslate.languages.outlines.declarations import Declaration
from fedtranslate.languages.skeletons.writefile import SourceTable

ACCESS = ("public", "protected", "package", "private")
TRAITS = frozenset({"static", "final", "abstract", "override", "async", "getter", "setter"})
"""What a word of a source may mean, besides its access."""
_OPEN_FORMS = frozenset({"interface", "annotation"})


@dataclass(frozen=True, slots=True)
class Traits:
    """What is known of a declaration by its words."""

    access: str
    flags: frozenset[str]
    unknown: tuple[str, ...] = ()
    """Words and annotations that mean nothing to us, as written."""

    def __contains__(self, flag: str) -> bool:
        return flag in self.flags


def form_of(declaration: Declaration, source: SourceTable) -> str:
    """Return the form of a type in words that are the same for all languages."""
    return source.forms.get(declaration.form, declaration.form)


def annotation_name(annotation: str) -> str:
    """Return the name of an annotation or decorator, without its package and arguments."""
    return re.split(r"[(\s]", annotation.lstrip("@[ "), maxsplit=1)[0].rpartition(".")[2].strip("]")


def traits_of(
    declaration: Declaration, container: Declaration | None, source: SourceTable
) -> Traits:
    """Return what the words of a declaration mean.

    Args:
        declaration: What is looked at.
        container: The type that it is in; None at the top of a file.
        source: How the language is read.
    """
    access = ""
    flags: set[str] = set()
    unknown: list[str] = []
    words = [(word, source.words.get(word, word)) for word in declaration.modifiers]
    for annotation in declaration.annotations:
        name = annotation_name(annotation)
        words.append((annotation, source.annotations.get(name, annotation)))
    for written, meant in words:
        if meant in ACCESS:
            access = access or meant
        elif meant in TRAITS:
            flags.add(meant)
        elif meant and meant not in source.silent:
            unknown.append(written)
    form = form_of(container, source) if container else ""
    if form in _OPEN_FORMS:
        access = access or "public"
        if declaration.kind in ("field", "type"):
            flags |= {"static"} if declaration.kind == "type" else {"static", "final"}
        elif declaration.kind == "method" and not declaration.has_body:
            flags.add("abstract")
    if form == "enum" and declaration.kind == "constructor":
        access = "private"
    if declaration.kind == "field" and source.static_fields and declaration.value:
        flags.add("static")
    if not access and source.private and re.match(source.private, declaration.name):
        access = "private"
    default = source.member_access if container and source.member_access else source.default_access
    return Traits(access or default, frozenset(flags), tuple(unknown))
