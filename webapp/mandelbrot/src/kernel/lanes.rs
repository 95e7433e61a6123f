//! What the kernels ask of a vector of `f64`: the vocabulary that each instruction set implements.

/// The most lanes of any vector.
pub(crate) const WIDEST: usize = 8;
/// How many neighbouring numbers [`Lanes::lines`] fetches for each lane: a cache line of them.
pub(crate) const LINE: usize = 8;

/// One truth value per lane.
pub(crate) trait Mask: Copy {
    fn and(self, other: Self) -> Self;
    fn or(self, other: Self) -> Self;
    /// This and not the other.
    fn except(self, other: Self) -> Self;
    /// Lane 0 in bit 0.
    fn bits(self) -> u32;
}

/// A vector of `f64`. Implementations other than the portable one are sound only inside a function that
/// enables their instructions; the dispatcher of the parent module is what enters those.
pub(crate) trait Lanes: Copy {
    const COUNT: usize;
    type Mask: Mask;

    fn splat(value: f64) -> Self;
    /// Reads the first [`Lanes::COUNT`] numbers of a slice.
    fn load(from: &[f64]) -> Self;
    /// Writes the first [`Lanes::COUNT`] numbers of a slice.
    fn store(self, into: &mut [f64]);
    fn add(self, other: Self) -> Self;
    fn sub(self, other: Self) -> Self;
    fn mul(self, other: Self) -> Self;
    /// `self · factor + addend`, rounded once.
    fn fma(self, factor: Self, addend: Self) -> Self;
    /// `addend − self · factor`, rounded once.
    fn fnma(self, factor: Self, addend: Self) -> Self;
    /// The larger of both absolute values.
    fn max_abs(self, other: Self) -> Self;
    /// `self ≤ other`, false for what is not a number.
    fn le(self, other: Self) -> Self::Mask;
    /// `self < other`, false for what is not a number.
    fn lt(self, other: Self) -> Self::Mask;
    fn equal(self, other: Self) -> Self::Mask;
    /// `yes` where the mask is set, else `no`.
    fn select(mask: Self::Mask, yes: Self, no: Self) -> Self;
    fn mask(bits: u32) -> Self::Mask;

    /// The lanes that `bits` names, moved together to the front; what follows them is unspecified.
    #[inline(always)]
    fn compress(self, bits: u32) -> Self {
        let (mut from, mut to, mut front) = ([0.0; WIDEST], [0.0; WIDEST], 0);
        self.store(&mut from);
        for (lane, value) in from.iter().enumerate().take(Self::COUNT) {
            if bits >> lane & 1 == 1 {
                to[front] = *value;
                front += 1;
            }
        }
        Self::load(&to)
    }

    /// The numbers of `from`, in order, in the lanes that `bits` names; `self` in the others.
    #[inline(always)]
    fn expand(self, bits: u32, from: &[f64]) -> Self {
        let (mut to, mut front) = ([0.0; WIDEST], 0);
        self.store(&mut to);
        for (lane, value) in to.iter_mut().enumerate().take(Self::COUNT) {
            if bits >> lane & 1 == 1 {
                *value = from[front];
                front += 1;
            }
        }
        Self::load(&to)
    }

    /// For each lane the [`LINE`] neighbours of `from` at its place, turned so that result `k` holds every lane's
    /// `k`-th. Places are in lines.
    fn lines(from: &[[f64; LINE]], places: &[u32; WIDEST]) -> [Self; LINE];
}
