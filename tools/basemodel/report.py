"""What the builtin base model can do before any adapter, on code it has not learned from.

    python -m tools.basemodel.report --codexglue DATA_FOLDER

Held-out pairs of the public projects (the CodeXGLUE test split, ``lucene`` and ``harmony``), and
generated pairs in which every invented name is new: the whole training stream is drawn again, and
a pair with a name that occurred in it is passed over.
"""

import json
import re
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path

import click
import torch

from fedtranslate.evaluation.evaluate import evaluate
from fedtranslate.evaluation.translator import Translator
from fedtranslate.models.load import load_base
from fedtranslate.prompts import prompt_format
from fedtranslate.records import CodePair
from tools.basemodel.data import Encoder, Renamer, Texts, chunk, public_pairs
from tools.basemodel.generator import GeneratedPair
from tools.basemodel.generator import pairs as generated_pairs
from tools.basemodel.train import RECIPE

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_INVENTED = 10
"""Letters from which on a name of the generator is invented, not a word of the languages."""
_FRESH_SEED = 2**50
"""Beyond the seeds that training draws, which have 48 bits."""


@click.command(context_settings={"show_default": True})
@click.option("--codexglue", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--generated", type=click.IntRange(1), default=300, help="New pairs to draw.")
@click.option("--chunks", type=click.IntRange(1), default=40, help="Of each stage, drawn again.")
@click.option("--threads", type=click.IntRange(1), default=2)
@click.option("--out", type=click.Path(path_type=Path), help="Write the raw results here.")
def main(
    codexglue: Path | None, generated: int, chunks: int, threads: int, out: Path | None
) -> None:
    """Measure the builtin base model, both directions."""
    torch.set_num_threads(threads)
    translator = Translator(load_base("builtin"))
    public = public_pairs(codexglue, "train") if codexglue else []
    sets = {"generated, new names": list(_new_pairs(translator, public, generated, chunks))}
    if codexglue is not None:
        sets["public projects, test"] = public_pairs(codexglue, "test")
    rows = [
        _row(translator, name, texts, backwards=backwards)
        for name, texts in sets.items()
        for backwards in (False, True)
    ]
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        about = {"base_fingerprint": translator.base.fingerprint, "rows": rows}
        out.write_text(json.dumps(about, indent=1) + "\n", "utf-8")


def _row(
    translator: Translator, name: str, texts: Sequence[Texts], *, backwards: bool
) -> dict[str, object]:
    pairs = [
        CodePair(java, csharp, "java", "csharp", str(i), str(i))
        for i, (java, csharp) in enumerate(texts)
    ]
    if backwards:
        pairs = [pair.reversed() for pair in pairs]
    scores = evaluate(translator, pairs).scores
    row: dict[str, object] = {
        "set": name,
        "direction": "csharp to java" if backwards else "java to csharp",
        "pairs": scores.units,
        "token_exact": round(scores.token_exact, 2),
        "parse_rate": round(scores.parse_rate, 2),
        "codebleu": round(scores.codebleu, 2),
        "bleu": round(scores.bleu, 2),
    }
    click.echo("  ".join(f"{key} {value}" for key, value in row.items()))
    return row


def _new_pairs(
    translator: Translator, public: Sequence[Texts], count: int, chunks: int
) -> Iterator[Texts]:
    """Yield ``count`` generated pairs none of whose invented names was ever drawn."""
    seen: set[str] = set()

    def recorded(seed: int) -> Iterator[GeneratedPair]:
        for pair in generated_pairs(seed):
            seen.update(_names(pair))
            yield pair

    base = translator.base
    encoder = Encoder(base.tokenizer, prompt_format(base.tokenizer, base.template))
    examples = [encoder.example(texts, backwards=False) for texts in public]
    renamer = Renamer(base.tokenizer.get_vocab(), examples) if examples else None
    for plan, index in product(RECIPE, range(chunks)):
        chunk(plan.seed, index, encoder, public, renamer, plan.mixture, source=recorded)
    for pair in generated_pairs(_FRESH_SEED):
        names = _names(pair)
        if names and not names & seen:
            yield pair.java, pair.csharp
            count -= 1
        if not count:
            return


def _names(pair: GeneratedPair) -> set[str]:
    words = (word.lower().strip("_") for word in _NAME.findall(pair.java))
    return {word for word in words if len(word) >= _INVENTED}


if __name__ == "__main__":
    main()
