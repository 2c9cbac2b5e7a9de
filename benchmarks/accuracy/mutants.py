"""Compare the parse check with javac's own parser, on Java methods that were damaged on purpose.

    python -m benchmarks.accuracy.mutants DATA_FOLDER

A mutant is a gold method of CodeXGLUE with one token deleted, swapped with its neighbour, or
inserted from elsewhere in the method.  A mutant that javac's parser accepts and the check refuses
is a false alarm; recall is the share of those that javac's parser refuses which the check refuses.
"""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from benchmarks.datafolder import DataFolder
from benchmarks.record import record
from fedtranslate.checks.beyond import unreadable
from fedtranslate.checks.compile import CompileContext, compile_units
from fedtranslate.languages.lexer import code_tokens
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.parsing import parse_problems
from fedtranslate.languages.registry import load_pack
from fedtranslate.records import CompileState, Verdict

KINDS = ("delete", "swap", "insert")
_EXAMPLES = 20


def mutants(methods: Sequence[str], count: int, seed: int) -> Iterator[tuple[str, str]]:
    """Yield ``count`` mutants with their kinds; each differs from its method in tokens."""
    chance = random.Random(seed)
    pack = load_pack("java")
    made = 0
    while made < count:
        tokens = list(code_tokens(chance.choice(methods), pack))
        kind = KINDS[made % len(KINDS)]
        place = chance.randrange(len(tokens) - 1)
        if kind == "delete":
            changed = tokens[:place] + tokens[place + 1 :]
        elif kind == "swap":
            changed = [*tokens]
            changed[place], changed[place + 1] = tokens[place + 1], tokens[place]
        else:
            changed = [*tokens[:place], chance.choice(tokens), *tokens[place:]]
        if changed != tokens:
            made += 1
            yield kind, " ".join(changed)


@click.command()
@click.argument("data", type=DataFolder("valid.java-cs.txt.java"))
@click.option("--mutants", "count", default=9000, show_default=True)
@click.option("--seed", default=0, show_default=True)
@click.option("--show", is_flag=True, help="Print the first mutants on which both disagree.")
def main(data: Path, count: int, seed: int, show: bool) -> None:
    """Print one line per kind of damage, and write the raw counts."""
    methods = (data / "valid.java-cs.txt.java").read_text("utf-8").splitlines()
    made = list(mutants(methods, count, seed))
    texts = [text for _, text in made]
    pack = load_pack("java")
    ours = [bool(parse_problems(text, pack)) for text in texts]
    verdicts = compile_units(texts, "java", CompileContext())
    theirs = [_is_refused(text, said, pack) for text, said in zip(texts, verdicts, strict=True)]
    counts = Counter(
        (kind, mine, javac) for (kind, _), mine, javac in zip(made, ours, theirs, strict=True)
    )
    rows = {kind: _row(counts, (kind,)) for kind in KINDS} | {"all": _row(counts, KINDS)}
    for kind, row in rows.items():
        click.echo(
            f"{kind:7} {row['mutants']:5} mutants, javac refuses {row['refused_by_javac']:5}: "
            f"recall {row['recall']:.1%}, false alarms {row['false_alarms']}"
        )
    if show:
        _show(made, ours, theirs, [verdict.problems[:1] for verdict in verdicts])
    record("mutants", {"seed": seed, "methods": len(methods), "rows": rows})


def _is_refused(text: str, said: Verdict, pack: LanguagePack) -> bool:
    """Tell whether javac's parser refuses a mutant, also if it might be right in a later Java.

    Raises:
        click.ClickException: javac did not judge it.
    """
    if said.compile_state is not CompileState.NOT_CHECKED:
        return said.compile_state is CompileState.SYNTAX_ERROR
    if not unreadable(text, pack):
        raise click.ClickException(f"javac did not judge every mutant: {said.reason}.")
    return True


def _row(counts: Counter[tuple[str, bool, bool]], kinds: Sequence[str]) -> dict[str, float]:
    def total(mine: bool, javac: bool) -> int:
        return sum(counts[kind, mine, javac] for kind in kinds)

    refused = total(True, True) + total(False, True)
    return {
        "mutants": refused + total(True, False) + total(False, False),
        "refused_by_javac": refused,
        "recall": total(True, True) / refused,
        "false_alarms": total(True, False),
    }


def _show(
    made: Sequence[tuple[str, str]],
    ours: Sequence[bool],
    theirs: Sequence[bool],
    said: Sequence[object],
) -> None:
    shown: Counter[bool] = Counter()
    for (kind, text), mine, javac, problem in zip(made, ours, theirs, said, strict=True):
        if mine != javac and shown[mine] < _EXAMPLES:
            shown[mine] += 1
            click.echo(f"{'FALSE ALARM' if mine else 'missed'} {kind}: {text}\n    {problem}")


if __name__ == "__main__":
    main()
