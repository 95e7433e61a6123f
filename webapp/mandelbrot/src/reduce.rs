//! Anti-aliasing: a picture drawn too large, made small by averaging squares of its pixels.

/// Averages squares of `factor` × `factor` RGB pixels of a picture `columns` wide, which `factor` divides,
/// as its height. Light is averaged, not its encoding: a square is near enough to the sRGB curve.
pub fn reduce(pixels: &[u8], columns: u32, factor: u32) -> Vec<u8> {
    let (columns, factor) = (columns as usize, factor as usize);
    if factor <= 1 {
        return pixels.to_vec();
    }
    let mut small = Vec::with_capacity(pixels.len() / (factor * factor));
    for band in pixels.chunks_exact(columns * 3 * factor) {
        let mut light = vec![0_u32; columns / factor * 3];
        for line in band.chunks_exact(columns * 3) {
            for (column, pixel) in line.chunks_exact(3).enumerate() {
                for (channel, value) in pixel.iter().enumerate() {
                    light[column / factor * 3 + channel] += u32::from(*value).pow(2);
                }
            }
        }
        small.extend(light.into_iter().map(|sum| encoded(sum, factor)));
    }
    small
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a mean of bytes")]
fn encoded(sum: u32, factor: usize) -> u8 {
    let mean = f64::from(sum) / (factor * factor) as f64;
    mean.sqrt().round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_square_of_pixels_becomes_their_mean_light() {
        let black_and_white = [[0, 0, 0], [255, 255, 255]].concat();
        let even = [[10, 20, 30], [10, 20, 30]].concat();
        let line = [black_and_white, even].concat();
        assert_eq!(reduce(&line.repeat(2), 4, 2), [180, 180, 180, 10, 20, 30]);
    }

    #[test]
    fn a_factor_of_one_changes_nothing() {
        assert_eq!(reduce(&[1, 2, 3, 4, 5, 6], 2, 1), [1, 2, 3, 4, 5, 6]);
    }
}
