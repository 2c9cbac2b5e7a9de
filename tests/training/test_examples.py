"""Pairs become examples; what is too long is counted, never cut."""

from tiny_models import code_pairs

from fedtranslate.models.load import BaseModel
from fedtranslate.training.examples import Example, encode_pairs, longest


def test_an_answer_ends_with_the_end_token(llama: BaseModel) -> None:
    (example,) = encode_pairs(llama, code_pairs(1), max_tokens=200).examples
    assert example.answer[-1] == llama.tokenizer.eos_token_id
    assert llama.tokenizer.decode(example.answer[:-1]) == code_pairs(1)[0].target


def test_a_pair_that_is_too_long_is_left_out_and_counted(llama: BaseModel) -> None:
    pairs = code_pairs(4)
    lengths = [e.length for e in encode_pairs(llama, pairs, max_tokens=200).examples]
    encoded = encode_pairs(llama, pairs, max_tokens=min(lengths))
    assert len(encoded.examples) + encoded.too_long == 4
    assert longest(encoded.examples) == min(lengths)
    assert encode_pairs(llama, pairs, max_tokens=min(lengths) - 1).too_long == 4


def test_the_limit_of_the_model_holds_whatever_the_settings_allow(llama: BaseModel) -> None:
    pair = code_pairs(1)[0]
    long = type(pair)("x = 1; " * 300, "y", "java", "csharp", "long", "g")
    assert encode_pairs(llama, [long], max_tokens=10**6).too_long == 1


def test_both_directions_add_each_pair_reversed(llama: BaseModel) -> None:
    pairs = code_pairs(2)
    both = encode_pairs(llama, pairs, max_tokens=200, both_directions=True).examples
    turned = [pair.reversed() for pair in pairs]
    assert set(both) == {
        *encode_pairs(llama, pairs, max_tokens=200).examples,
        *encode_pairs(llama, turned, max_tokens=200).examples,
    }


def test_no_pairs_are_no_examples(llama: BaseModel) -> None:
    assert encode_pairs(llama, [], max_tokens=200).examples == ()
    assert longest([]) == 0
    assert Example((1, 2), (3,)).length == 3
