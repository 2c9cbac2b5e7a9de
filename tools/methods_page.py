"""Write the page of aggregation methods and robust rules from their registries.

python tools/methods_page.py            # rewrite it
python tools/methods_page.py --check    # exit 1 if it is not up to date
"""

import sys
from pathlib import Path

from fedtranslate.adapters.methods.method import Method, Part, Phase
from fedtranslate.adapters.methods.registry import METHODS
from fedtranslate.adapters.robust.rules import RULES, Rule
from fedtranslate.config.federation import RunSettings

DEFAULT = RunSettings.model_fields["method"].default
PAGE = Path(__file__).parents[1] / "fedtranslate" / "adapters" / "methods" / "README.md"
_LATER = 10_000
_HEAD = """# Aggregation methods and robust rules

Written by `python tools/methods_page.py` from the registries; `fedtranslate federate methods` tells
the same. `method` in a run's file, or `--strategy` of `federate simulate`, names a method; `robust`
names a rule that stands before it.

For every adapted matrix of shape (out, in), with rank r. *Exactness* is that of the next joint
adapter against the weighted mean of the sites' updates s B A. *Sums only* methods need nothing but
sums of replies, as secure aggregation gives; runs have no secure aggregation yet. Whatever the
method, a factor that is bit by bit what the other end has does not travel, and
`[federation.traffic]` says in which format the others do.
"""
_GUIDE = f"""## Which to take

`{DEFAULT}` is the default; [benchmarks/methods.md](../../../benchmarks/methods.md) tells what
speaks for it, and how the others compare.

- *exact*: the next joint adapter, with what is folded, is the weighted mean of the sites' updates.
- *best of its rank*: it is the adapter of the run's rank that is nearest to that mean.
- *approximate*: it is neither; the method says what it is instead.
- *personal*: a part stays at each site, and the joint adapter alone is no adapter of any.

What is folded makes the base model another one: a release carries it, at a greater rank. Where
sites have ranks of their own, take a method for mixed ranks. `ffa` and `rolora` send about half as
much, and `ffa` wants a higher learning rate; `fed-sb` sends least. `fedavgm` is `fra` with
momentum, which may gain or lose. `fedsa` is for sites that want adapters of their own: there is
nothing to release, and each site judges its own.

A robust rule stands before the method. One that works entry by entry makes one reply of all, and
suits methods that look at the product B A, or at B under a frozen A; one by weights hands on the
replies that it trusts, with the weight of each, and suits all.
"""
_FOOT = """*Down, besides*: what comes beside the factors that changed. What is folded grows by at
most the sum of the sites' ranks in a round, and never beyond the smaller side of the matrix."""
_NAMES = {Part.A: "r·in", Part.B: "out·r", Part.CORE: "r·r"}


def page() -> str:
    """Return the page."""
    lines = [
        _HEAD,
        _GUIDE,
        "## Methods",
        "",
        "| name | method | source | exactness | up, numbers | down, besides | mixed ranks"
        " | sums only |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
        *(_row(method) for method in METHODS.values()),
        "",
        _FOOT,
        "",
        "## Options",
        "",
        "Below `[federation.method_options]`.",
        "",
        "| method | option | default | from | to | meaning |",
        "| --- | --- | ---: | ---: | ---: | --- |",
        *(line for method in METHODS.values() for line in _options(method)),
        "",
        "## Robust rules",
        "",
        "| name | rule | source | replies needed to bear f bad ones | works |",
        "| --- | --- | --- | --- | --- |",
        *(_rule(rule) for rule in RULES.values()),
        "",
    ]
    return "\n".join(lines)


def _row(method: Method) -> str:
    cells = [
        f"`{method.name}`" + (" (default)" if method.name == DEFAULT else ""),
        method.title,
        method.paper,
        str(method.exactness),
        _up(method),
        "what is folded into the base" if method.folds else "-",
        "yes" if method.mixed_ranks else "-",
        "yes" if method.sums_only else "-",
    ]
    return f"| {' | '.join(cells)} |"


def _up(method: Method) -> str:
    """Return what a site sends, round by round."""
    options = method.complete({})
    first, second, later = (_shared(method.phase(number, options)) for number in (1, 2, _LATER + 1))
    if first == second == later:
        return first
    if second == later:
        return f"{first} in the first round, then {second}"
    if first == later:
        return f"{first} and {second} in turn"
    return f"{first}, later {later}"


def _shared(phase: Phase) -> str:
    if phase.shares == {Part.A, Part.B}:
        return "r·(in + out)"
    return " + ".join(_NAMES[part] for part in sorted(phase.shares))


def _options(method: Method) -> list[str]:
    return [
        f"| `{method.name}` | `{name}` | {option.default:g} | {option.least:g} | {option.most:g} |"
        f" {option.meaning} |"
        for name, option in method.options.items()
    ]


def _rule(rule: Rule) -> str:
    needs = f"{rule.times} f + {rule.more}"
    how = "entry by entry" if rule.by_coordinates else "by weights"
    return f"| `{rule.name}` | {rule.title} | {rule.paper} | {needs} | {how} |"


def main() -> int:
    """Write the page, or check it; return the exit code."""
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(page(), "utf-8")
        return 0
    if PAGE.exists() and PAGE.read_text("utf-8") == page():
        return 0
    print(f"{PAGE} is out of date: run 'python tools/methods_page.py'.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
