//! What was computed, before any colour.

/// The count of a point that did not leave.
pub const NEVER: u32 = u32::MAX;

/// A rectangle of results, row by row from the top left.
#[derive(Debug, Clone, PartialEq)]
pub struct Raw {
    /// Pixels in a row.
    pub columns: u32,
    /// Rows of pixels.
    pub rows: u32,
    /// Steps until |z| > 256, [`NEVER`] for a point still inside at the limit.
    pub steps: Vec<u32>,
    /// What makes the count continuous when added to it: about 0 to 1.
    pub fraction: Vec<f32>,
}

impl Raw {
    /// Makes a rectangle of points that never leave.
    pub fn inside(columns: u32, rows: u32) -> Self {
        let pixels = columns as usize * rows as usize;
        Self { columns, rows, steps: vec![NEVER; pixels], fraction: vec![0.0; pixels] }
    }

    /// Returns the smooth counts, infinite for points that never leave.
    #[expect(clippy::cast_precision_loss, reason = "a colour needs no more than f32")]
    pub fn smooth(&self) -> Vec<f32> {
        let count = |(&steps, &fraction): (&u32, &f32)| match steps {
            NEVER => f32::INFINITY,
            _ => (steps as f32 + fraction).max(0.0),
        };
        self.steps.iter().zip(&self.fraction).map(count).collect()
    }

    /// Estimates the distance to the set in pixels, 0 inside: from how fast the smooth count changes
    /// (|∇μ| ≈ 1 / (d · ln 2)). Good where neighbouring pixels are in the same filament.
    pub fn distance(&self) -> Vec<f32> {
        let (columns, rows) = (self.columns as usize, self.rows as usize);
        let difference = |a: usize, b: usize| {
            let whole = f64::from(self.steps[a]) - f64::from(self.steps[b]);
            whole + f64::from(self.fraction[a]) - f64::from(self.fraction[b])
        };
        let slope = |at: usize, before: Option<usize>, after: Option<usize>| {
            let open = |other: &usize| self.steps[*other] != NEVER;
            match (before.filter(open), after.filter(open)) {
                (Some(before), Some(after)) => difference(after, before) / 2.0,
                (Some(other), None) | (None, Some(other)) => difference(at, other),
                (None, None) => f64::INFINITY,
            }
        };
        let mut distances = Vec::with_capacity(columns * rows);
        for at in 0..columns * rows {
            let (column, row) = (at % columns, at / columns);
            let along =
                slope(at, (column > 0).then(|| at - 1), (column + 1 < columns).then(|| at + 1));
            let down =
                slope(at, (row > 0).then(|| at - columns), (row + 1 < rows).then(|| at + columns));
            distances.push(if self.steps[at] == NEVER { 0.0 } else { shrunk(along, down) });
        }
        distances
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a colour needs no more than f32")]
fn shrunk(along: f64, down: f64) -> f32 {
    (std::f64::consts::LOG2_E / along.hypot(down)).min(1e6) as f32
}
