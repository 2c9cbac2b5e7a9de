"""Texts are read once, as columns, and nothing that was known before has changed."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tree_sitter import Node

from fedtranslate.languages.lexer import code_tokens
from fedtranslate.languages.parsing import parses, syntax_tree
from fedtranslate.languages.registry import known_languages, load_pack
from fedtranslate.metrics import codebleu
from fedtranslate.metrics.codebleu.flat import FlatTree, flatten, kind_names, named_kinds
from fedtranslate.metrics.codebleu.syntax import shape_numbering, tokens_of

NUMBERS = json.loads((Path(__file__).parent / "codebleu_numbers.json").read_text("utf-8"))
"""What the first version, which asked tree-sitter for every node, said of every pair."""
EXAMPLES = [
    (name, path)
    for name in known_languages()
    for path in sorted((load_pack(name).folder / "examples").rglob("*"))
    if path.suffix in load_pack(name).extensions and load_pack(name).grammar is not None
]
SNIPPETS = st.sampled_from(
    ["int f() { return 1; }", "f(a);", '"s\\n"', "/* c */", "// c\n", "'x'", "é", "@A", "{", "}"]
)


@pytest.mark.parametrize("known", NUMBERS, ids=lambda known: f"{known['language']}-{known['mode']}")
def test_no_number_has_moved_by_a_bit(known: dict[str, object]) -> None:
    texts = known["texts"]
    assert isinstance(texts, list)
    options = {
        "lexer": {},
        "whitespace": {"tokens": "whitespace"},
        "k4black": {"compat": "k4black"},
        "microsoft": {"compat": "microsoft"},
    }[str(known["mode"])]
    found = codebleu(
        [prediction for prediction in texts for _ in texts],
        [reference for _ in texts for reference in texts],
        str(known["language"]),
        **options,  # type: ignore[arg-type]
    )
    assert list(found.per_unit) == known["per_unit"]
    parts = [found.ngram, found.weighted_ngram, found.syntax, found.dataflow]
    assert [found.corpus, found.mean, *parts] == known["corpus"]


@pytest.mark.parametrize(
    ("language", "path"), EXAMPLES, ids=lambda value: getattr(value, "name", value)
)
def test_columns_hold_what_the_tree_holds(language: str, path: Path) -> None:
    pack = load_pack(language)
    assert pack.grammar is not None
    parsed = syntax_tree(path.read_text("utf-8", "replace"), pack)
    flat = flatten(parsed.tree, shape_numbering(pack))
    names, named = kind_names(pack.grammar), named_kinds(pack.grammar)
    todo: list[tuple[Node, int]] = [(parsed.tree.root_node, 0)]
    seen = 0
    while todo:
        node, number = todo.pop()
        seen += 1
        kind = flat.kinds[number]
        assert (names[kind], kind in named) == (node.type, node.is_named)
        assert (flat.starts[number], flat.ends[number]) == (node.start_byte, node.end_byte)
        assert (number in flat.faulty) == node.has_error
        children = flat.children(number)
        assert len(children) == node.child_count
        assert all(flat.parents[child] == number for child in children)
        todo.extend(zip(node.children, children, strict=True))
    assert seen == len(flat.kinds)


@pytest.mark.parametrize(
    ("language", "path"), EXAMPLES, ids=lambda value: getattr(value, "name", value)
)
def test_tokens_of_columns_are_those_of_the_lexer(language: str, path: Path) -> None:
    pack = load_pack(language)
    text = path.read_text("utf-8", "replace")
    parsed = syntax_tree(text, pack)
    if parsed.tree.root_node.has_error:
        return
    flat = flatten(parsed.tree, shape_numbering(pack))
    assert tokens_of(flat, parsed, text, pack) == code_tokens(text, pack)


@given(st.lists(SNIPPETS, max_size=8).map("".join), st.sampled_from(["java", "csharp", "python"]))
def test_tokens_of_any_code_that_parses_are_those_of_the_lexer(text: str, language: str) -> None:
    pack = load_pack(language)
    if parses(text, pack):
        parsed = syntax_tree(text, pack)
        flat: FlatTree = flatten(parsed.tree, shape_numbering(pack))
        assert tokens_of(flat, parsed, text, pack) == code_tokens(text, pack)
