//! Perturbation in vectors: each lane is a pixel z = its distance from the reference orbit. All lanes of a vector stand
//! at starts of lines of the orbit, jump from there if they can, and else take up to eight steps one by one; a
//! lane nearer to 0 than to the reference measures from the orbit's start from then on (rebasing) and waits for
//! the end of the line.

use super::jumps::Jumps;
use super::orbit::Orbit;
use crate::direct::BAILOUT;
use crate::kernel::{LINE, Lanes, Mask, WIDEST};
use crate::render::Cancel;

/// Rounds of jumps between two lines of steps.
const ROUNDS: u32 = 6;

/// Pixels to follow, and where to write what becomes of them.
#[derive(Debug)]
pub(crate) struct Work<'a> {
    pub(crate) orbit: &'a Orbit,
    pub(crate) jumps: &'a Jumps,
    pub(crate) limit: f64,
    /// Distances from the reference point.
    pub(crate) points: &'a [(f64, f64)],
    pub(crate) steps: &'a mut [u32],
    pub(crate) squared: &'a mut [f64],
    pub(crate) cancel: &'a Cancel,
}

/// One vector of pixels under way.
#[derive(Clone, Copy)]
struct Vector<V> {
    zx: V,
    zy: V,
    cx: V,
    cy: V,
    /// The place in the orbit, a multiple of eight, and the steps taken.
    place: V,
    n: V,
    squared: V,
    id: [u32; WIDEST],
    /// Lanes that have a pixel.
    busy: u32,
    /// Lanes that left.
    out: u32,
}

/// Follows all points.
#[inline(always)]
pub(crate) fn perturb<V: Lanes, const U: usize>(work: &mut Work<'_>) {
    let zero = V::splat(0.0);
    let empty = Vector {
        zx: zero,
        zy: zero,
        cx: zero,
        cy: zero,
        place: zero,
        n: zero,
        squared: zero,
        id: [0; WIDEST],
        busy: 0,
        out: 0,
    };
    let mut group = [empty; U];
    let mut next = 0;
    for vector in &mut group {
        exchange(work, vector, (1 << V::COUNT) - 1, &mut next);
    }
    while group.iter().any(|vector| vector.busy != 0) && !work.cancel.is_cancelled() {
        for vector in &mut group {
            jump(work, vector);
        }
        steps(work, &mut group);
        for vector in &mut group {
            let over = V::splat(work.limit).lt(vector.n).bits();
            let done = (vector.out | over) & vector.busy;
            if done != 0 {
                exchange(work, vector, done, &mut next);
            }
        }
    }
}

/// Writes down the pixels of `lanes` that are done, and gives the lanes the next ones.
#[inline(always)]
fn exchange<V: Lanes>(work: &mut Work<'_>, vector: &mut Vector<V>, lanes: u32, next: &mut usize) {
    let all = [vector.zx, vector.zy, vector.cx, vector.cy, vector.place, vector.n, vector.squared];
    let mut columns = [[0.0; WIDEST]; 7];
    for (column, values) in columns.iter_mut().zip(all) {
        values.store(column);
    }
    for lane in 0..V::COUNT {
        let bit = 1 << lane;
        if lanes & bit == 0 {
            continue;
        }
        let (n, squared) = (columns[5][lane], columns[6][lane]);
        if vector.out & bit != 0 && n <= work.limit {
            let pixel = vector.id[lane] as usize;
            work.steps[pixel] = count(n);
            work.squared[pixel] = squared;
        }
        vector.busy &= !bit;
        let (mut x, mut y, mut n) = (0.0, 0.0, 0.0);
        if let Some(point) = work.points.get(*next) {
            (x, y) = *point;
            n = 1.0;
            vector.busy |= bit;
            vector.id[lane] = u32::try_from(*next).unwrap_or(u32::MAX);
            *next += 1;
        }
        for (column, value) in columns.iter_mut().zip([x, y, x, y, 0.0, n, 1.0]) {
            column[lane] = value;
        }
    }
    vector.out &= !lanes;
    let [zx, zy, cx, cy, place, n, squared] = columns.map(|column| V::load(&column));
    *vector = Vector { zx, zy, cx, cy, place, n, squared, ..*vector };
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "made from a u32")]
#[inline(always)]
const fn count(whole: f64) -> u32 {
    whole as u32
}

/// The lines at which the lanes stand.
#[inline(always)]
fn lines_of<V: Lanes>(place: V) -> [u32; WIDEST] {
    let mut places = [0.0; WIDEST];
    place.store(&mut places);
    places.map(|place| count(place) / 8)
}

