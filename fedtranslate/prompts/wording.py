"""The words around the code.

Models that follow instructions are told in sentences; base models see worked examples in the
form that they are to continue, and all else as comments.
"""

import hashlib

from fedtranslate.languages.flushing import flush_left
from fedtranslate.languages.registry import load_pack
from fedtranslate.prompts.request import Context, Request

SOURCE, CONTEXT, INSTRUCTION = "{source}", "{context}", "{instruction}"
SENTENCES = f"{INSTRUCTION} Answer with the {{target_title}} code only.\n\n{CONTEXT}{SOURCE}"
"""For models that follow instructions."""
COMMENTS = f"{INSTRUCTION}{CONTEXT}// {{source_title}}\n{SOURCE}\n// {{target_title}}\n"
"""For base models."""
TRANSLATE = "Translate this {source_title} code to {target_title}."


def question(request: Request, context: Context, *, is_plain: bool) -> str:
    """Return all of ``request`` as one text.

    Args:
        request: Its own context does not count.
        context: As much of it as there is room for.
        is_plain: Whether a base model reads it.
    """
    head, tail = fill(COMMENTS if is_plain else SENTENCES, request.languages).split(SOURCE)
    opening, between = head.split(CONTEXT)
    usual = "" if is_plain else fill(TRANSLATE, request.languages)
    instruction = instructed(request.instruction, is_plain=is_plain) or usual
    return "".join(
        (
            opening.replace(INSTRUCTION, instruction),
            in_words(context, request.languages, is_plain=is_plain),
            between,
            flush_left(request.text),
            tail,
        )
    )


def fill(text: str, languages: tuple[str, str]) -> str:
    """Put names and titles of ``languages`` into a template."""
    source, target = (load_pack(name) for name in languages)
    for key, value in (
        ("{source_language}", source.name),
        ("{target_language}", target.name),
        ("{source_title}", source.title),
        ("{target_title}", target.title),
    ):
        text = text.replace(key, value)
    return text


def instructed(instruction: str, *, is_plain: bool) -> str:
    """Return an ``instruction`` as it stands in a question; "" if there is none."""
    sentence = " ".join(instruction.split())
    return f"// {sentence}\n" if sentence and is_plain else sentence


def in_words(context: Context, languages: tuple[str, str], *, is_plain: bool) -> str:
    """Return ``context`` as it stands in a question; "" if there is none."""
    source, target = (load_pack(name).title for name in languages)
    return (_commented if is_plain else _told)(context, source, target)


def wording_mark() -> str:
    """Return 16 hex digits that change when any of the words above do."""
    context = Context(("s",), (("a", "b"),), "p", ("q",))
    alone = Context(problems=("q",))
    request = Request("t", ("java", "csharp"))
    asked = [question(request, c, is_plain=p) for c in (context, alone) for p in (True, False)]
    return hashlib.sha256("\0".join(asked).encode()).hexdigest()[:16]


def _told(context: Context, source: str, target: str) -> str:
    parts = []
    if context.examples:
        parts.append("Code of the same project, and how it was done there:")
        for old, new in context.examples:
            parts += f"{source}:", flush_left(old), f"{target}:", flush_left(new)
    if context.signatures:
        parts.append(
            f"These exist in {target} already. Use them by exactly these names and types,"
            " and do not write them again:"
        )
        parts.append("\n".join(map(flush_left, context.signatures)))
    if context.previous:
        parts += "An earlier answer was wrong:", flush_left(context.previous)
    if context.problems:
        head = "This was wrong with it:" if context.previous else "An earlier answer was wrong:"
        parts.append("\n".join([head, *(f"- {problem}" for problem in context.problems)]))
        parts.append("Write it again without these problems.")
    return "\n\n".join([*parts, f"The {source} code:", ""]) if parts else ""


def _commented(context: Context, source: str, target: str) -> str:
    parts = [
        f"// {source}\n{flush_left(old)}\n// {target}\n{flush_left(new)}\n"
        for old, new in reversed(context.examples)
    ]
    if context.signatures:
        exist = "\n".join(map(flush_left, context.signatures))
        parts.insert(0, f"// {target}, exists already\n{exist}\n")
    if context.previous:
        parts.append(f"// {target}, wrong\n{flush_left(context.previous)}\n")
    if context.problems:
        # What a compiler says may have several lines.
        lines = [line for problem in context.problems for line in problem.splitlines()]
        parts.append("// What was wrong\n" + "".join(f"// {line}\n" for line in lines))
    return "\n".join([*parts, ""]) if parts else ""
