"""Sampling: what is drawn follows the model, and a row's luck is its own."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from fedtranslate.config.training import DecodingSettings
from fedtranslate.generation.chance import Chance, draw
from fedtranslate.generation.decode import write_answers, write_translations
from fedtranslate.generation.guard import Guard
from fedtranslate.generation.loop import Answer, write_rows
from fedtranslate.generation.seeds import seed_of
from fedtranslate.models.load import BaseModel
from fedtranslate.prompts.request import Request

NEVER = -1
ROWS = [[5, 9, 40, 41], [80, 3], [12, 60, 61, 7, 200, 31]]
HOT = DecodingSettings(strategy="sample", temperature=1.5, max_new_tokens=20)


def padded(rows: list[list[int]]) -> tuple[Tensor, Tensor]:
    width = max(map(len, rows))
    inputs = torch.tensor([[0] * (width - len(row)) + row for row in rows])
    return inputs, (torch.arange(width) >= torch.tensor([[width - len(row)] for row in rows])).int()


def write(base: BaseModel, rows: list[list[int]], seeds: tuple[int | None, ...]) -> list[Answer]:
    chance = Chance(seeds, temperature=1.5, top_p=0.95)
    limits = [15] * len(seeds)
    return write_rows(base.model, rows, limits=limits, end=NEVER, chance=chance)


def tokens(answers: list[Answer]) -> list[list[int]]:
    return [answer.tokens for answer in answers]


@pytest.mark.parametrize("vocabulary", [5, 300])
@pytest.mark.parametrize("top_p", [0.5, 0.9, 1.0])
@pytest.mark.parametrize("temperature", [0.5, 3.0])
def test_tokens_of_the_nucleus_are_drawn_as_often_as_they_are_likely(
    vocabulary: int, top_p: float, temperature: float
) -> None:
    torch.manual_seed(0)
    logits = torch.randn(vocabulary)
    count = 20_000
    numbers = (torch.arange(count) + 0.5) / count
    drawn = draw(logits.expand(count, -1), numbers, temperature, top_p)
    shares = drawn.bincount(minlength=vocabulary) / count

    expected = torch.zeros(vocabulary)
    probabilities = (logits / temperature).softmax(-1)
    reached = 0.0
    for token in probabilities.argsort(descending=True).tolist():
        if reached < top_p:
            expected[token] = probabilities[token]
        reached += float(probabilities[token])
    assert torch.allclose(shares, expected / expected.sum(), atol=2e-4)


@given(
    st.lists(st.floats(-50, 50, width=32), min_size=1, max_size=200),
    st.floats(0, 1, exclude_max=True),
    st.floats(0.05, 5),
    st.floats(0.01, 1),
)
def test_whatever_is_asked_a_token_is_drawn_that_is_likelier_than_none(
    logits: list[float], number: float, temperature: float, top_p: float
) -> None:
    (token,) = draw(torch.tensor([logits]), torch.tensor([number]), temperature, top_p).tolist()
    assert 0 <= token < len(logits)
    if number == 0:
        assert logits[token] == pytest.approx(max(logits), abs=1e-3)


def test_a_row_is_drawn_as_if_it_were_alone(llama: BaseModel) -> None:
    together = tokens(write(llama, ROWS, (7, 8, 9)))
    alone = [tokens(write(llama, [r], (s,)))[0] for r, s in zip(ROWS, (7, 8, 9), strict=True)]
    assert together == alone
    assert together != tokens(write(llama, ROWS, (8, 9, 7)))


def test_rows_of_one_prompt_are_written_as_if_each_had_read_it(llama: BaseModel) -> None:
    shared = tokens(write(llama, ROWS, (1, 2, 3, 4, 5, 6)))
    each = [row for row in ROWS for _ in range(2)]
    assert shared == tokens(write(llama, each, (1, 2, 3, 4, 5, 6)))


def test_a_row_without_a_seed_takes_the_likeliest_among_those_that_draw(llama: BaseModel) -> None:
    limits = [15] * 3
    greedy = tokens(write_rows(llama.model, ROWS, limits=limits, end=NEVER))
    mixed = tokens(write(llama, ROWS, (None, 1) * 3))
    assert mixed[::2] == greedy
    assert mixed[1::2] != greedy


def test_the_likelihood_is_what_the_model_says_of_the_tokens(llama: BaseModel) -> None:
    for row, answer in zip(ROWS, write(llama, ROWS, (None, 5, 6)), strict=True):
        ids = torch.tensor([row + answer.tokens])
        with torch.no_grad():
            logs = llama.model(ids).logits[0, len(row) - 1 : -1].log_softmax(-1)
        expected = logs.gather(-1, torch.tensor(answer.tokens)[:, None]).sum().item()
        assert answer.likelihood == pytest.approx(expected, abs=1e-3)
        assert answer.likelihood < 0


def test_samples_do_not_depend_on_the_company_of_their_text(llama: BaseModel) -> None:
    texts = ["int a;", "public int getSize() { return this.size; }", "x"]
    settings = HOT.model_copy(update={"candidates": 3})
    languages = ("java", "csharp")
    together = write_translations(llama, llama.model, texts, languages, settings)
    for text, written in zip(texts, together, strict=True):
        assert write_translations(llama, llama.model, [text], languages, settings) == [written]
        assert len({candidate.text for candidate in written}) == 3


def test_samples_are_guarded_unless_the_settings_say_no(
    llama: BaseModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    (only,) = llama.tokenizer(";", add_special_tokens=False)["input_ids"]
    monkeypatch.setattr(Guard, "admits", lambda _, __, token: token == only)
    monkeypatch.setattr(Guard, "instead", lambda *_: only)
    settings = HOT.model_copy(update={"candidates": 2, "max_new_tokens": 5})
    free = settings.model_copy(update={"well_formed": False})
    for plan, is_guarded in ((settings, True), (free, False)):
        (written,) = write_translations(llama, llama.model, ["int a;"], ("java", "csharp"), plan)
        assert [candidate.text == ";;;;;" for candidate in written] == [is_guarded] * 2


@pytest.mark.parametrize("family", ["llama", "t5"])
def test_one_writing_gives_the_likeliest_and_samples(
    family: str, request: pytest.FixtureRequest
) -> None:
    base = request.getfixturevalue(family)
    asked = [Request("int a;", ("java", "csharp")), Request("def f(): pass", ("python", "java"))]
    written = write_answers(base, base.model, asked, HOT, (None, 3, 4))
    greedy = write_answers(base, base.model, asked, HOT, (None,))
    assert [each[:1] for each in written] == greedy
    assert all(len({candidate.text for candidate in each}) == 3 for each in written)


def test_scores_are_means_over_the_tokens(llama: BaseModel) -> None:
    settings = DecodingSettings(max_new_tokens=8)
    ((written,),) = write_translations(llama, Even(llama), ["int a;"], ("java", "csharp"), settings)
    assert written.score == pytest.approx(-math.log(len(llama.tokenizer)))


class Even:
    """Stands for a model that likes all tokens alike."""

    device = torch.device("cpu")

    def __init__(self, base: BaseModel) -> None:
        self._width = len(base.tokenizer)

    def eval(self) -> None: ...

    def __call__(self, input_ids: Tensor, **_: object) -> object:
        return type("Output", (), {"logits": torch.zeros(len(input_ids), 1, self._width)})


def test_seeds_of_other_places_are_others() -> None:
    seeds = {seed_of(seed, k, i) for seed in range(5) for k in range(5) for i in range(5)}
    assert len(seeds) == 125
    assert seed_of(1, 2, 3) == seed_of(1, 2, 3)
    assert seed_of(1, 23) != seed_of(12, 3)
