//! The formats that are read and written, told apart by how their files begin.

use serde::{Deserialize, Serialize};

use super::bounds::refuse;
use crate::{Refusal, Why};

/// A format of pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Png,
    Jpeg,
    Webp,
    Gif,
    Bmp,
    Tiff,
}

impl Kind {
    /// What the bytes are.
    ///
    /// # Errors
    /// They are nothing of these: [`Why::Unsupported`].
    pub(super) fn of(bytes: &[u8]) -> Result<Self, Refusal> {
        match bytes {
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Ok(Self::Png),
            [0xff, 0xd8, 0xff, ..] => Ok(Self::Jpeg),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Ok(Self::Webp),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Ok(Self::Gif),
            [b'B', b'M', ..] => Ok(Self::Bmp),
            [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => Ok(Self::Tiff),
            _ => Err(unknown(bytes)),
        }
    }

    pub(super) fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Webp => "image/webp",
            Self::Gif => "image/gif",
            Self::Bmp => "image/bmp",
            Self::Tiff => "image/tiff",
        }
    }

    pub(super) fn suffix(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::Webp => "webp",
            Self::Gif => "gif",
            Self::Bmp => "bmp",
            Self::Tiff => "tiff",
        }
    }

    /// As it is called in options and in `about`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "jpeg",
            other => other.suffix(),
        }
    }

    /// Whether what is written here can move.
    pub(super) fn animates(self) -> bool {
        matches!(self, Self::Png | Self::Gif)
    }
}

fn unknown(bytes: &[u8]) -> Refusal {
    let found = match bytes {
        [] => "The file is empty.",
        _ if is_markup(bytes) => "This is SVG or other markup, which is not taken.",
        [b'%', b'P', b'D', b'F', ..] => "This is a PDF document.",
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => "This is AVIF, HEIC or a video.",
        _ => "This is no picture of a known format.",
    };
    refuse(Why::Unsupported, format!("{found} PNG, JPEG, WebP, GIF, BMP and TIFF are taken."))
}

fn is_markup(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    matches!(bytes, [b'<', b'?' | b'!' | b's' | b'S', ..])
}
