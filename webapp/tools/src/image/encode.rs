//! Pictures as files. What a format cannot hold is reduced: transparency, depth, motion.

mod gif;
mod jpeg;
mod png;

use image::codecs::{bmp::BmpEncoder, tiff::TiffEncoder, webp::WebPEncoder};
use image::{ColorType, DynamicImage, ImageEncoder, RgbImage};

use super::Kind;
use super::bounds::refuse;
use super::source::Still;
use crate::{Refusal, Why};

/// How a file is to be written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    pub(super) kind: Kind,
    /// Of JPEG, 1 to 100.
    pub(super) quality: u8,
    /// Seen through the picture where there is no transparency.
    pub(super) background: [u8; 3],
}

/// Frames on their way into a file.
pub(super) struct Reel<'a> {
    pub(super) stills: Box<dyn Iterator<Item = Result<Still, Refusal>> + 'a>,
    /// How many come.
    pub(super) frames: u32,
    /// Times that they play, 0 for ever.
    pub(super) plays: u32,
    pub(super) icc: Option<&'a [u8]>,
}

/// # Errors
/// A frame is broken.
pub(super) fn encode(mut reel: Reel<'_>, style: Style) -> Result<Vec<u8>, Refusal> {
    match style.kind {
        Kind::Png => return png::encode(reel),
        Kind::Gif => return gif::encode(reel, style.background),
        Kind::Jpeg | Kind::Webp | Kind::Bmp | Kind::Tiff => {}
    }
    let still =
        reel.stills.next().ok_or_else(|| refuse(Why::Malformed, "The picture has no frame."))?;
    let pixels = still?.pixels;
    let mut out = Vec::new();
    match style.kind {
        Kind::Jpeg => return jpeg::encode(pixels, style, reel.icc),
        Kind::Webp => write(WebPEncoder::new_lossless(&mut out), &in_bytes(pixels), reel.icc)?,
        Kind::Bmp => write(BmpEncoder::new(&mut out), &opaque(pixels, style.background), None)?,
        _ => {
            let mut out = std::io::Cursor::new(Vec::new());
            write(TiffEncoder::new(&mut out), &without_grey_alpha(pixels), reel.icc)?;
            return Ok(out.into_inner());
        }
    }
    Ok(out)
}

/// Whether a colour profile says something of such pixels in such a file.
pub(super) fn takes_profile(kind: Kind, icc: &[u8], is_grey: bool) -> bool {
    let space = icc.get(16..20);
    match kind {
        Kind::Gif | Kind::Bmp => false,
        Kind::Webp => space == Some(b"RGB "),
        Kind::Png | Kind::Jpeg | Kind::Tiff => {
            space == Some(if is_grey { b"GRAY" } else { b"RGB " })
        }
    }
}

fn write(
    mut encoder: impl ImageEncoder,
    pixels: &DynamicImage,
    icc: Option<&[u8]>,
) -> Result<(), Refusal> {
    if let Some(icc) = icc {
        encoder.set_icc_profile(icc.to_owned()).map_err(unwritten)?;
    }
    let (width, height) = (pixels.width(), pixels.height());
    encoder.write_image(pixels.as_bytes(), width, height, pixels.color().into()).map_err(unwritten)
}

fn unwritten(error: impl std::fmt::Display) -> Refusal {
    refuse(Why::Unsupported, format!("The picture cannot be written in this format: {error}"))
}

/// Eight bits, colours.
fn in_bytes(pixels: DynamicImage) -> DynamicImage {
    match pixels {
        DynamicImage::ImageRgb8(_) | DynamicImage::ImageRgba8(_) => pixels,
        other if other.color().has_alpha() => DynamicImage::ImageRgba8(other.to_rgba8()),
        other => DynamicImage::ImageRgb8(other.to_rgb8()),
    }
}

fn without_grey_alpha(pixels: DynamicImage) -> DynamicImage {
    match pixels.color() {
        ColorType::La8 => DynamicImage::ImageRgba8(pixels.to_rgba8()),
        ColorType::La16 => DynamicImage::ImageRgba16(pixels.to_rgba16()),
        _ => pixels,
    }
}

/// Eight bits, laid on a background.
fn opaque(pixels: DynamicImage, background: [u8; 3]) -> DynamicImage {
    match pixels {
        DynamicImage::ImageRgb8(_) | DynamicImage::ImageLuma8(_) => pixels,
        DynamicImage::ImageLuma16(_) => DynamicImage::ImageLuma8(pixels.to_luma8()),
        other if other.color().has_alpha() => {
            let pixels = other.to_rgba8();
            let mut made = RgbImage::new(pixels.width(), pixels.height());
            for (to, from) in made.pixels_mut().zip(pixels.pixels()) {
                let [red, green, blue, alpha] = from.0;
                to.0 = laid_on([red, green, blue], alpha, background);
            }
            DynamicImage::ImageRgb8(made)
        }
        other => DynamicImage::ImageRgb8(other.to_rgb8()),
    }
}

fn laid_on(colour: [u8; 3], alpha: u8, background: [u8; 3]) -> [u8; 3] {
    let alpha = u32::from(alpha);
    std::array::from_fn(|at| {
        let sum = u32::from(colour[at]) * alpha + u32::from(background[at]) * (255 - alpha);
        u8::try_from((sum + 127) / 255).unwrap_or(u8::MAX)
    })
}
