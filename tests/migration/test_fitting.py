"""A body goes below the signature that the skeleton has, where both say the same."""

import pytest

from fedtranslate.languages.registry import load_pack
from fedtranslate.migration.fitting import fitted

CSHARP = load_pack("csharp")
PYTHON = load_pack("python")


@pytest.mark.parametrize(
    ("text", "signature", "wanted"),
    [
        (
            "public virtual void Put(Money m)\n{\n    x = m;\n}",
            "public void Put(object amount)",
            "public void Put(object m)\n{\n    x = m;\n}",
        ),
        (
            "// why\nT Get<T>(string key, int n = 3) { return x(n); }",
            "internal T Get<T>(string key, int n)",
            "// why\ninternal T Get<T>(string key, int n) { return x(n); }",
        ),
        (
            "int Size(Dictionary<string, int> of) => of.Count;",
            "public int Size(IDictionary<string, int> map)",
            "public int Size(IDictionary<string, int> of) => of.Count;",
        ),
    ],
)
def test_a_signature_is_replaced_and_parameters_keep_their_names(
    text: str, signature: str, wanted: str
) -> None:
    assert fitted(text, signature, CSHARP) == wanted


@pytest.mark.parametrize(
    ("text", "signature"),
    [
        ("void Put(int a, int b) { }", "public void Put(int a)"),
        ("void Set(int a) { }", "public void Put(int a)"),
        ("public Box(int a) : base(a) { }", "public Box(int a)"),
        ("public int Size { get; set; }", "public int Size()"),
        ("public void Put(int a) { }", "public void Put(int a)"),
        ("void Put(int a);", ""),
        ("", "public void Put(int a)"),
        ("prose, and no code", "public void Put(int a)"),
    ],
)
def test_what_is_not_the_same_is_left_alone(text: str, signature: str) -> None:
    assert fitted(text, signature, CSHARP) == ""


def test_it_works_where_a_colon_begins_the_body() -> None:
    text = "def put(self, a: dict[str, int] = {}):\n    self.a = a"
    assert fitted(text, "def put(self, b=None)", PYTHON) == (
        "def put(self, a=None):\n    self.a = a"
    )
