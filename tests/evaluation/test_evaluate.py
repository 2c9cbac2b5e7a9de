"""A model with an adapter as a translator, and the scores of what it wrote."""

from dataclasses import replace

import pytest
import torch
from tiny_models import code_pairs

from fedtranslate.adapters.factors import Factors
from fedtranslate.adapters.initial import initial_adapter
from fedtranslate.config.training import DecodingSettings, LoraSettings
from fedtranslate.errors import AdapterError, CorpusError
from fedtranslate.evaluation.evaluate import evaluate, pair_languages, score
from fedtranslate.evaluation.floors import copy_floor
from fedtranslate.evaluation.translator import Translator
from fedtranslate.models.load import BaseModel
from fedtranslate.models.lora import adapted_shapes
from fedtranslate.records import Translation

SHORT = DecodingSettings(max_new_tokens=12)
LANGUAGES = ("java", "csharp")


def random_adapter(base: BaseModel) -> dict[str, Factors]:
    adapter = initial_adapter(adapted_shapes(base, LoraSettings()), rank=4, scaling=1.0, seed=1)
    for factors in adapter.values():
        factors.b.normal_(generator=torch.Generator().manual_seed(2))
    return adapter


def test_an_adapter_changes_what_is_written_and_the_base_not_at_all(llama: BaseModel) -> None:
    texts = [pair.source for pair in code_pairs(3)]
    plain = Translator(llama, decoding=SHORT).translate(texts, LANGUAGES)
    adapted = Translator(llama, random_adapter(llama), SHORT).translate(texts, LANGUAGES)
    assert [t.text for t in plain] != [t.text for t in adapted]
    assert Translator(llama, decoding=SHORT).translate(texts, LANGUAGES) == plain


def test_ids_references_and_candidates_stay_with_their_text(llama: BaseModel) -> None:
    decoding = SHORT.model_copy(update={"candidates": 2, "strategy": "beam"})
    first, second = Translator(llama, None, decoding).translate(
        ["int a;", "int b;"], LANGUAGES, ids=["x", "y"], references=["int A;", "int B;"]
    )
    assert (first.source, first.id, first.reference) == ("int a;", "x", "int A;")
    assert (second.source, second.id, second.reference) == ("int b;", "y", "int B;")
    assert len(first.candidates) == 2
    assert first.text == first.candidates[0]


def test_an_adapter_of_another_shape_is_refused(llama: BaseModel) -> None:
    adapter = {"model.layers.0.self_attn.q_proj": Factors(torch.ones(1, 7), torch.ones(9, 1))}
    with pytest.raises(AdapterError, match=r"\(9, 7\) for model\.layers\.0\.self_attn\.q_proj"):
        Translator(llama, adapter).translate(["int a;"], LANGUAGES)


def test_an_evaluation_keeps_the_order_and_adds_verdicts(llama: BaseModel) -> None:
    pairs, told = code_pairs(3), []
    found = evaluate(Translator(llama, None, SHORT), pairs, on_done=told.append)
    assert [t.id for t in found.translations] == [pair.id for pair in pairs]
    assert all(t.verdict is not None for t in found.translations)
    assert (found.scores.units, sum(told)) == (3, 3)


def test_right_translations_score_full_marks_and_copies_do_not() -> None:
    pairs = code_pairs(4)
    right = [Translation(p.source, p.target, p.id, p.target) for p in pairs]
    perfect, copied = score(right, "csharp").scores, score(copy_floor(pairs), "csharp").scores
    assert (perfect.token_exact, perfect.parse_rate) == (100, 100)
    assert perfect.codebleu == pytest.approx(100)
    assert copied.token_exact == 0
    assert 0 < copied.codebleu < 100


def test_a_target_that_is_no_unit_is_refused_before_anything_is_translated(
    llama: BaseModel,
) -> None:
    first, second = code_pairs(2)
    pairs = [first, replace(second, target="int a; " * 10_000)]
    told: list[int] = []
    with pytest.raises(
        CorpusError, match=r"target of pair 2 has 70,000 characters.*Evaluate units"
    ):
        evaluate(Translator(llama, None, SHORT), pairs, on_done=told.append)
    assert told == []


def test_pairs_of_several_directions_are_refused_and_listed() -> None:
    pairs = code_pairs(2)
    with pytest.raises(CorpusError, match="csharp to java, java to csharp"):
        pair_languages([pairs[0], pairs[1].reversed()])
    with pytest.raises(CorpusError, match="found: none"):
        pair_languages([])
