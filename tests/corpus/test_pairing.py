"""Mining pairs from source trees."""

import random
from pathlib import Path

import pytest

from fedtranslate.corpus.pairing import Mined, mine_pairs
from fedtranslate.errors import CorpusError

JAVA_ORDER = """package com.acme.shop;

public class Order {
    private double total;

    public Order(String id, List<Item> items) {
        this.id = id;
        this.items = items;
    }

    /** The sum of all lines. */
    public double getTotal() {
        return total;
    }

    public void setTotal(double total) {
        this.total = total;
    }

    public boolean isPaid() { return paid; }

    public void add(Item item) { items.add(item); }

    public void add(List<Item> more, boolean front) { items.addAll(front ? 0 : end, more); }

    public void add(String name, int count) { items.add(new Item(name, count)); }

    @Override
    public String toString() { return "Order " + id; }

    public void removeAll() { items.clear(); }
}
"""
CSHARP_ORDER = """namespace Acme.Shop
{
    public class Order
    {
        public void Add(string name, int count) { items.Add(new Item(name, count)); }

        public void Add(IList<Item> more, bool front) { items.InsertRange(front ? 0 : end, more); }

        public void Add(Item item) { items.Add(item); }

        public bool IsPaid => paid;

        public double Total { get { return total; } set { total = value; } }

        public Order(string id, IList<Item> items)
        {
            this.id = id;
            this.items = items;
        }

        public override string ToString() { return "Order " + id; }

        public void AddAll() { items.AddRange(more); }
    }
}
"""


def write(root: Path, files: dict[str, str]) -> Path:
    """Write ``files`` under ``root`` and return it."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def signatures(mined: Mined) -> dict[str, str]:
    """Return for each pair's id, without the path, the first line of code of its target."""
    return {
        pair.id.partition("#")[2]: next(
            line for line in pair.target.splitlines() if not line.strip().startswith("/")
        )
        for pair in mined.pairs
    }


def test_members_of_a_type_find_their_translations(tmp_path: Path) -> None:
    java = write(tmp_path / "java", {"com/acme/shop/Order.java": JAVA_ORDER})
    csharp = write(tmp_path / "cs", {"Acme.Shop/Order.cs": CSHARP_ORDER})
    mined = mine_pairs(java, csharp, "java", "csharp")
    found = signatures(mined)
    assert "Total { get" in found["Order.getTotal()"]
    assert "IsPaid" in found["Order.isPaid()"]
    assert found["Order.Order(String, List<Item>)"].startswith("public Order(")
    assert "Add(Item item)" in found["Order.add(Item)"]
    assert "Add(IList<Item> more" in found["Order.add(List<Item>, boolean)"]
    assert "Add(string name" in found["Order.add(String, int)"]
    assert "ToString" in found["Order.toString()"]
    assert [unit.name for unit in mined.unmatched_source] == ["setTotal", "removeAll"]
    assert [unit.name for unit in mined.unmatched_target] == ["AddAll"]
    assert mined.pending == ()
    assert {pair.group for pair in mined.pairs} == {"com/acme/shop/Order.java"}
    assert all(0.6 <= pair.confidence <= 1 for pair in mined.pairs)
    assert "/** The sum of all lines. */" in mined.pairs[1].source


def test_a_setter_takes_the_property_when_there_is_no_getter(tmp_path: Path) -> None:
    java = write(tmp_path / "j", {"A.java": "class A { void setLimit(int limit) { l = limit; } }"})
    csharp = write(tmp_path / "c", {"A.cs": "class A { int Limit { set { l = value; } } }"})
    assert list(signatures(mine_pairs(java, csharp, "java", "csharp"))) == ["A.setLimit(int)"]


