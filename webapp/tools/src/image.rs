//! What can be done with image files. What a file is, is read from its bytes; its name and what its sender calls it count
//! for nothing.

mod bounds;
mod compress;
mod count;
mod encode;
mod kind;
mod options;
mod palette;
mod run;
mod scale;
mod shrunk;
mod source;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::{Refusal, Why};

pub use bounds::{
    MOST_FRAMES, MOST_MEGAPIXELS, MOST_MEGAPIXELS_OUT, MOST_MEMORY, MOST_SIDE, MOST_SIDE_OUT,
};
pub use kind::Kind;
pub use options::{
    Chart, Compress, Convert, Fit, Order, Palette, PaletteFormat, Resize, Thumbnail,
};
pub(crate) use run::run;

/// The first picture of a file as it is seen, within the limits of all images.
pub(crate) fn pixels(bytes: &[u8]) -> Result<::image::DynamicImage, Refusal> {
    let source = source::Source::open(bytes)?;
    let still = source.stills(Some(source.seen()))?.next();
    let still =
        still.ok_or_else(|| bounds::refuse(Why::Malformed, "The picture has no frame."))??;
    scale::make(still.pixels, source.seen(), false, source.orientation)
}

/// One of the tools, with its options.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "tool", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Job {
    /// Says what each file is, in `about`; the results hold no bytes.
    Inspect {},
    /// Makes pictures larger or smaller.
    Resize(Resize),
    /// Makes small pictures for lists.
    Thumbnail(Thumbnail),
    /// Writes pictures in another format.
    Convert(Convert),
    /// Makes files of at most so many bytes.
    Compress(Compress),
    /// Shows the colours of pictures.
    Palette(Palette),
}
