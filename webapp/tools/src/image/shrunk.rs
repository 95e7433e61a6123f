//! JPEG decoded small: an eighth, a quarter or half of each side comes straight out of its blocks, for less than the
//! whole; exact only where colour is as fine as light, which is asked before.
//! The whole also comes from here where colours stand in scans of their own, of which the usual decoder loses the last row.

use image::{DynamicImage, GrayImage, RgbImage};
use jpeg_decoder::{Decoder, PixelFormat};

use super::bounds::MOST_MEMORY;

/// What is decoded has this many times the side that is needed, so that the resampling after it still decides the look.
const SPARE: u32 = 2;

/// The smallest size that a JPEG can be decoded in for a result of the size `needed`; none when that is the whole.
pub(super) fn size((width, height): (u32, u32), needed: (u32, u32)) -> Option<(u32, u32)> {
    [8, 4, 2]
        .into_iter()
        .filter(|part| width % part == 0 && height % part == 0)
        .map(|part| (width / part, height / part))
        .find(|small| small.0 >= needed.0 * SPARE && small.1 >= needed.1 * SPARE)
}

/// None when it cannot be done, as for CMYK or broken files: then the usual decoder has the word.
pub(super) fn decode(bytes: &[u8], size: (u32, u32)) -> Option<DynamicImage> {
    let mut decoder = Decoder::new(bytes);
    decoder.set_max_decoding_buffer_size(usize::try_from(MOST_MEMORY).ok()?);
    decoder.read_info().ok()?;
    let format = decoder.info()?.pixel_format;
    if !matches!(format, PixelFormat::L8 | PixelFormat::RGB24) {
        return None;
    }
    let (width, height) =
        decoder.scale(u16::try_from(size.0).ok()?, u16::try_from(size.1).ok()?).ok()?;
    let pixels = decoder.decode().ok()?;
    let (width, height) = (width.into(), height.into());
    match format {
        PixelFormat::L8 => GrayImage::from_raw(width, height, pixels).map(DynamicImage::from),
        _ => RgbImage::from_raw(width, height, pixels).map(DynamicImage::from),
    }
}
