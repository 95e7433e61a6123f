//! Counts as the explorer gets them, so that it can colour them in any way without asking again.
//!
//! A zlib stream (RFC 1950) of four planes, the most significant byte of each pixel first: all first bytes, then all second
//! ones, and so on, row by row from the top left. Each byte is the difference from the one left of it, in the first column
//! from the one above, modulo 256. A pixel is the smooth count times 256, or 2³² − 1 for a point that never leaves.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use mandelbrot::{NEVER, Raw};

/// The media type.
pub(super) const TYPE: &str = "application/vnd.deployer.dwell";

/// What a point that never leaves is.
const INSIDE: u32 = u32::MAX;

pub(super) fn encode(raw: &Raw) -> std::io::Result<Vec<u8>> {
    let columns = raw.columns as usize;
    let values: Vec<[u8; 4]> = raw
        .steps
        .iter()
        .zip(&raw.fraction)
        .map(|(&steps, &fraction)| value(steps, fraction).to_be_bytes())
        .collect();
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    let mut plane = Vec::with_capacity(values.len());
    for byte in 0..4 {
        plane.clear();
        plane.extend(values.iter().enumerate().map(|(at, value)| {
            let before = if at % columns > 0 { Some(at - 1) } else { at.checked_sub(columns) };
            value[byte].wrapping_sub(before.map_or(0, |before| values[before][byte]))
        }));
        encoder.write_all(&plane)?;
    }
    encoder.finish()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "held to its range")]
fn value(steps: u32, fraction: f32) -> u32 {
    if steps == NEVER {
        return INSIDE;
    }
    let value = (f64::from(steps) + f64::from(fraction)) * 256.0;
    value.round().clamp(0.0, f64::from(INSIDE - 1)) as u32
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn counts_can_be_read_back() {
        let raw = Raw {
            columns: 2,
            rows: 2,
            steps: vec![1, 70_000, NEVER, 3],
            fraction: vec![0.5, 0.25, 0.0, -0.125],
        };
        let encoded = encode(&raw).unwrap();
        let mut planes = Vec::new();
        flate2::read::ZlibDecoder::new(&*encoded).read_to_end(&mut planes).unwrap();
        let mut values = [0_u32; 4];
        for plane in planes.chunks(4) {
            let mut bytes = [0_u8; 4];
            for at in 0..4 {
                bytes[at] = plane[at].wrapping_add(match at {
                    0 => 0,
                    1 => bytes[0],
                    2 => bytes[0],
                    _ => bytes[2],
                });
                values[at] = values[at] << 8 | u32::from(bytes[at]);
            }
        }
        assert_eq!(values, [384, 70_000 * 256 + 64, u32::MAX, 3 * 256 - 32]);
    }
}
