//! Where each colour stands in a chart.

use super::Swatch;

/// A drawing: its size in pixels, and what stands in it.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) cells: Vec<Cell>,
}

/// A coloured rectangle with what is written on it.
#[derive(Debug)]
pub(super) struct Cell {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) colour: [u8; 3],
    pub(super) label: [String; 2],
}

const STEP: u32 = 100;
const A_ROW: usize = 16;
const SIDE: u32 = 800;

/// 100 x 100 pixels for each colour, 16 in a row.
pub(super) fn strip(swatches: &[Swatch]) -> Plan {
    let rows: Vec<&[Swatch]> = swatches.chunks(A_ROW).collect();
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX).saturating_mul(STEP);
    let (width, height) = (count(swatches.len().min(A_ROW)), count(rows.len()));
    let whole = pixels(swatches);
    let mut cells = Vec::new();
    for (row, swatches) in rows.into_iter().enumerate() {
        for (column, swatch) in swatches.iter().enumerate() {
            let at = [count(column).into(), count(row).into(), STEP.into(), STEP.into()];
            cells.push(cell(swatch, whole, at));
        }
    }
    Plan { width, height, cells }
}

/// 800 x 800 pixels, where each colour is as large as its share and as square as can be
/// (Bruls, Huizing and van Wijk 2000).
pub(super) fn treemap(swatches: &[Swatch]) -> Plan {
    let whole = pixels(swatches);
    let mut left: Vec<&Swatch> = swatches.iter().collect();
    left.sort_by_key(|swatch| std::cmp::Reverse(swatch.count));
    let mut free = [0.0, 0.0, f64::from(SIDE), f64::from(SIDE)];
    let mut cells = Vec::new();
    let area = |swatch: &Swatch| share(swatch, whole) * f64::from(SIDE) * f64::from(SIDE);
    let mut rest = left.as_slice();
    while !rest.is_empty() {
        let areas: Vec<f64> = rest.iter().map(|swatch| area(swatch)).collect();
        let (row, after) = rest.split_at(row_length(&areas, free[2].min(free[3])));
        let sum: f64 = areas[..row.len()].iter().sum();
        let is_wide = free[2] >= free[3];
        let [along, thick] =
            if is_wide { [free[3], sum / free[3]] } else { [free[2], sum / free[2]] };
        let mut at = 0.0;
        for (swatch, area) in row.iter().zip(&areas) {
            let length = along * area / sum;
            cells.push(cell(
                swatch,
                whole,
                if is_wide {
                    [free[0], free[1] + at, thick, length]
                } else {
                    [free[0] + at, free[1], length, thick]
                },
            ));
            at += length;
        }
        let (place, extent) = if is_wide { (0, 2) } else { (1, 3) };
        free[place] += thick;
        free[extent] -= thick;
        rest = after;
    }
    Plan { width: SIDE, height: SIDE, cells }
}

/// How many of `areas` stand best in one row along a `side`.
fn row_length(areas: &[f64], side: f64) -> usize {
    let (mut length, mut sum, mut worst) = (0, 0.0, f64::MAX);
    for &area in areas {
        sum += area;
        // Areas fall, so the first and the last are the extremes.
        let ratio =
            |area: f64| (side * side * area / (sum * sum)).max(sum * sum / (side * side * area));
        let now = ratio(areas[0]).max(ratio(area));
        if now > worst {
            break;
        }
        worst = now;
        length += 1;
    }
    length.max(1)
}

fn cell(swatch: &Swatch, whole: u64, [left, top, width, height]: [f64; 4]) -> Cell {
    let percent = format!("{:.1}%", share(swatch, whole) * 100.0);
    Cell { left, top, width, height, colour: swatch.colour, label: [swatch.hex(), percent] }
}

pub(super) fn pixels(swatches: &[Swatch]) -> u64 {
    swatches.iter().map(|swatch| swatch.count).sum()
}

/// 0 to 1.
#[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
pub(super) fn share(swatch: &Swatch, whole: u64) -> f64 {
    swatch.count as f64 / whole.max(1) as f64
}
