//! Interleaved vectors in blocks of steps without a test, whose lanes are refilled as they become free.

use super::{BAILOUT, Orbits, Rules};
use crate::kernel::{Lanes, Mask};

/// Blocks between two looks for a cycle.
const LOOK: u32 = 4;

/// Points under way, `U` vectors of them; a lane without one has a `limit` of its own that never comes.
struct Group<V, const U: usize> {
    x: [V; U],
    y: [V; U],
    cx: [V; U],
    cy: [V; U],
    n: [V; U],
    id: [V; U],
    /// An earlier point of the orbit, and the step count at which the next one is kept.
    seen_x: [V; U],
    seen_y: [V; U],
    mark: [V; U],
    idle: [u32; U],
}

/// Follows the orbits of `pending` from where they stand. Those that leave within the next block, or for which
/// it would be beyond the limit, are put to `left` as they were before it; those that never leave are dropped.
#[inline(always)]
pub(crate) fn sweep<V: Lanes, const U: usize>(pending: &Orbits, rules: Rules, left: &mut Orbits) {
    let zero = [V::splat(0.0); U];
    let all = (1 << V::COUNT) - 1;
    let mut group = Group::<V, U> {
        x: zero,
        y: zero,
        cx: zero,
        cy: zero,
        n: zero,
        id: zero,
        seen_x: zero,
        seen_y: zero,
        mark: zero,
        idle: [all; U],
    };
    let mut next = 0;
    for u in 0..U {
        refill(&mut group, u, all, pending, &mut next);
    }
    let last = V::splat(rules.limit - rules.block);
    for round in 1_u32.. {
        let (x, y) = block(&group, rules.block);
        for u in 0..U {
            let far = x[u].fma(x[u], y[u].mul(y[u]));
            let stays = far.le(V::splat(BAILOUT)).and(group.n[u].le(last));
            let leaves = all & !stays.bits() & !group.idle[u];
            if leaves != 0 {
                put(&group, u, leaves, left);
            }
            group.x[u] = x[u];
            group.y[u] = y[u];
            group.n[u] = group.n[u].add(V::splat(rules.block));
            if leaves != 0 {
                refill(&mut group, u, leaves, pending, &mut next);
            }
        }
        if rules.cycles && round % LOOK == 0 {
            drop_cycles(&mut group, pending, &mut next);
        }
        if next == pending.len() && group.idle.iter().all(|&idle| idle == all) {
            return;
        }
    }
}

#[inline(always)]
fn block<V: Lanes, const U: usize>(group: &Group<V, U>, steps: f64) -> ([V; U], [V; U]) {
    let (mut x, mut y) = (group.x, group.y);
    let mut step = 0.0;
    while step < steps {
        for u in 0..U {
            let t = y[u].fnma(y[u], group.cx[u]);
            let twice = x[u].add(x[u]);
            x[u] = x[u].fma(x[u], t);
            y[u] = twice.fma(y[u], group.cy[u]);
        }
        step += 1.0;
    }
    (x, y)
}

#[inline(always)]
fn put<V: Lanes, const U: usize>(group: &Group<V, U>, u: usize, lanes: u32, left: &mut Orbits) {
    let at = left.len();
    group.x[u].compress(lanes).store(&mut left.x[at..]);
    group.y[u].compress(lanes).store(&mut left.y[at..]);
    group.cx[u].compress(lanes).store(&mut left.cx[at..]);
    group.cy[u].compress(lanes).store(&mut left.cy[at..]);
    group.n[u].compress(lanes).store(&mut left.n[at..]);
    group.id[u].compress(lanes).store(&mut left.id[at..]);
    left.set_len(at + lanes.count_ones() as usize);
}

/// Gives `lanes` the next pending points; when there are too few, the rest rests at 0, where nothing happens.
#[inline(always)]
fn refill<V: Lanes, const U: usize>(
    group: &mut Group<V, U>,
    u: usize,
    lanes: u32,
    pending: &Orbits,
    next: &mut usize,
) {
    let open = pending.len() - *next;
    let (mut taken, mut spare) = (lanes, 0);
    while taken.count_ones() as usize > open {
        let highest = 1 << (31 - taken.leading_zeros());
        (taken, spare) = (taken & !highest, spare | highest);
    }
    let at = *next;
    let zero = V::splat(0.0);
    let rest = V::mask(spare);
    let fill = |old: V, from: &[f64]| V::select(rest, zero, old.expand(taken, &from[at..]));
    group.x[u] = fill(group.x[u], &pending.x);
    group.y[u] = fill(group.y[u], &pending.y);
    group.cx[u] = fill(group.cx[u], &pending.cx);
    group.cy[u] = fill(group.cy[u], &pending.cy);
    group.n[u] = fill(group.n[u], &pending.n);
    group.id[u] = fill(group.id[u], &pending.id);
    let fresh = V::mask(lanes);
    group.seen_x[u] = V::select(fresh, V::splat(f64::NAN), group.seen_x[u]);
    group.mark[u] = V::select(fresh, zero, group.mark[u]);
    group.idle[u] = group.idle[u] & !lanes | spare;
    *next += taken.count_ones() as usize;
}

/// Frees the lanes whose orbit is again exactly where it was (Brent): what repeats never leaves.
#[inline(always)]
fn drop_cycles<V: Lanes, const U: usize>(
    group: &mut Group<V, U>,
    pending: &Orbits,
    next: &mut usize,
) {
    for u in 0..U {
        let same = group.x[u].equal(group.seen_x[u]).and(group.y[u].equal(group.seen_y[u]));
        let repeats = same.bits() & !group.idle[u];
        let keep = group.mark[u].le(group.n[u]);
        group.seen_x[u] = V::select(keep, group.x[u], group.seen_x[u]);
        group.seen_y[u] = V::select(keep, group.y[u], group.seen_y[u]);
        group.mark[u] = V::select(keep, group.n[u].add(group.n[u]), group.mark[u]);
        if repeats != 0 {
            refill(group, u, repeats, pending, next);
        }
    }
}
