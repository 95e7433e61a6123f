//! One cell of a picture in plain arithmetic: what can be proved is not iterated, the rest goes to the kernel that
//! suits its counts.

use super::proof::is_interior;
use super::{BAILOUT, Orbits, Rules};
use crate::job::{Formula, Job};
use crate::kernel::{Kernel, run};
use crate::raw::NEVER;
use crate::render::{CELL, Cell};

/// Pixels of a cell.
const MOST: usize = (CELL * CELL) as usize;
/// The smallest square for which a proof is tried.
const SMALLEST: usize = 8;
/// A proof costs as much as so many steps.
const PROOF: u64 = 60_000;
/// Every which pixel is tried to see how long orbits are, and with what limit.
const SAMPLE: (usize, f64) = (61, 256.0);
/// From which averages on blocks with refill are faster, and the steps of such a block.
const SHORT: (f64, f64) = (60.0, 16.0);
const LONG: (f64, f64) = (200.0, 32.0);

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
    let grid = Grid::of(job, cell);
    let mut open = vec![true; cell.raw.steps.len()];
    let shortcuts = job.shortcuts && job.formula == Formula::Mandelbrot;
    if shortcuts && !close(job, &grid, &mut open) {
        // One pixel in the middle of each of the smallest squares tells where a proof may succeed.
        let middles = Middles::of(&grid, &open);
        middles.collect(&grid, &mut scratch.pending);
        follow(job, cell, scratch);
        prove(job, cell, &grid, &mut open);
        middles.close(&grid, &mut open);
    }
    collect(job.formula, &grid, &open, &mut scratch.pending);
    follow(job, cell, scratch);
}

