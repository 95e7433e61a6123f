//! What is too much. Everything is compared with what a file says of itself before anything is made for it.

use image::Limits;

use crate::{Refusal, Why};

/// Of an image that is read, in pixels.
pub const MOST_SIDE: u32 = 32_768;
/// Of all frames of an image together; also of what is written.
pub const MOST_MEGAPIXELS: u64 = 100;
/// Frames of an animation.
pub const MOST_FRAMES: u32 = 200;
/// In bytes, of one frame and what its decoder needs.
pub const MOST_MEMORY: u64 = 400_000_000;
/// Of an image that is written, in pixels.
pub const MOST_SIDE_OUT: u32 = 16_384;
/// Of one frame that is written.
pub const MOST_MEGAPIXELS_OUT: u64 = 50;
/// Progressive JPEG: each scan goes over the whole picture again.
pub(super) const MOST_SCANS: u32 = 100;
/// What a decoder may take for profiles, palettes and the like.
const MARGIN: u64 = 16_000_000;
const MEGA: u64 = 1_000_000;

pub(super) fn refuse(why: Why, detail: impl Into<String>) -> Refusal {
    Refusal { why, file: None, option: None, detail: detail.into() }
}

pub(super) fn check_side(width: u32, height: u32) -> Result<(), Refusal> {
    let side = width.max(height);
    if side > MOST_SIDE {
        let detail =
            format!("The picture is {width} x {height}; a side may have {MOST_SIDE} pixels.");
        return Err(refuse(Why::TooLarge, detail));
    }
    if width == 0 || height == 0 {
        return Err(refuse(Why::Malformed, "The picture says that it has no pixels."));
    }
    Ok(())
}

pub(super) fn check_frames(width: u32, height: u32, frames: u32) -> Result<(), Refusal> {
    check_side(width, height)?;
    if frames > MOST_FRAMES {
        let detail =
            format!("The picture has more than {MOST_FRAMES} frames, the most that are taken.");
        return Err(refuse(Why::TooLarge, detail));
    }
    let pixels = u64::from(width) * u64::from(height) * u64::from(frames);
    if pixels > MOST_MEGAPIXELS * MEGA {
        let detail = format!(
            "The picture has {} megapixels in {frames} frame(s); {MOST_MEGAPIXELS} are taken.",
            pixels.div_ceil(MEGA)
        );
        return Err(refuse(Why::TooLarge, detail));
    }
    Ok(())
}

pub(super) fn check_memory(bytes: u64) -> Result<(), Refusal> {
    if bytes > MOST_MEMORY {
        let detail =
            format!("Decoded, the picture takes {bytes} bytes; {MOST_MEMORY} are allowed.");
        return Err(refuse(Why::TooLarge, detail));
    }
    Ok(())
}

/// The size of what is to be written, over all frames.
pub(super) fn check_out(width: u32, height: u32, frames: u32) -> Result<(), Refusal> {
    let option = if width >= height { "width" } else { "height" };
    let too_large =
        |detail| Refusal { option: Some(option.to_owned()), ..refuse(Why::TooLarge, detail) };
    if width.max(height) > MOST_SIDE_OUT {
        return Err(too_large(format!(
            "The result would be {width} x {height}; a side may have {MOST_SIDE_OUT} pixels."
        )));
    }
    let pixels = u64::from(width) * u64::from(height);
    if pixels > MOST_MEGAPIXELS_OUT * MEGA {
        return Err(too_large(format!(
            "The result would have {} megapixels; {MOST_MEGAPIXELS_OUT} are made.",
            pixels.div_ceil(MEGA)
        )));
    }
    if pixels * u64::from(frames) > MOST_MEGAPIXELS * MEGA {
        return Err(too_large(format!(
            "The result would have {frames} frames of {width} x {height}; {MOST_MEGAPIXELS} megapixels together are made."
        )));
    }
    Ok(())
}

/// What a decoder of a picture of so many pixels may take.
pub(super) fn limits(width: u32, height: u32) -> Limits {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MOST_SIDE);
    limits.max_image_height = Some(MOST_SIDE);
    let pixels = u64::from(width) * u64::from(height);
    limits.max_alloc = Some((pixels * 16 + MARGIN).min(MOST_MEMORY));
    limits
}
