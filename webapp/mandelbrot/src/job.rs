//! What is to be computed, and what it will cost before any of it is.

use crate::coordinate::Coordinate;
use crate::kernel::Kernel;
use crate::refused::Refused;
use crate::view::View;

/// The largest iteration limit.
pub const MOST_ITERATIONS: u32 = 20_000_000;

/// Which map is iterated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Formula {
    /// z² + c from 0, c being the pixel.
    Mandelbrot,
    /// z² + c from the pixel, c being the same everywhere; plain arithmetic only.
    Julia(f64, f64),
}

/// How much a count may differ from that of exact arithmetic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Accuracy {
    /// As plain `f64` has it wherever pixels differ at all; at depth like [`Accuracy::Fast`].
    Draft,
    /// A few pixels in ten thousand may differ; jumps of the deep path are good to 2⁻³².
    Fast,
    /// No known pixel differs; jumps are good to 2⁻⁵³.
    Exact,
}

impl Accuracy {
    /// The finest spacing of pixels that plain `f64` arithmetic serves.
    pub(crate) const fn finest_direct(self) -> f64 {
        match self {
            Self::Draft => 1e-12,
            Self::Fast => 3e-6,
            Self::Exact => 1e-4,
        }
    }

    /// The relative error that a jump may make.
    pub(crate) fn tolerance(self) -> f64 {
        match self {
            Self::Draft | Self::Fast => 2_f64.powi(-32),
            Self::Exact => 2_f64.powi(-53),
        }
    }
}

/// A point from which neighbouring views are measured, and two to which power they lie within.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Anchor {
    pub(crate) point: (Coordinate, Coordinate),
    pub(crate) reach_log2: i32,
}

/// A view with its formula, limit and accuracy.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    pub(crate) view: View,
    pub(crate) limit: u32,
    pub(crate) formula: Formula,
    pub(crate) accuracy: Accuracy,
    pub(crate) anchor: Option<Anchor>,
    pub(crate) shortcuts: bool,
    pub(crate) kernel: Kernel,
}

/// What a job will cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plan {
    /// Whether the deep path is taken.
    pub deep: bool,
    /// Whether distances are too small for floats, so that every step costs a multiple.
    pub beyond_floats: bool,
    /// Bits of the reference orbit, 0 without one.
    pub bits: u32,
    /// How many pixels there are.
    pub pixels: u64,
    /// The most steps of the reference orbit that can be needed.
    pub orbit_steps: u64,
    /// The most steps of pixels that can be needed.
    pub most_steps: u64,
    /// The most bytes held for the reference orbit and its jumps.
    pub reference_bytes: u64,
}

impl Job {
    /// Asks for the Mandelbrot set, fast, with all shortcuts.
    ///
    /// # Errors
    /// When `limit` is 0 or above [`MOST_ITERATIONS`].
    pub fn new(view: View, limit: u32) -> Result<Self, Refused> {
        if !(1..=MOST_ITERATIONS).contains(&limit) {
            let wanted = format!("from 1 to {MOST_ITERATIONS}");
            return Err(Refused::new("iterations", wanted));
        }
        Ok(Self {
            view,
            limit,
            formula: Formula::Mandelbrot,
            accuracy: Accuracy::Fast,
            anchor: None,
            shortcuts: true,
            kernel: Kernel::best(),
        })
    }

    /// Asks for another accuracy.
    #[must_use]
    pub const fn with_accuracy(mut self, accuracy: Accuracy) -> Self {
        self.accuracy = accuracy;
        self
    }

    /// Asks for the Julia set of `c` instead.
    ///
    /// # Errors
    /// When `c` is not a pair of numbers from −4 to 4, or the view is too deep for plain arithmetic.
    pub fn julia(mut self, c: (f64, f64)) -> Result<Self, Refused> {
        if !(c.0.abs() <= 4.0 && c.1.abs() <= 4.0) {
            return Err(Refused::new("c", "two numbers from -4 to 4"));
        }
        if self.view.spacing_log2() < Accuracy::Draft.finest_direct().log2() {
            return Err(Refused::new(
                "width",
                "so that pixels of a Julia set are at least 1e-12 apart",
            ));
        }
        self.formula = Formula::Julia(c.0, c.1);
        Ok(self)
    }

    /// Measures a deep view from this point, of which all of it lies within 2^`reach_log2`: jobs that name the same share
    /// one orbit.
    #[must_use]
    pub fn anchored(mut self, point: (Coordinate, Coordinate), reach_log2: i32) -> Self {
        self.anchor = Some(Anchor { point, reach_log2 });
        self
    }

    /// Leaves out closed forms, proofs and cycles: every pixel is iterated to its end. For measurements.
    #[must_use]
    pub const fn without_shortcuts(mut self) -> Self {
        self.shortcuts = false;
        self
    }

    /// Computes with these instructions instead of the fastest ones; the result is the same.
    #[must_use]
    pub const fn on(mut self, kernel: Kernel) -> Self {
        self.kernel = kernel;
        self
    }

    /// Returns the view.
    pub const fn view(&self) -> &View {
        &self.view
    }

    /// Returns the iteration limit.
    pub const fn limit(&self) -> u32 {
        self.limit
    }

    pub(crate) fn is_deep(&self) -> bool {
        self.formula == Formula::Mandelbrot
            && self.view.spacing_log2() < self.accuracy.finest_direct().log2()
    }
}

/// Returns the most that a job can cost, without computing any of it.
pub fn plan(job: &Job) -> Plan {
    let (columns, rows) = job.view.size();
    let limbs = u32::try_from(job.view.limbs()).unwrap_or(u32::MAX);
    let deep = job.is_deep();
    Plan {
        deep,
        bits: if deep { limbs * 64 } else { 0 },
        pixels: u64::from(columns) * u64::from(rows),
        orbit_steps: if deep { u64::from(job.limit) } else { 0 },
        most_steps: u64::from(columns) * u64::from(rows) * u64::from(job.limit),
        beyond_floats: job.view.scale() != 0,
        // 16 bytes of orbit, 8 of radii and 16 of jumps a step.
        reference_bytes: if deep { u64::from(job.limit) * 40 } else { 0 },
    }
}
