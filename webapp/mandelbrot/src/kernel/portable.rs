//! Vectors of four in plain Rust: the definition the others are held to. Where the compiler may not assume a
//! fused multiply-add it calls a function for each: slow, but the same bits.

use super::lanes::{LINE, Lanes, Mask, WIDEST};

#[derive(Debug, Clone, Copy)]
pub(crate) struct Portable([f64; 4]);

impl Mask for [bool; 4] {
    #[inline(always)]
    fn and(self, other: Self) -> Self {
        std::array::from_fn(|i| self[i] & other[i])
    }
    #[inline(always)]
    fn or(self, other: Self) -> Self {
        std::array::from_fn(|i| self[i] | other[i])
    }
    #[inline(always)]
    fn except(self, other: Self) -> Self {
        std::array::from_fn(|i| self[i] & !other[i])
    }
    #[inline(always)]
    fn bits(self) -> u32 {
        self.iter().rev().fold(0, |bits, &set| bits << 1 | u32::from(set))
    }
}

impl Portable {
    #[inline(always)]
    fn zip(self, other: Self, with: impl Fn(f64, f64) -> f64) -> Self {
        Self(std::array::from_fn(|i| with(self.0[i], other.0[i])))
    }
    #[inline(always)]
    fn compare(self, other: Self, with: impl Fn(&f64, &f64) -> bool) -> [bool; 4] {
        std::array::from_fn(|i| with(&self.0[i], &other.0[i]))
    }
}

impl Lanes for Portable {
    const COUNT: usize = 4;
    type Mask = [bool; 4];

    #[inline(always)]
    fn splat(value: f64) -> Self {
        Self([value; 4])
    }
    #[inline(always)]
    fn load(from: &[f64]) -> Self {
        Self([from[0], from[1], from[2], from[3]])
    }
    #[inline(always)]
    fn store(self, into: &mut [f64]) {
        into[..4].copy_from_slice(&self.0);
    }
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.zip(other, |a, b| a + b)
    }
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self.zip(other, |a, b| a - b)
    }
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        self.zip(other, |a, b| a * b)
    }
    #[inline(always)]
    fn fma(self, factor: Self, addend: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i].mul_add(factor.0[i], addend.0[i])))
    }
    #[inline(always)]
    fn fnma(self, factor: Self, addend: Self) -> Self {
        Self(std::array::from_fn(|i| (-self.0[i]).mul_add(factor.0[i], addend.0[i])))
    }
    #[inline(always)]
    fn max_abs(self, other: Self) -> Self {
        self.zip(other, |a, b| if a.abs() > b.abs() { a.abs() } else { b.abs() })
    }
    #[inline(always)]
    fn le(self, other: Self) -> [bool; 4] {
        self.compare(other, f64::le)
    }
    #[inline(always)]
    fn lt(self, other: Self) -> [bool; 4] {
        self.compare(other, f64::lt)
    }
    #[inline(always)]
    fn equal(self, other: Self) -> [bool; 4] {
        self.compare(other, f64::eq)
    }
    #[inline(always)]
    fn select(mask: [bool; 4], yes: Self, no: Self) -> Self {
        Self(std::array::from_fn(|i| if mask[i] { yes.0[i] } else { no.0[i] }))
    }
    #[inline(always)]
    fn mask(bits: u32) -> [bool; 4] {
        std::array::from_fn(|i| bits >> i & 1 == 1)
    }
    #[inline(always)]
    fn lines(from: &[[f64; LINE]], places: &[u32; WIDEST]) -> [Self; LINE] {
        std::array::from_fn(|k| Self(std::array::from_fn(|i| from[places[i] as usize][k])))
    }
}
