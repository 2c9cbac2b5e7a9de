"""What a unit refers to, in C, C++, Rust, PHP and Ruby."""

import pytest

from fedtranslate.languages.references import references_of
from fedtranslate.languages.registry import load_pack


@pytest.mark.parametrize(
    ("language", "text", "calls", "types"),
    [
        ("c", "foo *f(bar a) { g(h(a)); a.i(); sort(a, by); }", "g h a i sort by", "foo bar"),
        (
            "cpp",
            "A f(const B<C>& a) { D::g(a); h<E>(1); new F(i); x.j(); return y::z::k(); }",
            "g a h i j k",
            "A B C D E F y z",
        ),
        (
            "rust",
            "fn f(a: &A) -> B<C> { g(1); D::h(); a.i::<E>(); j!(k(2)); l::m(); F { n: 3 } }",
            "g h i k m",
            "A B C D E l F",
        ),
        (
            "php",
            "function f(A|B $a): ?C { g(1); $a->h(); D::i(); new E(); $a instanceof F; J::K; }",
            "g h i",
            "A B C D E F J",
        ),
        (
            "ruby",
            "def f(a)\n  g\n  h(1)\n  a.i { j }\n  A::B.new(C)\nend",
            "g h a i j new",
            "A B C",
        ),
    ],
)
def test_calls_and_types_are_found(language: str, text: str, calls: str, types: str) -> None:
    found = references_of(text, load_pack(language))
    assert [*found.calls] == calls.split()
    assert [*found.types] == types.split()
