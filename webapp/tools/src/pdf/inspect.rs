//! What a document says of itself.

use lopdf::Object;
use serde_json::{Value, json};

use super::outline;
use super::source::{Page, Source};

/// Title, pages with their sizes in points and turns, and what else a person wants to know beforehand.
pub(super) fn about(source: &Source) -> Value {
    let pages: Vec<_> = source.pages.iter().map(|page| describe(source, page)).collect();
    let catalog = source.document.catalog().ok();
    let form = catalog.and_then(|catalog| source.entry(catalog, b"AcroForm")?.as_dict().ok());
    let fields = form.and_then(|form| source.entry(form, b"Fields")?.as_array().ok());
    json!({
        "title": title(source),
        "encrypted": source.document.was_encrypted(),
        "forms": fields.is_some_and(|fields| !fields.is_empty()),
        "bookmarks": outline::count(source),
        "pages": pages,
    })
}

fn describe(source: &Source, page: &Page) -> Value {
    let shown = sides(source, page, b"CropBox").or_else(|| sides(source, page, b"MediaBox"));
    // US letter is what viewers assume of a page without a box.
    let (width, height) = shown.unwrap_or((612.0, 792.0));
    let turn = source.of_page(page, b"Rotate").and_then(|turn| turn.as_i64().ok()).unwrap_or(0);
    json!({ "width": width, "height": height, "rotation": turn.rem_euclid(360) })
}

fn sides(source: &Source, page: &Page, key: &[u8]) -> Option<(f32, f32)> {
    let corners = source.of_page(page, key)?.as_array().ok()?;
    let number = |place: usize| {
        let (_, found) = source.document.dereference(corners.get(place)?).ok()?;
        found.as_float().ok()
    };
    let sides = ((number(2)? - number(0)?).abs(), (number(3)? - number(1)?).abs());
    (sides.0.is_finite() && sides.1.is_finite()).then_some(sides)
}

fn title(source: &Source) -> Option<String> {
    let info = source.document.trailer.get(b"Info").ok()?;
    let info = source.dictionary(info)?;
    match source.entry(info, b"Title")? {
        title @ Object::String(..) => lopdf::decode_text_string(title).ok(),
        _ => None,
    }
}
