from fedtranslate.corpus.apinames import api_names
from fedtranslate.records import CodePair


def pair(source: str, target: str) -> CodePair:
    return CodePair(
        id="1",
        source=source,
        target=target,
        source_language="java",
        target_language="csharp",
        group="a.java",
    )


def test_names_that_both_sides_call_or_speak_of_are_found_after_their_languages() -> None:
    found = api_names(
        [
            pair("int f(Foo a) { return a.size(); }", "int F(Foo a) { return a.Count(); }"),
            pair("void g() { log(1); }", "void G() { Log(1); }"),
        ]
    )
    java, csharp = {"size", "Foo", "log"}, {"Count", "Foo", "Log"}
    assert found == {f"java {name}" for name in java} | {f"csharp {name}" for name in csharp}


def test_what_does_not_parse_costs_nothing_but_its_names() -> None:
    assert api_names([pair("((((", "}}}}")]) == frozenset()
    assert api_names([]) == frozenset()
