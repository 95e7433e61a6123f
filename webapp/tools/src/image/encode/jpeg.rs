//! JPEG: colour at half the resolution below quality 90, where nobody sees it.

use image::DynamicImage;
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

use super::{Style, opaque, unwritten};
use crate::Refusal;

const FULL_COLOUR: u8 = 90;

pub(super) fn encode(
    pixels: DynamicImage,
    style: Style,
    icc: Option<&[u8]>,
) -> Result<Vec<u8>, Refusal> {
    let pixels = opaque(pixels, style.background);
    let side = |side: u32| u16::try_from(side).map_err(unwritten);
    let (width, height) = (side(pixels.width())?, side(pixels.height())?);
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, style.quality);
    encoder.set_sampling_factor(match style.quality {
        ..FULL_COLOUR => SamplingFactor::F_2_2,
        _ => SamplingFactor::F_1_1,
    });
    if let Some(icc) = icc {
        encoder.add_icc_profile(icc).map_err(unwritten)?;
    }
    let colour = if pixels.color().has_color() { ColorType::Rgb } else { ColorType::Luma };
    encoder.encode(pixels.as_bytes(), width, height, colour).map_err(unwritten)?;
    Ok(out)
}
