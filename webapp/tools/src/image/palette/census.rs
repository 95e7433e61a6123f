//! Counts colours: each one by itself while they are few, and in cells of 4 x 4 x 4 neighbours in case they are many.

use std::collections::HashMap;

use image::DynamicImage;

use super::Swatch;
use super::cluster::{Point, group};

const BITS: u32 = 6;
const CELLS: usize = 1 << (3 * BITS);

pub(super) struct Census {
    most: usize,
    /// None when there are more than `most`.
    exact: Option<HashMap<[u8; 3], u64>>,
    cells: Vec<Cell>,
}

#[derive(Clone, Copy, Default)]
struct Cell {
    count: u64,
    sum: [u64; 3],
}

impl Census {
    pub(super) fn new(most: usize) -> Self {
        Self { most, exact: Some(HashMap::new()), cells: vec![Cell::default(); CELLS] }
    }

    /// Counts every pixel that is seen at all, in its own colour.
    pub(super) fn count(&mut self, pixels: &DynamicImage) {
        match pixels {
            DynamicImage::ImageRgb8(pixels) => {
                self.count_runs(pixels.pixels().map(|pixel| pixel.0));
            }
            other => {
                let seen = other.to_rgba8();
                let seen = seen.pixels().filter(|pixel| pixel.0[3] > 0);
                self.count_runs(seen.map(|pixel| [pixel.0[0], pixel.0[1], pixel.0[2]]));
            }
        }
    }

    fn count_runs(&mut self, colours: impl Iterator<Item = [u8; 3]>) {
        let mut run = ([0; 3], 0);
        for colour in colours {
            if colour != run.0 {
                self.add(run.0, run.1);
                run = (colour, 0);
            }
            run.1 += 1;
        }
        self.add(run.0, run.1);
    }

    fn add(&mut self, colour: [u8; 3], count: u64) {
        if count == 0 {
            return;
        }
        if let Some(exact) = &mut self.exact {
            *exact.entry(colour).or_default() += count;
            if exact.len() > self.most {
                self.exact = None;
            }
        }
        let place = colour
            .iter()
            .fold(0, |place, &channel| place << BITS | usize::from(channel >> (8 - BITS)));
        let cell = &mut self.cells[place];
        cell.count += count;
        for (sum, channel) in cell.sum.iter_mut().zip(colour) {
            *sum += u64::from(channel) * count;
        }
    }

    /// The colours, and whether they are all there are.
    pub(super) fn swatches(self) -> (Vec<Swatch>, bool) {
        if let Some(exact) = self.exact {
            return (
                exact.into_iter().map(|(colour, count)| Swatch { colour, count }).collect(),
                true,
            );
        }
        let points = self
            .cells
            .iter()
            .filter(|cell| cell.count > 0)
            .map(|cell| Point::new(cell.sum, cell.count));
        (group(points.collect(), self.most), false)
    }
}
