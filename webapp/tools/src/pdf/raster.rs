//! The pixels of a picture in a document (ISO 32000-1, 8.9): samples of 1 to 16 bits in some space of colours, and what
//! shines through.

use lopdf::{Dictionary, Object, Stream};

use super::limits;
use super::source::Source;
use crate::image;

/// The most pixels that are unpacked.
const MOST_PIXELS: u64 = 50_000_000;

/// Pixels of four bytes: red, green, blue and how opaque.
#[derive(Debug)]
pub(super) struct Raster {
    width: u32,
    height: u32,
    pixels: Vec<u8>,
    is_opaque: bool,
}

/// How samples are to be understood.
enum Space {
    Grey,
    Rgb,
    Cmyk,
    /// Each sample is the number of a colour.
    Indexed(Vec<[u8; 3]>),
}

/// Width and height in pixels.
pub(super) fn size(source: &Source, entries: &Dictionary) -> Option<(u32, u32)> {
    let side = |key: &[u8]| u32::try_from(source.entry(entries, key)?.as_i64().ok()?).ok();
    Some((side(b"Width")?, side(b"Height")?)).filter(|(width, height)| *width > 0 && *height > 0)
}

impl Raster {
    /// Reads the pixels of an image object.
    pub(super) fn read(source: &Source, stream: &Stream) -> Option<Self> {
        let mut made = if stream.filters().unwrap_or_default().last() == Some(&&b"DCTDecode"[..]) {
            Self::from_jpeg(stream)?
        } else {
            Self::from_samples(source, stream)?
        };
        let mask = source.entry(&stream.dict, b"SMask").and_then(|mask| mask.as_stream().ok());
        if let Some(mask) = mask.and_then(|mask| Self::read_plain(source, mask)) {
            made.shine_through(&mask);
        }
        Some(made)
    }

    fn read_plain(source: &Source, stream: &Stream) -> Option<Self> {
        match stream.filters().unwrap_or_default().last() {
            Some(&b"DCTDecode") => Self::from_jpeg(stream),
            _ => Self::from_samples(source, stream),
        }
    }

    fn from_jpeg(stream: &Stream) -> Option<Self> {
        let pixels = image::pixels(&stream.content).ok()?.into_rgba8();
        let (width, height) = pixels.dimensions();
        Some(Self { width, height, pixels: pixels.into_raw(), is_opaque: true })
    }

    fn from_samples(source: &Source, stream: &Stream) -> Option<Self> {
        let (width, height) = size(source, &stream.dict)?;
        if u64::from(width) * u64::from(height) > MOST_PIXELS {
            return None;
        }
        let is_stencil = matches!(stream.dict.get(b"ImageMask"), Ok(Object::Boolean(true)));
        let bits = match source.entry(&stream.dict, b"BitsPerComponent") {
            _ if is_stencil => 1,
            Some(bits) => u8::try_from(bits.as_i64().ok()?).ok()?,
            None => 8,
        };
        let space = if is_stencil {
            Space::Grey
        } else {
            space(source, source.entry(&stream.dict, b"ColorSpace")?)?
        };
        let samples = stream.get_plain_content_with_limit(limits::STREAM_BYTES).ok()?;
        let samples = Samples { bytes: &samples, bits, is_inverted: is_inverted(source, stream) };
        let channels = space.channels();
        let columns = usize::try_from(width).ok()?;
        let stride = (columns * channels * usize::from(bits)).div_ceil(8);
        let mut pixels = Vec::with_capacity(columns * usize::try_from(height).ok()? * 4);
        for row in 0..usize::try_from(height).ok()? {
            let line = samples.line(row * stride);
            for column in 0..columns {
                let [red, green, blue] = space.colour(&line, column * channels)?;
                pixels.extend([red, green, blue, u8::MAX]);
            }
        }
        Some(Self { width, height, pixels, is_opaque: true })
    }

    /// Takes the brightness of a mask, whatever its size, for how opaque each pixel is.
    fn shine_through(&mut self, mask: &Self) {
        let (width, mask_width) = (self.width as usize, mask.width as usize);
        let scale = |at: usize, of: u32, to: u32| at * to as usize / of as usize;
        for (place, pixel) in self.pixels.chunks_exact_mut(4).enumerate() {
            let column = scale(place % width, self.width, mask.width);
            let row = scale(place / width, self.height, mask.height);
            pixel[3] = mask.pixels[(row * mask_width + column) * 4];
        }
        self.is_opaque = false;
    }

    pub(super) fn png(self) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        let mut encoder = png::Encoder::new(&mut out, self.width, self.height);
        encoder.set_color(if self.is_opaque { png::ColorType::Rgb } else { png::ColorType::Rgba });
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header().ok()?;
        let pixels = if self.is_opaque {
            self.pixels.chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect()
        } else {
            self.pixels
        };
        writer.write_image_data(&pixels).ok()?;
        writer.finish().ok()?;
        Some(out)
    }
}

