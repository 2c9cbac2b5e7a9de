#![allow(warnings)]
// Calls a function with the arguments of each line of standard input, and tells what came of it.

include!("candidate.rs");

fn main() {
    fedtranslate_harness::serve();
}

mod fedtranslate_harness {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
    use std::fmt::{Debug, Write as _};
    use std::hash::Hash;
    use std::io::{BufRead as _, Write as _};

    /// What JSON can hold; a number as it was written.
    pub enum Value {
        Null,
        Bool(bool),
        Number(std::string::String),
        Text(std::string::String),
        List(Vec<Value>),
        Table(Vec<(std::string::String, Value)>),
    }

    struct Reader<'a> {
        text: &'a [u8],
        at: usize,
    }

    impl<'a> Reader<'a> {
        fn value(&mut self) -> Value {
            self.skip();
            match self.text[self.at] {
                b'[' => {
                    let mut list = Vec::new();
                    while self.more(b']') {
                        list.push(self.value());
                    }
                    Value::List(list)
                }
                b'{' => {
                    let mut table = Vec::new();
                    while self.more(b'}') {
                        let key = self.quoted();
                        self.skip();
                        self.at += 1;
                        table.push((key, self.value()));
                    }
                    Value::Table(table)
                }
                b'"' => Value::Text(self.quoted()),
                _ => self.word(),
            }
        }

        fn word(&mut self) -> Value {
            let start = self.at;
            while self.at < self.text.len() && !b",]} ".contains(&self.text[self.at]) {
                self.at += 1;
            }
            match std::str::from_utf8(&self.text[start..self.at]).unwrap() {
                "null" => Value::Null,
                "true" => Value::Bool(true),
                "false" => Value::Bool(false),
                number => Value::Number(number.to_string()),
            }
        }

        fn skip(&mut self) {
            while self.at < self.text.len() && self.text[self.at] == b' ' {
                self.at += 1;
            }
        }

        fn more(&mut self, end: u8) -> bool {
            self.skip();
            if self.text[self.at] != end {
                self.at += 1;
                self.skip();
            }
            if self.text[self.at] != end {
                return true;
            }
            self.at += 1;
            false
        }

        fn unit(&mut self) -> u32 {
            let digits = std::str::from_utf8(&self.text[self.at + 1..self.at + 5]).unwrap();
            self.at += 4;
            u32::from_str_radix(digits, 16).unwrap()
        }

        fn quoted(&mut self) -> std::string::String {
            let mut made = Vec::new();
            self.at += 1;
            while self.text[self.at] != b'"' {
                if self.text[self.at] != b'\\' {
                    made.push(self.text[self.at]);
                    self.at += 1;
                    continue;
                }
                self.at += 1;
                match self.text[self.at] {
                    b'u' => {
                        let mut code = self.unit();
                        if (0xd800..0xdc00).contains(&code) {
                            self.at += 2;
                            code = 0x10000 + ((code - 0xd800) << 10) + (self.unit() - 0xdc00);
                        }
                        let letter = char::from_u32(code).unwrap_or('?');
                        made.extend_from_slice(letter.to_string().as_bytes());
                    }
                    b'b' => made.push(8),
                    b'f' => made.push(12),
                    b'n' => made.push(b'\n'),
                    b'r' => made.push(b'\r'),
                    b't' => made.push(b'\t'),
                    letter => made.push(letter),
                }
                self.at += 1;
            }
            self.at += 1;
            std::string::String::from_utf8(made).unwrap()
        }
    }

    pub trait Read: Sized {
        fn read(value: &Value) -> Self;
    }

    macro_rules! numbers {
        ($read:ident; $($kind:ty)*) => {$(
            impl Read for $kind {
                fn read(value: &Value) -> Self {
                    $read(value) as $kind
                }
            }
        )*};
    }
    numbers!(integer; i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize);
    numbers!(float; f32 f64);

    fn integer(value: &Value) -> i128 {
        match value {
            Value::Number(text) => text.parse().unwrap(),
            Value::Text(text) => text.chars().next().unwrap() as i128,
            _ => panic!("no number"),
        }
    }

    fn float(value: &Value) -> f64 {
        match value {
            Value::Number(text) => text.parse().unwrap(),
            Value::Table(table) => match &table[0].1 {
                Value::Text(name) => name.replace("Infinity", "inf").parse().unwrap(),
                _ => panic!("no number"),
            },
            _ => panic!("no number"),
        }
    }

    impl Read for bool {
        fn read(value: &Value) -> Self {
            matches!(value, Value::Bool(true))
        }
    }
    impl Read for char {
        fn read(value: &Value) -> Self {
            std::string::String::read(value).chars().next().unwrap()
        }
    }
    impl Read for std::string::String {
        fn read(value: &Value) -> Self {
            match value {
                Value::Text(text) => text.clone(),
                _ => panic!("no text"),
            }
        }
    }
    impl<T: Read> Read for Vec<T> {
        fn read(value: &Value) -> Self {
            match value {
                Value::List(list) => list.iter().map(T::read).collect(),
                Value::Text(text) => text.bytes().map(|b| T::read(&Value::Number(b.to_string()))).collect(),
                _ => panic!("no list"),
            }
        }
    }
    impl<T: Read> Read for Option<T> {
        fn read(value: &Value) -> Self {
            match value {
                Value::Null => None,
                _ => Some(T::read(value)),
            }
        }
    }
    fn pairs<K: Read, V: Read>(value: &Value) -> Vec<(K, V)> {
        match value {
            Value::Table(table) => match &table[0].1 {
                Value::List(list) => list
                    .iter()
                    .map(|pair| match pair {
                        Value::List(both) => (K::read(&both[0]), V::read(&both[1])),
                        _ => panic!("no pair"),
                    })
                    .collect(),
                _ => panic!("no pairs"),
            },
            _ => panic!("no table"),
        }
    }
    impl<K: Read + Eq + Hash, V: Read> Read for HashMap<K, V> {
        fn read(value: &Value) -> Self {
            pairs(value).into_iter().collect()
        }
    }
    impl<K: Read + Ord, V: Read> Read for BTreeMap<K, V> {
        fn read(value: &Value) -> Self {
            pairs(value).into_iter().collect()
        }
    }

    pub trait Show {
        fn show(&self) -> std::string::String;
        /// What an error says that is the result of a call.
        fn failure(&self) -> Option<std::string::String> {
            None
        }
    }

    macro_rules! shown {
        ($($kind:ty)*) => {$(
            impl Show for $kind {
                fn show(&self) -> std::string::String {
                    self.to_string()
                }
            }
        )*};
    }
    shown!(i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize bool);

    macro_rules! floats {
        ($($kind:ty)*) => {$(
            impl Show for $kind {
                fn show(&self) -> std::string::String {
                    if self.is_finite() {
                        return format!("{:?}", self);
                    }
                    let name = if self.is_nan() {
                        "NaN"
                    } else if *self > 0.0 {
                        "Infinity"
                    } else {
                        "-Infinity"
                    };
                    format!("{{\"float\":\"{}\"}}", name)
                }
            }
        )*};
    }
    floats!(f32 f64);

    fn quote(text: &str) -> std::string::String {
        let mut made = std::string::String::from("\"");
        for letter in text.chars() {
            match letter {
                '"' | '\\' => {
                    made.push('\\');
                    made.push(letter);
                }
                letter if (letter as u32) < 0x20 => {
                    write!(made, "\\u{:04x}", letter as u32).unwrap();
                }
                letter => made.push(letter),
            }
        }
        made.push('"');
        made
    }

    fn all<'a, T: Show + 'a>(items: impl Iterator<Item = &'a T>) -> std::string::String {
        format!("[{}]", items.map(Show::show).collect::<Vec<_>>().join(","))
    }

    impl Show for () {
        fn show(&self) -> std::string::String {
            "null".to_string()
        }
    }
    impl Show for char {
        fn show(&self) -> std::string::String {
            quote(&self.to_string())
        }
    }
    impl Show for str {
        fn show(&self) -> std::string::String {
            quote(self)
        }
    }
    impl Show for std::string::String {
        fn show(&self) -> std::string::String {
            quote(self)
        }
    }
    impl<T: Show + ?Sized> Show for &T {
        fn show(&self) -> std::string::String {
            (**self).show()
        }
    }
    impl<T: Show + ?Sized> Show for Box<T> {
        fn show(&self) -> std::string::String {
            (**self).show()
        }
    }
    impl<T: Show> Show for [T] {
        fn show(&self) -> std::string::String {
            all(self.iter())
        }
    }
    impl<T: Show, const N: usize> Show for [T; N] {
        fn show(&self) -> std::string::String {
            all(self.iter())
        }
    }
    impl<T: Show> Show for Vec<T> {
        fn show(&self) -> std::string::String {
            all(self.iter())
        }
    }
    impl<T: Show> Show for Option<T> {
        fn show(&self) -> std::string::String {
            self.as_ref().map_or("null".to_string(), Show::show)
        }
    }
    impl<T: Show, E: Debug> Show for Result<T, E> {
        fn show(&self) -> std::string::String {
            self.as_ref().map_or("null".to_string(), Show::show)
        }
        fn failure(&self) -> Option<std::string::String> {
            self.as_ref().err().map(|error| format!("Err: {:?}", error))
        }
    }
    macro_rules! tuples {
        ($(($($kind:ident $place:tt),+))*) => {$(
            impl<$($kind: Show),+> Show for ($($kind,)+) {
                fn show(&self) -> std::string::String {
                    format!("[{}]", [$(self.$place.show()),+].join(","))
                }
            }
        )*};
    }
    tuples!((A 0) (A 0, B 1) (A 0, B 1, C 2) (A 0, B 1, C 2, D 3));
    macro_rules! tables {
        ($($kind:ident)*) => {$(
            impl<K: Show, V: Show> Show for $kind<K, V> {
                fn show(&self) -> std::string::String {
                    let pairs: Vec<_> =
                        self.iter().map(|(k, v)| format!("[{},{}]", k.show(), v.show())).collect();
                    format!("{{\"map\":[{}]}}", pairs.join(","))
                }
            }
        )*};
    }
    tables!(HashMap BTreeMap);
    macro_rules! sets {
        ($($kind:ident)*) => {$(
            impl<T: Show> Show for $kind<T> {
                fn show(&self) -> std::string::String {
                    format!("{{\"set\":{}}}", all(self.iter()))
                }
            }
        )*};
    }
    sets!(HashSet BTreeSet);

    fn answer(given: &[Value]) -> std::string::String {
        {declared}
        let called = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let result = {function}({passed});
            match result.failure() {
                Some(said) => format!("\"exception\":{}", quote(&said)),
                None => format!("\"result\":{}", result.show()),
            }
        }));
        let told = called.unwrap_or_else(|cause| {
            let said = cause
                .downcast_ref::<std::string::String>()
                .cloned()
                .or_else(|| cause.downcast_ref::<&str>().map(|text| text.to_string()))
                .unwrap_or_default();
            format!("\"exception\":{}", quote(&format!("panic: {}", said)))
        });
        let shown: Vec<std::string::String> = vec![{shown}];
        format!("{},\"arguments\":[{}]", told, shown.join(","))
    }

    pub fn serve() {
        std::panic::set_hook(Box::new(|_| {}));
        for (number, line) in std::io::stdin().lock().lines().enumerate() {
            let line = line.unwrap();
            let given = match (Reader { text: line.as_bytes(), at: 0 }).value() {
                Value::List(given) => given,
                _ => panic!("no list of arguments"),
            };
            println!("\u{1e}{}", number);
            std::io::stdout().flush().unwrap();
            let told = answer(&given);
            std::io::stdout().flush().unwrap();
            eprintln!("\u{1e}{{\"call\":{},{}}}", number, told);
        }
    }
}
