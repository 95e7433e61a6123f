//! From counts to turns of a colour wheel: which property of a point its colour shows.

use crate::raw::Raw;

/// What a colour stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coloring {
    /// How soon the point leaves, without steps.
    Smooth,
    /// How soon the point leaves, in whole steps.
    Bands,
    /// How far the set is, in pixels.
    Distance,
    /// How many pixels of the same picture leave sooner: equal areas for all colours.
    Histogram,
    /// Whether the point leaves at all.
    Plain,
}

/// Outer bands and deep filaments get about the same number of pixels per turn from a logarithm.
const TURNS: f32 = 0.8;
const TURNS_OF_DISTANCE: f32 = 0.12;
/// Pixels beyond which counts of neighbours change too little to tell.
const FAR: f32 = 24.0;

impl Coloring {
    /// Every way to colour, the default first.
    pub const ALL: [Self; 5] =
        [Self::Smooth, Self::Bands, Self::Distance, Self::Histogram, Self::Plain];

    /// Returns the name used in addresses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Smooth => "smooth",
            Self::Bands => "bands",
            Self::Distance => "distance",
            Self::Histogram => "histogram",
            Self::Plain => "plain",
        }
    }

    /// Returns the way of that [`Coloring::name`].
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|coloring| coloring.name() == name)
    }

    /// Returns the turns of each pixel of a whole picture, infinite for points that never leave. Colours begin with the
    /// point that leaves first, because deep down all of them take long.
    pub fn turns(self, raw: &Raw) -> Vec<f32> {
        let counts = raw.smooth();
        let first = counts.iter().copied().fold(f32::INFINITY, f32::min);
        self.turns_from(if first.is_finite() { first } else { 0.0 }, raw, counts)
    }

    /// Returns the same for a part of a picture whose neighbours have to fit.
    pub fn turns_of_part(self, raw: &Raw) -> Vec<f32> {
        self.turns_from(0.0, raw, raw.smooth())
    }

    fn turns_from(self, first: f32, raw: &Raw, mut counts: Vec<f32>) -> Vec<f32> {
        let first = if self == Self::Bands { first.floor() } else { first };
        for count in &mut counts {
            *count -= first;
        }
        match self {
            Self::Smooth => counts.iter().map(|count| count.ln_1p() * TURNS).collect(),
            Self::Bands => counts.iter().map(|count| count.floor().ln_1p() * TURNS).collect(),
            Self::Plain => counts.iter().map(|count| inside(*count)).collect(),
            Self::Histogram => ranks(&counts),
            Self::Distance => {
                let distances = raw.distance();
                let turn = |(count, distance): (&f32, &f32)| {
                    (1.0 + 8.0 * distance.min(FAR)).ln() * TURNS_OF_DISTANCE + inside(*count)
                };
                counts.iter().zip(&distances).map(turn).collect()
            }
        }
    }
}

const fn inside(count: f32) -> f32 {
    if count.is_finite() { 0.0 } else { f32::INFINITY }
}

/// The part of all finite counts that is smaller than each.
fn ranks(counts: &[f32]) -> Vec<f32> {
    let mut sorted: Vec<f32> = counts.iter().copied().filter(|count| count.is_finite()).collect();
    sorted.sort_unstable_by(f32::total_cmp);
    let all = sorted.len().max(1) as f32;
    let rank = |count: &f32| match count.is_finite() {
        true => sorted.partition_point(|other| other < count) as f32 / all,
        false => f32::INFINITY,
    };
    counts.iter().map(rank).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raw::NEVER;

    fn raw() -> Raw {
        Raw {
            columns: 4,
            rows: 1,
            steps: vec![9, 3, NEVER, 30],
            fraction: vec![0.5, 0.0, 0.0, 0.25],
        }
    }

    #[test]
    fn points_that_never_leave_are_inside_in_every_way() {
        for coloring in Coloring::ALL {
            let turns = coloring.turns(&raw());
            let inside: Vec<bool> = turns.iter().map(|turn| !turn.is_finite()).collect();
            assert_eq!(inside, [false, false, true, false], "{coloring:?} {turns:?}");
            assert_eq!(Coloring::named(coloring.name()), Some(coloring));
        }
    }

    #[test]
    fn ranks_give_each_colour_the_same_area() {
        assert_eq!(Coloring::Histogram.turns(&raw())[..2], [1.0 / 3.0, 0.0]);
        assert_eq!(Coloring::Histogram.turns(&raw())[3], 2.0 / 3.0);
    }

    #[test]
    fn bands_are_one_step_wide() {
        let counts =
            Raw { columns: 3, rows: 1, steps: vec![7, 7, 8], fraction: vec![0.1, 0.9, 0.0] };
        let turns = Coloring::Bands.turns(&counts);
        assert_eq!(turns[0].to_bits(), turns[1].to_bits());
        assert!(turns[1] < turns[2]);
    }
}