/// Follows what is pending, and writes down who leaves.
fn follow(job: &Job, cell: &mut Cell, scratch: &mut Scratch) {
    let rules = Rules { limit: f64::from(job.limit), block: SHORT.1, cycles: job.shortcuts };
    let Scratch { pending, left, sample, fractions } = scratch;
    let average = average(job.kernel, pending, sample, rules);
    if average > SHORT.0 {
        let rules = Rules { block: if average > LONG.0 { LONG.1 } else { SHORT.1 }, ..rules };
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

/// Where the pixels of a cell lie.
#[derive(Debug)]
struct Grid {
    re: Vec<f64>,
    im: Vec<f64>,
    spacing: f64,
}

impl Grid {
    fn of(job: &Job, cell: &Cell) -> Self {
        let (re, im) = job.view.center();
        let (re, im) = (re.0.to_f64(), im.0.to_f64());
        let across = |column| re + job.view.offset(cell.column + column, 0).0;
        let down = |row| im + job.view.offset(0, cell.row + row).1;
        Self {
            re: (0..cell.raw.columns).map(across).collect(),
            im: (0..cell.raw.rows).map(down).collect(),
            spacing: job.view.spacing_log2().exp2(),
        }
    }

    /// Rows with their numbers and imaginary parts.
    fn rows(&self) -> impl Iterator<Item = (usize, f64)> + '_ {
        self.im.iter().copied().enumerate()
    }

    fn index(&self, column: usize, row: usize) -> usize {
        row * self.re.len() + column
    }

    /// Whether the heart or the disc can reach the cell.
    fn is_near_heart(&self) -> bool {
        let (Some(left), Some(right)) = (self.re.first(), self.re.last()) else { return false };
        let (Some(top), Some(bottom)) = (self.im.first(), self.im.last()) else { return false };
        *left < 0.376 && *right > -1.251 && *top > -0.651 && *bottom < 0.651
    }
}

/// Closes what lies in the heart or in the disc; returns whether nothing else is left to prove.
fn close(job: &Job, grid: &Grid, open: &mut [bool]) -> bool {
    if grid.is_near_heart() {
        for (row, im) in grid.rows() {
            for (column, re) in grid.re.iter().enumerate() {
                open[grid.index(column, row)] = !in_heart_or_disc(*re, im);
            }
        }
    }
    let whole = grid.re.len().max(grid.im.len());
    open.iter().all(|open| !open) || !is_worth_a_proof(job, whole)
}

/// Whether following the points of a square costs more than a proof.
fn is_worth_a_proof(job: &Job, edge: usize) -> bool {
    (edge * edge) as u64 * u64::from(job.limit) > PROOF
}

/// The pixels in the middle of the smallest squares, as far as they are open.
#[derive(Debug)]
struct Middles(Vec<(usize, usize)>);

impl Middles {
    fn of(grid: &Grid, open: &[bool]) -> Self {
        let along = |pixels: usize| (SMALLEST / 2..pixels).step_by(SMALLEST);
        let all = along(grid.im.len())
            .flat_map(|row| along(grid.re.len()).map(move |column| (column, row)));
        Self(all.filter(|(column, row)| open[grid.index(*column, *row)]).collect())
    }

    /// Closes them: they are done.
    fn close(&self, grid: &Grid, open: &mut [bool]) {
        for (column, row) in &self.0 {
            open[grid.index(*column, *row)] = false;
        }
    }

    fn collect(&self, grid: &Grid, pending: &mut Orbits) {
        pending.set_len(0);
        for (column, row) in &self.0 {
            let id = u32::try_from(grid.index(*column, *row)).unwrap_or(u32::MAX);
            pending.push(id, (0.0, 0.0), (grid.re[*column], grid.im[*row]));
        }
    }
}

/// Closes the squares of a cell that are interior as a whole, the largest that can be first.
fn prove(job: &Job, cell: &Cell, grid: &Grid, open: &mut [bool]) {
    let mut squares = vec![Square { column: 0, row: 0, edge: CELL as usize }];
    while let Some(square) = squares.pop() {
        let Square { column, row, edge } = square;
        let (right, below) = ((column + edge).min(grid.re.len()), (row + edge).min(grid.im.len()));
        if column >= right || row >= below || !is_worth_a_proof(job, edge) {
            continue;
        }
        let (all, some) = square.stays(cell, grid, open);
        let half = (edge - 1) as f64 / 2.0 * grid.spacing;
        let middle = (grid.re[column] + half, grid.im[row] - half);
        if all && is_interior(middle, half * 1.415 + 1e-14) {
            for row in row..below {
                open[grid.index(column, row)..grid.index(right, row)].fill(false);
            }
        } else if some && edge > SMALLEST {
            let half = edge / 2;
            let parts = [(0, 0), (half, 0), (0, half), (half, half)];
            squares.extend(parts.map(|(x, y)| Square {
                column: column + x,
                row: row + y,
                edge: half,
            }));
        }
    }
}

/// A part of a cell.
#[derive(Debug, Clone, Copy)]
struct Square {
    column: usize,
    row: usize,
    edge: usize,
}

impl Square {
    /// Whether all the middles in it stay, and whether some do that are neither in the heart nor in the disc.
    fn stays(self, cell: &Cell, grid: &Grid, open: &[bool]) -> (bool, bool) {
        let along = |from: usize, pixels: usize| {
            (from + SMALLEST / 2..(from + self.edge).min(pixels)).step_by(SMALLEST)
        };
        let (mut all, mut some) = (true, false);
        for row in along(self.row, grid.im.len()) {
            for column in along(self.column, grid.re.len()) {
                let pixel = grid.index(column, row);
                let stays = cell.raw.steps[pixel] == NEVER;
                all &= stays;
                some |= stays && open[pixel];
            }
        }
        (all && some, some)
    }
}

/// Makes the open pixels pending.
fn collect(formula: Formula, grid: &Grid, open: &[bool], pending: &mut Orbits) {
    pending.set_len(0);
    for (row, im) in grid.rows() {
        let start = grid.index(0, row);
        let id = u32::try_from(start).unwrap_or(u32::MAX);
        let open = &open[start..start + grid.re.len()];
        match formula {
            Formula::Mandelbrot if open.iter().all(|open| *open) => {
                pending.push_row(id, &grid.re, im);
            }
            _ => {
                for ((id, re), _) in (id..).zip(&grid.re).zip(open).filter(|(_, open)| **open) {
                    match formula {
                        Formula::Mandelbrot => pending.push(id, (0.0, 0.0), (*re, im)),
                        Formula::Julia(cx, cy) => pending.push(id, (*re, im), (cx, cy)),
                    }
                }
            }
        }
    }
}

/// The two largest components, in closed form.
fn in_heart_or_disc(re: f64, im: f64) -> bool {
    let (from_cusp, from_disc) = (re - 0.25, re + 1.0);
    let q = from_cusp * from_cusp + im * im;
    q * (q + from_cusp) <= 0.25 * im * im || from_disc * from_disc + im * im <= 0.0625
}

/// Tries a few pixels; returns their average number of steps, counted up to [`SAMPLE`].
fn average(kernel: Kernel, pending: &Orbits, sample: &mut Orbits, rules: Rules) -> f64 {
    let (every, most) = SAMPLE;
    sample.set_len(0);
    for at in (every / 2..pending.len()).step_by(every) {
        let z = (pending.x[at], pending.y[at]);
        sample.push(0, z, (pending.cx[at], pending.cy[at]));
    }
    if sample.len() < 8 {
        return rules.limit.min(most);
    }
    run::finish(kernel, sample, Rules { limit: most.min(rules.limit), ..rules });
    let steps: f64 = sample.n[..sample.len()].iter().sum();
    steps / f64::from(u32::try_from(sample.len()).unwrap_or(1))
}
