//! Pictures of pages.

use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::{DecryptionError, LoadPdfError, Pdf};
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings};
use serde_json::json;

use super::{limits, range};
use crate::{File, Refusal, Why};

/// Pages that are shown when none are named.
const FIRST: usize = 9;
/// How many times higher than wide a picture can be.
const SLENDER: f32 = 4.0;

/// Draws pages at most `width` pixels wide, each handed out as soon as it is drawn.
pub(super) fn draw(
    file: File,
    password: Option<&str>,
    (width, pages): (u16, Option<&str>),
    out: &mut dyn FnMut(File),
) -> Result<(), Refusal> {
    let stem = file.stem().to_owned();
    let pdf = Pdf::new_with_password(file.bytes, password.unwrap_or("")).map_err(refusal)?;
    let all = pdf.pages();
    limits::check(Some(0), "pages", all.len(), limits::PAGES)?;
    let chosen = match pages {
        Some(text) => range::expand(text, all.len(), "pages")?,
        None => (1..=all.len().min(FIRST)).collect(),
    };
    if chosen.is_empty() {
        return Err(Refusal::file(Why::Malformed, 0, "no page can be found in it"));
    }
    let cache = RenderCache::new();
    for number in chosen {
        let page = &all[number - 1];
        let scale = scale(page.render_dimensions(), width, number)?;
        let pixels = hayro::render(
            page,
            &cache,
            &InterpreterSettings::default(),
            &RenderSettings::default(),
            &PixmapSettings { x_scale: scale, y_scale: scale, bg_color: WHITE },
        );
        let (width, height) = (pixels.width(), pixels.height());
        let bytes = encode(pixels.data_as_u8_slice(), u32::from(width), u32::from(height))
            .map_err(|error| Refusal::file(Why::Malformed, 0, format!("page {number}: {error}")))?;
        out(File {
            name: format!("{stem}-page-{number}.png"),
            media_type: "image/png".to_owned(),
            about: json!({ "page": number, "pages": all.len(), "width": width, "height": height }),
            bytes,
        });
    }
    Ok(())
}

fn refusal(error: LoadPdfError) -> Refusal {
    match error {
        LoadPdfError::Decryption(DecryptionError::PasswordProtected) => {
            Refusal::file(Why::Locked, 0, "it is locked: give the password that opens it")
        }
        LoadPdfError::Decryption(error) => {
            Refusal::file(Why::Malformed, 0, format!("it cannot be decrypted: {error:?}"))
        }
        LoadPdfError::Invalid => Refusal::file(Why::Malformed, 0, "it cannot be read as a PDF"),
    }
}

/// Pixels per point, so that the picture is neither empty nor higher than is sensible.
fn scale((wide, high): (f32, f32), width: u16, number: usize) -> Result<f32, Refusal> {
    let drawable = f32::MIN_POSITIVE..=limits::SIDE;
    if !drawable.contains(&wide) || !drawable.contains(&high) {
        let limit = limits::SIDE;
        let detail = format!(
            "page {number} is {wide} x {high} points, more than the limit of {limit} a side"
        );
        return Err(Refusal::file(Why::TooLarge, 0, detail));
    }
    let scale = f32::from(width) / wide;
    let scale = scale.min(SLENDER * f32::from(width) / high);
    // Cut to whole pixels by the renderer: a shorter side must not vanish.
    Ok(scale.max(1.0 / wide.min(high)).min(f32::from(u16::MAX - 1) / wide.max(high)) * 1.000_01)
}

fn encode(pixels: &[u8], width: u32, height: u32) -> Result<Vec<u8>, png::EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::Fast);
    let opaque: Vec<u8> = pixels.chunks_exact(4).flat_map(|pixel| pixel[..3].to_vec()).collect();
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&opaque)?;
    writer.finish()?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::scale;

    #[test]
    fn a_box_that_is_no_page_is_refused_by_number() {
        for side in [f32::NAN, f32::INFINITY, -1.0, 0.0, 1e8] {
            assert!(scale((100.0, side), 200, 3).unwrap_err().detail.contains("page 3"));
        }
    }
}
