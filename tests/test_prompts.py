"""One wording for training and generation, in which source code is never markup."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_models import CHAT, Scripted, code_pairs, tiny_tokenizer
from transformers import PreTrainedTokenizerFast as Fast

from fedtranslate.config.training import DecodingSettings
from fedtranslate.errors import ModelError
from fedtranslate.generation.decode import write_translations
from fedtranslate.models.load import BaseModel
from fedtranslate.prompts import (
    decode_answer,
    encode_answer,
    encode_code,
    encode_prompt,
    prompt_format,
)
from fedtranslate.training.examples import encode_pairs

LANGUAGES = ("java", "csharp")
SPECIAL = ["<|end|>", "<|pad|>", "<|java|>", "<|csharp|>"]


@pytest.fixture
def chatting() -> Fast:
    """A tokenizer with a chat template and two marks of its own."""
    tokenizer = copy.deepcopy(tiny_tokenizer())
    tokenizer.add_special_tokens({"additional_special_tokens": ["<|chat|>", "<|answer|>"]})
    tokenizer.chat_template = CHAT
    return tokenizer


def asked(base: BaseModel, text: str) -> list[int]:
    """Return the tokens that generation puts to the model."""
    script = Scripted(base, "x")
    write_translations(base, script, [text], LANGUAGES, DecodingSettings())
    return script.batches[0][0].tolist()


@pytest.mark.parametrize("family", ["llama", "t5"])
def test_the_prompt_of_training_is_the_prompt_of_generation(
    family: str, request: pytest.FixtureRequest
) -> None:
    base = request.getfixturevalue(family)
    for pair in code_pairs(3):
        (example,) = encode_pairs(base, [pair], max_tokens=500).examples
        assert list(example.prompt) == asked(base, pair.source)


@given(st.lists(st.sampled_from([*SPECIAL, "int x;", "<|", "|>", "end", "\n"]), max_size=8))
def test_source_that_spells_special_tokens_cannot_end_the_prompt(parts: list[str]) -> None:
    tokenizer = tiny_tokenizer()
    text = "".join(parts)
    ids = encode_code(tokenizer, text)
    assert not set(ids) & set(tokenizer.all_special_ids)
    assert decode_answer(tokenizer, ids) == text


def test_an_answer_that_spells_the_end_token_ends_once() -> None:
    tokenizer = tiny_tokenizer()
    answer = encode_answer(tokenizer, 'Write("<|end|>");')
    assert answer.count(tokenizer.eos_token_id) == 1
    assert answer[-1] == tokenizer.eos_token_id


@given(st.text(max_size=60))
def test_every_text_comes_back_from_its_tokens(text: str) -> None:
    tokenizer = tiny_tokenizer()
    valid = text.encode("utf-8", "replace").decode()
    assert decode_answer(tokenizer, encode_code(tokenizer, valid)) == valid


def test_the_template_of_the_model_wins_and_its_marks_are_tokens(
    chatting: Fast,
) -> None:
    wording = prompt_format(chatting, "<|{source_language}|>{source}<|{target_language}|>")
    ids = encode_prompt(chatting, wording, "x", LANGUAGES)
    java, csharp = chatting.convert_tokens_to_ids(["<|java|>", "<|csharp|>"])
    assert ids == [java, *encode_code(chatting, "x"), csharp]


def test_the_chat_template_of_the_tokenizer_is_used(chatting: Fast) -> None:
    wording = prompt_format(chatting)
    ids = encode_prompt(chatting, wording, "int size;", LANGUAGES)
    chat, answer = chatting.convert_tokens_to_ids(["<|chat|>", "<|answer|>"])
    assert (ids[0], ids[-1]) == (chat, answer)
    assert "Translate this Java code to C#." in chatting.decode(ids)
    assert "int size;" in chatting.decode(ids)


def test_in_a_chat_the_source_cannot_open_a_turn_of_its_own(
    chatting: Fast,
) -> None:
    ids = encode_prompt(chatting, prompt_format(chatting), "a <|answer|> <|chat|>", LANGUAGES)
    marks = chatting.convert_tokens_to_ids(["<|chat|>", "<|answer|>"])
    assert [token for token in ids if token in marks] == marks


def test_a_model_without_any_template_gets_the_plain_wording() -> None:
    tokenizer = tiny_tokenizer()
    ids = encode_prompt(tokenizer, prompt_format(tokenizer), "int a;", LANGUAGES)
    assert tokenizer.decode(ids) == "// Java\nint a;\n// C#\n"


def test_a_tokenizer_with_a_begin_token_opens_with_it_once() -> None:
    tokenizer = copy.deepcopy(tiny_tokenizer())
    tokenizer.add_special_tokens({"bos_token": "<|begin|>"})
    for template in ("{source}\n", "<|begin|>{source}\n"):
        ids = encode_prompt(tokenizer, prompt_format(tokenizer, template), "a", LANGUAGES)
        assert ids[0] == tokenizer.bos_token_id
        assert ids.count(tokenizer.bos_token_id) == 1


def test_braces_in_the_source_are_left_alone() -> None:
    tokenizer = tiny_tokenizer()
    code = 'String s = "{source} {target_language} {0}";'
    ids = encode_prompt(tokenizer, prompt_format(tokenizer), code, LANGUAGES)
    assert code in tokenizer.decode(ids)


@pytest.mark.parametrize("template", ["no place for code", "{source} and again {source}"])
def test_a_template_must_hold_the_source_once(template: str) -> None:
    with pytest.raises(ModelError, match=r"holds \{source\} [02] times"):
        prompt_format(tiny_tokenizer(), template)


def test_a_chat_template_that_drops_the_question_is_refused(
    chatting: Fast,
) -> None:
    chatting.chat_template = "hello"
    with pytest.raises(ModelError, match="chat template"):
        prompt_format(chatting)


@pytest.mark.parametrize(
    "template", ["{{ messages", "{% unknown %}", "{{ 1 / 0 }}", "{{ messages[0].a.b }}"]
)
def test_a_chat_template_that_fails_is_refused(chatting: Fast, template: str) -> None:
    chatting.chat_template = template
    with pytest.raises(
        ModelError, match=r"chat template of this model cannot be filled in: .*[^.]\. "
    ):
        prompt_format(chatting)


def test_half_of_a_surrogate_pair_is_refused_in_a_template_and_replaced_in_code(
    chatting: Fast,
) -> None:
    with pytest.raises(ModelError, match="half of a surrogate pair"):
        prompt_format(chatting, "\ud800{source}")
    chatting.chat_template = "\udfff" + CHAT
    with pytest.raises(ModelError, match="half of a surrogate pair"):
        prompt_format(chatting)
    assert encode_code(chatting, "a\ud800b") == encode_code(chatting, "a?b")


def test_without_an_end_token_no_answer_is_encoded() -> None:
    tokenizer = copy.deepcopy(tiny_tokenizer())
    tokenizer.eos_token = None
    with pytest.raises(ModelError, match="no end token"):
        encode_answer(tokenizer, "x")
