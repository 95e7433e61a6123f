//! Test pictures.

use std::io::Cursor;

use gif::{Encoder, Frame, Repeat};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};

pub(super) fn encoded(pixels: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    pixels.into().write_to(&mut out, format).unwrap();
    out.into_inner()
}

pub(super) fn png(pixels: impl Into<DynamicImage>) -> Vec<u8> {
    encoded(pixels, ImageFormat::Png)
}

pub(super) fn plain(width: u32, height: u32, colour: [u8; 3]) -> RgbImage {
    RgbImage::from_pixel(width, height, Rgb(colour))
}

/// Something like a photograph: smooth, with a little noise.
pub(super) fn photo(width: u32, height: u32) -> RgbImage {
    let mut noise = 1_u32;
    RgbImage::from_fn(width, height, |x, y| {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        // Up and down like a tent, every 100 pixels.
        let slope = |number: u32| 30 + 3 * (number % 100).abs_diff(50) + (noise >> 28);
        Rgb([slope(x), slope(y), slope(x + y)].map(|value| u8::try_from(value).unwrap()))
    })
}

/// A red corner top left on blue.
pub(super) fn corner(width: u32, height: u32) -> RgbImage {
    let is_corner = |x, y| x < width / 2 && y < height / 2;
    RgbImage::from_fn(width, height, |x, y| {
        Rgb(if is_corner(x, y) { [255, 0, 0] } else { [0, 0, 255] })
    })
}

/// A GIF whose frames are of one colour each; the second is seen through on its left half.
pub(super) fn moving_gif(frames: u16) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::new(), 20, 10, &[]).unwrap();
    encoder.set_repeat(Repeat::Finite(3)).unwrap();
    for number in 0..frames {
        let shade = u8::try_from(number * 20 % 250).unwrap();
        let mut pixels = RgbaImage::from_fn(20, 10, |x, _| {
            Rgba([shade, 255 - shade, 0, if number == 1 && x < 10 { 0 } else { 255 }])
        });
        let mut frame = Frame::from_rgba(20, 10, &mut pixels);
        frame.delay = 7;
        frame.dispose = gif::DisposalMethod::Background;
        encoder.write_frame(&frame).unwrap();
    }
    encoder.into_inner().unwrap()
}

/// EXIF that turns and, with `place`, says where: the beginning of a TIFF with two entries.
pub(super) fn exif(orientation: u8, place: bool) -> Vec<u8> {
    let mut exif = b"MM\0\x2a\0\0\0\x08".to_vec();
    exif.extend([0, 1 + u8::from(place)]);
    exif.extend([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0]);
    if place {
        exif.extend([0x88, 0x25, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0]);
    }
    exif.extend([0; 4]);
    exif
}

/// A JPEG with EXIF.
pub(super) fn jpeg_with(exif: &[u8], pixels: &RgbImage) -> Vec<u8> {
    let side = |side: u32| u16::try_from(side).unwrap();
    let mut out = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut out, 95);
    encoder.add_exif_metadata(exif).unwrap();
    encoder
        .encode(
            pixels.as_raw(),
            side(pixels.width()),
            side(pixels.height()),
            jpeg_encoder::ColorType::Rgb,
        )
        .unwrap();
    out
}

/// One chunk of a PNG.
pub(super) fn chunk(name: [u8; 4], body: &[u8]) -> Vec<u8> {
    let mut chunk = u32::try_from(body.len()).unwrap().to_be_bytes().to_vec();
    chunk.extend(name);
    chunk.extend(body);
    chunk.extend(checksum(&chunk[4..]).to_be_bytes());
    chunk
}

fn checksum(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, &byte| {
        (0..8).fold(sum ^ u32::from(byte), |sum, _| {
            if sum & 1 == 1 { sum >> 1 ^ 0xedb8_8320 } else { sum >> 1 }
        })
    })
}
