//! Colours for turns of a colour wheel: every palette closes, so that any depth of a picture has the same contrast.

mod tables;

use tables::{Path, TABLES, Table};

type Rgb = [u8; 3];

/// A wheel of colours, and the colour of what never escapes.
#[derive(Debug, Clone, Copy)]
pub struct Palette(&'static Table);

impl PartialEq for Palette {
    fn eq(&self, other: &Self) -> bool {
        self.0.name == other.0.name
    }
}

impl Eq for Palette {}

impl Palette {
    /// Ink, sea, paper, amber and vermilion: the colours of the site.
    pub const CHART: Self = Self(&TABLES[0]);
    /// Bottle green to foam.
    pub const LAGOON: Self = Self(&TABLES[1]);
    /// Grey tones, for print.
    pub const PENCIL: Self = Self(&TABLES[2]);

    /// Returns every palette, the default first.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLES.iter().map(Self)
    }

    /// Returns the name used in addresses.
    pub const fn name(self) -> &'static str {
        self.0.name
    }

    /// Returns the palette of that [`Palette::name`].
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|palette| palette.name() == name)
    }

    /// Returns the colour of what never escapes.
    pub fn inside(self) -> Rgb {
        rgb(self.0.inside)
    }

    /// Returns colours at equal distances around the wheel; [`Palette::is_smooth`] says whether
    /// there is anything between them.
    pub fn stops(self) -> Vec<Rgb> {
        let there = self.0.stops.iter().copied();
        let back = self.0.stops.iter().rev().skip(1).take(self.0.stops.len().saturating_sub(2));
        match self.0.path {
            Path::Round | Path::Steps => there.map(rgb).collect(),
            Path::ThereAndBack => there.chain(back.copied()).map(rgb).collect(),
        }
    }

    /// Tells whether colours between two stops are mixed of them.
    pub fn is_smooth(self) -> bool {
        self.0.path != Path::Steps
    }

    /// Returns 8-bit sRGB triples, one for each turn, in the same order; infinite turns are inside.
    pub fn paint(self, turns: &[f32]) -> Vec<u8> {
        let (inside, stops, smooth) = (self.inside(), self.stops(), self.is_smooth());
        let color =
            |&turn: &f32| if turn.is_finite() { around(&stops, smooth, turn) } else { inside };
        turns.iter().flat_map(color).collect()
    }
}

#[expect(clippy::cast_possible_truncation, reason = "each is one byte")]
const fn rgb(color: u32) -> Rgb {
    [(color >> 16) as u8, (color >> 8) as u8, color as u8]
}

/// Walks round the wheel.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded by the stops")]
fn around(stops: &[Rgb], smooth: bool, turn: f32) -> Rgb {
    let place = turn.rem_euclid(1.0) * stops.len() as f32;
    let index = place as usize % stops.len();
    let (from, to) = (stops[index], stops[(index + 1) % stops.len()]);
    if !smooth {
        return from;
    }
    std::array::from_fn(|channel| {
        let (from, to) = (f32::from(from[channel]), f32::from(to[channel]));
        (from + (to - from) * place.fract()).round() as u8
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_their_palettes() {
        for palette in Palette::all() {
            assert_eq!(Palette::named(palette.name()), Some(palette));
        }
        assert_eq!(Palette::named("plaid"), None);
    }

    #[test]
    fn what_never_escapes_has_a_colour_of_its_own() {
        for palette in Palette::all() {
            let painted = palette.paint(&[f32::INFINITY, 0.0, 9000.5]);
            assert_eq!(painted.len(), 9);
            assert_eq!(painted[..3], palette.inside());
        }
    }

    #[test]
    fn wheels_close_without_a_seam() {
        for palette in Palette::all().filter(|palette| palette.is_smooth()) {
            let painted = palette.paint(&[0.9999, 1.0]);
            assert!((0..3).all(|i| painted[i].abs_diff(painted[i + 3]) < 3), "{palette:?}");
        }
    }

    #[test]
    fn the_maps_of_the_first_app_are_there_with_their_own_colours() {
        let at = |name, turn| Palette::named(name).map(|palette| palette.paint(&[turn]));
        assert_eq!(at("viridis", 0.5), Some(vec![0xfd, 0xe7, 0x25]));
        assert_eq!(at("viridis", 0.0), Some(vec![0x44, 0x01, 0x54]));
        assert_eq!(at("paired", 1.99), Some(vec![0xb1, 0x59, 0x28]));
        for name in
            ["turbo", "twilight", "twilight_shifted", "cividis", "plasma", "inferno", "magma"]
        {
            assert!(Palette::named(name).is_some(), "{name}");
        }
    }
}
