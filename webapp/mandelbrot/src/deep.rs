//! Rendering beyond `f64`: one orbit in full precision ([`orbit`]), everybody else as a small difference from it
//! ([`lanes`]), and linear jumps over many steps at once ([`jumps`]).

mod beyond;
mod exact;
pub(crate) mod jumps;
pub(crate) mod lanes;
pub(crate) mod orbit;
mod references;

use std::sync::Arc;

pub use references::References;

use crate::fixed::Fixed;
use crate::job::{Accuracy, Anchor, Job};
use crate::kernel::run;
use crate::raw::NEVER;
use crate::render::{Cancel, Cancelled, Cell};
use crate::wide::Wide;
use jumps::Jumps;
use orbit::Orbit;

/// A reference orbit with its jumps, good for every job of the same key.
#[derive(Debug)]
pub(crate) struct Reference {
    orbit: Orbit,
    jumps: Jumps,
    /// Those for points that floats cannot tell from the reference.
    beyond: beyond::Jumps,
}

/// What a reference depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    point: (Fixed, Fixed),
    limit: u32,
    /// Points lie within two to the power of this of the reference.
    radius_log2: i32,
    beyond_floats: bool,
    accuracy: Accuracy,
}

/// A job's reference, and where the middle of its view lies from it.
#[derive(Debug)]
pub(crate) struct Deep {
    reference: Arc<Reference>,
    shift: (f64, f64),
    /// The same from another point: where both disagree, neither can be trusted.
    second: Option<Box<Self>>,
}

/// Finds or computes the reference of a job, for the exact mode two of them.
pub(crate) fn prepare(
    job: &Job,
    references: &References,
    cancel: &Cancel,
) -> Result<Deep, Cancelled> {
    let limbs = job.view.limbs();
    let point = match &job.anchor {
        Some(Anchor { point: (re, im), .. }) => (re.0.resized(limbs), im.0.resized(limbs)),
        None => job.view.middle(limbs),
    };
    if job.accuracy != Accuracy::Exact {
        return measured_from(point, job, references, cancel);
    }
    let width = job.view.width();
    let (aside, _) = Wide::new(width.value * 0.137, 0.0, width.scale).to_fixed(limbs);
    let second = (point.0.plus(&aside), point.1.minus(&aside));
    let mut deep = measured_from(point, job, references, cancel)?;
    deep.second = Some(Box::new(measured_from(second, job, references, cancel)?));
    Ok(deep)
}

fn measured_from(
    point: (Fixed, Fixed),
    job: &Job,
    references: &References,
    cancel: &Cancel,
) -> Result<Deep, Cancelled> {
    let middle = job.view.middle(job.view.limbs());
    let scale = job.view.scale();
    let shift = Wide::of(&middle.0.minus(&point.0), &middle.1.minus(&point.1));
    let shift = shift.shifted(-scale).to_f64();
    let corner = job.view.offset(0, 0);
    // A single pixel has its corner in the middle.
    let least = f64::exp2(job.view.spacing_log2() - f64::from(scale));
    let radius = shift.0.hypot(shift.1) + corner.0.hypot(corner.1).max(least);
    let shared = job.anchor.as_ref().map_or(i32::MIN, |anchor| anchor.reach_log2);
    let key = Key {
        point,
        limit: job.limit,
        radius_log2: (exponent_above(radius) + scale).max(shared),
        beyond_floats: scale != 0,
        accuracy: job.accuracy,
    };
    let reference = references.find_or(key, |key| Reference::compute(key, cancel))?;
    Ok(Deep { reference, shift, second: None })
}

/// A power of two above a radius, in steps of 2⁴ so that the tiles of a view agree on it.
#[expect(clippy::cast_possible_truncation, reason = "the exponent of a float")]
fn exponent_above(radius: f64) -> i32 {
    (radius.log2() / 4.0).ceil() as i32 * 4
}

impl Reference {
    fn compute(key: &Key, cancel: &Cancel) -> Result<Self, Cancelled> {
        let radius = Wide::new(1.0, 0.0, key.radius_log2);
        let orbit = orbit::follow(&key.point, key.limit, radius, cancel)?;
        let tolerance = key.accuracy.tolerance();
        let (jumps, beyond) = if key.beyond_floats {
            (Jumps::default(), beyond::Jumps::over(&orbit, radius, tolerance))
        } else {
            let jumps = Jumps::over(&orbit, 2_f64.powi(key.radius_log2), tolerance);
            (jumps, beyond::Jumps::default())
        };
        Ok(Self { orbit, jumps, beyond })
    }

