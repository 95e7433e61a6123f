//! Charts as pixels and as SVG.

use std::fmt::Write;

use image::{Rgb, RgbImage};

use super::chart::{Cell, Plan};
use super::font;
use super::oklab::takes_black;

/// Dots of a letter are this large at best; smaller in cells that are small.
const DOT: u32 = 2;
const GAP: u32 = 1;

pub(super) fn pixels(plan: &Plan) -> RgbImage {
    let mut image = RgbImage::new(plan.width, plan.height);
    for cell in &plan.cells {
        let [left, top] = [whole(cell.left), whole(cell.top)];
        let [right, bottom] = [whole(cell.left + cell.width), whole(cell.top + cell.height)];
        fill(&mut image, [left, top, right, bottom], cell.colour);
        label(&mut image, cell, [left, top, right, bottom]);
    }
    image
}

fn label(image: &mut RgbImage, cell: &Cell, [left, top, right, bottom]: [u32; 4]) {
    let (width, height) = (right - left, bottom - top);
    let Some(dot) = (1..=DOT).rev().find(|dot| {
        let longest = cell.label.iter().map(|line| extent(line, *dot)).max().unwrap_or(0);
        longest + 2 * GAP <= width && 2 * (font::HEIGHT + 2 * GAP) * dot <= height
    }) else {
        return;
    };
    let step = (font::HEIGHT + 2 * GAP) * dot;
    let mut y = top + (height - 2 * step) / 2 + GAP * dot;
    for line in &cell.label {
        let mut x = left + (width - extent(line, dot)) / 2;
        for letter in line.chars() {
            stamp(image, letter, [x, y, dot], ink(cell.colour));
            x += (font::WIDTH + GAP) * dot;
        }
        y += step;
    }
}

fn stamp(image: &mut RgbImage, letter: char, [left, top, dot]: [u32; 3], ink: [u8; 3]) {
    for (row, bits) in (0..).zip(font::rows(letter)) {
        for column in (0..font::WIDTH).filter(|column| bits >> (font::WIDTH - 1 - column) & 1 == 1)
        {
            let (x, y) = (left + column * dot, top + row * dot);
            fill(image, [x, y, x + dot, y + dot], ink);
        }
    }
}

fn fill(image: &mut RgbImage, [left, top, right, bottom]: [u32; 4], colour: [u8; 3]) {
    for y in top..bottom.min(image.height()) {
        for x in left..right.min(image.width()) {
            image.put_pixel(x, y, Rgb(colour));
        }
    }
}

fn extent(line: &str, dot: u32) -> u32 {
    let letters = u32::try_from(line.len()).unwrap_or(u32::MAX);
    (letters * (font::WIDTH + GAP) - GAP) * dot
}

fn ink(colour: [u8; 3]) -> [u8; 3] {
    if takes_black(colour) { [0; 3] } else { [255; 3] }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the chart")]
fn whole(place: f64) -> u32 {
    place.round() as u32
}

pub(super) fn svg(plan: &Plan) -> String {
    let Plan { width, height, cells } = plan;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\" font-family=\"monospace\" text-anchor=\"middle\">\n"
    );
    for cell in cells {
        svg_cell(&mut out, cell).expect("a string takes all");
    }
    out + "</svg>\n"
}

fn svg_cell(out: &mut String, cell: &Cell) -> std::fmt::Result {
    let Cell { left, top, width, height, label: [hex, percent], .. } = cell;
    writeln!(
        out,
        "<rect x=\"{left:.3}\" y=\"{top:.3}\" width=\"{width:.3}\" height=\"{height:.3}\" fill=\"{hex}\">\
         <title>{hex} {percent}</title></rect>"
    )?;
    let size = (width / 5.0).min(height / 3.0).min(18.0);
    let ink = if takes_black(cell.colour) { "#000" } else { "#fff" };
    let (x, y) = (left + width / 2.0, top + height / 2.0);
    let low = y + size;
    writeln!(
        out,
        "<text font-size=\"{size:.2}\" fill=\"{ink}\"><tspan x=\"{x:.3}\" y=\"{y:.3}\">{hex}</tspan>\
         <tspan x=\"{x:.3}\" y=\"{low:.3}\">{percent}</tspan></text>"
    )
}
