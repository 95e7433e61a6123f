//! Places worth looking at.

use mandelbrot::Palette;

/// A named view.
#[derive(Debug)]
pub(crate) struct Preset {
    /// The name in addresses.
    pub(crate) slug: &'static str,
    pub(crate) name: &'static str,
    /// What is to be seen.
    pub(crate) note: &'static str,
    center: (&'static str, &'static str),
    width: f64,
    iterations: u32,
    palette: Palette,
}

/// Columns and rows of the picture on the home page, and of those in rows of presets.
pub(crate) const LARGE: (u32, u32) = (640, 400);
pub(crate) const SMALL: (u32, u32) = (240, 150);

/// All presets: those of the first app, and then others that are well known.
pub(crate) const ALL: &[Preset] = &[
    Preset {
        slug: "entire-fractal",
        name: "Entire fractal",
        note: "heart, disc and antenna",
        center: ("-0.6", "0"),
        width: 3.4,
        iterations: 256,
        palette: Palette::CHART,
    },
    Preset {
        slug: "misiurewicz-point",
        name: "Misiurewicz point",
        note: "a spiral whose arms never end",
        center: ("-0.7435", "0.1314"),
        width: 0.002,
        iterations: 1000,
        palette: Palette::CHART,
    },
    Preset {
        slug: "seahorse-valley",
        name: "Seahorse valley",
        note: "between heart and disc",
        center: ("-0.75", "0.11"),
        width: 0.2,
        iterations: 400,
        palette: Palette::CHART,
    },
    Preset {
        slug: "elephant-valley",
        name: "Elephant valley",
        note: "trunk after trunk, along the cleft of the heart",
        center: ("0.33", "0.01"),
        width: 0.2,
        iterations: 400,
        palette: Palette::LAGOON,
    },
    Preset {
        slug: "antenna",
        name: "Antenna",
        note: "the mast to the west and the copies on it",
        center: ("-1.34", "0"),
        width: 0.25,
        iterations: 400,
        palette: Palette::PENCIL,
    },
    Preset {
        slug: "top-antenna",
        name: "Top antenna",
        note: "lightning, far up above the heart",
        center: ("-0.109", "0.89"),
        width: 0.02,
        iterations: 400,
        palette: Palette::CHART,
    },
    Preset {
        slug: "hypnotize",
        name: "Hypnotize",
        note: "circles around circles",
        center: ("-0.34842633784126914", "-0.60653940234393235"),
        width: 2.2e-4,
        iterations: 2000,
        palette: Palette::CHART,
    },
    Preset {
        slug: "seahorse-tail",
        name: "Seahorse tail",
        note: "a spiral of spirals",
        center: ("-0.7453", "0.1127"),
        width: 0.0025,
        iterations: 750,
        palette: Palette::CHART,
    },
    Preset {
        slug: "island",
        name: "Island",
        note: "a small copy of the whole, ringed by its coast",
        center: ("-1.256", "0.3809"),
        width: 0.008,
        iterations: 600,
        palette: Palette::CHART,
    },
    Preset {
        slug: "double-spiral",
        name: "Double spiral",
        note: "a million million times enlarged",
        center: ("-0.743643887037151", "0.131825904205330"),
        width: 1.6e-9,
        iterations: 5000,
        palette: Palette::CHART,
    },
    Preset {
        slug: "line",
        name: "Line",
        note: "28 zeros behind the point",
        center: (
            "4.38201090809984714798836704183781579775093781331734e-01",
            "2.50541573359688171678400414758224860053729045156654e-01",
        ),
        width: 4.6e-28,
        iterations: 2500,
        palette: Palette::LAGOON,
    },
    Preset {
        slug: "trees",
        name: "Trees",
        note: "113 zeros behind the point",
        center: (
            "-1.479815776132473260722984525978778546922407257740453696898785101398649207410022938202505173292820112273633130531592039146407834156096081686607",
            "-0.000639111932613617271521396322556715729573039189439847360473949364712209519618133219285730670364661511471954363884861688193183412080232295226",
        ),
        width: 1.28e-113,
        iterations: 35494,
        palette: Palette::CHART,
    },
    Preset {
        slug: "flake",
        name: "Flake",
        note: "a snowflake, 157 zeros behind the point",
        center: (
            "-1.99996619445037030418434688506350579675531241540724851511761922944801584242342684381376129778868913812287046406560949864353810575744772166485672496092803920095331999999999999999999999979",
            "-0.00000000000000000000000000000000030013824367909383240724973039775924987346831190773335270174257280120474975614823581185647299288414075519224186504978181625478528999999999999999999999979",
        ),
        width: 2.8e-157,
        iterations: 60000,
        palette: Palette::LAGOON,
    },
];

impl Preset {
    /// Returns the query of the picture in that size, columns × rows, with smooth edges.
    pub(crate) fn query(&self, (columns, rows): (u32, u32)) -> String {
        format!("{}&columns={columns}&rows={rows}&oversampling=2", self.place())
    }

    /// Returns the query of the place alone.
    pub(crate) fn place(&self) -> String {
        let Self { center: (re, im), width, iterations, palette, .. } = self;
        let palette = palette.name();
        format!("re={re}&im={im}&width={width:e}&iterations={iterations}&palette={palette}")
    }
}