/// Packed samples, each row beginning with a whole byte.
struct Samples<'a> {
    bytes: &'a [u8],
    bits: u8,
    is_inverted: bool,
}

impl<'a> Samples<'a> {
    fn line(&self, from: usize) -> Line<'a> {
        let bytes = self.bytes.get(from..).unwrap_or_default();
        Line { bytes, bits: self.bits, is_inverted: self.is_inverted }
    }
}

struct Line<'a> {
    bytes: &'a [u8],
    bits: u8,
    is_inverted: bool,
}

impl Line<'_> {
    /// A sample as it is stored; of 16 bits the upper 8.
    fn number(&self, place: usize) -> Option<u8> {
        let byte = |at: usize| self.bytes.get(at).copied();
        match self.bits {
            8 => byte(place),
            16 => byte(place * 2),
            bits @ (1 | 2 | 4) => {
                let at = place * usize::from(bits);
                let shift = 8 - usize::from(bits) - at % 8;
                Some((byte(at / 8)? >> shift) & ((1 << bits) - 1))
            }
            _ => None,
        }
    }

    /// A sample from 0 to 255. What a broken file does not have is black.
    fn level(&self, place: usize) -> u8 {
        let number = self.number(place).unwrap_or(0);
        let level = match self.bits {
            1 => number * 255,
            2 => number * 85,
            4 => number * 17,
            _ => number,
        };
        if self.is_inverted { u8::MAX - level } else { level }
    }
}

impl Space {
    fn channels(&self) -> usize {
        match self {
            Self::Grey | Self::Indexed(_) => 1,
            Self::Rgb => 3,
            Self::Cmyk => 4,
        }
    }

    fn colour(&self, line: &Line<'_>, place: usize) -> Option<[u8; 3]> {
        Some(match self {
            Self::Grey => [line.level(place); 3],
            Self::Rgb => [line.level(place), line.level(place + 1), line.level(place + 2)],
            Self::Cmyk => {
                let black = u16::from(u8::MAX - line.level(place + 3));
                [0, 1, 2].map(|ink| {
                    let light = u16::from(u8::MAX - line.level(place + ink));
                    u8::try_from(light * black / 255).unwrap_or(u8::MAX)
                })
            }
            Self::Indexed(colours) => {
                *colours.get(usize::from(line.number(place).unwrap_or(0))).or(colours.first())?
            }
        })
    }
}

fn space(source: &Source, object: &Object) -> Option<Space> {
    let (name, rest) = match object {
        Object::Name(name) => (name.as_slice(), &[][..]),
        Object::Array(items) => (items.first()?.as_name().ok()?, &items[1..]),
        _ => return None,
    };
    let followed =
        |place: usize| source.document.dereference(rest.get(place)?).ok().map(|(_, object)| object);
    match name {
        b"DeviceGray" | b"G" | b"CalGray" => Some(Space::Grey),
        b"DeviceRGB" | b"RGB" | b"CalRGB" => Some(Space::Rgb),
        b"DeviceCMYK" | b"CMYK" => Some(Space::Cmyk),
        b"ICCBased" => match followed(0)?.as_stream().ok()?.dict.get(b"N").ok()?.as_i64().ok()? {
            1 => Some(Space::Grey),
            3 => Some(Space::Rgb),
            4 => Some(Space::Cmyk),
            _ => None,
        },
        b"Indexed" | b"I" => {
            // A table of a table has no meaning, so this goes one step deep.
            let base = match followed(0)? {
                Object::Array(items)
                    if items.first()?.as_name().is_ok_and(|name| name == b"Indexed") =>
                {
                    return None;
                }
                base => space(source, base)?,
            };
            let bytes = match followed(2)? {
                Object::String(bytes, _) => bytes.clone(),
                Object::Stream(stream) => {
                    stream.get_plain_content_with_limit(limits::STREAM_BYTES).ok()?
                }
                _ => return None,
            };
            let line = Line { bytes: &bytes, bits: 8, is_inverted: false };
            let count = bytes.len() / base.channels();
            (0..count.min(256))
                .map(|colour| base.colour(&line, colour * base.channels()))
                .collect::<Option<_>>()
                .map(Space::Indexed)
        }
        _ => None,
    }
}

/// `Decode [1 0 …]`: samples that count backwards.
fn is_inverted(source: &Source, stream: &Stream) -> bool {
    let decode = source.entry(&stream.dict, b"Decode").and_then(|decode| decode.as_array().ok());
    let first = decode.and_then(|decode| decode.first()?.as_float().ok());
    first.is_some_and(|first| first > 0.5)
}