def test_both_directions_find_the_same_pairs(tmp_path: Path) -> None:
    java = write(tmp_path / "java", {"com/acme/shop/Order.java": JAVA_ORDER})
    csharp = write(tmp_path / "cs", {"Acme.Shop/Order.cs": CSHARP_ORDER})
    there = mine_pairs(java, csharp, "java", "csharp").pairs
    back = mine_pairs(csharp, java, "csharp", "java").pairs
    assert {(p.source, p.target) for p in there} == {(p.target, p.source) for p in back}


def test_a_half_migrated_repository_shows_what_is_still_to_migrate(tmp_path: Path) -> None:
    other = "class Refund { void book(int amount) { ledger.debit(amount); } }"
    files = {
        "src/Order.java": JAVA_ORDER,
        "src/Refund.java": other,
        "src/Order.cs": CSHARP_ORDER,
    }
    mined = mine_pairs(write(tmp_path, files), tmp_path, "java", "csharp")
    assert len(mined.pairs) == 7
    assert [(unit.path, unit.name) for unit in mined.pending] == [("src/Refund.java", "book")]
    assert mined.source_files == 2
    assert mined.target_files == 1


def test_a_renamed_type_is_found_by_its_members(tmp_path: Path) -> None:
    java = write(tmp_path / "j", {"com/acme/shop/Order.java": JAVA_ORDER})
    renamed = CSHARP_ORDER.replace("class Order", "class Purchase").replace("Order(", "Purchase(")
    csharp = write(tmp_path / "c", {"Acme.Shop/Purchase.cs": renamed})
    mined = mine_pairs(java, csharp, "java", "csharp")
    assert "Order.add(String, int)" in signatures(mined)
    assert mined.pending == ()


def test_the_folder_tells_types_of_the_same_name_apart(tmp_path: Path) -> None:
    body = "class Main { int run(int code) { return code + %d; } }"
    java = {"com/a/billing/Main.java": body % 1, "com/a/stock/Main.java": body % 2}
    csharp = {"Stock/Main.cs": body % 2, "Billing/Main.cs": body % 1}
    roots = write(tmp_path / "j", java), write(tmp_path / "c", csharp)
    mined = mine_pairs(*roots, "java", "csharp")
    assert len(mined.pairs) == 2
    assert all(pair.source == pair.target for pair in mined.pairs)


def test_one_type_may_be_spread_over_several_files(tmp_path: Path) -> None:
    java, csharp = {}, {}
    for name, thing in (("Shop", "till"), ("Fair", "tent")):
        opening, sale = f"() {{ {thing}.lift(); }}", f"() {{ {thing}.ring(); }}"
        java[f"{name}.java"] = f"class {name} {{ void open{opening} void sell{sale} }}"
        csharp[f"{name}.cs"] = f"partial class {name} {{ void Open{opening} }}"
        csharp[f"{name}.Selling.cs"] = f"partial class {name} {{ void Sell{sale} }}"
    roots = write(tmp_path / "j", java), write(tmp_path / "c", csharp)
    assert len(mine_pairs(*roots, "java", "csharp").pairs) == 4


def test_bodies_tell_overloads_apart_whose_types_were_renamed(tmp_path: Path) -> None:
    adding = "void {}({} item, int place) {{ items.insert(place, item); log.added(item, {}); }}"
    names = ("add", "Seq", 17), ("add", "Row", 18), ("add", "Span", 19)
    java = " ".join(adding.format(*name) for name in names)
    new_names = ("Add", "Interval", 19), ("Add", "ItemList", 17), ("Add", "Record", 18)
    csharp = " ".join(adding.format(*name) for name in new_names)
    roots = (
        write(tmp_path / "j", {"A.java": f"class A {{ {java} }}"}),
        write(tmp_path / "c", {"A.cs": f"class A {{ {csharp} }}"}),
    )
    pairs = mine_pairs(*roots, "java", "csharp").pairs
    assert len(pairs) == 3
    assert all(pair.source[-7:] == pair.target[-7:] for pair in pairs)


