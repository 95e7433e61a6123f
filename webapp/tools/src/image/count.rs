//! What containers say of themselves, read without decoding: frames, scans, positions. Reading stops one past each limit.

use super::bounds::{MOST_FRAMES, MOST_SCANS};

/// Images in a GIF.
pub(super) fn gif_frames(bytes: &[u8]) -> u32 {
    let colours = |flags: u8| if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) };
    let Some(&flags) = bytes.get(10) else { return 0 };
    let mut at = 13 + colours(flags);
    let mut frames = 0;
    while frames <= MOST_FRAMES {
        match bytes.get(at) {
            Some(0x21) => at = after_blocks(bytes, at + 2),
            Some(0x2c) => {
                let Some(&flags) = bytes.get(at + 9) else { break };
                frames += 1;
                at = after_blocks(bytes, at + 11 + colours(flags));
            }
            _ => break,
        }
    }
    frames
}

fn after_blocks(bytes: &[u8], mut at: usize) -> usize {
    while let Some(&length @ 1..) = bytes.get(at) {
        at += 1 + usize::from(length);
    }
    at + 1
}

/// Frames that a PNG declares; none when it does not move.
pub(super) fn png_frames(bytes: &[u8]) -> Option<u32> {
    let mut rest = bytes.get(8..)?;
    loop {
        let (length, after) = rest.split_first_chunk::<4>()?;
        let (name, after) = after.split_first_chunk::<4>()?;
        let body = after.get(..usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
        match name {
            b"acTL" => return body.first_chunk().map(|count| u32::from_be_bytes(*count)),
            b"IDAT" => return None,
            _ => rest = after.get(body.len() + 4..)?,
        }
    }
}

/// Width and height of a PNG.
pub(super) fn png_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let side = |at: usize| bytes.get(at..)?.first_chunk().map(|side| u32::from_be_bytes(*side));
    Some((side(16)?, side(20)?))
}

/// Bits of each channel of a PNG.
pub(super) fn png_depth(bytes: &[u8]) -> Option<u8> {
    bytes.get(24).copied()
}

/// Frames of a WebP; none when it does not move.
pub(super) fn webp_frames(bytes: &[u8]) -> u32 {
    let mut rest = bytes.get(12..).unwrap_or_default();
    let mut frames = 0;
    while let Some((name, after)) = rest.split_first_chunk::<4>()
        && let Some((length, after)) = after.split_first_chunk::<4>()
        && frames <= MOST_FRAMES
    {
        frames += u32::from(name == b"ANMF");
        let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
        rest = after.get(length.saturating_add(length & 1)..).unwrap_or_default();
    }
    frames
}

/// How a JPEG is built.
#[derive(Debug, Default)]
pub(super) struct Jpeg {
    pub(super) scans: u32,
    /// Whether they make it better and better.
    pub(super) is_progressive: bool,
    /// Whether colour is as fine as light.
    pub(super) is_even: bool,
}

pub(super) fn jpeg(bytes: &[u8]) -> Jpeg {
    let mut at = 2;
    let mut jpeg = Jpeg::default();
    while jpeg.scans <= MOST_SCANS {
        let Some(start) =
            bytes.get(at..).and_then(|rest| rest.iter().position(|&byte| byte == 0xff))
        else {
            break;
        };
        at += start;
        match bytes.get(at + 1) {
            None | Some(0xd9) => break,
            Some(0xff) => at += 1,
            Some(0 | 0x01 | 0xd0..=0xd8) => at += 2,
            Some(&marker) => {
                let length = segment_length(bytes, at + 2);
                jpeg.scans += u32::from(marker == 0xda);
                jpeg.is_progressive |= marker == 0xc2;
                if matches!(marker, 0xc0..=0xc2) {
                    jpeg.is_even = is_even(bytes.get(at + 10..at + 2 + length).unwrap_or_default());
                }
                at += 2 + length;
            }
        }
    }
    jpeg
}

/// Components of three bytes, of which the second is how fine it is.
fn is_even(components: &[u8]) -> bool {
    components.chunks_exact(3).all(|component| component[1] == components[1])
}

fn segment_length(bytes: &[u8], at: usize) -> usize {
    bytes
        .get(at..)
        .and_then(|rest| rest.first_chunk())
        .map_or(0, |length| u16::from_be_bytes(*length).into())
}

/// Whether EXIF (or a TIFF) says where it was taken.
pub(super) fn has_position(exif: &[u8]) -> bool {
    const GPS: u16 = 0x8825;
    let Some((order, rest)) = exif.split_first_chunk::<4>() else { return false };
    let little = order[0] == b'I';
    let short =
        |pair: [u8; 2]| if little { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) };
    let long =
        |four: [u8; 4]| if little { u32::from_le_bytes(four) } else { u32::from_be_bytes(four) };
    let entries = || {
        let start = usize::try_from(long(*rest.first_chunk()?)).ok()?;
        let (count, entries) = exif.get(start..)?.split_first_chunk::<2>()?;
        Some(entries.chunks_exact(12).take(short(*count).into()))
    };
    entries().is_some_and(|mut entries| entries.any(|entry| short([entry[0], entry[1]]) == GPS))
}
