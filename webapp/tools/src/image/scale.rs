//! How large a picture becomes, and making it so.

use fast_image_resize::{ResizeOptions, Resizer};
use image::metadata::Orientation;
use image::{ColorType, DynamicImage};

use super::bounds::refuse;
use super::source::turns;
use super::{Fit, Resize};
use crate::{Refusal, Why};

/// Width and height of the result for a picture that is `seen` so large.
pub(super) fn size(seen: (u32, u32), wish: &Resize) -> (u32, u32) {
    let (width, height) = seen;
    let wanted = match (wish.width, wish.height) {
        (None, None) => return (part(width, 1, 2), part(height, 1, 2)),
        (Some(wanted), None) => (wanted, part(height, wanted, width)),
        (None, Some(wanted)) => (part(width, wanted, height), wanted),
        (Some(wide), Some(high)) if wish.fit == Fit::Within => within(seen, (wide, high)),
        (Some(wide), Some(high)) => (wide, high),
    };
    let keeps_aspect = wish.width.is_none() || wish.height.is_none() || wish.fit == Fit::Within;
    match wish.enlarge {
        true => wanted,
        false if keeps_aspect && (wanted.0 > width || wanted.1 > height) => seen,
        false => (wanted.0.min(width), wanted.1.min(height)),
    }
}

/// The largest size with the aspect of `seen` that a box holds.
pub(super) fn within((width, height): (u32, u32), (wide, high): (u32, u32)) -> (u32, u32) {
    let is_flat = u64::from(width) * u64::from(high) >= u64::from(height) * u64::from(wide);
    match is_flat {
        true => (wide, part(height, wide, width)),
        false => (part(width, high, height), high),
    }
}

/// `side * of / whole`, rounded, at least 1.
pub(super) fn part(side: u32, of: u32, whole: u32) -> u32 {
    let whole = u64::from(whole.max(1));
    let part = (u64::from(side) * u64::from(of) + whole / 2) / whole;
    u32::try_from(part).unwrap_or(u32::MAX).max(1)
}

/// Makes a picture as large as it is to be seen, then turns it as it is to be seen. With `cut`, what stands out is cut
/// off; else it is pressed into the size.
///
/// # Errors
/// None that a picture can cause.
pub(super) fn make(
    pixels: DynamicImage,
    seen: (u32, u32),
    cut: bool,
    orientation: Orientation,
) -> Result<DynamicImage, Refusal> {
    let (width, height) = if turns(orientation) { (seen.1, seen.0) } else { seen };
    let mut pixels = whole_numbers(pixels);
    if (pixels.width(), pixels.height()) != (width, height) {
        let options = ResizeOptions::new();
        let options = if cut { options.fit_into_destination(None) } else { options };
        let mut made = DynamicImage::new(width, height, pixels.color());
        Resizer::new().resize(&pixels, &mut made, &options).map_err(|error| {
            refuse(Why::Malformed, format!("The picture cannot be resized: {error}"))
        })?;
        pixels = made;
    }
    pixels.apply_orientation(orientation);
    Ok(pixels)
}

/// Floating point goes to 16 bits.
fn whole_numbers(pixels: DynamicImage) -> DynamicImage {
    match pixels.color() {
        ColorType::Rgb32F => DynamicImage::ImageRgb16(pixels.to_rgb16()),
        ColorType::Rgba32F => DynamicImage::ImageRgba16(pixels.to_rgba16()),
        _ => pixels,
    }
}
