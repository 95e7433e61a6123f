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
pub(crate) const LARGE: (u32, u32) = (1024, 640);
pub(crate) const MEDIUM: (u32, u32) = (640, 400);
pub(crate) const SMALL: (u32, u32) = (240, 150);

/// All presets, the one shown first at first.
pub(crate) const ALL: &[Preset] = &[
    Preset {
        slug: "seahorse-tail",
        name: "Seahorse tail",
        note: "a spiral of spirals, in the valley between heart and disc",
        center: (-0.7453, 0.1127),
        width: 0.0025,
        iterations: 750,
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
        note: "trunk after trunk, along the cleft of the heart",
        center: (0.2925, 0.0149),
        width: 0.03,
        iterations: 750,
        palette: Palette::Lagoon,
    },
    Preset {
        slug: "island",
        name: "Island",
        note: "a small copy of the whole, ringed by its coast",
        center: (-1.256, 0.3809),
        width: 0.008,
        iterations: 600,
        palette: Palette::Chart,
    },
    Preset {
        slug: "antenna",
        name: "Antenna",
        note: "another copy, on the mast to the west",
        center: (-1.7685, 0.0),
        width: 0.08,
        iterations: 500,
        palette: Palette::Pencil,
    },
    Preset {
        slug: "lightning",
        name: "Lightning",
        note: "far up, above the heart",
        center: (-0.109, 0.8953),
        width: 0.02,
        iterations: 400,
        palette: Palette::Chart,
    },
];

impl Preset {
    /// Returns the query of the picture in that size, columns × rows, with smooth edges.
    pub(crate) fn query(&self, (columns, rows): (u32, u32)) -> String {
        let Self { center: (re, im), width, iterations, palette, .. } = self;
        let palette = palette.name();
        format!(
            "re={re}&im={im}&width={width}&columns={columns}&rows={rows}\
             &iterations={iterations}&oversampling=2&palette={palette}"
        )
    }
}