    pub(crate) fn bytes(&self) -> usize {
        self.orbit.re.len() * 128 + self.jumps.bytes() + self.beyond.bytes()
    }
}

impl Deep {
    /// Steps of the reference orbit.
    pub(crate) fn len(&self) -> usize {
        self.reference.orbit.end + 1
    }

    /// Fills a cell.
    pub(crate) fn draw(&self, job: &Job, cell: &mut Cell, cancel: &Cancel) {
        self.perturb(job, cell, cancel);
        if let Some(second) = &self.second {
            let mut other = cell.clone();
            second.perturb(job, &mut other, cancel);
            exact::settle(job, cell, &other, cancel);
        }
    }

    fn perturb(&self, job: &Job, cell: &mut Cell, cancel: &Cancel) {
        let mut points = Vec::with_capacity(cell.raw.steps.len());
        for row in 0..cell.raw.rows {
            for column in 0..cell.raw.columns {
                let (right, up) = job.view.offset(cell.column + column, cell.row + row);
                points.push((self.shift.0 + right, self.shift.1 + up));
            }
        }
        let mut squared = vec![1.0; points.len()];
        if job.view.scale() != 0 {
            self.follow_each(job, &points, (&mut cell.raw.steps, &mut squared), cancel);
        } else {
            self.follow_in_vectors(job, &points, (&mut cell.raw.steps, &mut squared), cancel);
        }
        run::fractions(job.kernel, &squared, &mut cell.raw.fraction);
        for (fraction, steps) in cell.raw.fraction.iter_mut().zip(&cell.raw.steps) {
            if *steps == NEVER {
                *fraction = 0.0;
            }
        }
    }

    fn follow_each(
        &self,
        job: &Job,
        points: &[(f64, f64)],
        (steps, squared): (&mut [u32], &mut [f64]),
        cancel: &Cancel,
    ) {
        let Reference { orbit, beyond, .. } = &*self.reference;
        for ((&(re, im), steps), squared) in points.iter().zip(steps).zip(squared) {
            let c = Wide::new(re, im, job.view.scale());
            (*steps, *squared) = beyond::follow(orbit, beyond, c, job.limit, cancel);
        }
    }

    fn follow_in_vectors(
        &self,
        job: &Job,
        points: &[(f64, f64)],
        (steps, squared): (&mut [u32], &mut [f64]),
        cancel: &Cancel,
    ) {
        let mut work = lanes::Work {
            orbit: &self.reference.orbit,
            jumps: &self.reference.jumps,
            limit: f64::from(job.limit),
            points,
            steps,
            squared,
            cancel,
        };
        run::perturb(job.kernel, &mut work);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extent::Extent;
    use crate::raw::Raw;
    use crate::render::draw;
    use crate::view::View;

    fn drawn(width: Extent) -> Raw {
        let center = (
            "-1.479815776132473260722984525978778546922407257740453696898785101398649207410022938202505173".parse(),
            "-0.000639111932613617271521396322556715729573039189439847360473949364712209519618133219285730".parse(),
        );
        let view = View::new((center.0.unwrap(), center.1.unwrap()), width, (60, 40)).unwrap();
        let job = Job::new(view, 20_000).unwrap();
        draw(&job, &References::new(0), &Cancel::default()).unwrap()
    }

    #[test]
    fn numbers_with_exponents_of_their_own_give_what_floats_give() {
        for power in [-60, -200, -280] {
            let floats = drawn(Extent::power_of_two(power).unwrap());
            let beyond = drawn(Extent { value: 1.0, scale: power });
            let differ = floats.steps.iter().zip(&beyond.steps).filter(|(a, b)| a != b).count();
            assert!(differ <= 2, "{differ} of 2400 pixels at 2^{power}");
            let most = floats.steps.iter().filter(|&&steps| steps != NEVER).max();
            assert!(most > floats.steps.iter().min(), "all the same at 2^{power}");
        }
    }
}