def test_a_method_that_moved_to_another_type_is_found_when_its_body_agrees(tmp_path: Path) -> None:
    method = "double {}(double gross, double rate) {{ return gross / (1 + rate) * discount; }}"
    old, new = method.format("netOfTaxes"), method.format("NetOfTaxes")
    java = {
        "shop/Order.java": f"class Order {{ {old} }}",
    }
    csharp = {
        "Shop/Order.cs": "class Order { void Ship() { } }",
        "Shop/OrderTaxes.cs": f"class OrderTaxes {{ {new} }}",
    }
    roots = write(tmp_path / "j", java), write(tmp_path / "c", csharp)
    (pair,) = mine_pairs(*roots, "java", "csharp").pairs
    assert pair.confidence < 0.9


def test_methods_that_merely_share_a_common_name_are_not_paired(tmp_path: Path) -> None:
    java = {"a/Fish.java": "class Fish { String toString() { return gills + fins; } }"}
    csharp = {"b/Engine.cs": "class Engine { string ToString() { return pistons + torque; } }"}
    roots = write(tmp_path / "j", java), write(tmp_path / "c", csharp)
    mined = mine_pairs(*roots, "java", "csharp")
    assert mined.pairs == ()
    assert [unit.name for unit in mined.pending] == ["toString"]


def test_a_java_class_is_paired_with_a_python_module(tmp_path: Path) -> None:
    java = {
        "util/MathTools.java": "class MathTools { static int addUp(List<Integer> values) {"
        " int sum = 0; for (int value : values) sum += value; return sum; } }"
    }
    python = {"util/math_tools.py": "def add_up(values):\n    return sum(values)\n"}
    roots = write(tmp_path / "j", java), write(tmp_path / "p", python)
    (pair,) = mine_pairs(*roots, "java", "python").pairs
    assert pair.id == "util/MathTools.java#MathTools.addUp(List<Integer>)"


def _shuffled_types(types: int, methods: int, rng: random.Random) -> tuple[dict[str, str], ...]:
    java, csharp = {}, {}
    for number in range(types):
        members = [f"step{number * k % 17}of{k}" for k in range(methods)]
        both = [
            (
                f'  int {name}(int a{k}) {{ return a{k} * {number} + f{k}("{name}"); }}\n',
                f'  int {name.title()}(int a{k}) {{ return a{k} * {number} + F{k}("{name}"); }}\n',
            )
            for k, name in enumerate(members)
        ]
        name = f"Part{number}Machine"
        java[f"p{number % 9}/{name}.java"] = f"class {name} {{\n{''.join(j for j, _ in both)}}}"
        rng.shuffle(both)
        csharp[f"P{number % 9}/{name}.cs"] = f"class {name} {{\n{''.join(c for _, c in both)}}}"
    return java, csharp


def test_every_unit_is_in_one_pair_at_most_and_ids_are_unique(tmp_path: Path) -> None:
    java, csharp = _shuffled_types(40, 6, random.Random(3))
    roots = write(tmp_path / "j", java), write(tmp_path / "c", csharp)
    mined = mine_pairs(*roots, "java", "csharp")
    assert len(mined.pairs) == 240
    assert len({pair.id for pair in mined.pairs}) == 240
    assert len({pair.target for pair in mined.pairs}) == 240
    assert all(p.source.split('"')[1] == p.target.split('"')[1] for p in mined.pairs)


def test_mining_is_deterministic_and_reports_each_file(tmp_path: Path) -> None:
    java, csharp = _shuffled_types(9, 4, random.Random(4))
    roots = write(tmp_path / "j", java), write(tmp_path / "c", csharp)
    seen: list[str] = []
    first = mine_pairs(*roots, "java", "csharp", on_file=seen.append)
    assert first == mine_pairs(*roots, "java", "csharp")
    assert sorted(seen) == sorted([*java, *csharp])


