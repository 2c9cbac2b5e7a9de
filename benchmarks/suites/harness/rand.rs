//! Stands in for the crate rand, version 0.4: the part that the tests of HumanEval-X call.


use std::cell::Cell;

thread_local! {
    static STATE: Cell<u64> = Cell::new(0x9e37_79b9_7f4a_7c15);
}

/// One of the numbers of splitmix64 (Steele et al. 2014).
fn next() -> u64 {
    STATE.with(|state| {
        let seed = state.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        state.set(seed);
        let mixed = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    })
}

pub trait Drawn: Copy {
    fn any() -> Self;
    fn between(low: Self, high: Self) -> Self;
}

macro_rules! drawn {
    ($($kind:ty)*) => {$(
        impl Drawn for $kind {
            fn any() -> Self {
                next() as $kind
            }
            fn between(low: Self, high: Self) -> Self {
                let span = (high as i128 - low as i128) as u128;
                (low as i128 + (next() as u128 % span) as i128) as $kind
            }
        }
    )*};
}
drawn!(u8 u16 u32 u64 usize i8 i16 i32 i64 isize);

pub trait Rng {
    fn r#gen<T: Drawn>(&mut self) -> T {
        T::any()
    }
    fn gen_range<T: Drawn>(&mut self, low: T, high: T) -> T {
        T::between(low, high)
    }
}

pub struct ThreadRng;

impl Rng for ThreadRng {}

pub fn thread_rng() -> ThreadRng {
    ThreadRng
}

pub fn random<T: Drawn>() -> T {
    T::any()
}
