//! What is put on pages, and what is taken out of them.

use lopdf::{Document, Stream, dictionary};
use serde_json::json;

use super::{run, sample, saved};
use crate::{File, Refusal, Why};

/// A document of two pages that show the same JPEG, the first one also a small picture of two colours.
fn album() -> (Vec<u8>, Vec<u8>) {
    let mut photo = Vec::new();
    let sky = image::RgbImage::from_fn(40, 30, |x, y| {
        image::Rgb([u8::try_from(x * 6).unwrap(), u8::try_from(y * 8).unwrap(), 90])
    });
    image::codecs::jpeg::JpegEncoder::new(&mut photo).encode_image(&sky).unwrap();
    let mut made = Document::with_version("1.7");
    let mut entries = dictionary! {
        "Subtype" => "Image", "Width" => 40, "Height" => 30, "ColorSpace" => "DeviceRGB", "BitsPerComponent" => 8,
    };
    entries.set("Filter", "DCTDecode");
    let shown = made.add_object(Stream::new(entries, photo.clone()));
    let two = dictionary! {
        "Subtype" => "Image", "Width" => 2, "Height" => 2, "BitsPerComponent" => 1,
        "ColorSpace" => vec!["Indexed".into(), "DeviceRGB".into(), 1.into(), lopdf::Object::string_literal(&b"\xff\x00\x00\x00\x00\xff"[..])],
    };
    let flag = made.add_object(Stream::new(two, vec![0b0100_0000, 0b1000_0000]));
    let root = made.new_object_id();
    let kids: Vec<lopdf::Object> = [vec![("A", shown), ("B", flag)], vec![("A", shown)]]
        .into_iter()
        .map(|objects| {
            let named: lopdf::Dictionary = objects.into_iter().map(|(name, id)| (name, id.into())).collect();
            let page = dictionary! {
                "Type" => "Page", "Parent" => root, "MediaBox" => vec![0.into(), 0.into(), 200.into(), 100.into()],
                "Resources" => dictionary! { "XObject" => named },
            };
            made.add_object(page).into()
        })
        .collect();
    made.objects
        .insert(root, dictionary! { "Type" => "Pages", "Count" => 2, "Kids" => kids }.into());
    let catalog = made.add_object(dictionary! { "Type" => "Catalog", "Pages" => root });
    made.trailer.set("Root", catalog);
    (saved(made), photo)
}

fn taken(smallest: u32) -> Result<Vec<File>, Refusal> {
    run(json!({ "tool": "extract-images", "smallest": smallest }), vec![album().0])
}

#[test]
fn a_photograph_comes_out_as_it_was_stored_and_once_however_often_it_is_shown() {
    let files = taken(10).unwrap();
    assert_eq!(files.len(), 1);
    assert_eq!((files[0].name.as_str(), &files[0].bytes), ("one-page-01-image-1.jpg", &album().1));
    assert_eq!(files[0].about, json!({ "pages": [1, 2], "repeated": true, "format": "jpg" }));
}

#[test]
fn packed_samples_come_out_in_their_colours() {
    let files = taken(0).unwrap();
    let flag = files.iter().find(|file| file.media_type == "image/png").unwrap();
    let pixels = image::load_from_memory(&flag.bytes).unwrap().into_rgb8();
    let colours: Vec<[u8; 3]> = pixels.pixels().map(|pixel| pixel.0).collect();
    let (red, blue) = ([255, 0, 0], [0, 0, 255]);
    assert_eq!(colours, [red, blue, blue, red]);
}

#[test]
fn a_document_without_pictures_says_so() {
    let refusal = run(json!({ "tool": "extract-images" }), vec![sample(1)]).unwrap_err();
    assert_eq!(
        (refusal.why, refusal.detail.as_str()),
        (Why::Option, "no page shows a picture of that size")
    );
}

/// Pages as pictures.
fn drawn(document: Vec<u8>) -> Vec<Vec<u8>> {
    let files = run(json!({ "tool": "thumbnails", "pages": "1-" }), vec![document]).unwrap();
    files.into_iter().map(|file| file.bytes).collect()
}

fn marked(wish: &serde_json::Value, document: Vec<u8>) -> Vec<u8> {
    let mut job = json!({ "tool": "watermark" });
    job.as_object_mut().unwrap().extend(wish.as_object().unwrap().clone());
    run(job, vec![document]).unwrap().remove(0).bytes
}

#[test]
fn a_watermark_is_seen_on_the_pages_that_are_named_and_on_no_other() {
    let before = drawn(sample(3));
    let after = drawn(marked(&json!({ "text": "Entwurf für €", "pages": "2" }), sample(3)));
    let same: Vec<bool> =
        before.iter().zip(&after).map(|(before, after)| before == after).collect();
    assert_eq!(same, [true, false, true]);
}

#[test]
fn a_watermark_looks_the_same_on_a_page_that_lies_on_its_side() {
    let blank = |turn: i64, width: i64, height: i64| {
        let mut made = Document::with_version("1.7");
        let root = made.new_object_id();
        let page = made.add_object(dictionary! {
            "Type" => "Page", "Parent" => root, "Rotate" => turn, "MediaBox" => vec![0.into(), 0.into(), width.into(), height.into()],
        });
        made.objects.insert(
            root,
            dictionary! { "Type" => "Pages", "Count" => 1, "Kids" => vec![page.into()] }.into(),
        );
        let catalog = made.add_object(dictionary! { "Type" => "Catalog", "Pages" => root });
        made.trailer.set("Root", catalog);
        drawn(marked(&json!({ "text": "Up", "opacity": 1.0, "tile": true }), saved(made))).remove(0)
    };
    let pixels = |png: &[u8]| image::load_from_memory(png).unwrap().into_rgb8();
    let (upright, lying) = (pixels(&blank(0, 200, 100)), pixels(&blank(90, 100, 200)));
    let apart = upright
        .pixels()
        .zip(lying.pixels())
        .filter(|(one, other)| one.0[1].abs_diff(other.0[1]) > 100)
        .count();
    let inked = upright.pixels().filter(|pixel| pixel.0[1] < 128).count();
    assert!(inked > 500 && apart < inked / 50, "{apart} of {inked} pixels differ");
}

#[test]
fn a_letter_that_the_font_lacks_is_named() {
    let refusal = run(json!({ "tool": "watermark", "text": "草案" }), vec![sample(1)]).unwrap_err();
    assert_eq!(refusal.option.as_deref(), Some("text"));
    assert!(refusal.detail.starts_with("'草' is not in the font"), "{}", refusal.detail);
}
