//! One cell of a picture in plain arithmetic: what can be proved is not iterated, the rest goes to the kernel that
//! suits its counts.

use super::proof::is_interior;
use super::{BAILOUT, Orbits, Rules};
use crate::job::{Formula, Job};
use crate::kernel::{Kernel, run};
use crate::render::{CELL, Cell};

/// Pixels of a cell.
const MOST: usize = (CELL * CELL) as usize;
/// The smallest square worth a proof.
const SMALLEST: u32 = 8;
/// Every which pixel is tried to see how long orbits are, and with what limit.
const SAMPLE: (usize, f64) = (61, 256.0);
/// From which average on blocks with refill are faster.
const LONG: f64 = 90.0;

/// Memory that one thread uses again and again.
#[derive(Debug)]
pub(crate) struct Scratch {
    pending: Orbits,
    left: Orbits,
    sample: Orbits,
    fractions: Vec<f32>,
}

impl Default for Scratch {
    fn default() -> Self {
        let room = || Orbits::with_room(MOST);
        Self { pending: room(), left: room(), sample: room(), fractions: vec![0.0; MOST] }
    }
}

/// Fills a cell.
pub(crate) fn draw(job: &Job, cell: &mut Cell, scratch: &mut Scratch) {
    let mut open = vec![true; cell.raw.steps.len()];
    if job.shortcuts && job.formula == Formula::Mandelbrot {
        prove(job, cell, &mut open, Square { column: 0, row: 0, edge: CELL });
    }
    collect(job, cell, &open, &mut scratch.pending);
    let rules = Rules { limit: f64::from(job.limit), cycles: job.shortcuts };
    let Scratch { pending, left, sample, fractions } = scratch;
    if is_long(job.kernel, pending, sample, rules) {
        left.set_len(0);
        run::sweep(job.kernel, pending, rules, left);
        std::mem::swap(pending, left);
    }
    run::finish(job.kernel, pending, rules);
    let done = pending.len();
    run::fractions(job.kernel, &pending.squared[..done], &mut fractions[..done]);
    for (at, fraction) in fractions.iter().enumerate().take(done) {
        if pending.squared[at] > BAILOUT {
            let pixel = index(pending.id[at]);
            cell.raw.steps[pixel] = count(pending.n[at]);
            cell.raw.fraction[pixel] = *fraction;
        }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "made from a u32")]
const fn count(whole: f64) -> u32 {
    whole as u32
}

const fn index(id: f64) -> usize {
    count(id) as usize
}

/// A part of a cell.
#[derive(Debug, Clone, Copy)]
struct Square {
    column: u32,
    row: u32,
    edge: u32,
}

/// Closes the squares of a cell that are interior as a whole.
fn prove(job: &Job, cell: &Cell, open: &mut [bool], square: Square) {
    let (columns, rows) = (cell.raw.columns, cell.raw.rows);
    if square.column >= columns || square.row >= rows {
        return;
    }
    let corner = point(job, cell, square.column, square.row);
    let spacing = job.view.spacing_log2().exp2();
    let half = f64::from(square.edge - 1) / 2.0 * spacing;
    let radius = half * 1.415 + 1e-14;
    if is_interior((corner.0 + half, corner.1 - half), radius) {
        for row in square.row..(square.row + square.edge).min(rows) {
            let start = (row * columns + square.column) as usize;
            let end = (row * columns + (square.column + square.edge).min(columns)) as usize;
            open[start..end].fill(false);
        }
    } else if square.edge > SMALLEST && may_hold_interior(job, cell, square) {
        let edge = square.edge / 2;
        for (right, down) in [(0, 0), (edge, 0), (0, edge), (edge, edge)] {
            let part = Square { column: square.column + right, row: square.row + down, edge };
            prove(job, cell, open, part);
        }
    }
}

/// Whether one of a few points of a square stays for a while: proofs cost, and most squares have no interior.
fn may_hold_interior(job: &Job, cell: &Cell, square: Square) -> bool {
    [(1, 1), (3, 1), (1, 3), (3, 3)].into_iter().any(|(right, down)| {
        let column = square.column + right * square.edge / 4;
        let (cx, cy) = point(job, cell, column, square.row + down * square.edge / 4);
        let (mut x, mut y) = (0.0_f64, 0.0_f64);
        for _ in 0..256_u32.min(job.limit) {
            (x, y) = (x * x - y * y + cx, 2.0 * x * y + cy);
            if x * x + y * y > 4.0 {
                return false;
            }
        }
        true
    })
}

fn point(job: &Job, cell: &Cell, column: u32, row: u32) -> (f64, f64) {
    let (right, up) = job.view.offset(cell.column + column, cell.row + row);
    let (re, im) = job.view.center();
    (re.0.to_f64() + right, im.0.to_f64() + up)
}

/// Makes the open pixels pending.
fn collect(job: &Job, cell: &Cell, open: &[bool], pending: &mut Orbits) {
    pending.set_len(0);
    let closed_form = job.shortcuts && job.formula == Formula::Mandelbrot;
    let center = (job.view.re.0.to_f64(), job.view.im.0.to_f64());
    let mut id = 0;
    for row in 0..cell.raw.rows {
        for column in 0..cell.raw.columns {
            let (right, up) = job.view.offset(cell.column + column, cell.row + row);
            let (re, im) = (center.0 + right, center.1 + up);
            if open[id as usize] && !(closed_form && in_heart_or_disc(re, im)) {
                match job.formula {
                    Formula::Mandelbrot => pending.push(id, (0.0, 0.0), (re, im)),
                    Formula::Julia(cx, cy) => pending.push(id, (re, im), (cx, cy)),
                }
            }
            id += 1;
        }
    }
}

/// The two largest components, in closed form.
fn in_heart_or_disc(re: f64, im: f64) -> bool {
    let (from_cusp, from_disc) = (re - 0.25, re + 1.0);
    let q = from_cusp * from_cusp + im * im;
    q * (q + from_cusp) <= 0.25 * im * im || from_disc * from_disc + im * im <= 0.0625
}

/// Tries a few pixels.
fn is_long(kernel: Kernel, pending: &Orbits, sample: &mut Orbits, rules: Rules) -> bool {
    let (every, most) = SAMPLE;
    if rules.limit <= most || pending.len() < 8 * every {
        return rules.limit > most;
    }
    sample.set_len(0);
    for at in (every / 2..pending.len()).step_by(every) {
        let z = (pending.x[at], pending.y[at]);
        sample.push(0, z, (pending.cx[at], pending.cy[at]));
    }
    run::finish(kernel, sample, Rules { limit: most, ..rules });
    let steps: f64 = sample.n[..sample.len()].iter().sum();
    steps > LONG * f64::from(u32::try_from(sample.len()).unwrap_or(1))
}
