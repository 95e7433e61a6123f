//! The options of each tool. Every one may be left out; one that is not known is refused.

use serde::{Deserialize, Serialize};

use super::Kind;

/// How a picture gets the size that is asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fit {
    /// All of it in the box, aspect kept.
    #[default]
    Within,
    /// The whole box is filled, aspect kept, what stands out is cut off evenly.
    Fill,
    /// Just that size, aspect lost.
    Exact,
}

/// Neither side given halves the picture; one given, the other follows from the aspect.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Resize {
    /// In pixels.
    pub width: Option<u32>,
    /// In pixels.
    pub height: Option<u32>,
    pub fit: Fit,
    /// Whether a picture may become larger than it is.
    pub enlarge: bool,
    /// As the file is, when not given.
    pub format: Option<Kind>,
    /// Of JPEG, 1 to 100.
    pub quality: u8,
}

/// Neither side given means a box of 32 x 32.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Thumbnail {
    /// In pixels.
    pub width: Option<u32>,
    /// In pixels.
    pub height: Option<u32>,
}

/// Another format.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Convert {
    pub format: Kind,
    /// Of JPEG, 1 to 100.
    pub quality: u8,
    /// `#rrggbb`: what is seen through the picture where the format has no transparency.
    pub background: String,
}

/// At most so many bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Compress {
    pub target_bytes: u64,
    /// As the file is, when not given.
    pub format: Option<Kind>,
}

/// What the colours are drawn as.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Chart {
    /// [`Chart::Strip`] for 16 colours or fewer, else [`Chart::Treemap`].
    #[default]
    Auto,
    /// 100 pixels for each colour, side by side.
    Strip,
    /// 800 x 800 pixels, each colour as large as its share.
    Treemap,
}

/// What the colours are written as.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PaletteFormat {
    #[default]
    Png,
    Svg,
    Css,
    Scss,
    Json,
    /// GIMP's.
    Gpl,
}

/// What order colours stand in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// The commonest first.
    #[default]
    Population,
    /// The darkest first, as OKLab sees it.
    Lightness,
    /// Around the circle of colours from red, greys first.
    Hue,
}

/// The colours of a picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Palette {
    /// 1 to 256: how many at most.
    pub colours: u16,
    pub chart: Chart,
    #[serde(rename = "as")]
    pub format: PaletteFormat,
    pub order: Order,
}

impl Default for Resize {
    fn default() -> Self {
        let (width, height, format) = (None, None, None);
        Self { width, height, fit: Fit::Within, enlarge: false, format, quality: 82 }
    }
}

impl Default for Convert {
    fn default() -> Self {
        Self { format: Kind::Png, quality: 82, background: "#ffffff".to_owned() }
    }
}

impl Default for Compress {
    fn default() -> Self {
        Self { target_bytes: 200_000, format: None }
    }
}

impl Default for Palette {
    fn default() -> Self {
        Self {
            colours: 8,
            chart: Chart::Auto,
            format: PaletteFormat::Png,
            order: Order::Population,
        }
    }
}
