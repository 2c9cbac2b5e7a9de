import random
import shutil
import time
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from fedtranslate.languages.dependencies import in_order
from fedtranslate.languages.pack import read_pack
from fedtranslate.languages.references import references_of
from fedtranslate.languages.registry import load_pack
from fedtranslate.languages.units import units_in
from fedtranslate.records import Unit
from fedtranslate.resources import shipped

JAVA, COBOL = load_pack("java"), load_pack("cobol")
PROGRAM = "IDENTIFICATION DIVISION.\nPROGRAM-ID. A.\nPROCEDURE DIVISION.\n"
FILE = """
class A extends Base {
  A(int n) { this.n = helper(n); }
  int helper(int n) { return new B().size() + size(); }
  int size() { return 1; }
}
class B {
  B() { }
  int lone() { return size(); }
  int size() { return 2; }
}
"""


def paragraphs(calls: dict[int, list[int]]) -> list[Unit]:
    """Return paragraphs that perform each other."""
    lines = []
    for number, others in calls.items():
        lines.append(f"p{number}.")
        lines += [f"    PERFORM P{other}" for other in others]
        lines.append("    EXIT.")
    return units_in(PROGRAM + "\n".join(lines), COBOL)


def names(groups: list[tuple[Unit, ...]]) -> list[list[str]]:
    return [[unit.name for unit in group] for group in groups]


def test_what_is_called_comes_before_what_calls_it() -> None:
    units = paragraphs({1: [2, 3], 2: [4], 3: [], 4: []})
    assert names(in_order(units)) == [["p4"], ["p2"], ["p3"], ["p1"]]


def test_units_that_need_each_other_come_together_in_the_order_given() -> None:
    units = paragraphs({1: [2], 2: [3], 3: [1, 4], 4: [4]})
    assert names(in_order(units)) == [["p4"], ["p1", "p2", "p3"]]


def test_what_is_defined_nowhere_does_not_count() -> None:
    assert names(in_order(paragraphs({1: [7], 2: []}))) == [["p1"], ["p2"]]
    assert in_order([]) == []


def test_units_without_references_stay_in_the_order_given() -> None:
    numbers = list(range(200))
    random.Random(5).shuffle(numbers)
    units = paragraphs({number: [] for number in numbers})
    assert names(in_order(units)) == [[f"p{number}"] for number in numbers]


@given(
    st.dictionaries(
        st.integers(0, 12), st.lists(st.integers(0, 12), max_size=4), min_size=1, max_size=12
    )
)
def test_every_unit_is_in_one_group_and_none_comes_before_what_it_needs(
    calls: dict[int, list[int]],
) -> None:
    units = paragraphs(calls)
    groups = in_order(units)
    everything = [unit.name for group in groups for unit in group]
    assert sorted(everything) == sorted(unit.name for unit in units)
    place = {unit.name: number for number, group in enumerate(groups) for unit in group}
    for number, others in calls.items():
        for other in set(others) & set(calls):
            assert place[f"p{other}"] <= place[f"p{number}"]


def test_long_chains_and_many_references_take_linear_time() -> None:
    started = time.monotonic()
    chain = paragraphs({number: [number + 1] for number in range(3_000)})
    assert names(in_order(chain)) == [[f"p{number}"] for number in range(2_999, -1, -1)]
    same = [unit for unit in paragraphs({1: [1]}) for _ in range(3_000)]
    assert len(in_order(same)) == 1
    assert time.monotonic() - started < 30


def test_references_are_the_names_of_calls_and_types() -> None:
    found = references_of("int f(Foo a) { return b.size() + new Bar<Baz>(g(a)).x; }", JAVA)
    assert {"size", "g"} <= set(found.calls)
    assert {"Foo", "Bar", "Baz"} <= set(found.types)


def test_a_name_means_the_units_of_the_same_type_first() -> None:
    order = [f"{unit.container}.{unit.name}" for (unit,) in in_order(units_in(FILE, JAVA))]
    assert order == ["B.B", "A.size", "A.helper", "A.A", "B.size", "B.lone"]


def test_a_pack_that_says_nothing_of_references_has_none(tmp_path: Path) -> None:
    shutil.copytree(shipped("parsers") / "java", tmp_path / "java")
    (tmp_path / "java/queries/references.scm").unlink(missing_ok=True)
    assert references_of("int f() { return g(); }", read_pack(tmp_path / "java")) == ((), ())
