"""The text of a new site.toml: what the site brings, what it allows, and what could be said."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fedtranslate.config.policy import Policy

_ABOUT: Mapping[str, tuple[str, str]] = {
    "languages": ('["java->csharp"]', "directions that may be trained; else all"),
    "bases": ('["builtin"]', "base models that may be loaded"),
    "methods": ('["fra", "flora"]', "ways to combine adapters; else all"),
    "repositories": (
        '["billing/", "shop/src"]',
        "where pairs may come from; else all",
    ),
    "licences": (
        '["MIT", "Apache-2.0"]',
        "SPDX names that a file may state; else all",
    ),
    "minimum_sites": ("2", "fewest sites that a run may be for"),
    "minimum_rank": ("1", "lowest rank of an adapter"),
    "maximum_rank": ("256", "highest rank of an adapter"),
    "rounds": ("100", "of one run"),
    "epochs": ("1000", "passes over the pairs, all rounds of a run together"),
    "hours": ("24", "of processor or GPU, all rounds together; else no limit"),
    "gigabytes": ("10", "that may leave, all rounds together; else no limit"),
    "epsilon": ("8", "privacy that a run may spend; once it is said, runs without are refused"),
    "shows_replies": (
        "false",
        "true lets other sites be shown joint adapters from which they could find out this one's",
    ),
    "shows_signature": (
        "false",
        "true lets the coordinator see a salted sketch of the names that your training pairs use",
    ),
    "trials": ("100", "joint adapters of some of the replies that a run may have evaluated"),
    "report": ('["pairs", "train_loss", "validation_loss"]', "numbers that may be told"),
    "report_digits": ("6", "significant digits of losses that are told"),
    "report_pairs_in": ("1", "the number of pairs is told in multiples of this"),
    "gate": ('"better"', '"better" or "no-worse": what a joint adapter must be to be installed'),
}
"""Setting of the policy to its default, and what it is; in the order of the file.

Where the default cannot be written there is an example, and the words tell what else holds.
"""


@dataclass(frozen=True, slots=True)
class Sources:
    """Where pairs come from, as absolute paths or data sources; None where nothing was said."""

    pairs: str | None = None
    source_folder: str | None = None
    target_folder: str | None = None

    @property
    def is_said(self) -> bool:
        """Tell whether there is a place to take pairs from."""
        return self.pairs is not None or None not in (self.source_folder, self.target_folder)


def site_file(name: str, federation: str, sources: Sources, policy: Policy) -> str:
    """Return the text of a site.toml.

    Args:
        name: Of the site.
        federation: That it joins.
        sources: Of its pairs.
        policy: What was set by whoever joins is written out; the rest stands in comments.
    """
    lines = [
        f"# What this site brings to the federation {federation}, and what it allows there.",
        "# It is yours to edit, and is read anew with every task.  Paths are seen from this file.",
        "",
        f"name = {json.dumps(name)}",
        "",
        "# Pairs to learn from: a file of pairs (or hub:OWNER/NAME) ...",
        _setting("pairs", sources.pairs, '"pairs.jsonl"'),
        "# ... or two source trees that pairs are mined from.",
        _setting("source_folder", sources.source_folder, '"old/java"'),
        _setting("target_folder", sources.target_folder, '"new/csharp"'),
        "# Files that choose rounds and drive the gate, and files that are never trained on; a",
        "# tenth of the files each if it is not said.",
        '# validation = ["billing/"]',
        '# held_out = ["**/*Tax*.java"]',
        "",
        "# Wins over whatever a coordinator asks.  Ceilings are of each run.  What is commented",
        "# out has the value shown, unless it says otherwise.",
        "[policy]",
        *_policy_lines(policy),
    ]
    return "\n".join(lines) + "\n"


def _setting(key: str, value: str | None, example: str) -> str:
    return f"# {key} = {example}" if value is None else f"{key} = {_toml(value)}"


def _policy_lines(policy: Policy) -> Iterator[str]:
    said = policy.model_dump(mode="json")
    for key, (example, what) in _ABOUT.items():
        is_said = key in policy.model_fields_set and said[key] is not None
        setting = f"{key} = {_toml(said[key])}" if is_said else f"# {key} = {example}"
        yield f"{setting}  # {what}"


def _toml(value: Any) -> str:  # noqa: ANN401
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def in_words(policy: Policy) -> list[str]:
    """Return what a policy allows, a sentence each."""
    told = ", ".join(name.replace("_", " ") for name in policy.report) or "nothing"
    lines = [
        f"Languages: {', '.join(policy.languages) or 'all'}.",
        f"Base models: {', '.join(policy.bases) or 'none'}.",
        f"Methods: {', '.join(policy.methods) or 'all that are installed'}.",
        f"Repositories: {', '.join(policy.repositories) or 'all that site.toml names'}.",
        f"Licences: {', '.join(policy.licences) or 'all'}.",
        f"Runs of {policy.minimum_sites} sites or more, with ranks of {policy.minimum_rank} to"
        f" {policy.maximum_rank}.",
        f"In one run at most {policy.rounds} rounds, {policy.epochs:g} passes over the pairs,"
        f" {_limit(policy.hours, 'hours')} and {_limit(policy.gigabytes, 'GB')} that leave.",
        f"To find what replies are worth, {policy.trials} joint adapters of some may be evaluated."
        if policy.shows_replies
        else "Runs that find what each reply is worth are refused: others could find yours.",
        "A salted sketch of the names that your training pairs use may be shown to group sites."
        if policy.shows_signature
        else "Runs that ask for a sketch of the names that your training pairs use are refused.",
        f"Numbers that are told: {told}; losses with {policy.report_digits} digits, pairs in"
        f" steps of {policy.report_pairs_in}.",
        f"A joint adapter is installed if it is {policy.gate.replace('-', ' ')} on your own pairs.",
    ]
    if policy.epsilon is not None:
        limit = f"an epsilon of {policy.epsilon:g} at most"
        lines.append(f"Differential privacy is a must, with {limit}.")
    return lines


def _limit(value: float | None, unit: str) -> str:
    return f"any number of {unit}" if value is None else f"{value:g} {unit}"
