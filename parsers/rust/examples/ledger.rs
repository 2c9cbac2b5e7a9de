//! Money that came and went: of the file, not of what stands below.

use std::collections::HashMap;
use std::fmt;

/// Why there is a limit:
/// see the contract.
pub const LIMIT: usize = 10; // no unit, and no doc of the next one
#[derive(Debug, Clone)]
pub struct Ledger<'a, T: Entry> {
    /// In order.
    entries: Vec<T>,
    name: &'a str,
}

/* far above: not part of it */

/// One line of a ledger.
#[must_use]
pub trait Entry {
    const KIND: char = '\'';

    fn amount(&self) -> i64;

    #[inline] #[cfg(not(test))]
    fn is_open(&self) -> bool { self.amount() != 0 }
}

impl<'a, T: Entry> Ledger<'a, T> {
    // Why this is not `default`:
    /// Makes an empty ledger.
    pub fn new(name: &'a str) -> Self {
        Ledger { entries: Vec::new(), name }
    }

    #[allow(clippy::needless_range_loop)]

    pub(crate) fn group<K>(&self, by: &HashMap<K, Vec<usize>>, sizes: [u8; 4], mut far: bool) -> i64
    where
        K: std::hash::Hash + Eq,
    {
        let mut total = 0;
        for (_, places) in by {
            total += places.iter().map(|&place| self.entries[place].amount()).sum::<i64>();
        }
        fn twice(value: i64) -> i64 {
            value * 2
        }
        far = !far && r#"}"quoted"{"#.len() > sizes.len();
        if far { twice(total) } else { total }
    }

    async unsafe fn fetch<'b>(self: &'b mut Self, (low, high): (i32, i32), f: impl Fn(T) -> bool) {}
}

impl<T: Entry> fmt::Display for Ledger<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.entries.len(), self.name)
    }
}

#[repr(u8)]
enum State {
    Open = b'o',
    Shut(/* when */ u64),
}

mod parts {
    /** The older kind of doc. */
    pub extern "C" fn straße(n: i32) -> &'static str {
        "ünïcode"
    }
}

macro_rules! double {
    ($e:expr) => { $e * 2 };
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_is_empty() {
        assert_eq!(double!(2), 4);
    }
}
