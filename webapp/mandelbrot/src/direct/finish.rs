//! Masked vectors: every lane keeps the state in which it left, all wait for the last one.

use super::{BAILOUT, Orbits, Rules};
use crate::kernel::{Lanes, Mask};

/// Follows every orbit until it leaves or has taken `limit` steps; sets `n`, and `squared` to |z|² after them.
#[inline(always)]
pub(crate) fn finish<V: Lanes, const U: usize>(orbits: &mut Orbits, rules: Rules) {
    let group = U * V::COUNT;
    for at in (0..orbits.len()).step_by(group) {
        let live = (orbits.len() - at).min(group);
        one_group::<V, U>(orbits, at, live, rules.limit);
    }
}

#[inline(always)]
fn one_group<V: Lanes, const U: usize>(orbits: &mut Orbits, at: usize, live: usize, limit: f64) {
    let zero = V::splat(0.0);
    let (mut x, mut y, mut cx, mut cy) = ([zero; U], [zero; U], [zero; U], [zero; U]);
    let (mut n, mut squared, mut alive) = ([zero; U], [zero; U], [V::mask(0); U]);
    let (one, bailout, limit) = (V::splat(1.0), V::splat(BAILOUT), V::splat(limit));
    for u in 0..U {
        let here = at + u * V::COUNT;
        x[u] = V::load(&orbits.x[here..]);
        y[u] = V::load(&orbits.y[here..]);
        cx[u] = V::load(&orbits.cx[here..]);
        cy[u] = V::load(&orbits.cy[here..]);
        n[u] = V::load(&orbits.n[here..]);
        let filled = live.saturating_sub(u * V::COUNT).min(V::COUNT);
        alive[u] = V::mask((1 << filled) - 1).and(n[u].lt(limit));
    }
    let mut any = alive.iter().fold(0, |bits, mask| bits | mask.bits());
    while any != 0 {
        any = 0;
        for u in 0..U {
            let t = y[u].fnma(y[u], cx[u]);
            let twice = x[u].add(x[u]);
            x[u] = x[u].fma(x[u], t);
            y[u] = twice.fma(y[u], cy[u]);
            let far = x[u].fma(x[u], y[u].mul(y[u]));
            squared[u] = V::select(alive[u], far, squared[u]);
            n[u] = V::select(alive[u], n[u].add(one), n[u]);
            alive[u] = alive[u].and(far.le(bailout)).and(n[u].lt(limit));
            any |= alive[u].bits();
        }
    }
    for u in 0..U {
        let here = at + u * V::COUNT;
        n[u].store(&mut orbits.n[here..]);
        squared[u].store(&mut orbits.squared[here..]);
    }
}
