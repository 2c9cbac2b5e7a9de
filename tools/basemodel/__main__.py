"""Train the builtin base model and write it where the package looks for it.

Run by ``tools/train_base``, stage after stage of ``RECIPE``.  Kill it and run it again: it goes on
from its last checkpoint, and ends at the same weights.  The log of every 100 steps lies beside
the checkpoint of each stage.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from itertools import islice
from pathlib import Path

import click
import torch
from safetensors import safe_open
from transformers import LlamaForCausalLM, PreTrainedTokenizerFast

from fedtranslate.languages.registry import load_pack
from fedtranslate.prompts import prompt_format
from tools.basemodel.data import Encoder, Renamer, Texts, batches, public_pairs
from tools.basemodel.generator import pairs as generated_pairs
from tools.basemodel.tokenizer import train_tokenizer
from tools.basemodel.train import RECIPE, Plan, Shape, Stream, Trainer, build, train

TEMPLATE = "<|{source_language}|>{source}<|{target_language}|>"
BUILTIN = Path(__file__).resolve().parents[2] / "fedtranslate" / "models" / "builtin"
LANGUAGES = ("java", "csharp", "python")
ABOUT = "fedtranslate.json"
TOKENIZER_PAIRS = 12_000


@click.command(context_settings={"show_default": True})
@click.option("--codexglue", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--work", type=click.Path(path_type=Path), default=Path("base-training"))
@click.option("--out", type=click.Path(path_type=Path), default=BUILTIN)
@click.option(
    "--begin-from",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A base written earlier: its stages of the recipe are not trained again.",
)
@click.option("--steps", type=click.IntRange(1), help="Of each stage; the recipe's by default.")
@click.option("--width", type=click.IntRange(64), default=Shape().width)
@click.option("--layers", type=click.IntRange(1), default=Shape().layers)
@click.option("--seed", type=int, default=0)
@click.option("--threads", type=click.IntRange(1), default=2)
@click.option("--compile/--no-compile", "compiled", default=True, help="Needs a C compiler.")
def main(
    codexglue: Path | None,
    work: Path,
    out: Path,
    begin_from: Path | None,
    steps: int | None,
    width: int,
    layers: int,
    seed: int,
    threads: int,
    compiled: bool,
) -> None:
    """Train the builtin base model (two CPU cores, hours; a GPU is not needed).

    Without --codexglue (the folder of the CodeXGLUE Java-C# files) only generated pairs are used.
    """
    torch.set_num_threads(threads)
    work.mkdir(parents=True, exist_ok=True)
    public = public_pairs(codexglue, "train") if codexglue else []
    watched = public_pairs(codexglue, "valid") if codexglue else []
    plans = [
        replace(
            plan,
            steps=steps or plan.steps,
            seed=plan.seed + seed,
            threads=threads,
            compiled=compiled,
        )
        for plan in RECIPE
    ]
    shape = Shape(width=width, layers=layers, heads=width // 64, inner=width * 11 // 4 // 64 * 64)
    done = stages_of(begin_from, plans, shape) if begin_from else 0
    tokenizer = _tokenizer(begin_from or work / "tokenizer", public, seed, shape.vocabulary)
    encoder = Encoder(tokenizer, prompt_format(tokenizer, TEMPLATE))
    stream = _stream(encoder, tokenizer, public)
    examples = [encoder.example(texts, backwards=b) for texts in watched for b in (False, True)]
    watch = batches(examples, tokens=8192, seed="watch")
    model = build(shape, pad=0, end=1, seed=seed)
    if begin_from:
        model.load_state_dict(LlamaForCausalLM.from_pretrained(begin_from).state_dict())
    for number, plan in list(enumerate(plans, 1))[done:]:
        trainer = Trainer(model, plan)
        folder = work / f"stage{number}"
        folder.mkdir(exist_ok=True)
        _resume(trainer, folder / "checkpoint.safetensors")
        for row in train(
            trainer, stream, folder / "checkpoint.safetensors", folder / "log.jsonl", watch
        ):
            click.echo("  ".join(f"{key} {value:.4g}" for key, value in row.items()))
        # As ``--begin-from`` would find it: a stage starts from what a written base holds.
        model.to(torch.bfloat16).to(torch.float32)
    export(model, tokenizer, out, plans, shape, public=len(public))
    click.echo(f"The base model is in {out}.")


def export(
    model: LlamaForCausalLM,
    tokenizer: PreTrainedTokenizerFast,
    out: Path,
    plans: Sequence[Plan],
    shape: Shape,
    *,
    public: int,
) -> None:
    """Write the model in half precision, its tokenizer, and the plans that it was made by."""
    model.to(torch.bfloat16).save_pretrained(out, max_shard_size="16MB")
    tokenizer.save_pretrained(out)
    stages = [asdict(plan) for plan in plans]
    about = {
        "name": "builtin",
        "template": TEMPLATE,
        "languages": ["java", "csharp"],
        "training": {"stages": stages, "shape": asdict(shape), "public_pairs": public},
    }
    (out / ABOUT).write_text(json.dumps(about, indent=2) + "\n", "utf-8")


def stages_of(base: Path, plans: Sequence[Plan], shape: Shape) -> int:
    """Return how many of ``plans`` were done to make ``base``.

    Raises:
        ClickException: It is none, or was made by others or in another shape.
    """
    try:
        training = json.loads((base / ABOUT).read_text("utf-8"))["training"]
        done, made_in = list(training["stages"]), training["shape"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise click.ClickException(f"{base / ABOUT} is of no base written here: {error}.") from None
    if made_in != asdict(shape) or done != [asdict(plan) for plan in plans[: len(done)]]:
        raise click.ClickException(f"The base in {base} was made by another recipe or settings.")
    return len(done)


def _tokenizer(
    folder: Path, public: Sequence[Texts], seed: int, vocabulary: int
) -> PreTrainedTokenizerFast:
    if not (folder / "tokenizer.json").exists():
        keywords = {w for name in LANGUAGES for w in load_pack(name).keywords if w.isalpha()}
        generated = (
            text
            for pair in islice(generated_pairs(seed), TOKENIZER_PAIRS)
            for text in (pair.java, pair.csharp)
        )
        texts = [*(text for pair in public for text in pair * 2), *generated]
        train_tokenizer(
            texts, vocabulary=vocabulary, keywords=keywords, languages=LANGUAGES
        ).save_pretrained(folder)
    return PreTrainedTokenizerFast.from_pretrained(folder)


def _stream(
    encoder: Encoder, tokenizer: PreTrainedTokenizerFast, public: Sequence[Texts]
) -> Stream:
    if not public:
        return Stream(encoder, public, None)
    examples = [encoder.example(texts, backwards=False) for texts in public]
    return Stream(encoder, public, Renamer(tokenizer.get_vocab(), examples))


def _resume(trainer: Trainer, checkpoint: Path) -> None:
    if not checkpoint.exists():
        return
    with safe_open(checkpoint, "pt") as file:
        notes = file.metadata()
    if json.loads(notes["plan"]) != json.loads(json.dumps(asdict(trainer.plan))):
        raise click.ClickException(
            f"{checkpoint} belongs to a training with other settings; use another --work folder."
        )
    trainer.load(checkpoint, json.loads(notes["place"]))
    click.echo(f"Going on after step {trainer.step}.")


if __name__ == "__main__":
    main()
