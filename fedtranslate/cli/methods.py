"""``fedtranslate federate methods``: how adapters can be aggregated."""

import json
from typing import Any

import click

from fedtranslate.cli import options


@click.command()
@options.as_json
def methods(as_json: bool) -> None:
    """List how adapters can be aggregated, and the rules against bad replies.

    A name of the first table is for 'method' in a run's file, or for --strategy of 'simulate'; one
    of the second is for 'robust'. The next joint adapter is exactly the weighted mean of the sites'
    updates, the nearest to it of the run's rank (best), or neither (approximate); or a part of each
    site's adapter stays there (personal).

    \b
    Example:
        fedtranslate federate simulate federation.toml --strategy flexlora
    """
    from fedtranslate.adapters.methods.registry import all_methods
    from fedtranslate.adapters.robust.rules import all_rules
    from fedtranslate.config.federation import RunSettings

    default = RunSettings.model_fields["method"].default
    known, rules = all_methods(), all_rules()
    if as_json:
        document = {
            "methods": [_as_json(method) for method in known],
            "rules": [
                {"name": rule.name, "title": rule.title, "paper": rule.paper} for rule in rules
            ],
        }
        click.echo(json.dumps(document, indent=2))
        return
    width = max(len(name) for name in [*(m.name for m in known), *(r.name for r in rules)])
    for method in known:
        marks = ["default"] * (method.name == default)
        marks += [str(method.exactness)]
        marks += ["mixed ranks"] * method.mixed_ranks
        marks += ["sums only"] * method.sums_only
        click.echo(f"{method.name:<{width}}  {method.title} ({', '.join(marks)}; {method.paper})")
        for name, option in method.options.items():
            click.echo(
                f"{'':<{width}}    {name} = {option.default:g}, from {option.least:g} to"
                f" {option.most:g}: {option.meaning}"
            )
    click.echo()
    for rule in rules:
        click.echo(f"{rule.name:<{width}}  {rule.title} ({_sites(rule)}; {rule.paper})")
    click.echo(f"{'':<{width}}    byzantine sets how many bad replies f a rule is to bear")


def _sites(rule: Any) -> str:  # noqa: ANN401 - a Rule
    return f"{rule.needs(1)} sites or more, {rule.times} f + {rule.more} to bear f bad replies"


def _as_json(method: Any) -> dict[str, Any]:  # noqa: ANN401 - a Method
    return {
        "name": method.name,
        "title": method.title,
        "paper": method.paper,
        "exactness": str(method.exactness),
        "mixed_ranks": method.mixed_ranks,
        "sums_only": method.sums_only,
        "options": {
            name: {
                "default": option.default,
                "least": option.least,
                "most": option.most,
                "meaning": option.meaning,
            }
            for name, option in method.options.items()
        },
    }
