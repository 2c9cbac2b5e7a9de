"""The local engine: one merging, the likeliest first, and no request that spoils the others."""

import pytest
import torch
from tiny_models import write_llama

from fedtranslate.adapters.factors import Factors
from fedtranslate.config.training import DecodingSettings
from fedtranslate.errors import AdapterError, EngineError
from fedtranslate.evaluation.translator import Translator
from fedtranslate.migration.engines.base import Candidate, Context, Engine, Request
from fedtranslate.migration.engines.local import LocalEngine
from fedtranslate.models.load import BaseModel, load_base

PAIR = ("java", "csharp")
HOT = DecodingSettings(temperature=1.5, max_new_tokens=24)
REQUESTS = [
    Request("int a;", PAIR),
    Request("public int getSize() { return this.size; }", PAIR),
    Request("def f(x): return x", ("python", "java")),
]
NAME = "model.layers.0.mlp.up_proj"


def adapter(scale: float = 1.0) -> dict[str, Factors]:
    torch.manual_seed(1)
    return {NAME: Factors(torch.randn(2, 32), torch.randn(48, 2) * scale, 1.0)}


def texts(written: list[tuple[Candidate, ...]]) -> list[list[str]]:
    return [[candidate.text for candidate in candidates] for candidates in written]


def test_it_is_an_engine(llama: BaseModel) -> None:
    with LocalEngine(llama, None) as engine:
        checked: Engine = engine
        assert checked.takes_context
        assert checked.count_tokens("int size;") > 1


def test_the_first_of_the_first_attempt_is_what_the_translator_writes(llama: BaseModel) -> None:
    expected = Translator(llama, adapter(), HOT).translate([r.text for r in REQUESTS[:2]], PAIR)
    with LocalEngine(llama, adapter(), candidates=3, decoding=HOT) as engine:
        written = engine.write(REQUESTS[:2])
    assert [candidates[0].text for candidates in written] == [each.text for each in expected]
    for candidates in written:
        assert len({candidate.text for candidate in candidates}) == 3
        assert all(c.score is not None and c.score < 0 for c in candidates)


def test_each_attempt_writes_texts_of_its_own_and_the_same_ones_again(llama: BaseModel) -> None:
    with LocalEngine(llama, None, candidates=2, decoding=HOT) as engine:
        first, second, third = (texts(engine.write(REQUESTS, attempt=k)) for k in range(3))
        assert texts(engine.write(REQUESTS, attempt=1)) == second
        assert texts(engine.write(REQUESTS[1:], attempt=1)) == second[1:]
    for a, b, c in zip(first, second, third, strict=True):
        assert len({*a, *b, *c}) == 6


def test_the_base_is_as_it_was_when_the_engine_is_closed(llama: BaseModel) -> None:
    weight = llama.model.get_submodule(NAME).weight
    before = weight.detach().clone()
    engine = LocalEngine(llama, adapter())
    assert not torch.equal(weight, before)
    engine.close()
    assert torch.equal(weight, before)
    with pytest.raises(EngineError, match="was closed"):
        engine.write(REQUESTS)
    engine.close()


def test_an_adapter_that_does_not_fit_is_refused(llama: BaseModel) -> None:
    with pytest.raises(AdapterError, match="does not have"):
        LocalEngine(llama, {"nothing": adapter()[NAME]})


def test_a_bad_request_costs_only_itself(llama: BaseModel) -> None:
    bad = [Request("x = 1; " * 2000, PAIR), Request("a", ("java", "klingon"))]
    told: list[int] = []
    with LocalEngine(llama, None, decoding=HOT) as engine:
        good = texts(engine.write(REQUESTS))
        written = engine.write([bad[0], *REQUESTS, bad[1]], on_done=told.append)
    assert texts(written)[1:-1] == good
    (long,), (klingon,) = written[0], written[-1]
    assert "too long" in long.failure
    assert "256 tokens" in long.failure
    assert "klingon" in klingon.failure
    assert (long.finished, klingon.finished) == (False, False)
    assert sum(told) == 5


def test_nothing_is_written_for_nothing(llama: BaseModel) -> None:
    with LocalEngine(llama, None) as engine:
        assert engine.write([]) == []


def test_the_context_changes_what_is_asked(llama: BaseModel) -> None:
    context = Context(signatures=("int Count();",))
    with LocalEngine(llama, None, decoding=HOT) as engine:
        bare, more = engine.write([REQUESTS[0], Request("int a;", PAIR, context)])
    assert bare[0].text != more[0].text


def test_a_context_longer_than_the_model_is_shortened(llama: BaseModel) -> None:
    context = Context(examples=(("int a; " * 200, "b"),), signatures=("int Count();",))
    short = Context(signatures=("int Count();",))
    with LocalEngine(llama, None, decoding=HOT) as engine:
        long = engine.write([Request("int a;", PAIR, context)])
        assert long == engine.write([Request("int a;", PAIR, short)])
        assert not long[0][0].failure


def test_a_model_with_a_template_of_its_own_takes_no_context(tmp_path: object) -> None:
    template = "<|{source_language}|>{source}<|{target_language}|>"
    base = load_base(str(write_llama(tmp_path, about={"template": template})))  # type: ignore[arg-type]
    with LocalEngine(base, None, decoding=HOT) as engine:
        assert not engine.takes_context
        bare, more = engine.write(
            [REQUESTS[0], Request("int a;", PAIR, Context(previous="int b;"))]
        )
        assert bare[0].text == more[0].text


def test_the_fingerprint_changes_with_what_changes_answers(llama: BaseModel) -> None:
    plans = [
        {},
        {"candidates": 2},
        {"adapter_checksum": "ab"},
        {"decoding": DecodingSettings(seed=1)},
        {"decoding": DecodingSettings(temperature=1.0)},
        {"decoding": DecodingSettings(well_formed=False)},
    ]
    found = []
    for plan in plans:
        with LocalEngine(llama, None, **plan) as engine:  # type: ignore[arg-type]
            found.append(engine.fingerprint)
    assert len(set(found)) == len(plans)
    with LocalEngine(llama, None, decoding=DecodingSettings(batch_tokens=64)) as engine:
        assert engine.fingerprint == found[0]
