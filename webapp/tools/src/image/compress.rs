//! The best file of at most so many bytes: first less quality, then fewer pixels.

use image::DynamicImage;

use super::encode::{Reel, Style, encode};
use super::run::{Shape, WHITE, note, profile, result, same_kind};
use super::scale::part;
use super::source::{Source, Still};
use super::{Compress, Kind, MOST_SIDE_OUT};
use crate::image::bounds::refuse;
use crate::{File, Refusal, Why};

/// Below this a smaller picture looks better than a worse one.
const LEAST_QUALITY: u8 = 40;
const BEST_QUALITY: u8 = 95;
/// A picture with a longer side of fewer pixels shows nothing.
const LEAST_SIDE: u32 = 16;
/// Parts that a side is divided in.
const WHOLE: u32 = 1000;

/// # Errors
/// The target is below what is possible: [`Why::Option`] says what is.
pub(super) fn compress(file: &File, source: &Source<'_>, wish: &Compress) -> Result<File, Refusal> {
    let kind = wish.format.unwrap_or_else(|| same_kind(source));
    let target = usize::try_from(wish.target_bytes).unwrap_or(usize::MAX);
    let is_clean = !source.exif
        && !source.position
        && source.orientation.to_exif() == 1
        && !has_more_than_a_picture(&file.bytes);
    if file.bytes.len() <= target && source.kind == kind && is_clean {
        let mut same = result(file, source, (source.seen(), kind), file.bytes.clone());
        note(&mut same, "small enough as it was");
        return Ok(same);
    }
    let mut search = Search { source, kind, target, made: None };
    let mut share = search.first_share();
    loop {
        let least = search.attempt(share, LEAST_QUALITY)?;
        if least.len() <= target {
            let (quality, bytes) = search.best(share, least)?;
            let mut made = result(file, source, (search.size(share), kind), bytes);
            made.about["quality"] =
                if kind == Kind::Jpeg { quality.into() } else { serde_json::Value::Null };
            made.about["scale_percent"] = (f64::from(share) / 10.0).into();
            return Ok(made);
        }
        share = search
            .next_share(share, least.len())
            .ok_or_else(|| too_small(wish.target_bytes, least.len()))?;
    }
}

/// Whether anything in a file looks like words about the picture, or like a second picture behind it: what is sent on as it
/// was must not tell where it was taken. What looks so by chance is only encoded anew.
fn has_more_than_a_picture(bytes: &[u8]) -> bool {
    let holds = |mark: &[u8]| bytes.windows(mark.len()).any(|part| part == mark);
    // A scan of a JPEG file has a zero, or a restart marker, after each 255.
    let is_jpeg = bytes.starts_with(&[0xff, 0xd8]);
    let has_comment = is_jpeg && holds(&[0xff, 0xfe]);
    let has_second =
        is_jpeg && (!bytes.ends_with(&[0xff, 0xd9]) || holds_twice(bytes, &[0xff, 0xd8, 0xff]));
    has_comment || has_second || WORDS.iter().any(|mark| holds(mark))
}

fn holds_twice(bytes: &[u8], mark: &[u8]) -> bool {
    bytes.windows(mark.len()).filter(|part| *part == mark).take(2).count() == 2
}

/// How formats begin what is said about a picture: XMP, EXIF, the text chunks of PNG, the chunks of WebP.
const WORDS: [&[u8]; 9] = [
    b"ns.adobe.com/xap",
    b"x:xmpmeta",
    b"Exif\0\0",
    b"MPF\0",
    b"tEXt",
    b"iTXt",
    b"zTXt",
    b"eXIf",
    b"XMP ",
];

fn too_small(target: u64, least: usize) -> Refusal {
    let detail =
        format!("{target} bytes are too few for this picture; {least} are the least possible.");
    Refusal { option: Some("target_bytes".to_owned()), ..refuse(Why::Option, detail) }
}

struct Search<'a> {
    source: &'a Source<'a>,
    kind: Kind,
    target: usize,
    /// The still picture that was last tried, at its share: quality alone does not make it anew.
    made: Option<(u32, DynamicImage)>,
}

impl Search<'_> {
    fn size(&self, share: u32) -> (u32, u32) {
        let (width, height) = self.source.seen();
        (part(width, share, WHOLE), part(height, share, WHOLE))
    }

    fn longest(&self) -> u32 {
        self.source.seen().0.max(self.source.seen().1)
    }

    /// All of it, unless so much is never written.
    fn first_share(&self) -> u32 {
        if self.longest() <= MOST_SIDE_OUT {
            WHOLE
        } else {
            part(WHOLE, MOST_SIDE_OUT - 1, self.longest())
        }
    }

    /// The share of pixels that should do, less than before; none when nothing would be seen.
    fn next_share(&self, share: u32, bytes: usize) -> Option<u32> {
        let least = part(WHOLE, LEAST_SIDE, self.longest()).min(WHOLE);
        // In thousandths; bytes go with the square of a side.
        let ratio = self.target.saturating_mul(900_000) / bytes.max(1);
        let ratio = u32::try_from(ratio.isqrt()).unwrap_or(WHOLE).min(950);
        (share > least).then(|| part(share, ratio, WHOLE).max(least))
    }

    fn attempt(&mut self, share: u32, quality: u8) -> Result<Vec<u8>, Refusal> {
        let style = Style { kind: self.kind, quality, background: WHITE };
        let shape = Shape { size: self.size(share), cut: false };
        if self.source.frames > 1 && self.kind.animates() {
            return shape.write(self.source, style);
        }
        let pixels = match self.made.take() {
            Some((made, pixels)) if made == share => pixels,
            _ => shape.first(self.source)?,
        };
        let still = Still { pixels: pixels.clone(), delay: (0, 1) };
        self.made = Some((share, pixels));
        let icc = profile(self.source, self.kind);
        let stills = Box::new(std::iter::once(Ok(still)));
        encode(Reel { stills, frames: 1, plays: 0, icc }, style)
    }

    /// The best quality that fits, when the least does.
    fn best(&mut self, share: u32, least: Vec<u8>) -> Result<(u8, Vec<u8>), Refusal> {
        let mut found = (LEAST_QUALITY, least);
        let mut beyond = BEST_QUALITY + 1;
        while self.kind == Kind::Jpeg && beyond - found.0 > 1 {
            let quality = found.0.midpoint(beyond);
            let bytes = self.attempt(share, quality)?;
            if bytes.len() <= self.target {
                found = (quality, bytes);
            } else {
                beyond = quality;
            }
        }
        Ok(found)
    }
}
