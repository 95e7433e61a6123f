//! A file that is understood as far as its header, and within bounds; its pixels come when they are asked for.

use std::io::Cursor;

use image::codecs::{
    bmp::BmpDecoder, gif::GifDecoder, jpeg::JpegDecoder, png::PngDecoder, tiff::TiffDecoder,
    webp::WebPDecoder,
};
use image::metadata::{LoopCount, Orientation};
use image::{AnimationDecoder, DynamicImage, ExtendedColorType, Frames, ImageDecoder, ImageError};

use super::Kind;
use super::bounds::{self, refuse};
use super::{count, shrunk};
use crate::{Refusal, Why};

/// What a file says of itself.
#[derive(Debug)]
pub(super) struct Source<'a> {
    pub(super) kind: Kind,
    bytes: &'a [u8],
    /// As stored, before `orientation` is applied.
    pub(super) width: u32,
    pub(super) height: u32,
    /// 1 when it does not move.
    pub(super) frames: u32,
    /// Times that it plays, 0 for ever.
    pub(super) plays: u32,
    pub(super) orientation: Orientation,
    /// As stored.
    pub(super) colour: ExtendedColorType,
    /// Whether its pixels come without colour.
    pub(super) grey: bool,
    pub(super) icc: Option<Vec<u8>>,
    pub(super) exif: bool,
    pub(super) position: bool,
}

/// One picture, how long it is shown in milliseconds as a fraction.
#[derive(Debug)]
pub(super) struct Still {
    pub(super) pixels: DynamicImage,
    pub(super) delay: (u32, u32),
}

type Stills<'a> = Box<dyn Iterator<Item = Result<Still, Refusal>> + 'a>;

impl<'a> Source<'a> {
    /// # Errors
    /// The format is not known, its header is broken or declares too much.
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, Refusal> {
        let kind = Kind::of(bytes)?;
        if let (Kind::Png, Some((width, height))) = (kind, count::png_size(bytes)) {
            bounds::check_side(width, height)?;
        }
        let mut decoder = decoder(kind, bytes)?;
        let (width, height) = decoder.dimensions();
        let frames = frames(kind, bytes);
        bounds::check_frames(width, height, frames)?;
        bounds::check_memory(decoder.total_bytes())?;
        check_scans(kind, bytes)?;
        let exif = if kind == Kind::Tiff {
            Some(bytes.to_owned())
        } else {
            decoder.exif_metadata().unwrap_or(None)
        };
        Ok(Self {
            kind,
            bytes,
            width,
            height,
            frames,
            plays: if frames > 1 { plays(kind, bytes)? } else { 0 },
            orientation: decoder.orientation().unwrap_or(Orientation::NoTransforms),
            colour: decoder.original_color_type(),
            grey: !decoder.color_type().has_color(),
            icc: decoder.icc_profile().unwrap_or(None),
            exif: kind != Kind::Tiff && exif.is_some(),
            position: exif.is_some_and(|exif| count::has_position(&exif)),
        })
    }

    /// Width and height as they are seen.
    pub(super) fn seen(&self) -> (u32, u32) {
        if turns(self.orientation) { (self.height, self.width) } else { (self.width, self.height) }
    }

    /// Bits of each channel as stored.
    pub(super) fn depth(&self) -> u16 {
        match self.kind {
            Kind::Png => count::png_depth(self.bytes).unwrap_or(8).into(),
            _ => self.colour.bits_per_pixel() / u16::from(self.colour.channel_count().max(1)),
        }
    }

    /// Its frames one by one, not yet turned. When `first` is given it is no more than that, perhaps made smaller, but
    /// still well above the size that is given.
    ///
    /// # Errors
    /// The file is broken; so may be each frame.
    pub(super) fn stills(&self, first: Option<(u32, u32)>) -> Result<Stills<'a>, Refusal> {
        if first.is_some() || self.frames == 1 {
            let pixels = self.first(first.unwrap_or((self.width, self.height)))?;
            return Ok(Box::new(std::iter::once(Ok(Still { pixels, delay: (0, 1) }))));
        }
        let frames = usize::try_from(self.frames).unwrap_or(usize::MAX);
        Ok(Box::new(moving(self.kind, self.bytes)?.0.take(frames).map(|frame| {
            let frame = frame.map_err(|error| broken(&error))?;
            let delay = frame.delay().numer_denom_ms();
            Ok(Still { pixels: DynamicImage::ImageRgba8(frame.into_buffer()), delay })
        })))
    }

    /// The first frame, perhaps made smaller, but still well above the size that is needed.
    ///
    /// # Errors
    /// The file is broken.
    pub(super) fn first(&self, needed: (u32, u32)) -> Result<DynamicImage, Refusal> {
        if self.kind == Kind::Jpeg {
            let whole = (self.width, self.height);
            let jpeg = count::jpeg(self.bytes);
            let is_apart = jpeg.scans > 1 && !jpeg.is_progressive;
            let small = shrunk::size(whole, needed).filter(|_| jpeg.is_even);
            let size = small.or_else(|| is_apart.then_some(whole));
            if let Some(pixels) = size.and_then(|size| shrunk::decode(self.bytes, size)) {
                return Ok(pixels);
            }
        }
        // Not before: within its limits the TIFF decoder reads no colour profile.
        let mut decoder = decoder(self.kind, self.bytes)?;
        decoder
            .set_limits(bounds::limits(self.width, self.height))
            .and_then(|()| DynamicImage::from_decoder(decoder))
            .map_err(|error| broken(&error))
    }
}

