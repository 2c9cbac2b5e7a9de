"""The tables of attacks and defences."""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

_CALM = "none"
_ERRORS = 2.0
"""A difference counts from so many standard errors on."""

Ends = Mapping[tuple[str, str], Sequence[Mapping[str, Any]]]
"""How the runs of a defence under an attack came out, one for each seed."""


def attacks_table(file: Path) -> str:
    """Return losses by defence and attack, what was refused, and ours against stock Flower's."""
    document = json.loads(file.read_text("utf-8"))
    about, rows = document["settings"], document["rows"]
    ends = {(row["defence"], row["attack"]): row["ends"] for row in rows}
    rivals = {row["defence"]: row["rival"] for row in rows}
    parts = [_provenance(document), _titles(about["attacks"])]
    parts += ["**Loss on held-out pairs**", _losses(ends, about)]
    parts += ["**Replies of attackers refused, all seeds and rounds**", _refusals(ends, about)]
    parts += ["**Ours less stock Flower's of the same rule, seed by seed**"]
    parts += [_against(ends, rivals, about), _verdict(ends, rivals, about)]
    return "\n\n".join(parts)


def _provenance(document: Mapping[str, Any]) -> str:
    about, machine = document["settings"], document["machine"]
    return (
        f"{about['sites']} sites, {about['attackers']} of them attackers, {about['rounds']} rounds"
        f" of {about['steps']} steps, LoRA rank {about['rank']}, {about['seeds']} seeds"
        f" from {about.get('first', 0)} on, each with its own task and sites; rules are to bear"
        f" {about['byzantine']}. Untrained, the loss is {fmean(about['untrained']):.2f}."
        f" torch {machine['packages']['torch']}, flwr"
        f" {machine['packages']['flwr']}, commit {machine['commit'][:10]}."
    )


def _titles(attacks: Mapping[str, str]) -> str:
    return "Attacks: " + "; ".join(f"*{name}*: {title}" for name, title in attacks.items()) + "."


def _losses(ends: Ends, about: Mapping[str, Any]) -> str:
    def cell(defence: str, attack: str) -> str:
        found = ends[defence, attack]
        losses = _known(found)
        if len(losses) < len(found):
            return f"**ended** {len(found) - len(losses)} of {len(found)}"
        told = f"{_short(fmean(losses))} ± {_short(_spread(losses))}"
        return f"**captured** {told}" if _is_captured(ends, about, defence, attack) else told

    return _table(ends, list(about["attacks"]), cell)


def _refusals(ends: Ends, about: Mapping[str, Any]) -> str:
    attacks = [name for name in about["attacks"] if name != _CALM]
    sent = about["seeds"] * about["rounds"] * about["attackers"]

    def cell(defence: str, attack: str) -> str:
        return f"{sum(end['refused'] for end in ends[defence, attack]) / sent:.0%}"

    kept = {key: some for key, some in ends.items() if key[0] in _judging(ends)}
    wrongly = {key: sum(end["wrongly"] for end in some) for key, some in kept.items()}
    calm = sum(count for (_, attack), count in wrongly.items() if attack == _CALM)
    honest = len(kept) * about["seeds"] * about["rounds"] * (about["sites"] - about["attackers"])
    return _table(kept, attacks, cell) + (
        f"\n\nOf {honest:,} replies of honest sites in these rows {sum(wrongly.values())} were"
        f" refused, {calm} of them without an attack."
    )


def _against(ends: Ends, rivals: Mapping[str, str], about: Mapping[str, Any]) -> str:
    def cell(defence: str, attack: str) -> str:
        apart = _differences(ends, defence, rivals[defence], attack)
        if apart is None:
            return "stock ended"
        if not math.isfinite(fmean(apart)):
            return "**ours ended**"
        if fmean(apart) < -1e3:
            return "stock captured"
        return f"{fmean(apart):+.3f} ± {_error(apart):.3f}"

    kept = {key: value for key, value in ends.items() if rivals[key[0]]}
    return _table(kept, list(about["attacks"]), cell) + (
        "\n\nMean and its standard error; below zero ours is better."
    )


