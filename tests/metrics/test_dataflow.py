"""Data flow: from code to events, from events to edges."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from fedtranslate.errors import PackError
from fedtranslate.languages.registry import known_languages, load_pack
from fedtranslate.metrics.codebleu.dataflow import MAX_EVENTS, data_flow, edges
from fedtranslate.metrics.codebleu.events import Event, Kind, events_in
from fedtranslate.metrics.codebleu.flow_rules import flow_rules
from fedtranslate.metrics.codebleu.syntax import unit_nodes

COLLECT, RELEASE = Event(Kind.COLLECT), Event(Kind.RELEASE)
FORK, WAY, JOIN = Event(Kind.FORK), Event(Kind.WAY), Event(Kind.JOIN)
LOOP, END = Event(Kind.LOOP), Event(Kind.END)


def use(name: str) -> Event:
    return Event(Kind.USE, name)


def write(name: str, *origins: str, kind: Kind = Kind.SET) -> list[Event]:
    return [COLLECT, *map(use, origins), Event(kind, name), RELEASE]


def told(text: str, language: str) -> str:
    """Write the events of a text in one line."""
    pack = load_pack(language)
    rules = flow_rules(pack)
    assert rules is not None
    shown = {
        Kind.USE: "{}?",
        Kind.SET: "{}!",
        Kind.MIX: "{}~",
        Kind.FORK: "(",
        Kind.WAY: "|",
        Kind.JOIN: ")",
        Kind.LOOP: "[",
        Kind.END: "]",
    }
    found = events_in(unit_nodes(text, pack), rules)
    return " ".join(shown[e.kind].format(e.name) for e in found if e.kind in shown)


def flow(text: str, language: str) -> Counter[tuple[str, int, int]]:
    pack = load_pack(language)
    rules = flow_rules(pack)
    assert rules is not None
    return data_flow(unit_nodes(text, pack), rules)


def test_a_read_reaches_the_last_setting_only() -> None:
    found = edges([*write("a"), *write("a"), use("a")])
    assert found == {("reaches", 0, 0): 1}


def test_a_read_behind_a_branch_reaches_both_ways() -> None:
    found = edges([*write("a"), FORK, *write("a"), WAY, *write("a"), JOIN, use("a")])
    assert found == {("reaches", 0, 0): 2}


def test_a_branch_that_may_be_passed_by_keeps_the_old_value() -> None:
    found = edges([*write("a"), FORK, *write("a"), WAY, JOIN, use("a")])
    assert found == {("reaches", 0, 0): 2}


def test_a_loop_hands_its_settings_to_its_next_round() -> None:
    found = edges([*write("a"), LOOP, use("a"), *write("a"), END])
    assert found == {("reaches", 0, 0): 2}


def test_a_loop_may_run_never() -> None:
    found = edges([*write("a"), LOOP, *write("a"), END, use("a")])
    assert found == {("reaches", 0, 0): 2}


def test_loops_in_loops_hand_outwards() -> None:
    found = edges([LOOP, use("a"), LOOP, *write("a"), END, END, use("a")])
    assert found == {("reaches", 0, 0): 2}


def test_setting_an_element_keeps_the_rest() -> None:
    found = edges([*write("a"), *write("a", kind=Kind.MIX), use("a")])
    assert found == {("reaches", 0, 0): 2}


def test_a_value_comes_from_each_variable_once() -> None:
    found = edges(write("a", "b", "c", "b"))
    assert found == {("computed", 1, 0): 1, ("computed", 1, 2): 1}


def test_names_do_not_matter() -> None:
    first = flow("int f(int a, int b) { int c = a + b; return c * a; }", "java")
    other = flow("int g(int x, int y) { int z = x + y; return z * x; }", "java")
    swapped = flow("int g(int x, int y) { int z = x + y; return z * z; }", "java")
    assert first == other
    assert first != swapped


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("java", "int f(int a) { int b = a; return b; }", "a! a? b! b?"),
        ("java", "void f() { b += a; i++; this.x = x; }", "b? a? b! i? i! x? this.x!"),
        ("java", "void f() { a[i].b = c; Math.max(a, b); }", "c? i? a~ Math? a? b?"),
        ("java", "void f() { for (int i=0; i<n; i++) g(i); }", "i! [ i? n? i? i? i! ]"),
        ("java", "void f() { for (T t : ts) g(t); }", "ts? [ t! t? ]"),
        ("java", "void f() { if (a) b = 1; else c = 2; }", "a? ( b! | c! )"),
        ("java", "void f() { if (a) b = 1; }", "a? ( b! | )"),
        ("java", "void f() { try { a(b); } catch (E e) { c(e); } }", "b? ( e! e? | )"),
        ("java", "void f() { g = (x, y) -> x; h = z -> z; }", "[ x! y! x? ] g! [ z! z? ] h!"),
        ("java", "@A(b) T<c> f() throws E { return d::e; }", ""),
        ("csharp", "public int P { get { return q; } set { q = value; } }", "q? value? q!"),
        ("csharp", "void F() { foreach (var t in ts) G(t); }", "ts? [ t! t? ]"),
        ("csharp", "void F() { Foo.Bar(x: a); var b = -c; ++c; }", "Foo? a? c? b! c? c!"),
        ("csharp", "void F() { h = z => z; k = (x, y) => x; }", "[ z! z? ] h! [ x! y! x? ] k!"),
        ("csharp", "void F() { var (p, q) = z; (p, q) = (q, p); }", "z? p! q! q? p? p! q!"),
        ("csharp", "void F() { if (d.Get(k, out var v)) G(v); }", "d? k? v! ( v? | )"),
        ("csharp", "T F(Type a) { return (Type)a ?? default(T); }", "a! a?"),
        ("python", "def f(self, a=b):\n    self.x = a", "self! b? a! a? self.x!"),
        ("python", "def f(*a, **k):\n    x, y = a, k", "a! k! a? k? x! y!"),
        ("python", "w = [v for v in x if v]", "x? v! v? v? w!"),
        ("python", "for i in f(x):\n    print(i)", "x? [ i! i? ]"),
        ("python", "if a:\n  b = 1\nelif c:\n  b = 2\nelse:\n  b = 3", "a? ( b! | c? b! | b! )"),
        ("python", "if a:\n  b = 1\nelif c:\n  b = 2", "a? ( b! | c? b! | )"),
        ("python", "with open(p) as r:\n    r.read()", "p? r! r?"),
        ("python", "def f(a: T) -> U:\n    x: V = a", "a! a? x!"),
        ("javascript", "function f(a, {b, c: [d]}, ...e) { return a + b; }", "a! b! d! e! a? b?"),
        ("javascript", "for (const [k, v] of m) { x += v; i++; }", "m? [ k! v! x? v? x! i? i! ]"),
        ("javascript", "for (let i = 0; i < n; i++) g(i);", "i! [ i? n? i? i? i! ]"),
        ("javascript", "[a, b] = [b, a]; ({p, q: r.s} = o);", "b? a? a! b! o? p! r~"),
        ("javascript", "const {e, f: g = h, ...i} = o;", "o? h? g! e! i!"),
        ("javascript", "try { a(b); } catch ({m}) { g(m); }", "b? ( m! m? | )"),
        ("javascript", "switch (a) { case 1: b = 1; break; default: c = d; }", "a? ( b! | d? c! )"),
        ("javascript", "const h = (x) => x + y; k = v => v;", "[ x! x? y? ] h! [ v! v? ] k!"),
        ("javascript", "this.x = a; Math.max(a); new Foo(b);", "a? this.x! Math? a? b?"),
        ("javascript", "const o = {a, b: c, [d]: `${e}`};", "a? c? d? e? o!"),
        ("typescript", "function f(this: W, a: T, b = q, ...c: U[]): V {}", "a! q? b! c!"),
        ("typescript", "const a: A.B = <C>b as D; e!.f = g;", "b? a! g? e~"),
        ("typescript", "class A { constructor(private a: T) { this.b = a; } }", "a! a? this.b!"),
        ("go", "func f(a, b int, c ...T) (n int) { return a }", "a! b! c! n! a?"),
        ("go", "func f() { for k, v := range m { x += v } }", "m? [ k! v! x? v? x! ]"),
        ("go", "func f() { for i := 0; i < n; i++ { g(i) } }", "i! [ i? n? i? i? i! ]"),
        ("go", "func f() { for a { }; for range b { } }", "[ a? ] b? [ ]"),
        ("go", "func f() { x, y = y, x; *p = q; a[i] = k }", "y? x? x! y! q? p~ k? i? a~"),
        (
            "go",
            "func f() { if v, ok := m[k]; ok { a = v } else { b = 1 } }",
            "m? k? v! ok! ok? ( v? a! | b! )",
        ),
        ("go", "func f() { switch t := x.(type) { case T: a = t } }", "x? [ t! t? a! ]"),
        ("go", "func f() { switch x { case y: a(z); default: b = c } }", "x? ( y? z? | c? b! )"),
        ("go", "func f() { g := func(a int) { b(a) }; p := T{X: y} }", "[ a! a? ] g! y? p!"),
        ("kotlin", "fun f(a: Int, b: T = q): Int = a + b", "a! b! q? a? b?"),
        ("kotlin", "fun f() { for ((k, v) in m) { x += v; i++ } }", "m? [ k! v! x? v? x! i? i! ]"),
        ("kotlin", "fun f() { if (a) b = 1 else if (c) { b = d } }", "a? ( b! | c? ( d? b! | ) )"),
        (
            "kotlin",
            "fun f() { val (m, n: T) = g; a[i] = k; this.y = z }",
            "g? m! n! k? i? a~ z? this.y!",
        ),
        (
            "kotlin",
            "fun f() { when (val t = x) { is T -> a(t); else -> b() } }",
            "x? t! ( t? | | )",
        ),
        ("kotlin", "fun f() { try { a(b) } catch (e: E) { c(e) } }", "b? ( e! e? | )"),
        ("kotlin", "fun f() { val h = l.map { (a, b), c -> a } }", "l? [ a! b! c! a? ] h!"),
    ],
)
def test_what_happens_in_code(language: str, text: str, expected: str) -> None:
    assert told(text, language) == expected


def test_nesting_and_length_are_no_danger() -> None:
    deep = "void f() { int x = " + "(" * 20_000 + "a" + ")" * 20_000 + "; }"
    assert flow(deep, "java") == {("computed", 1, 0): 1}
    branches = "void f() { " + "".join(f"if (x) {{ int v{i} = x; " for i in range(500))
    assert flow(branches + "}" * 501, "java")
    assert flow("void f() { " + "i++; " * MAX_EVENTS + "}", "java") == {}


def test_every_language_that_we_ship_has_rules() -> None:
    packs = [load_pack(name) for name in known_languages()]
    assert all(flow_rules(pack) for pack in packs if pack.grammar)


def test_a_pack_without_rules_has_no_data_flow(tmp_path: Path) -> None:
    assert flow_rules(replace(load_pack("java"), folder=tmp_path)) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("variables = [", "cannot be read"),
        ("[members]", "variables: field required"),
        ('variables = ["identifier"]\nupdate = ["x"]', "update: extra inputs"),
        ('variables = ["identifyer"]', "no node 'identifyer'"),
        ('variables = ["identifier"]\nhidden = ["nome"]', "no field 'nome'"),
        (
            'variables = ["identifier"]\n[children]\nif_statment = ["way"]',
            "no node 'if_statment'",
        ),
        (
            'variables = ["identifier"]\n[loops.for_statement]\nheader = ["for_claus"]',
            "no node 'for_claus'",
        ),
        (
            'variables = ["identifier"]\n[branches.if_statement]\nways = ["els"]',
            "no node 'els'",
        ),
    ],
)
def test_malformed_rules_are_named(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "dataflow.toml").write_text(text)
    with pytest.raises(PackError, match=message) as caught:
        flow_rules(replace(load_pack("java"), folder=tmp_path))
    assert "dataflow.toml" in str(caught.value)
