"""Data flow in the languages of the C family, in Rust, PHP and Ruby, told as ``told`` does."""

import pytest
from test_dataflow import told

C = {
    "int f(int a) { int b = a; return b; }": "a! a? b! b?",
    "void f(int *a, char b[3], int (*c)(int)) { b += a; i++; --j; }": (
        "a! b! c! b? a? b! i? i! j? j!"
    ),
    "void f() { a[i].b = c; p->x = y; *q = r; g(a, &b); }": "c? i? a~ y? p~ r? q~ a? b?",
    "void f() { for (int i = 0; i < n; i++) g(i); }": "i! [ i? n? i? i? i! ]",
    "void f() { if (a) b = 1; else c = 2; }": "a? ( b! | c! )",
    "void f() { if (a) b = 1; }": "a? ( b! | )",
    "void f() { while (a) a--; do b = a; while (b); }": "[ a? a? a! ] [ a? b! b? ]",
    "void f() { switch (a) { case 1: b = 1; break; default: b = 2; } }": "a? ( b! | b! | )",
    "void f() { int a = 1, *b = &a, c; x = y = z; w = u ? v : t; s.t = (int)r; }": (
        "a! a? b! c! z? y! x! u? ( v? | t? ) w! r? s~"
    ),
    "void f() { goto end; end: g(sizeof(T)); }": "T?",
}
CPP = {
    "int f(int a, const T& b = c) { return a + b; }": "a! c? b! a? b?",
    "void f() { auto [x, y] = g(z); std::tie(p, q) = h(w); this->n = n; }": (
        "z? x! y! w? p? q? n? this.n!"
    ),
    "void f() { for (auto& e : es) use(e); }": "es? [ e! e? ]",
    "void f() { auto k = [&, z = b](int q) { return q + z; }; }": "[ q! b? z! q? z? ] k!",
    "void f() { try { r(a); } catch (const E& e) { s(e); } }": "a? ( e! e? | )",
    "A(int x) : y(x), z{x} { w = x; }": "x! x? x? x? w!",
    "void f() { std::cout << a << foo::bar(b); c.d(e); v[i] += 1; i++; }": (
        "a? b? c? e? v? i? v~ i? i!"
    ),
    "void f() { if (auto p = q.lock()) p->x(); else r(); }": "q? p! ( p? | )",
    "int A::f() const { return this->a + b; }": "this.a? b?",
    "void f() { T t(b), u{c}; auto* w = new Foo(d); delete w; }": "c? u! t! d? w! w?",
    "template <class T> void f(T&& a, T... b) { for (;;) { a = g<int>(a); } }": "a! b? [ a? a! ]",
}
RUST = {
    "fn f(a: i32) -> i32 { let b = a; b }": "a! a? b! b?",
    "fn f(&mut self, (a, b): (i32, i32)) { self.x = a; self.y += b; }": (
        "a! b! a? self.x! self.y? b? self.y!"
    ),
    "fn f() { a[i].b = c; *p = q; let (d, e) = (e, d); }": "c? i? a~ q? p~ e? d? d! e!",
    "fn f() { for i in 0..n { g(i); } }": "n? [ i! i? ]",
    "fn f() { while let Some(x) = s.pop() { g(x); } loop { break x; } }": "[ s? x! x? ] [ x? ]",
    "fn f() { if a { b = 1 } else if c { b = 2 } else { b = 3 } }": "a? ( b! | c? ( b! | b! ) )",
    "fn f() { if let Some(x) = a { g(x) } }": "a? x! ( x? | )",
    "fn f() { match a { Some(x) if x > b => g(x), P { y, z: w } => y + w, _ => 0 } }": (
        "a? ( x! x? b? x? | y! w! y? w? | | )"
    ),
    "fn f() { let k = |x, y: i32| x + y + z; }": "[ y! x! x? y? z? ] k!",
    'fn f() { println!("{}", a); let s = P { a, b: c, ..d }; v.push(e); T::new(h); }': (
        "a? a? c? d? s! v? e? h?"
    ),
    "fn f() { let Some(x) = y else { return z }; let t = x as i64?; }": "y? z? x! x? t!",
}
PHP = {
    "function f(int $a, $b = 1, ...$c) { $d = $a; return $d; }": "$a! $b! $c! $a? $d! $d?",
    "public function f() { $this->x = $x; $x .= $y; $i++; --$j; }": (
        "$x? $this.x! $x? $y? $x! $i? $i! $j? $j!"
    ),
    "function f() { $a[$i] = $b; $a[] = $c; $o->p = $q; Foo::$s = $t; }": (
        "$b? $i? $a~ $c? $a~ $q? $o~ $t? $s!"
    ),
    "function f() { for ($i = 0; $i < $n; $i++) g($i); }": "$i! [ $i? $n? $i? $i? $i! ]",
    "function f() { foreach ($a as $k => $v) { g($k, $v); } foreach ($b as $w) g($w); }": (
        "$a? [ $k! $v! $k? $v? ] $b? [ $w! $w? ]"
    ),
    "function f() { if ($a) { $b = 1; } elseif ($c) { $b = 2; } else { $b = 3; } }": (
        "$a? ( $b! | $c? $b! | $b! )"
    ),
    "function f() { if ($a) $b = 1; }": "$a? ( $b! | )",
    "function f() { [$a, $b] = [$b, $a]; list($c, , $d) = $e; ['k' => $g] = $h; }": (
        "$b? $a? $a! $b! $e? $c! $d! $h? $g!"
    ),
    "function f() { try { r($a); } catch (E $e) { s($e); } finally { t($u); } }": (
        "$a? ( $e! $e? | ) $u?"
    ),
    "function f() { $k = function ($x) use ($y) { return $x + $y; }; $m = fn($z) => $z + $w; }": (
        "[ $x! $y? $x? $y? ] $k! [ $z! $z? $w? ] $m!"
    ),
    "function f() { switch ($a) { case 1: $b = 1; break; default: $b = 2; } $c = "
    "match($d) { 1 => $e, default => $g }; }": ("$a? ( $b! | $b! ) $d? ( $e? | $g? ) $c!"),
    'function f() { return "a $b {$c->d}" . <<<X\n$e\nX; }': "$b? $c? $e?",
    "function f() { while ($a) $a--; do $b = $a; while ($b); $c = $d ? $e : $g; "
    "global $h; static $i = $j; }": (
        "[ $a? $a? $a! ] [ $a? $b! $b? ] $d? ( $e? | $g? ) $c! $h! $j? $i!"
    ),
}
RUBY = {
    "def f(a, b = c, *d, e: g, **h, &i)\n  j = a\n  j\nend": "a! c? b! d! g? e! h! i! a? j! j?",
    "def f\n  @x = y; @x += z; $g ||= w; a, (b, *c) = d, e\nend": (
        "y? @x! @x? z? @x! $g? w? $g! d? e? a! b! c!"
    ),
    "def f\n  a[i] = b; o.p = q; self.r = s\nend": "b? i? a~ q? o~ s?",
    "def f\n  for i in xs do g(i) end\nend": "xs? [ i! i? ]",
    "def f\n  xs.each { |x| g(x) }; ys.map do |k, (v, w)| k + v end\nend": (
        "xs? [ x! x? ] ys? [ k! v! w! k? v? ]"
    ),
    "def f\n  while a > 1 do a -= 1 end; b -= 1 until b < c\nend": "[ a? a? a! ] b? c? [ b? b! ]",
    "def f\n  if a then b = 1 elsif c then b = 2 else b = 3 end\nend": (
        "a? ( b! | c? ( b! | b! ) )"
    ),
    "def f\n  a = 1 if b; c = 2 unless d\nend": "b? ( a! | ) d? ( c! | )",
    "def f\n  case a when 1 then b = 1 else b = 2 end\nend": "a? ( b! | b! )",
    "def f\n  begin; r(a); rescue E => e; s(e); ensure; t(u); end\nend": "a? ( e! e? | ) u?",
    "def f\n  k = ->(x) { x + y }; m = lambda { |z| z }; n = a ? b : c\nend": (
        "[ x! [ x? y? ] ] k! [ z! z? ] m! a? ( b? | c? ) n!"
    ),
    'def f\n  puts "a #{b}"; c.d(e); F::G.new(h); yield i; return j, k\nend': (
        "b? c? e? h? i? j? k?"
    ),
    "def f\n  case a\n  in {x: Integer => y} if y > 1 then g(y)\n  in [p, *q] then "
    "h(p)\n  end\nend": ("a? ( y! y? y? | q! p! p? | )"),
    "def f(a)\n  r(a)\nrescue E => e\n  s(e)\nend": "a! a? ( e! e? | )",
}


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        (language, text, expected)
        for language, table in (
            ("c", C),
            ("cpp", CPP),
            ("rust", RUST),
            ("php", PHP),
            ("ruby", RUBY),
        )
        for text, expected in table.items()
    ],
)
def test_what_happens_in_code(language: str, text: str, expected: str) -> None:
    assert told(text, language) == expected


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("php", "foreach ($a as) {}"),
        ("php", "foreach ($a /* x */ as /* y */ $b) { g($b); }"),
        ("rust", "fn f() { [ = 1; [][ = 2; let = ; }"),
        ("ruby", "a[] = b\n[] = c\nfor in x do end"),
        ("c", "int f( { = ; [1] = 2; for (;;"),
        ("cpp", "auto [ = x; for (auto : y) {}"),
    ],
)
def test_broken_code_has_some_data_flow_or_none(language: str, text: str) -> None:
    assert told(text, language) is not None
