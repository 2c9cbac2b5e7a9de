"""The builtin model's training: exact tokenizer, same stream, same weights after a kill."""

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from click import ClickException
from hypothesis import given
from hypothesis import strategies as st
from transformers import PreTrainedTokenizerFast

from fedtranslate.prompts import PromptFormat
from tools.basemodel.__main__ import BUILTIN, stages_of
from tools.basemodel.data import Encoder, Mixture, Renamer, batches, chunk
from tools.basemodel.generator import GeneratedPair
from tools.basemodel.generator import pairs as generated_pairs
from tools.basemodel.tokenizer import MARKER, train_tokenizer
from tools.basemodel.train import RECIPE, Plan, Shape, Stream, Trainer, build

KEYWORDS = ("public", "int", "return", "void", "static", "new", "class")
WORDING = PromptFormat("<|{source_language}|>", "<|{target_language}|>")
PUBLIC = [
    (
        "int sumOfParts(int leftPart) {return leftPart;}",
        "int SumOfParts(int leftPart){return leftPart;}",
    ),
    ("void flushBuffer() {writer.flush();}", "void FlushBuffer(){writer.Flush();}"),
]


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerFast:
    def texts() -> Iterator[str]:
        source = generated_pairs(7)
        for _ in range(300):
            pair = next(source)
            yield pair.java
            yield pair.csharp

    return train_tokenizer(texts(), vocabulary=900, keywords=KEYWORDS, languages=("java", "csharp"))


def ids(tokenizer: PreTrainedTokenizerFast, text: str) -> list[int]:
    return list(tokenizer(text, add_special_tokens=False, split_special_tokens=True)["input_ids"])


@given(st.text())
def test_every_text_comes_back_exactly(text: str) -> None:
    tokenizer = _shared()
    assert tokenizer.decode(ids(tokenizer, text)) == text


@given(st.text(alphabet=MARKER + "aAbB0 _"))
def test_the_marker_itself_comes_back_exactly(text: str) -> None:
    tokenizer = _shared()
    assert tokenizer.decode(ids(tokenizer, text)) == text


_CACHE: list[PreTrainedTokenizerFast] = []


def _shared() -> PreTrainedTokenizerFast:
    """Return one tokenizer for all drawn cases, which cannot take a fixture each."""
    if not _CACHE:
        texts = [text for pair in PUBLIC for text in pair] * 20
        _CACHE.append(
            train_tokenizer(texts, vocabulary=400, keywords=KEYWORDS, languages=("java",))
        )
    return _CACHE[0]


def test_a_name_has_the_same_pieces_in_both_cases(tokenizer: PreTrainedTokenizerFast) -> None:
    marker = tokenizer.convert_ids_to_tokens(ids(tokenizer, "A")[:1])[0][0]
    small = tokenizer.convert_ids_to_tokens(ids(tokenizer, "flushBuffer"))
    large = tokenizer.convert_ids_to_tokens(ids(tokenizer, "FlushBuffer"))
    assert large == [marker, *small]


def test_a_chunk_follows_from_seed_and_number_alone(tokenizer: PreTrainedTokenizerFast) -> None:
    encoder = Encoder(tokenizer, WORDING)
    first, again, other = (chunk(seed, 3, encoder, PUBLIC, None, Mixture()) for seed in (0, 0, 1))
    assert first == again
    assert first != other


def test_renaming_is_the_same_on_both_sides(tokenizer: PreTrainedTokenizerFast) -> None:
    encoder = Encoder(tokenizer, WORDING)
    examples = [encoder.example((p.java, p.csharp), backwards=False) for p in _some(200)]
    renamer = Renamer(tokenizer.get_vocab(), examples)
    changed = 0
    for example in examples:
        renamed = renamer.rename(example, random.Random(1), share=1.0)
        swaps = {(old, new) for old, new in zip(example.tokens, renamed.tokens, strict=True)}
        assert len({old for old, _ in swaps}) == len(swaps)
        changed += renamed.tokens != example.tokens
    assert changed > 20


def test_joined_units_follow_each_other_on_both_sides(tokenizer: PreTrainedTokenizerFast) -> None:
    encoder = Encoder(tokenizer, WORDING)
    joined = chunk(0, 0, encoder, PUBLIC, None, Mixture(joined_share=1.0))
    text = tokenizer.decode(joined[0].tokens)
    sources, targets = text.split("<|csharp|>")
    assert [sources.count(name) for name in ("sumOfParts", "flushBuffer")] == [
        targets.count(name) for name in ("SumOfParts", "FlushBuffer")
    ]
    assert sources.count("(") == 2 + sources.count("flush()")


def test_padding_stays_under_a_tenth(tokenizer: PreTrainedTokenizerFast) -> None:
    encoder = Encoder(tokenizer, WORDING)
    cut = batches(chunk(0, 0, encoder, PUBLIC, None, Mixture()), tokens=4096, seed="x")
    positions = sum(batch.tokens.numel() for batch in cut)
    padding = sum(int((batch.tokens == 0).sum()) for batch in cut)
    assert padding < 0.1 * positions


def test_a_killed_training_ends_at_the_same_weights(
    tokenizer: PreTrainedTokenizerFast, tmp_path: Path
) -> None:
    plan = Plan(steps=6, batch_tokens=512, warmup_steps=2, compiled=False, threads=1)
    shape = Shape(width=64, layers=1, heads=1, inner=64, vocabulary=len(tokenizer))
    stream = Stream(Encoder(tokenizer, WORDING), PUBLIC, None)
    rows = stream.chunk(plan, 0)[:6]

    def fresh() -> Trainer:
        return Trainer(build(shape, pad=0, end=1, seed=0), plan)

    whole = fresh()
    for batch in rows:
        whole.learn(batch)
    killed = fresh()
    for batch in rows[:3]:
        killed.learn(batch)
    killed.save(tmp_path / "checkpoint.safetensors")
    resumed = fresh()
    resumed.load(tmp_path / "checkpoint.safetensors", {"step": 3, "chunk": 0, "batch": 3})
    for batch in rows[3:]:
        resumed.learn(batch)
    for a, b in zip(whole.model.parameters(), resumed.model.parameters(), strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=0)


def test_the_shipped_base_was_made_by_the_recipe_and_another_base_is_refused() -> None:
    assert stages_of(BUILTIN, RECIPE, Shape()) == len(RECIPE)
    assert stages_of(BUILTIN, [*RECIPE, Plan(steps=1)], Shape()) == len(RECIPE)
    changed = [replace(RECIPE[0], seed=5), *RECIPE[1:]]
    for recipe, shape in ((changed, Shape()), (RECIPE[:1], Shape()), (RECIPE, Shape(width=128))):
        with pytest.raises(ClickException, match="another recipe or settings"):
            stages_of(BUILTIN, recipe, shape)


@pytest.mark.parametrize("content", [None, "{", "[]", '{"training": {"stages": 3}}'])
def test_a_folder_that_holds_no_base_is_refused_by_name(
    tmp_path: Path, content: str | None
) -> None:
    if content is not None:
        (tmp_path / "fedtranslate.json").write_text(content)
    with pytest.raises(ClickException, match=r"fedtranslate\.json is of no base"):
        stages_of(tmp_path, RECIPE, Shape())


def _some(count: int) -> list[GeneratedPair]:
    source = generated_pairs(11)
    return [next(source) for _ in range(count)]
