//! From files to files.

use image::DynamicImage;
use serde_json::{Value, json};

use super::bounds::check_out;
use super::encode::{Reel, Style, encode, takes_profile};
use super::scale;
use super::source::{Source, turns};
use super::{Fit, Job, Kind, Resize, compress, palette};
use crate::{File, Refusal};

const THUMBNAIL: u32 = 32;
pub(super) const WHITE: [u8; 3] = [255; 3];

pub(crate) fn run(job: &Job, files: Vec<File>, out: &mut dyn FnMut(File)) -> Result<(), Refusal> {
    check(job)?;
    for (place, file) in files.into_iter().enumerate() {
        out(one(job, &file).map_err(|refusal| Refusal { file: Some(place), ..refusal })?);
    }
    Ok(())
}

fn check(job: &Job) -> Result<(), Refusal> {
    match job {
        Job::Inspect {} => Ok(()),
        Job::Resize(wish) => {
            check_quality(wish.quality)?;
            check_sides(wish.width, wish.height)
        }
        Job::Thumbnail(wish) => check_sides(wish.width, wish.height),
        Job::Convert(wish) => {
            check_quality(wish.quality)?;
            colour(&wish.background).map(drop)
        }
        Job::Compress(wish) if wish.target_bytes == 0 => {
            Err(Refusal::option("target_bytes", "A file of 0 bytes holds no picture."))
        }
        Job::Compress(_) => Ok(()),
        Job::Palette(wish) if !(1..=256).contains(&wish.colours) => Err(Refusal::option(
            "colours",
            format!("{} colours; 1 to 256 are possible.", wish.colours),
        )),
        Job::Palette(_) => Ok(()),
    }
}

fn check_quality(quality: u8) -> Result<(), Refusal> {
    match quality {
        1..=100 => Ok(()),
        _ => Err(Refusal::option("quality", format!("Quality {quality}; it goes from 1 to 100."))),
    }
}

fn check_sides(width: Option<u32>, height: Option<u32>) -> Result<(), Refusal> {
    for (name, side) in [("width", width), ("height", height)] {
        if side == Some(0) {
            return Err(Refusal::option(
                name,
                format!("A {name} of 0 shows nothing; leave it out to have it computed."),
            ));
        }
    }
    Ok(())
}

/// `#rrggbb` as red, green and blue.
fn colour(text: &str) -> Result<[u8; 3], Refusal> {
    text.strip_prefix('#')
        .filter(|digits| digits.len() == 6)
        .and_then(|digits| u32::from_str_radix(digits, 16).ok())
        .map(|number| {
            let [_, red, green, blue] = number.to_be_bytes();
            [red, green, blue]
        })
        .ok_or_else(|| {
            Refusal::option("background", "A colour is written as #rrggbb, in hexadecimal digits.")
        })
}

fn one(job: &Job, file: &File) -> Result<File, Refusal> {
    let source = Source::open(&file.bytes)?;
    match job {
        Job::Inspect {} => Ok(inspect(file, &source)),
        Job::Resize(wish) => resize(file, &source, wish),
        Job::Thumbnail(wish) => {
            let (width, height) = match (wish.width, wish.height) {
                (None, None) => (Some(THUMBNAIL), Some(THUMBNAIL)),
                given => given,
            };
            resize(file, &source, &Resize { width, height, ..Resize::default() })
        }
        Job::Convert(wish) => {
            let (kind, quality) = (wish.format, wish.quality);
            let style = Style { kind, quality, background: colour(&wish.background)? };
            let shape = Shape { size: source.seen(), cut: false };
            let bytes = shape.write(&source, style)?;
            Ok(result(file, &source, (shape.size, style.kind), bytes))
        }
        Job::Compress(wish) => compress::compress(file, &source, wish),
        Job::Palette(wish) => palette::palette(file, &source, wish),
    }
}

fn inspect(file: &File, source: &Source<'_>) -> File {
    let (width, height) = source.seen();
    let about = json!({
        "format": source.kind.name(), "width": width, "height": height, "frames": source.frames,
        "bit_depth": source.depth(), "colour": format!("{:?}", source.colour).to_lowercase(),
        "orientation": source.orientation.to_exif(), "icc": source.icc.is_some(),
        "exif": source.exif, "gps": source.position, "bytes": file.bytes.len(),
    });
    let media_type = source.kind.media_type().to_owned();
    File { name: file.name.clone(), media_type, about, bytes: Vec::new() }
}

