//! A whole view at once: every pixel is exactly what [`escape()`] says of its point, rows in parallel.

use rayon::prelude::*;

use crate::{View, escape};

/// Returns the smooth count of every pixel, row by row from the top left, infinite where nothing escapes.
pub fn render(view: &View) -> Vec<f32> {
    let columns = view.columns() as usize;
    let mut counts = vec![0.0; columns * view.rows() as usize];
    let rows = counts.par_chunks_exact_mut(columns).zip_eq(0..view.rows());
    rows.for_each(|(line, row)| {
        for (count, column) in line.iter_mut().zip(0..) {
            let (re, im) = view.point(column, row);
            *count = escape(re, im, view.iterations()).smooth();
        }
    });
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pixel_is_what_the_definition_says() {
        let view = View::new((-0.7435, 0.1314), 0.01, (37, 23), 300).unwrap();
        let counts = render(&view);
        assert_eq!(counts.len(), 37 * 23);
        for row in 0..23 {
            for column in 0..37 {
                let (re, im) = view.point(column, row);
                let index = row as usize * 37 + column as usize;
                assert_eq!(counts[index], escape(re, im, 300).smooth(), "{column} {row}");
            }
        }
    }

    #[test]
    fn the_set_is_its_own_mirror_image_about_the_real_axis() {
        let view = View::new((-0.6, 0.0), 3.0, (64, 48), 200).unwrap();
        let counts = render(&view);
        let lines: Vec<&[f32]> = counts.chunks_exact(64).collect();
        for row in 0..24 {
            assert_eq!(lines[row], lines[47 - row], "row {row}");
        }
    }
}
