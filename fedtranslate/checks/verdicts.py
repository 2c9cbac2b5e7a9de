"""Parse first, then compile what parses: the one judgement of a translation."""

from collections.abc import Sequence

from fedtranslate.checks.cache import VerdictCache
from fedtranslate.checks.compile import CompileContext, compile_units
from fedtranslate.languages.parsing import parse_problems
from fedtranslate.languages.registry import load_pack
from fedtranslate.languages.worker import ParseWorker
from fedtranslate.records import CompileState, Verdict


def check(
    texts: Sequence[str],
    language: str,
    *,
    context: CompileContext | None,
    worker: ParseWorker | None = None,
    jobs: int = 1,
    cache: VerdictCache | None = None,
) -> list[Verdict]:
    """Return the verdict on each text, in order.

    Args:
        texts: Units or whole files.
        language: Theirs.
        context: Where they belong; None to parse only.
        worker: Parses them where it can be killed; None to parse in this process.
        jobs: How many compilers, or threads of one, work at a time.
        cache: Where verdicts of compilers are remembered; None to compile everything anew.

    Raises:
        UnknownNameError: There is no such language.
        WorkerTimeoutError: The worker cannot be started.
    """
    pack = load_pack(language)
    if worker is None:
        found = [parse_problems(text, pack) for text in texts]
    else:
        found = worker.problems(texts, language)
    broken = CompileState.SYNTAX_ERROR if context else CompileState.NOT_CHECKED
    verdicts = [
        Verdict(parses=not problems, compile_state=broken, problems=problems)
        if problems
        else Verdict(parses=True, reason="compiling was not asked for")
        for problems in found
    ]
    if context is None:
        return verdicts
    good = [index for index, problems in enumerate(found) if not problems]
    compiled = compile_units(
        [texts[index] for index in good], language, context, jobs=jobs, cache=cache
    )
    for index, said in zip(good, compiled, strict=True):
        verdicts[index] = Verdict(True, said.compile_state, said.reason, said.problems)
    return verdicts