def test_a_higher_bar_gives_fewer_pairs(tmp_path: Path) -> None:
    java = write(tmp_path / "j", {"com/acme/shop/Order.java": JAVA_ORDER})
    csharp = write(tmp_path / "c", {"elsewhere/Order.cs": CSHARP_ORDER})
    low = mine_pairs(java, csharp, "java", "csharp", minimum_confidence=0.5).pairs
    high = mine_pairs(java, csharp, "java", "csharp", minimum_confidence=0.95).pairs
    assert len(low) > len(high)
    assert all(pair.confidence >= 0.95 for pair in high)


def test_broken_and_empty_files_do_not_stop_mining(tmp_path: Path) -> None:
    java = {
        "Order.java": JAVA_ORDER,
        "Empty.java": "",
        "Broken.java": "class { ((( void \x01 f( }",
        "Deep.java": "class D { int f() { return " + "(" * 3000 + "1" + ")" * 3000 + "; } }",
    }
    roots = write(tmp_path / "j", java), write(tmp_path / "c", {"Order.cs": CSHARP_ORDER})
    (roots[0] / "Latin.java").write_bytes(b'class L { String f() { return "\xe4"; } }')
    assert len(mine_pairs(*roots, "java", "csharp").pairs) == 7


@pytest.mark.timeout(60)
def test_huge_types_and_many_types_of_one_name_take_no_quadratic_time(tmp_path: Path) -> None:
    numbers = range(1500)

    def huge(name: str, member: str) -> str:
        return f"class {name} {{ {' '.join(member.format(n, n) for n in numbers)} }}"

    java = {
        "Huge.java": huge("Huge", "int a{}x() {{ return {}; }}"),
        "Over.java": huge("Over", "int a(T{} t) {{ return {}; }}"),
        **{f"p{n}/Main.java": f"class Main {{ int r{n}() {{ return {n}; }} }}" for n in numbers},
    }
    csharp = {
        "Huge.cs": huge("Huge", "int B{}Y() {{ return {}; }}"),
        "Over.cs": huge("Over", "int A(T{} t) {{ return {}; }}"),
        **{f"p{n}/Main.cs": f"class Main {{ int R{n}() {{ return {n}; }} }}" for n in numbers},
    }
    roots = write(tmp_path / "j", java), write(tmp_path / "c", csharp)
    pairs = mine_pairs(*roots, "java", "csharp").pairs
    mains = [pair for pair in pairs if pair.group.endswith("Main.java")]
    assert len(mains) == 1500
    assert all(pair.source.lower() == pair.target.lower() for pair in mains)


def test_two_trees_of_one_language_are_matched(tmp_path: Path) -> None:
    old = {"A.java": "class A { int f() { return 1; } int g() { return 2; } }"}
    new = {"A.java": "class A { long f() { return 1L; } }"}
    mined = mine_pairs(write(tmp_path / "old", old), write(tmp_path / "new", new), "java", "java")
    assert [(pair.source, pair.target) for pair in mined.pairs] == [
        ("int f() { return 1; }", "long f() { return 1L; }")
    ]
    assert [unit.name for unit in mined.unmatched_source] == ["g"]


def test_one_language_in_folders_that_overlap_is_refused(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    for other in (tmp_path, tmp_path / "inner"):
        with pytest.raises(CorpusError, match="own translation"):
            mine_pairs(tmp_path, other, "csharp", "cs")


def test_a_file_on_which_the_parser_fails_is_counted_and_the_rest_goes_on(tmp_path: Path) -> None:
    java = {"A.java": "class A { int f() { return 1; } }", "B.java": "x=>" * 30_000}
    csharp = {"A.cs": "class A { int F() { return 1; } }"}
    roots = write(tmp_path / "j", java), write(tmp_path / "c", csharp)
    mined = mine_pairs(*roots, "java", "csharp")
    assert len(mined.pairs) == 1
    assert mined.skipped == {"parser failed": 1}
