//! GIF: colours of up to 256 are kept, more are reduced; a pixel is seen through or is not.

use gif::{DisposalMethod, Encoder, Frame, Repeat};
use image::RgbaImage;

use super::{Reel, laid_on, unwritten};
use crate::image::bounds::refuse;
use crate::{Refusal, Why};

/// From 1, slow, to 30, coarse.
const HASTE: i32 = 10;
const SEEN: u8 = 128;

pub(super) fn encode(reel: Reel<'_>, background: [u8; 3]) -> Result<Vec<u8>, Refusal> {
    let mut stills = reel.stills;
    let first =
        stills.next().ok_or_else(|| refuse(Why::Malformed, "The picture has no frame."))??;
    let side = |side: u32| u16::try_from(side).map_err(unwritten);
    let (width, height) = (side(first.pixels.width())?, side(first.pixels.height())?);
    let mut encoder = Encoder::new(Vec::new(), width, height, &[]).map_err(unwritten)?;
    if reel.frames > 1 {
        encoder.set_repeat(repeat(reel.plays)).map_err(unwritten)?;
    }
    for still in std::iter::once(Ok(first)).chain(stills) {
        let still = still?;
        let mut pixels = still.pixels.into_rgba8();
        harden(&mut pixels, background);
        let mut frame = Frame::from_rgba_speed(width, height, &mut pixels, HASTE);
        // Each frame is a whole picture: nothing of the one before may be seen through it.
        frame.dispose = DisposalMethod::Background;
        frame.delay = hundredths(still.delay);
        encoder.write_frame(&frame).map_err(unwritten)?;
    }
    encoder.into_inner().map_err(unwritten)
}

fn repeat(plays: u32) -> Repeat {
    match plays {
        0 => Repeat::Infinite,
        plays => Repeat::Finite(u16::try_from(plays).unwrap_or(u16::MAX)),
    }
}

fn harden(pixels: &mut RgbaImage, background: [u8; 3]) {
    for pixel in pixels.pixels_mut() {
        let [red, green, blue, alpha] = pixel.0;
        let [red, green, blue] = laid_on([red, green, blue], alpha, background);
        pixel.0 = if alpha < SEEN { [0; 4] } else { [red, green, blue, 255] };
    }
}

fn hundredths((part, whole): (u32, u32)) -> u16 {
    u16::try_from(part / whole.max(1) / 10).unwrap_or(u16::MAX)
}
