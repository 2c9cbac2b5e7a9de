"""A run that never was, with everything that a page can show."""

from random import Random

from fedtranslate.evaluation.gate import Decision
from fedtranslate.experiments.comparison import Sample
from fedtranslate.experiments.results import METRICS, Cell
from fedtranslate.records import CompileState, Problem, Translation, Verdict
from fedtranslate.report.content import (
    Curve,
    LeftOut,
    Migrated,
    NextStep,
    RunPage,
    Sent,
    SiteTraffic,
)
from fedtranslate.report.reading import compile_lines, tables_of

SITES = ("meridian-bank", "kestrel-freight", "halden-clinic")
LEVELS = {
    "copy": 2.0,
    "nearest": 11.0,
    "base": 14.0,
    "local": 38.0,
    "federated": 49.0,
    "personalised": 52.0,
    "central": 57.0,
}
SOURCE = """public Card card(String number) {
        Guard.notBlank(number, "number");
        if (!this.cards.holds(number)) {
            throw Fault.of("CRD-01", "Unknown card");
        }
        return this.cards.lookup(number);
    }"""
REFERENCE = """public Card Card(string number)
        {
            Require.Text(number, nameof(number));
            if (!_cards.Contains(number))
            {
                throw new BankException("CRD-01", "Unknown card");
            }
            return _cards.Find(number);
        }"""
WRONG = REFERENCE.replace("Require.Text", "Guard.NotBlank").replace("_cards", "this.cards")
BASE = "public Card card(String number) {\n  return this.cards.lookup(number;\n}"


def cells(
    sites: tuple[str, ...] = SITES, seeds: int = 1, direction: str = "java-csharp"
) -> list[Cell]:
    random = Random(7)
    found = []
    for seed in range(seeds):
        for row, level in LEVELS.items():
            owners = sites if row in ("nearest", "local", "personalised") else ("",)
            for owner in owners:
                for place, site in enumerate(sites):
                    if row == "nearest" and owner != site:
                        continue
                    at_home = 9.0 if owner == site and row != "nearest" else 0.0
                    score = level + at_home - 3 * place + random.uniform(-2, 2)
                    found.append(cell(row, owner, site, direction, seed, max(0.0, score)))
    return found


def cell(row: str, owner: str, site: str, direction: str, seed: int, score: float) -> Cell:
    units = 40
    good = round(units * score / 100)
    unknown, broken = (units - good) // 3, (units - good) // 4
    compiled = {
        CompileState.SYNTAX_ERROR: broken,
        CompileState.UNRESOLVED_ONLY: unknown,
        CompileState.TYPE_ERROR: units - good - unknown - broken,
        CompileState.COMPILED: good,
        CompileState.TESTS_PASSED: 0,
        CompileState.NOT_CHECKED: 0,
    }
    return Cell(
        row=row,
        model_of=owner,
        code_of=site,
        direction=direction,
        seed=seed,
        units=units,
        scores={name: min(100.0, score + 8 * index) for index, name in enumerate(METRICS)},
        compile={state.value: count for state, count in compiled.items()},
        token_exact=(0,) * units,
        codebleu=(50.0,) * units,
    )


def sample(number: int, source: str = SOURCE, reference: str = REFERENCE) -> Sample:
    syntax = Verdict(False, CompileState.SYNTAX_ERROR, problems=(Problem(2, 33, "missing )"),))
    names = Verdict(
        True,
        CompileState.UNRESOLVED_ONLY,
        problems=(Problem(3, 13, "The name 'Guard' does not exist", "CS0103"),),
    )
    fine = Verdict(True, CompileState.COMPILED)
    texts = {
        "base": (BASE, syntax),
        "local": (WRONG, names),
        "federated": (reference.replace("_cards.Find", "_cards.Get"), names),
        "personalised": (reference, fine),
        "central": (reference, fine),
    }
    name = f"com/meridianbank/cards/CardRegistry.java#CardRegistry.card{number}(String)"
    return Sample(
        site=SITES[number % len(SITES)],
        id=name,
        source=source,
        reference=reference,
        translations={
            row: Translation(source, text, name, reference, verdict, finished=row != "base")
            for row, (text, verdict) in texts.items()
        },
    )


def curves(sites: tuple[str, ...], start: float, end: float) -> tuple[Curve, ...]:
    return tuple(
        Curve(
            site,
            tuple(
                (number, end + 0.05 * place + (start - end) * 0.62**number) for number in range(9)
            ),
        )
        for place, site in enumerate(sites)
    )


def traffic(site: str) -> SiteTraffic:
    about = ("site", "base-fingerprint", "data", "pairs", "modules", "out", "in")
    numbers = ("site", "round", "pairs", "train-loss", "validation-loss", "validation-tokens")
    sent = (
        Sent("introduction", 1, 0, 0, about),
        Sent("update", 9, 8 * 112, 8 * 1_234_567, numbers),
    )
    return SiteTraffic(site, sent, ((0, 0), *((n, 1_234_567) for n in range(1, 9)), (9, 0)))


def page(sites: tuple[str, ...] = SITES, seeds: int = 1) -> RunPage:
    measured = cells(sites, seeds) + cells(sites, seeds, "csharp-java")
    joint = curves(("all sites",), 1.4, 0.33)[0]
    return RunPage(
        title="cairn-migration",
        description="Three constructed companies leave the same framework behind, each with its "
        "own code, and learn together how to translate it.",
        settings=[("direction", "Java → C#"), ("method", "fra"), ("rounds", "8")]
        + [(f"training.setting {n}", f"value {n}") for n in range(17)],
        sites=sites,
        tables=tables_of(measured),
        compiled=compile_lines([c for c in measured if c.direction == "java-csharp"]),
        validation=curves(sites, 1.5, 0.3),
        joint_validation=joint,
        training=curves(sites, 1.2, 0.2),
        best_round=7,
        left_out=(LeftOut(3, sites[1], "it did not answer within 3600 seconds"),),
        traffic=[traffic(site) for site in sites],
        gates={
            site: Decision(
                place != 2,
                6.1 - 3 * place,
                2.2 - 3 * place,
                9.4 - 3 * place,
                0.99,
                24,
                "better in 99% of resamplings of 24 pairs; 90% are asked for",
            )
            for place, site in enumerate(sites[:3])
        },
        samples=[sample(number) for number in range(4)],
        migrated=[
            Migrated(site, translation)
            for site in sites[:2]
            for translation in sample(0).translations.values()
        ][:4],
        next_steps=[
            NextStep(
                "fedtranslate migrate --site meridian-bank/site.toml --out migrated",
                "Translate what is left of a site's repository with the installed adapter.",
            ),
            NextStep("fedtranslate federate simulate --rounds 12", "Go on for four more rounds."),
        ],
    )