/// Jumps as long as it pays: while at least a quarter of the lanes can.
#[inline(always)]
fn jump<V: Lanes>(work: &Work<'_>, vector: &mut Vector<V>) {
    let one = V::splat(1.0);
    for _ in 0..ROUNDS {
        let lines = lines_of(vector.place);
        let radii = V::lines(&work.jumps.radii, &lines);
        let size = vector.zx.max_abs(vector.zy);
        let mut able =
            size.lt(radii[0]).and(vector.n.le(V::splat(work.limit))).bits() & vector.busy;
        if able.count_ones() as usize * 4 < V::COUNT {
            return;
        }
        let mut levels = V::splat(-1.0);
        for radius in radii {
            levels = V::select(size.lt(radius), levels.add(one), levels);
        }
        let (mut level, mut sizes) = ([0.0; WIDEST], [0.0; WIDEST]);
        levels.store(&mut level);
        size.store(&mut sizes);
        let mut chosen = [0; WIDEST];
        while able != 0 {
            let lane = able.trailing_zeros() as usize;
            able &= able - 1;
            let at =
                work.jumps.longest(lines[lane] as usize, count(level[lane]) as usize, sizes[lane]);
            chosen[lane] = u32::try_from(at).unwrap_or(0);
        }
        let [ar, ai, br, bi, _, steps, ..] = V::lines(&work.jumps.stretches, &chosen);
        let shift_x = bi.fnma(vector.cy, br.mul(vector.cx));
        let shift_y = bi.fma(vector.cx, br.mul(vector.cy));
        let zx = ai.fnma(vector.zy, ar.fma(vector.zx, shift_x));
        let zy = ai.fma(vector.zx, ar.fma(vector.zy, shift_y));
        (vector.zx, vector.zy) = (zx, zy);
        vector.n = vector.n.add(steps);
        vector.place = vector.place.add(steps);
    }
}

/// Takes the steps of one line of the orbit.
#[inline(always)]
fn steps<V: Lanes, const U: usize>(work: &Work<'_>, group: &mut [Vector<V>; U]) {
    let zero = V::splat(0.0);
    let none = V::mask(0);
    let (mut zr, mut zi) = ([[zero; LINE]; U], [[zero; LINE]; U]);
    let (mut last, mut active, mut restarted, mut out) =
        ([zero; U], [none; U], [none; U], [none; U]);
    #[expect(clippy::cast_precision_loss, reason = "at most 20 million")]
    let end = V::splat(work.orbit.end as f64);
    for (u, vector) in group.iter().enumerate() {
        let lines = lines_of(vector.place);
        zr[u] = V::lines(&work.orbit.re, &lines);
        zi[u] = V::lines(&work.orbit.im, &lines);
        last[u] = end.sub(vector.place);
        active[u] = V::mask(vector.busy);
    }
    let (one, bailout) = (V::splat(1.0), V::splat(BAILOUT));
    let mut k = zero;
    for i in 0..LINE {
        for u in 0..U {
            let vector = &mut group[u];
            let (x, y) = (vector.zx, vector.zy);
            let (wx, wy) = (zr[u][i].add(x), zi[u][i].add(y));
            let squared = wx.fma(wx, wy.mul(wy));
            let far = active[u].except(squared.le(bailout));
            vector.squared = V::select(far, squared, vector.squared);
            out[u] = out[u].or(far);
            let going = active[u].except(far);
            let restart = wx.max_abs(wy).lt(x.max_abs(y)).or(last[u].le(k));
            let ax = V::select(restart, wx, zr[u][i].add(wx));
            let ay = V::select(restart, wy, zi[u][i].add(wy));
            let bx = V::select(restart, wx, x);
            let by = V::select(restart, wy, y);
            let nx = ay.fnma(by, ax.fma(bx, vector.cx));
            let ny = ay.fma(bx, ax.fma(by, vector.cy));
            vector.zx = V::select(going, nx, x);
            vector.zy = V::select(going, ny, y);
            vector.n = V::select(going, vector.n.add(one), vector.n);
            restarted[u] = restarted[u].or(going.and(restart));
            active[u] = going.except(restart);
        }
        k = k.add(one);
    }
    let line = V::splat(8.0);
    for (u, vector) in group.iter_mut().enumerate() {
        let on = V::select(active[u], vector.place.add(line), vector.place);
        vector.place = V::select(restarted[u], zero, on);
        vector.out = out[u].bits();
    }
}
