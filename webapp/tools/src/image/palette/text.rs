//! Palettes for programs: JSON, style sheets, GIMP.

use serde_json::{Value, json};

use super::Swatch;
use super::chart::{pixels, share};

/// Each colour with its pixels and its share from 0 to 1.
pub(super) fn list(swatches: &[Swatch]) -> Value {
    let whole = pixels(swatches);
    swatches
        .iter()
        .map(|swatch| {
            json!({
                "hex": swatch.hex(), "rgb": swatch.colour, "count": swatch.count, "share": share(swatch, whole),
            })
        })
        .collect()
}

pub(super) fn json(swatches: &[Swatch]) -> String {
    format!("{:#}\n", list(swatches))
}

pub(super) fn css(swatches: &[Swatch]) -> String {
    let lines = numbered(swatches, |number, hex| format!("  --colour-{number}: {hex};\n"));
    format!(":root {{\n{lines}}}\n")
}

pub(super) fn scss(swatches: &[Swatch]) -> String {
    numbered(swatches, |number, hex| format!("$colour-{number}: {hex};\n"))
}

fn numbered(swatches: &[Swatch], line: impl Fn(usize, String) -> String) -> String {
    (1..).zip(swatches).map(|(number, swatch)| line(number, swatch.hex())).collect()
}

pub(super) fn gpl(swatches: &[Swatch]) -> String {
    let line = |swatch: &Swatch| {
        let [red, green, blue] = swatch.colour;
        format!("{red:3} {green:3} {blue:3}\t{}\n", swatch.hex())
    };
    let lines: String = swatches.iter().map(line).collect();
    format!("GIMP Palette\nName: Colours\nColumns: 8\n#\n{lines}")
}