/// Whether width and height change places.
pub(super) fn turns(orientation: Orientation) -> bool {
    orientation.to_exif() >= 5
}

fn decoder(kind: Kind, bytes: &[u8]) -> Result<Box<dyn ImageDecoder + '_>, Refusal> {
    let reader = Cursor::new(bytes);
    Ok(match kind {
        Kind::Png => return png(bytes).map(|decoder| Box::new(decoder) as Box<dyn ImageDecoder>),
        Kind::Jpeg => Box::new(JpegDecoder::new(reader).map_err(|error| broken(&error))?),
        Kind::Webp => Box::new(WebPDecoder::new(reader).map_err(|error| broken(&error))?),
        Kind::Gif => Box::new(GifDecoder::new(reader).map_err(|error| broken(&error))?),
        Kind::Bmp => Box::new(BmpDecoder::new(reader).map_err(|error| broken(&error))?),
        Kind::Tiff => Box::new(TiffDecoder::new(reader).map_err(|error| broken(&error))?),
    })
}

fn png(bytes: &[u8]) -> Result<PngDecoder<Cursor<&[u8]>>, Refusal> {
    let (width, height) = count::png_size(bytes).unwrap_or_default();
    bounds::check_frames(width, height, 1)?;
    PngDecoder::with_limits(Cursor::new(bytes), bounds::limits(width, height))
        .map_err(|error| broken(&error))
}

fn moving(kind: Kind, bytes: &[u8]) -> Result<(Frames<'_>, u32), Refusal> {
    let reader = Cursor::new(bytes);
    match kind {
        Kind::Png => png(bytes)?.apng().map(played),
        Kind::Webp => WebPDecoder::new(reader).map(played),
        _ => GifDecoder::new(reader).and_then(|mut decoder| {
            let (width, height) = decoder.dimensions();
            decoder.set_limits(bounds::limits(width, height))?;
            Ok(played(decoder))
        }),
    }
    .map_err(|error| broken(&error))
}

fn played<'a>(decoder: impl AnimationDecoder<'a>) -> (Frames<'a>, u32) {
    let plays = match decoder.loop_count() {
        LoopCount::Infinite => 0,
        LoopCount::Finite(times) => times.get(),
    };
    (decoder.into_frames(), plays)
}

fn plays(kind: Kind, bytes: &[u8]) -> Result<u32, Refusal> {
    moving(kind, bytes).map(|(_, plays)| plays)
}

fn frames(kind: Kind, bytes: &[u8]) -> u32 {
    match kind {
        Kind::Png => count::png_frames(bytes).unwrap_or(1).max(1),
        Kind::Gif => count::gif_frames(bytes).max(1),
        Kind::Webp => count::webp_frames(bytes).max(1),
        Kind::Jpeg | Kind::Bmp | Kind::Tiff => 1,
    }
}

fn check_scans(kind: Kind, bytes: &[u8]) -> Result<(), Refusal> {
    if kind == Kind::Jpeg && count::jpeg(bytes).scans > bounds::MOST_SCANS {
        let most = bounds::MOST_SCANS;
        return Err(refuse(
            Why::TooLarge,
            format!("The picture comes in more than {most} scans, the most taken."),
        ));
    }
    Ok(())
}

fn broken(error: &ImageError) -> Refusal {
    match error {
        ImageError::Limits(limit) => {
            let most = bounds::MOST_MEMORY;
            refuse(
                Why::TooLarge,
                format!(
                    "To decode the picture more than the {most} bytes allowed are needed: {limit}"
                ),
            )
        }
        ImageError::Unsupported(error) => {
            refuse(Why::Unsupported, format!("The picture cannot be read: {error}"))
        }
        other => refuse(Why::Malformed, format!("The picture is broken: {other}")),
    }
}