def _verdict(ends: Ends, rivals: Mapping[str, str], about: Mapping[str, Any]) -> str:
    lines = []
    attacks = [name for name in about["attacks"] if name != _CALM]
    rows = [name for name in dict.fromkeys(d for d, _ in ends) if rivals[name]]
    for screened in (True, False):
        own = [name for name in rows if ("no screening" not in name) is screened]
        cells = [(name, attack) for name in own for attack in attacks]
        worse, higher = [], 0
        for name, attack in cells:
            apart = _differences(ends, name, rivals[name], attack)
            if apart is not None and fmean(apart) > 0:
                higher += 1
                if fmean(apart) > _ERRORS * _error(apart):
                    worse.append(f"{name} under {attack}")
        told = "As they run, with screening" if screened else "Without screening"
        named = f" ({', '.join(worse)})" if worse else ""
        lines.append(
            f"{told}: of {len(cells)} cells under attack, ours has the higher mean loss in"
            f" {higher}, by more than {_ERRORS:g} standard errors in {len(worse)}{named}."
        )
    for told, rows in (("ours with screening", _ours(ends)), ("stock Flower", _stock(ends))):
        ended = _count(rows, attacks, lambda d, a: len(_known(ends[d, a])) < len(ends[d, a]))
        taken = _count(
            rows,
            attacks,
            lambda d, a: (
                len(_known(ends[d, a])) == len(ends[d, a]) and _is_captured(ends, about, d, a)
            ),
        )
        lines.append(
            f"Of {len(rows) * len(attacks)} cells of {told}, {ended} have runs that ended and"
            f" {taken} were captured."
        )
    return " ".join(lines)


def _ours(ends: Ends) -> list[str]:
    return [n for n in _judging(ends) if not n.endswith(("else", "no screening"))]


def _judging(ends: Ends) -> list[str]:
    names = dict.fromkeys(defence for defence, _ in ends)
    return [name for name in names if not name.startswith("Flower")]


def _stock(ends: Ends) -> list[str]:
    return [n for n in dict.fromkeys(defence for defence, _ in ends) if n.startswith("Flower")]


def _count(rows: Sequence[str], attacks: Sequence[str], holds: Any) -> int:  # noqa: ANN401
    return sum(bool(holds(row, attack)) for row in rows for attack in attacks)


def _is_captured(ends: Ends, about: Mapping[str, Any], defence: str, attack: str) -> bool:
    """Tell whether more is lost than half of what the undisturbed run of this row has gained."""
    losses, calm = _known(ends[defence, attack]), _known(ends[defence, _CALM])
    return bool(losses) and fmean(losses) > (fmean(about["untrained"]) + fmean(calm)) / 2


def _differences(ends: Ends, defence: str, rival: str, attack: str) -> list[float] | None:
    """Return the losses of ours less the rival's by seed; None if a run of the rival ended.

    A run of ours that ended is infinitely worse.
    """
    ours, theirs = ends[defence, attack], _known(ends[rival, attack])
    if len(theirs) < len(ends[rival, attack]):
        return None
    losses = (math.inf if end["loss"] is None else end["loss"] for end in ours)
    return [one - other for one, other in zip(losses, theirs, strict=True)]


def _known(ends: Sequence[Mapping[str, Any]]) -> list[float]:
    return [end["loss"] for end in ends if end["loss"] is not None]


def _spread(values: Sequence[float]) -> float:
    return stdev(values) if len(values) > 1 else 0.0


def _error(values: Sequence[float]) -> float:
    """Return the standard error of a mean; of one that is infinite, 0: it is no accident."""
    if not math.isfinite(sum(values)):
        return 0.0
    return _spread(values) / math.sqrt(len(values))


def _short(value: float) -> str:
    return f"{value:.2f}" if value < 1e3 else f"{value:.0e}"


def _table(ends: Ends, attacks: Sequence[str], cell: Any) -> str:  # noqa: ANN401
    lines = ["| | " + " | ".join(attacks) + " |", "| --- |" + " ---: |" * len(attacks)]
    for defence in dict.fromkeys(defence for defence, _ in ends):
        told = " | ".join(cell(defence, attack) for attack in attacks)
        lines.append(f"| {defence} | {told} |")
    return "\n".join(lines)
