//! PNG, moving or not, with the depth that the pixels have.

use image::{ColorType, DynamicImage};
use png::{BitDepth, BlendOp, DisposeOp, Encoder, Info};

use super::{Reel, unwritten};
use crate::image::bounds::refuse;
use crate::{Refusal, Why};

pub(super) fn encode(reel: Reel<'_>) -> Result<Vec<u8>, Refusal> {
    let mut stills = reel.stills;
    let first =
        stills.next().ok_or_else(|| refuse(Why::Malformed, "The picture has no frame."))??;
    let mut info = Info::with_size(first.pixels.width(), first.pixels.height());
    (info.color_type, info.bit_depth) = layout(&first.pixels);
    info.icc_profile = reel.icc.map(|icc| icc.to_owned().into());
    let mut out = Vec::new();
    let mut encoder = Encoder::with_info(&mut out, info).map_err(unwritten)?;
    if reel.frames > 1 {
        encoder.set_animated(reel.frames, reel.plays).map_err(unwritten)?;
        encoder.set_dispose_op(DisposeOp::None).map_err(unwritten)?;
        encoder.set_blend_op(BlendOp::Source).map_err(unwritten)?;
    }
    let mut writer = encoder.write_header().map_err(unwritten)?;
    for still in std::iter::once(Ok(first)).chain(stills) {
        let still = still?;
        if reel.frames > 1 {
            let (part, whole) = delay(still.delay);
            writer.set_frame_delay(part, whole).map_err(unwritten)?;
        }
        writer.write_image_data(&big_endian(&still.pixels)).map_err(unwritten)?;
    }
    writer.finish().map_err(unwritten)?;
    Ok(out)
}

fn layout(pixels: &DynamicImage) -> (png::ColorType, BitDepth) {
    let colour = pixels.color();
    let depth = if colour.bytes_per_pixel() > colour.channel_count() {
        BitDepth::Sixteen
    } else {
        BitDepth::Eight
    };
    let layout = match colour {
        ColorType::L8 | ColorType::L16 => png::ColorType::Grayscale,
        ColorType::La8 | ColorType::La16 => png::ColorType::GrayscaleAlpha,
        ColorType::Rgb8 | ColorType::Rgb16 => png::ColorType::Rgb,
        _ => png::ColorType::Rgba,
    };
    (layout, depth)
}

fn big_endian(pixels: &DynamicImage) -> std::borrow::Cow<'_, [u8]> {
    let bytes = pixels.as_bytes();
    if layout(pixels).1 == BitDepth::Eight {
        return bytes.into();
    }
    bytes
        .chunks_exact(2)
        .flat_map(|pair| u16::from_ne_bytes([pair[0], pair[1]]).to_be_bytes())
        .collect()
}

/// Seconds as a fraction, of milliseconds as a fraction.
fn delay((part, whole): (u32, u32)) -> (u16, u16) {
    let millis = part / whole.max(1);
    u16::try_from(millis).map_or((u16::MAX, 1000), |millis| (millis, 1000))
}
