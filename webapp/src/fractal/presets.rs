//! Places worth looking at, as links on the home page.

use mandelbrot::Palette;

/// A named view.
#[derive(Debug)]
pub(crate) struct Preset {
    /// The name in addresses.
    pub(crate) slug: &'static str,
    pub(crate) name: &'static str,
    /// What is to be seen.
    pub(crate) note: &'static str,
    center: (f64, f64),
    width: f64,
    iterations: u32,
    palette: Palette,
}

/// Columns and rows of the picture on a wide screen, on a phone, and in the row of presets.
pub(crate) const LARGE: (u32, u32) = (1200, 750);
pub(crate) const MEDIUM: (u32, u32) = (720, 450);
pub(crate) const SMALL: (u32, u32) = (240, 150);

/// All presets, the one shown first at first.
pub(crate) const ALL: &[Preset] = &[
    Preset {
        slug: "seahorse-valley",
        name: "Seahorse valley",
        note: "where the heart meets the disc",
        center: (-0.7435, 0.1314),
        width: 0.008,
        iterations: 1000,
        palette: Palette::Chart,
    },
    Preset {
        slug: "whole-set",
        name: "The whole set",
        note: "heart, disc and antenna",
        center: (-0.6, 0.0),
        width: 3.6,
        iterations: 400,
        palette: Palette::Chart,
    },
    Preset {
        slug: "elephant-valley",
        name: "Elephant valley",
        note: "trunk after trunk, on the other side",
        center: (0.2925, 0.0149),
        width: 0.03,
        iterations: 1000,
        palette: Palette::Chart,
    },
    Preset {
        slug: "hypnotic",
        name: "Hypnotic",
        note: "spirals within a spiral",
        center: (-0.348_426_337_841_269_14, -0.606_539_402_343_932_35),
        width: 2.2e-4,
        iterations: 1100,
        palette: Palette::Lagoon,
    },
    Preset {
        slug: "antenna",
        name: "Antenna",
        note: "a small copy of the whole, on its mast",
        center: (-1.7685, 0.0),
        width: 0.05,
        iterations: 500,
        palette: Palette::Pencil,
    },
    Preset {
        slug: "top-antenna",
        name: "Top antenna",
        note: "lightning above the heart",
        center: (-0.109, 0.8953),
        width: 0.02,
        iterations: 400,
        palette: Palette::Chart,
    },
];

impl Preset {
    /// Returns the query of the picture in that size, columns × rows.
    pub(crate) fn query(&self, (columns, rows): (u32, u32)) -> String {
        let Self { center: (re, im), width, iterations, palette, .. } = self;
        let palette = palette.name();
        format!(
            "re={re}&im={im}&width={width}&columns={columns}&rows={rows}\
             &iterations={iterations}&palette={palette}"
        )
    }
}
