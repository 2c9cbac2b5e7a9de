"""Well-formed writing: what a guard refuses, and what it puts in its place."""

from collections.abc import Sequence

import pytest
import torch
from torch import Tensor, nn
from transformers.modeling_outputs import CausalLMOutputWithPast

from fedtranslate.config.training import DecodingSettings
from fedtranslate.generation.decode import write_translations
from fedtranslate.generation.guard import Guard, Vocabulary
from fedtranslate.generation.loop import write_rows
from fedtranslate.languages.registry import load_pack
from fedtranslate.models.load import BaseModel

JAVA, CSHARP = load_pack("java"), load_pack("csharp")
WORDS = ["<end>", "a", "b", "(", ")", "{", "}", ";", '"', "\n", " ", "c", "}\n", "x()"]
END = 0


class Words:
    """A tokenizer whose tokens are the entries of ``WORDS``."""

    def decode(self, ids: Sequence[int], **_: object) -> str:
        return "".join(WORDS[i] for i in ids if i != END)


def ids(text: str) -> list[int]:
    found = []
    while text:
        word = max((w for w in WORDS if text.startswith(w)), key=len)
        found.append(WORDS.index(word))
        text = text[len(word) :]
    return found


def guard(source: str = "a(){}") -> Guard:
    return Guard(Vocabulary(Words(), END), (JAVA, CSHARP), source, ids(source))  # type: ignore[arg-type]


def admits(answer: str, word: str, source: str = "a(){}") -> bool:
    return guard(source).admits(ids(answer), WORDS.index(word))


@pytest.mark.parametrize(
    ("answer", "word", "is_admitted"),
    [
        ("a(", ")", True),
        ("a(", "}", False),
        ("a()", ")", False),
        ("a(", ";", False),
        ("a(){b(", "\n", True),
        ('a(){b("', "\n", False),
        ('a(){b("', "}", True),
        ("a(){", "<end>", False),
        ('a(){}"', "<end>", False),
        ("a(){}", "<end>", True),
    ],
)
def test_what_breaks_brackets_or_strings_is_refused(
    answer: str, word: str, is_admitted: bool
) -> None:
    assert admits(answer, word) is is_admitted


def test_a_source_that_is_not_well_formed_frees_its_translation() -> None:
    for source in ("a({}", "a)", 'a("'):
        assert admits("a(", "}", source)
        assert admits("a(", "<end>", source)


def test_a_circle_is_refused_once_it_has_turned_long_enough() -> None:
    assert admits("b;" * 15, "b")
    assert not admits("b;" * 16, "b")
    assert not admits("x()" + "abc;" * 8, "a")
    long_round = "a;b;c;a;a;b;b;c;"
    assert admits(long_round * 3, "a")
    assert not admits(long_round * 4, "a")


def test_rows_without_a_letter_are_no_circles() -> None:
    assert admits("{" * 40, "{")
    assert admits("{ ;" * 40, "{")


def test_a_source_in_circles_frees_circles_of_the_same_length() -> None:
    source = "a(){" + "b;" * 17 + "}"
    assert admits("{" + "b;" * 16, "b", source)
    assert not admits("{" + "abc;" * 8, "a", source)


def test_in_the_place_of_an_early_end_what_is_open_is_closed() -> None:
    answer = ids("a(){b;")
    likely = [END, WORDS.index("c"), WORDS.index(")"), WORDS.index("}"), WORDS.index("}\n")]
    assert guard().instead(answer, END, likely) == WORDS.index("}")


def test_elsewhere_the_likeliest_that_is_admitted_is_taken() -> None:
    likely = [WORDS.index(w) for w in ("}", ";", "c", ")")]
    assert guard().instead(ids("a("), likely[0], likely) == WORDS.index("c")


def test_an_answer_that_cannot_be_saved_is_left_to_the_model() -> None:
    watched = guard()
    assert watched.instead(ids("a("), END, [END, WORDS.index("}")]) == END
    assert watched.admits(ids("a("), END)


class Parrot(nn.Module):
    """A model that says the same whatever it is asked, and likes ``second`` next best."""

    device = torch.device("cpu")

    def __init__(self, says: Sequence[int], second: int) -> None:
        super().__init__()
        self.says, self.second, self.at = says, second, 0

    def forward(self, input_ids: Tensor, **_: object) -> CausalLMOutputWithPast:
        logits = torch.zeros(len(input_ids), 1, len(WORDS))
        logits[:, :, self.says[min(self.at, len(self.says) - 1)]] = 2.0
        logits[:, :, self.second] += 1.0
        self.at += 1
        return CausalLMOutputWithPast(logits=logits)


def test_an_early_end_inside_a_string_stays() -> None:
    watched = guard()
    closers = [WORDS.index(word) for word in (")", "}", ";", "\n")]
    assert watched.instead(ids('a(){b("'), END, [END, *closers]) == END


def test_closing_comes_to_an_end() -> None:
    watched, answer = guard(), ids("a(){{b(")
    closers = [END, *(WORDS.index(word) for word in (";", " ", "}", ")"))]
    while (token := watched.instead(answer, END, closers)) != END:
        answer.append(token)
        if watched.admits(answer, END):
            break
    assert Words().decode(answer) == "a(){{b()}}"


def test_writing_goes_on_from_what_was_put_in_the_place() -> None:
    says = [*ids("a(){b("), WORDS.index(";"), WORDS.index(";"), END, END]
    rows = write_rows(
        Parrot(says, WORDS.index(")")),
        [[1]],
        limits=[9],
        end=END,
        guards=[guard()],
    )
    assert Words().decode(rows[0].tokens).startswith("a(){b();")


def test_guards_are_used_unless_the_settings_say_no(
    llama: BaseModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr(Guard, "admits", lambda *_: bool(asked.append(1)) or True)
    texts, settings = ["int f(int a) { return a; }"], DecodingSettings(max_new_tokens=3)
    free = settings.model_copy(update={"well_formed": False})
    write_translations(llama, llama.model, texts, ("java", "csharp"), free)
    assert not asked
    write_translations(llama, llama.model, texts, ("java", "csharp"), settings)
    assert asked