fn resize(file: &File, source: &Source<'_>, wish: &Resize) -> Result<File, Refusal> {
    let shape = Shape { size: scale::size(source.seen(), wish), cut: wish.fit == Fit::Fill };
    let kind = wish.format.unwrap_or_else(|| same_kind(source));
    let style = Style { kind, quality: wish.quality, background: WHITE };
    let bytes = shape.write(source, style)?;
    let mut made = result(file, source, (shape.size, kind), bytes);
    let unlike = Resize { enlarge: true, ..wish.clone() };
    if shape.size != scale::size(source.seen(), &unlike) {
        note(&mut made, "not enlarged");
    }
    let (width, height) = shape.size;
    made.name = format!("{}-{width}x{height}.{}", file.stem(), kind.suffix());
    Ok(made)
}

/// The format of a result when none is asked for. Nothing here writes moving WebP.
pub(super) fn same_kind(source: &Source<'_>) -> Kind {
    if source.kind == Kind::Webp && source.frames > 1 { Kind::Png } else { source.kind }
}

/// What becomes of a picture's size.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    pub(super) size: (u32, u32),
    pub(super) cut: bool,
}

impl Shape {
    /// # Errors
    /// The result would be too large, or the file is broken.
    pub(super) fn write(self, source: &Source<'_>, style: Style) -> Result<Vec<u8>, Refusal> {
        let frames = if style.kind.animates() { source.frames } else { 1 };
        check_out(self.size.0, self.size.1, frames)?;
        let stills = source.stills((frames == 1).then_some(self.stored(source)))?.map(|still| {
            let mut still = still?;
            still.pixels = scale::make(still.pixels, self.size, self.cut, source.orientation)?;
            Ok(still)
        });
        let icc = profile(source, style.kind);
        encode(Reel { stills: Box::new(stills), frames, plays: source.plays, icc }, style)
    }
}

impl Shape {
    /// Its first frame, not yet written.
    ///
    /// # Errors
    /// The result would be too large, or the file is broken.
    pub(super) fn first(self, source: &Source<'_>) -> Result<DynamicImage, Refusal> {
        check_out(self.size.0, self.size.1, 1)?;
        let pixels = source.first(self.stored(source))?;
        scale::make(pixels, self.size, self.cut, source.orientation)
    }

    /// Its size before it is turned.
    fn stored(self, source: &Source<'_>) -> (u32, u32) {
        let (width, height) = self.size;
        if turns(source.orientation) { (height, width) } else { (width, height) }
    }
}

pub(super) fn profile<'a>(source: &'a Source<'_>, kind: Kind) -> Option<&'a [u8]> {
    source.icc.as_deref().filter(|icc| takes_profile(kind, icc, source.grey))
}

pub(super) fn result(
    file: &File,
    source: &Source<'_>,
    (size, kind): ((u32, u32), Kind),
    bytes: Vec<u8>,
) -> File {
    let frames = if kind.animates() { source.frames } else { 1 };
    let about = json!({
        "width": size.0, "height": size.1, "format": kind.name(), "frames": frames,
        "bytes_in": file.bytes.len(), "bytes_out": bytes.len(), "notes": notes(source, kind),
    });
    let name = format!("{}.{}", file.stem(), kind.suffix());
    File { name, media_type: kind.media_type().to_owned(), about, bytes }
}

pub(super) fn note(file: &mut File, note: impl Into<String>) {
    if let Some(Value::Array(notes)) = file.about.get_mut("notes") {
        notes.push(Value::String(note.into()));
    }
}

fn notes(source: &Source<'_>, kind: Kind) -> Vec<String> {
    let deep = !matches!(kind, Kind::Png | Kind::Tiff) && source.depth() > 8;
    let still = source.frames > 1 && !kind.animates();
    let said = [
        (source.orientation.to_exif() != 1, "orientation applied".to_owned()),
        (source.position, "GPS position removed".to_owned()),
        (source.exif, "EXIF removed".to_owned()),
        (
            source.icc.is_some() && profile(source, kind).is_none(),
            "colour profile dropped".to_owned(),
        ),
        (deep, format!("{} bits reduced to 8", source.depth())),
        (still, format!("only the first of {} frames", source.frames)),
        (kind == Kind::Webp, "WebP is written without loss".to_owned()),
    ];
    said.into_iter().filter_map(|(holds, note)| holds.then_some(note)).collect()
}
