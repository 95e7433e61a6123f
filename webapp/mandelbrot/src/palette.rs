//! Smooth counts to colours: cyclic gradients, so that any depth of the picture has the same contrast.

use std::f32::consts::TAU;

type Rgb = [u8; 3];

/// A cyclic gradient and the colour of what never escapes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Palette {
    /// Ink, sea, paper, amber and vermilion: the colours of the site.
    Chart,
    /// Bottle green to foam.
    Lagoon,
    /// Grey tones, for print.
    Pencil,
}

impl Palette {
    /// Every palette, the default first.
    pub const ALL: [Self; 3] = [Self::Chart, Self::Lagoon, Self::Pencil];

    /// Returns the name used in addresses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chart => "chart",
            Self::Lagoon => "lagoon",
            Self::Pencil => "pencil",
        }
    }

    /// Returns the palette of that [`Palette::name`].
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|palette| palette.name() == name)
    }

    /// Returns 8-bit sRGB triples, one for each count, in the same order.
    pub fn paint(self, counts: &[f32]) -> Vec<u8> {
        counts.iter().flat_map(|&count| self.color(count)).collect()
    }

    fn color(self, count: f32) -> Rgb {
        let (inside, stops) = self.stops();
        if count.is_infinite() {
            return inside;
        }
        // The logarithm gives outer bands and deep filaments about the same number of pixels per turn.
        around(stops, count.ln_1p() * 0.8)
    }

    const fn stops(self) -> (Rgb, &'static [Rgb]) {
        match self {
            Self::Chart => (
                [11, 16, 28],
                &[
                    [16, 30, 58],
                    [22, 92, 125],
                    [116, 184, 181],
                    [248, 240, 221],
                    [240, 174, 74],
                    [206, 71, 43],
                    [78, 24, 48],
                ],
            ),
            Self::Lagoon => (
                [4, 20, 24],
                &[[6, 38, 42], [10, 96, 92], [84, 172, 140], [236, 247, 226], [70, 148, 168]],
            ),
            Self::Pencil => ([24, 24, 26], &[[250, 249, 246], [172, 172, 174], [58, 58, 62]]),
        }
    }
}

/// Walks the closed gradient, `turns` times round.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded by the stops")]
fn around(stops: &[Rgb], turns: f32) -> Rgb {
    let place = turns.fract() * stops.len() as f32;
    let index = place as usize % stops.len();
    let (from, to) = (stops[index], stops[(index + 1) % stops.len()]);
    let eased = 0.5 - 0.5 * (place.fract() * TAU / 2.0).cos();
    std::array::from_fn(|channel| {
        let (from, to) = (f32::from(from[channel]), f32::from(to[channel]));
        (from + (to - from) * eased).round() as u8
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_their_palettes() {
        for palette in Palette::ALL {
            assert_eq!(Palette::named(palette.name()), Some(palette));
        }
        assert_eq!(Palette::named("plaid"), None);
    }

    #[test]
    fn what_never_escapes_has_a_colour_of_its_own() {
        for palette in Palette::ALL {
            let painted = palette.paint(&[f32::INFINITY, 0.0, 9000.5]);
            assert_eq!(painted.len(), 9);
            assert_eq!(painted[..3], palette.stops().0);
        }
    }

    #[test]
    fn the_gradient_closes_without_a_seam() {
        for palette in Palette::ALL {
            let (_, stops) = palette.stops();
            let (end, start) = (around(stops, 0.9999), around(stops, 1.0));
            assert!(end.iter().zip(start).all(|(a, b)| a.abs_diff(b) < 3), "{palette:?}");
        }
    }
}
