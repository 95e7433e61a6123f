//! The pixels that rounding could decide: found by computing all twice from different references, settled in full
//! precision. Near the set's boundary orbits magnify an error of 2⁻⁵³ to any size.

use rayon::prelude::*;

use super::orbit::Iterate;
use crate::direct::BAILOUT;
use crate::job::Job;
use crate::raw::NEVER;
use crate::render::{Cancel, Cell};
use crate::wide::Wide;

/// By how much two smooth counts of the same step may differ without suspicion.
const AGREEMENT: f32 = 2e-5;

/// Replaces in `cell` what `other` does not confirm.
pub(super) fn settle(job: &Job, cell: &mut Cell, other: &Cell, cancel: &Cancel) {
    let (column, row, columns) = (cell.column, cell.row, cell.raw.columns);
    let pixels = cell.raw.steps.par_iter_mut().zip(&mut cell.raw.fraction);
    let others = other.raw.steps.par_iter().zip(&other.raw.fraction);
    pixels.zip(others).zip(0..columns * cell.raw.rows).for_each(
        |(((steps, fraction), (other_steps, other_fraction)), at)| {
            let agreed = steps == other_steps && (*fraction - other_fraction).abs() < AGREEMENT;
            if !agreed {
                let offset = job.view.offset(column + at % columns, row + at / columns);
                if let Some(exact) = followed(job, offset, cancel) {
                    *steps = exact;
                }
            }
        },
    );
}

/// The exact count of one pixel, `None` when cancelled.
fn followed(job: &Job, offset: (f64, f64), cancel: &Cancel) -> Option<u32> {
    let limbs = job.view.limbs() + 1;
    let middle = job.view.middle(limbs);
    let exact = |part: f64| Wide::new(part, 0.0, job.view.scale()).to_fixed(limbs).0;
    let (re, im) = (middle.0.plus(&exact(offset.0)), middle.1.plus(&exact(offset.1)));
    let point = (re, im);
    let mut z = Iterate::new(&point);
    for step in 1..=job.limit {
        let (re, im) = (z.re.to_f64(), z.im.to_f64());
        if re * re + im * im > BAILOUT {
            return Some(step);
        }
        if step % 1024 == 0 && cancel.is_cancelled() {
            return None;
        }
        z.step(&point);
    }
    Some(NEVER)
}
