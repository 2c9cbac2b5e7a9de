"""Renamed copies teach the same rules with other names."""

from fedtranslate.records import CodePair
from fedtranslate.training.renaming import Renamer

PAIR = CodePair(
    source='public int sumParts(Ledger ledger) { audit.note("sum"); return ledger.total; }',
    target='public int SumParts(Ledger ledger) { Trail.Write("sum"); return ledger.Total; }',
    source_language="java",
    target_language="csharp",
    id="a",
    group="a",
)


def test_a_copy_has_other_names_and_keeps_everything_else() -> None:
    (copy,) = Renamer([PAIR], seed=3).copies(PAIR, 1)
    assert copy.source != PAIR.source
    assert (copy.id, copy.group) == (PAIR.id, PAIR.group)
    assert 'audit.note("sum"' in copy.source
    assert 'Trail.Write("sum"' in copy.target


def test_a_shared_name_becomes_the_same_name_on_both_sides() -> None:
    for copy in Renamer([PAIR], seed=1).copies(PAIR, 8):
        java = copy.source.split("int ")[1].split("(")[0]
        csharp = copy.target.split("int ")[1].split("(")[0]
        assert java[0].islower()
        assert csharp == java[0].upper() + java[1:]


def test_a_type_and_its_variable_are_not_confused() -> None:
    for copy in Renamer([PAIR], seed=2).copies(PAIR, 8):
        assert "(Ledger ledger)" in copy.source
        assert "(Ledger ledger)" in copy.target


def test_the_same_seed_gives_the_same_copies() -> None:
    assert Renamer([PAIR], seed=5).copies(PAIR, 4) == Renamer([PAIR], seed=5).copies(PAIR, 4)


def test_a_pair_without_shared_names_has_no_copies() -> None:
    pair = CodePair("int a() { return 1; }", "int B() { return 1; }", "java", "csharp", "b", "b")
    assert Renamer([pair], seed=0).copies(pair, 3) == []
