"""Writing translations: in order, independent of company, and by a seed where chance is asked."""

from dataclasses import replace

import pytest
import torch
from tiny_models import CHAT, Scripted, code_pairs, tiny_tokenizer

from fedtranslate.config.training import DecodingSettings
from fedtranslate.generation.decode import Generated, write_translations
from fedtranslate.models.load import BaseModel

LANGUAGES = ("java", "csharp")
SHORT = DecodingSettings(max_new_tokens=24)
TEXTS = [
    "int a;",
    "public int getSize() { return this.size + 4; }",
    "",
    "public String getName(int name) { return this.name; }",
    "x",
]


def write(
    base: BaseModel, texts: list[str], settings: DecodingSettings = SHORT, **changes: object
) -> list[tuple[Generated, ...]]:
    settings = settings.model_copy(update=changes)
    return write_translations(base, base.model, texts, LANGUAGES, settings)


@pytest.fixture(params=["llama", "t5"])
def base(request: pytest.FixtureRequest) -> BaseModel:
    found: BaseModel = request.getfixturevalue(request.param)
    return found


@pytest.mark.parametrize("strategy", ["greedy", "beam"])
def test_a_translation_does_not_depend_on_its_company(base: BaseModel, strategy: str) -> None:
    together = write(base, TEXTS, strategy=strategy)
    alone = [write(base, [text], strategy=strategy)[0] for text in TEXTS]
    assert together == alone
    assert together == write(base, TEXTS, strategy=strategy, batch_tokens=64)
    assert len(set(together)) > 1


def test_the_order_of_the_texts_is_the_order_of_the_translations(base: BaseModel) -> None:
    forward = write(base, TEXTS)
    assert write(base, TEXTS[::-1]) == forward[::-1]


def test_greedy_writing_is_what_the_likeliest_token_says_step_by_step(llama: BaseModel) -> None:
    from fedtranslate.prompts import decode_answer, encode_prompt, prompt_format

    ids = encode_prompt(llama.tokenizer, prompt_format(llama.tokenizer), TEXTS[1], LANGUAGES)
    length = len(ids)
    for _ in range(SHORT.max_new_tokens):
        with torch.no_grad():
            ids.append(int(llama.model(torch.tensor([ids])).logits[0, -1].argmax()))
        if ids[-1] == llama.tokenizer.eos_token_id:
            break
    written = decode_answer(llama.tokenizer, ids[length:])
    assert write(llama, [TEXTS[1]], well_formed=False)[0][0].text == written


def test_a_text_too_long_for_the_model_gets_an_empty_unfinished_answer(base: BaseModel) -> None:
    texts = [TEXTS[1], "x = 1; " * 2000, TEXTS[3]]
    written = write(base, texts)
    assert written[1] == (Generated("", finished=False, is_too_long=True),)
    assert [written[0], written[2]] == write(base, [TEXTS[1], TEXTS[3]])


def test_nothing_is_translated_to_nothing(base: BaseModel) -> None:
    assert write(base, []) == []


@pytest.mark.parametrize("strategy", ["greedy", "beam", "sample"])
def test_as_many_candidates_come_as_were_asked_for(base: BaseModel, strategy: str) -> None:
    written = write(base, TEXTS[:3], strategy=strategy, candidates=3, beams=2)
    assert [len(candidates) for candidates in written] == [3, 3, 3]


def test_the_candidates_of_a_beam_differ(llama: BaseModel) -> None:
    (candidates,) = write(llama, [TEXTS[1]], strategy="beam", candidates=4, beams=4)
    assert len({candidate.text for candidate in candidates}) > 1


def test_sampling_is_decided_by_its_seed(base: BaseModel) -> None:
    hot = {"strategy": "sample", "temperature": 3.0, "candidates": 2}
    one, again, other = (write(base, TEXTS, seed=seed, **hot) for seed in (1, 1, 2))
    assert one == again != other


def test_sampling_leaves_the_global_random_state_alone(llama: BaseModel) -> None:
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    write(llama, TEXTS, strategy="sample")
    assert torch.equal(torch.rand(1), expected)


def test_batches_hold_no_more_tokens_than_allowed(llama: BaseModel) -> None:
    texts = [pair.source for pair in code_pairs(12)]
    for changes, width in (({}, 1), ({"candidates": 3}, 3), ({"strategy": "beam"}, 4)):
        script = Scripted(llama, "int a;")
        settings = SHORT.model_copy(update={"batch_tokens": 900, **changes})
        write_translations(llama, script, texts, LANGUAGES, settings)
        assert sum(len(batch) for batch in script.batches) == 12
        for batch in script.batches:
            assert batch.shape[0] * width * (batch.shape[1] + 24) <= 900


def test_finished_batches_are_told(llama: BaseModel) -> None:
    told: list[int] = []
    settings = SHORT.model_copy(update={"batch_tokens": 200})
    write_translations(llama, llama.model, TEXTS, LANGUAGES, settings, on_done=told.append)
    assert sum(told) == len(TEXTS)
    assert len(told) > 1


@pytest.mark.parametrize("ends", [True, False])
def test_an_answer_is_finished_when_the_model_ends_it(llama: BaseModel, ends: bool) -> None:
    script = Scripted(llama, "int Size;", ends=ends)
    ((written,),) = write_translations(llama, script, ["int size;"], LANGUAGES, SHORT)
    assert (written.text, written.finished) == ("int Size;", ends)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("```csharp\nint Size;\nint N;\n```", "int Size;\nint N;"),
        ("\n```\nint Size;\n```\nHere you are.", "int Size;"),
        ("```csharp\nint Size;", "int Size;"),
        ("int Size;\n", "int Size;\n"),
        ('Write("```");', 'Write("```");'),
    ],
)
def test_the_fence_that_chat_models_put_around_code_is_taken_off(
    llama: BaseModel, answer: str, code: str
) -> None:
    tokenizer = type(tiny_tokenizer()).from_pretrained(llama.name)
    tokenizer.chat_template = CHAT
    chatting = replace(llama, tokenizer=tokenizer)
    script = Scripted(chatting, answer)
    settings = DecodingSettings()
    ((written,),) = write_translations(chatting, script, ["int size;"], LANGUAGES, settings)
    assert (written.text, written.finished) == (code, True)
    assert "Translate this Java code to C#." in tokenizer.decode(script.batches[0][0])
