"""``fedtranslate train``: fine-tune one site alone."""

from pathlib import Path
from typing import Any

import click

from fedtranslate.cli import options
from fedtranslate.cli.progress import quiet_libraries, stages


@click.command()
@click.argument("pairs", required=False)
@options.languages
@click.option("--site", type=click.Path(path_type=Path), help="Use the pairs of a site.toml.")
@click.option("--validation", "validation_pairs", help="Pairs that choose the best step.")
@click.option("--model", "base_name", default="builtin", show_default=True, metavar="MODEL")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder for the adapter.",
)
@click.option("--steps", type=click.IntRange(1), default=160, show_default=True)
@click.option("--rank", type=click.IntRange(1, 512), default=16, show_default=True)
@click.option("--alpha", type=float, default=32.0, show_default=True)
@click.option("--rslora", is_flag=True, help="Scale by alpha / sqrt(rank).")
@click.option("--dropout", type=click.FloatRange(0, 1, max_open=True), default=0.0)
@click.option("--learning-rate", type=float, default=2e-3, show_default=True)
@click.option("--batch-tokens", type=click.IntRange(16), default=2048, show_default=True)
@click.option("--accumulate", type=click.IntRange(1), default=1, show_default=True)
@click.option("--patience", type=click.IntRange(0), default=0, help="Validations without gain.")
@click.option("--precision", type=click.Choice(["bf16", "f32"]), default="bf16")
@click.option("--both-directions", is_flag=True, help="Learn the way back as well.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--threads", type=click.IntRange(1), default=2, show_default=True)
def train(
    pairs: str | None,
    source: str,
    target: str,
    site: Path | None,
    validation_pairs: str | None,
    base_name: str,
    out: Path,
    steps: int,
    rank: int,
    alpha: float,
    rslora: bool,
    dropout: float,
    seed: int,
    threads: int,
    **options_given: Any,  # noqa: ANN401
) -> None:
    """Fine-tune a base model on PAIRS (or on the pairs of a site) with LoRA.

    Kill it and run it again: it goes on from its last validation.  A tenth of the pairs is set
    aside for validation unless --validation names others, and another tenth is held out.

    \b
    Example:
        fedtranslate train pairs.jsonl --from java --to csharp --out my-adapter
    """
    quiet_libraries()
    from fedtranslate.config.federation import RunSettings, SiteSettings, read_site
    from fedtranslate.config.reading import validate

    if (pairs is None) == (site is None):
        raise click.UsageError("Give either PAIRS or --site.")
    checks = max(1, steps // 10)
    run = validate(
        RunSettings,
        {
            "name": "train",
            "source": source,
            "target": target,
            "base": base_name,
            "rounds": 1,
            "steps": steps,
            "seed": seed,
            "threads": threads,
            "lora": {"rank": rank, "alpha": alpha, "rslora": rslora, "dropout": dropout},
            "training": {**options_given, "validate_every": checks},
        },
        "The request",
    )
    if site is not None:
        settings = read_site(site)
    else:
        values = {"name": "site", "pairs": pairs, "validation_pairs": validation_pairs}
        settings = validate(SiteSettings, values, "The request")
    _learn(settings, run, out)


def _learn(settings: Any, run: Any, out: Path) -> None:  # noqa: ANN401
    from dataclasses import replace

    from fedtranslate.adapters.store import MANIFEST_FILE
    from fedtranslate.errors import TrainingError
    from fedtranslate.experiments import rows
    from fedtranslate.federation.site.lessons import Lessons, site_corpus

    if (out / MANIFEST_FILE).exists():
        raise TrainingError(
            f"There is a finished adapter in {out} already.",
            hint="Give another --out, or delete that folder first.",
        )
    options.check_folder(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    site = Lessons(site_corpus(settings, run), run)
    every = run.training.validate_every
    schooling = replace(rows.local(site), validate_every=every)
    click.echo(_parts(site.corpus, schooling, site.too_long), err=True)
    with stages() as shown:
        shown("train", 0, schooling.steps)
        adapter = rows.schooled(
            site, schooling, out, lambda step, _: shown("train", step, schooling.steps)
        )
    if schooling.validation:
        before, after = (_validation_loss(site, schooling, each) for each in (None, adapter))
        click.echo(f"Validation loss per token: {before:.3f} before, {after:.3f} after.")
    click.echo(f"The adapter is in {out}.")
    click.echo(
        f"Next: fedtranslate translate FILE --from {run.source} --to {run.target}"
        f" --model {run.base} --adapter {out}"
    )


def _validation_loss(site: Any, schooling: Any, adapter: Any) -> float:  # noqa: ANN401
    from fedtranslate.models.lora import merged
    from fedtranslate.training.loop import evaluate_loss

    with merged(site.base, adapter) as model:
        loss = evaluate_loss(site.base, model, schooling.validation, site.settings.training)
    return loss.mean


def _parts(corpus: Any, schooling: Any, too_long: int) -> str:  # noqa: ANN401
    """Say what became of the site's pairs."""
    held_out = len(corpus.split.held_out)
    parts = [
        f"{len(schooling.examples)} examples to learn from",
        f"{len(schooling.validation)} to validate on",
    ]
    if held_out:
        parts.append(f"{held_out} pairs held out and not used")
    if dropped := len(corpus.cleaned.dropped):
        listed = ", ".join(f"{n} {reason}" for reason, n in corpus.cleaned.counts().items())
        parts.append(f"{dropped} pairs dropped ({listed})")
    if too_long:
        parts.append(f"{too_long} examples too long for the model left out")
    lines = [", ".join(parts)]
    if not schooling.validation:
        lines.append("Warning: without validation pairs the last step is kept, good or bad.")
    return "\n".join(lines)
